"""Samples of the operations that load with ntb: arguments inside their domain, away from kinks, finite."""

from __future__ import annotations

import operator

import numpy as np

from ntb import transforms
from ntb.forms import blocks
from ntb.nn import checks
from ntb.nn.linear import affine, product
from ntb.nn.lstm import lstm_pull, lstm_run, lstm_sequence, lstm_states
from ntb.ops import (
    at,
    convolution,
    elementwise,
    gelu,
    indexing,
    layout,
    linalg,
    normalize,
    pooling,
    reductions,
    safe,
    scores,
    silu,
    slopes,
    special,
    sums,
    windows,
)
from ntb.ops.stopping import stop_gradient
from ntb.tuned.scores import label_loss_pull, softmax_pull
from ntb.values import creation

from .base import AT_LEAST_2D, BLOCKS, ONE, TWO, above_one, distinct, positive, real, row, small

SINCE_2_1 = hasattr(np, "unstack")

# --- elementwise

for f in (np.negative, np.positive, np.square, np.reciprocal, np.absolute, np.fabs, np.cbrt, np.exp, np.exp2, np.expm1):
    row(f, shapes=ONE)
for f in (
    np.sin,
    np.cos,
    np.arctan,
    np.sinh,
    np.cosh,
    np.tanh,
    np.arcsinh,
    np.degrees,
    np.radians,
    np.rad2deg,
    np.deg2rad,
):
    row(f, shapes=ONE)
for f in (np.sqrt, np.log, np.log2, np.log10, np.log1p):
    row(f, shapes=ONE, domains=positive)
for f in (np.tan, np.arcsin, np.arccos, np.arctanh):
    row(f, shapes=ONE, domains=small)
row(np.arccosh, shapes=ONE, domains=above_one)
for f in (np.real, np.imag, np.conjugate, np.modf, np.copy):
    row(f, shapes=ONE)
row(np.frexp, shapes=ONE, domains=lambda rng, shape: rng.uniform(0.55, 0.95, shape) * 4)
row(elementwise.log_or_zero, shapes=ONE)
row(np.angle, shapes=ONE, domains=positive)
row(np.ldexp, lambda x: np.ldexp(x, 3), ONE)
for f in (np.add, np.subtract, np.multiply, np.divide, np.arctan2, np.hypot, np.logaddexp, np.logaddexp2):
    row(f, shapes=TWO)


def dividend(rng, shape):
    return 2 * rng.integers(-2, 3, shape) + rng.uniform(0.3, 1.5, shape)


def divisor(rng, shape):
    return rng.uniform(1.99, 2.01, shape)


for f in (np.remainder, np.fmod, np.divmod):
    row(f, shapes=TWO, domains=(dividend, divisor))
for f in (np.maximum, np.minimum, np.fmax, np.fmin):
    row(f, shapes=TWO, domains=(real, lambda rng, shape: rng.integers(-2, 3, shape).astype(float)))
row(np.power, shapes=TWO, domains=(positive, real))
row(np.float_power, shapes=TWO, domains=(positive, real))
for p in (0, 1, 2, 3, -2, 2.5):
    row(np.power, lambda x, p=p: x**p, ONE, positive, label=str(p))
row(np.power, lambda x: x**3, ONE, real, label="negative base")
row(elementwise.power_slope, shapes=TWO, domains=(positive, real))
row(elementwise.power_base, shapes=TWO, domains=(positive, real))
row(np.copysign, lambda x: np.copysign(x, -2.0), ONE)
row(np.heaviside, shapes=TWO)
row(
    np.where,
    lambda a, b: np.where(np.array([True, False]), a, b),
    [((2,), (2,)), ((), (2, 1)), ((1,), ()), ((0, 1), (2,))],
)
row(np.clip, lambda a: np.clip(a, -0.5, 2.0), ONE, distinct)
row(
    np.clip,
    lambda a, low, high: np.clip(a, low, high),
    [((2,), (), ()), ((3,), (2, 1), ()), ((2, 2), (2, 2), (1, 2))],
    (distinct, lambda rng, shape: np.full(shape, -1.01), lambda rng, shape: np.full(shape, 1.01)),
    label="bounds",
)
if SINCE_2_1:
    row(np.clip, lambda a: np.clip(a, min=0.2), ONE, distinct, label="min")
row(np.clip, lambda a: a.clip(max=0.1), ONE, distinct, label="max")

for f in (slopes.arctan_slope, slopes.arcsinh_slope):
    row(f, shapes=ONE)
for f in (slopes.arcsin_slope, slopes.arctanh_slope):
    row(f, shapes=ONE, domains=small)
row(slopes.arccosh_slope, shapes=ONE, domains=above_one)

# --- safe products

row(safe.scale, shapes=TWO)
row(safe.safe_divide, shapes=TWO)
row(safe.divide_or_zero, shapes=TWO)
row(safe.difference, shapes=TWO)
row(safe.inverse_root, shapes=ONE, domains=positive)

# --- special functions

for f in (special.sigmoid, special.softplus, special.log_sigmoid, special.relu):
    row(f, shapes=ONE)
SAME = [(shape, shape) for shape in ONE]
row(special.sigmoid_pull, lambda g, x: special.sigmoid_pull(g, stop_gradient(special.sigmoid(x)), x), SAME)
row(softmax_pull, shapes=[((3,), (3,)), ((2, 2), (2, 2))])
row(softmax_pull, lambda g, y: softmax_pull(g, y, axis=(0, 1)), [((2, 2), (2, 2))], label="axes")
row(special.relu_pull, lambda g: special.relu_pull(g, np.cos(np.arange(g.size)).reshape(g.shape)), ONE)
row(checks.numbers_within, lambda x: checks.numbers_within(x, -9.0, 9.0, what="numbers"), ONE)
row(gelu.gelu_gated, lambda x: gelu.gelu_gated(x, gelu.gelu_gate(x)), ONE)
row(silu.silu_gated, lambda x: silu.silu_gated(x, silu.silu_gate(x)), ONE)
row(silu.silu_pull, lambda g, x: silu.silu_pull(g, x, silu.silu_gate(x)), SAME)
row(gelu.gelu_pull, lambda g, x: gelu.gelu_pull(g, x, gelu.gelu_gate(x)), SAME)


def form_of(block):
    """The tuned form of a block, which is the operation that the table knows."""
    return blocks[block][0].function


LABELS = [np.arange(n) % 2 for n in range(4)]
row(form_of(scores.label_loss), lambda x: scores.label_loss(x, LABELS[len(x)]), [(1, 2), (3, 2), (0, 3)])
row(
    label_loss_pull,
    lambda g, x: label_loss_pull(g, x, LABELS[len(x)]),
    [((1,), (1, 2)), ((3,), (3, 2)), ((0,), (0, 3))],
)
for f in (scores.softmax, scores.log_softmax, scores.logsumexp):
    for axis in (-1, 0, None):
        row(
            form_of(f),
            lambda x, f=f, axis=axis: f(x, axis=axis),
            [(1,), (3,), (2, 2), (2, 2, 2), (0, 2)] if axis else BLOCKS,
            label=f"axis {axis}",
        )
    row(form_of(f), lambda x, f=f: f(x, axis=(0, 2)), [(2, 2, 2), (1, 3, 2)], label="axes")
row(form_of(scores.logsumexp), lambda x: scores.logsumexp(x, 1, keepdims=True), [(2, 2), (2, 2, 2)], label="keepdims")

# --- reductions, with every form of axis and keepdims

FORMS = [
    ("all", {}, [(), (1,), (3,), (2, 2, 2)]),
    ("first", {"axis": 0}, BLOCKS),
    ("last", {"axis": -1}, BLOCKS),
    ("middle", {"axis": 1}, AT_LEAST_2D),
    ("two axes", {"axis": (0, -1)}, AT_LEAST_2D),
    ("keepdims", {"axis": 0, "keepdims": True}, BLOCKS),
    ("two axes, keepdims", {"axis": (-1, 0), "keepdims": True}, AT_LEAST_2D),
    ("all, keepdims", {"keepdims": True}, BLOCKS),
    ("where", {"axis": -2, "where": np.array([[True], [False], [True]])}, [(3, 2), (2, 3, 2)]),
]
for f, domain in ((np.sum, real), (np.mean, real), (np.prod, real), (np.max, distinct), (np.min, distinct)):
    for label, options, shapes in FORMS:
        options = options | (
            {"initial": -9.0 if f is np.max else 9.0} if "where" in options and f in (np.max, np.min) else {}
        )
        row(f, lambda x, f=f, options=options: f(x, **options), shapes, domain, label)
for f in (np.var, np.std):
    for label, options, shapes in FORMS:
        shapes = [s for s in shapes if min(s, default=1) > 1 or f is np.var]
        row(f, lambda x, f=f, options=options: f(x, **options), shapes, distinct, label)
    row(f, lambda x, f=f: f(x, axis=0, ddof=1), [(2, 2), (3,)], distinct, "ddof")
    row(f, lambda x, f=f: f(x, axis=-1, correction=1), [(2, 2), (3,)], distinct, "correction")
row(np.sum, lambda x: np.sum(x, axis=0), [(0,), (0, 2), (2, 0)], label="empty")
row(np.prod, lambda x: np.prod(x, axis=0), [(0,), (0, 2), (2, 0)], label="empty")
row(np.prod, lambda x: np.prod(x, axis=0, initial=3.0), BLOCKS, label="initial")
row(np.mean, lambda x: np.mean(x, axis=0), [(2, 0)], label="empty")
row(np.sum, lambda x: np.add.reduce(x), BLOCKS, label="reduce")
row(np.amax, lambda x: np.amax(x, axis=0), BLOCKS, distinct)
row(np.amin, lambda x: np.amin(x, 0), BLOCKS, distinct)
row(np.ptp, lambda x: np.ptp(x, axis=-1), BLOCKS, distinct)
for f in (np.cumsum, np.cumprod):
    row(f, shapes=[(1,), (0,), (2, 2), (2, 2, 2)])
    for axis in (0, -1):
        row(f, lambda x, f=f, axis=axis: f(x, axis=axis), [*BLOCKS, (0, 2), (2, 0)], label=f"axis {axis}")
row(np.cumprod, lambda x: np.cumprod(x * np.array([1.0, 0.0, 2.0, 0.0])), [(4,)], label="zeros")
row(np.prod, lambda x: np.prod(x * np.array([1.0, 0.0, 2.0])), [(3,)], label="zero")
for axis in (0, -1):
    row(
        reductions.recurrence,
        lambda b, x, axis=axis: reductions.recurrence(b, x, axis=axis),
        [((3,), (3,)), ((2, 2), (2, 2)), ((0,), (0,)), ((2, 2, 2),) * 2],
        label=f"axis {axis}",
    )

# --- shapes

row(np.reshape, lambda x: np.reshape(x, (-1, 1)), BLOCKS)
row(np.reshape, lambda x: np.reshape(x, (2, 2), order="F"), [(4,), (2, 2), (1, 4)], label="F")
row(np.reshape, lambda x: x.reshape(2, 2), [(4,)], label="method")
row(np.ravel, shapes=ONE)
row(np.ravel, lambda x: np.ravel(x, "F"), [(2, 2), (2, 3)], label="F")
row(np.expand_dims, lambda x: np.expand_dims(x, 0), ONE)
row(np.expand_dims, lambda x: np.expand_dims(x, (0, -1)), ONE, label="two")
row(np.squeeze, shapes=[(1,), (1, 2), (2, 2), (1, 1, 2)])
row(np.squeeze, lambda x: np.squeeze(x, 0), [(1,), (1, 2)], label="axis")
for f in (np.atleast_1d, np.atleast_2d, np.atleast_3d):
    row(f, shapes=ONE)
row(np.transpose, shapes=ONE)
row(np.transpose, lambda x: np.transpose(x, (1, -1, 0)), [(2, 2, 2), (2, 1, 3)], label="axes")
row(np.swapaxes, lambda x: np.swapaxes(x, 0, -1), BLOCKS)
row(np.moveaxis, lambda x: np.moveaxis(x, 0, -1), BLOCKS)
row(np.moveaxis, lambda x: np.moveaxis(x, (0, 1), (2, 0)), [(2, 2, 2), (2, 1, 3)], label="two")
row(np.matrix_transpose, shapes=AT_LEAST_2D)
row(np.flip, shapes=ONE)
row(np.flip, lambda x: np.flip(x, (0, -1)), AT_LEAST_2D, label="axes")
row(np.fliplr, shapes=AT_LEAST_2D)
row(np.flipud, shapes=BLOCKS)
row(np.rot90, lambda x: np.rot90(x, 3), AT_LEAST_2D)
row(np.roll, lambda x: np.roll(x, 1), ONE)
row(np.roll, lambda x: np.roll(x, (1, -1), (0, 1)), AT_LEAST_2D, label="axes")
PAIRS = [((2, 2), (2, 2)), ((1, 2), (0, 2)), ((3, 1), (2, 1))]
row(np.concatenate, lambda a, b: np.concatenate([a, b]), PAIRS)
row(np.concatenate, lambda a, b: np.concatenate((a, b, a), axis=-1), [((2, 1), (2, 3)), ((2, 2), (2, 2))], label="last")
row(np.concatenate, lambda a, b: np.concatenate([a, b], None), [((2, 1), (3,)), ((), (2, 2))], label="flat")
row(np.concatenate, lambda a, b: np.concatenate([a, b], dtype=float) * 2, PAIRS, label="dtype")
EQUALS = [((1,), (1,)), ((2, 2), (2, 2)), ((0, 1), (0, 1))]
row(np.stack, lambda a, b: np.stack([a, b]), [*EQUALS, ((), ())])
row(np.stack, lambda a, b: np.stack([a, b, a], -1), EQUALS, label="last")
for f in (np.vstack, np.hstack, np.dstack, np.column_stack):
    row(f, lambda a, b, f=f: f([a, b]), EQUALS)
row(np.append, lambda a, b: np.append(a, b), PAIRS)
row(np.append, lambda a, b: np.append(a, b, axis=0), PAIRS, label="axis")
row(np.split, lambda x: np.split(x, 2), [(2,), (4, 2), (2, 2)])
row(np.split, lambda x: np.split(x, [1, 1, 2], axis=1)[::2], [(2, 3), (2, 2)], label="places")
row(np.array_split, lambda x: np.array_split(x, 3), [(5,), (2, 2)])
row(np.hsplit, lambda x: np.hsplit(x, 2), [(2,), (2, 2)])
row(np.vsplit, lambda x: np.vsplit(x, 2), [(2, 2)])
row(np.dsplit, lambda x: np.dsplit(x, 2)[1], [(2, 2, 2)])
if SINCE_2_1:
    row(np.unstack, lambda x: np.unstack(x, axis=1), AT_LEAST_2D)
row(np.broadcast_to, lambda x: np.broadcast_to(x, (2, 3)), [(), (3,), (1, 3), (2, 1), (2, 3), (1,)])
row(np.broadcast_arrays, lambda a, b: np.broadcast_arrays(a, b), TWO)
row(np.meshgrid, lambda a, b: np.meshgrid(a, b), [((2,), (3,)), ((1,), (2,)), ((), (2,))])
row(np.meshgrid, lambda a, b: np.meshgrid(a, b, sparse=True, indexing="ij"), [((2,), (3,))], label="sparse")
row(np.repeat, lambda x: np.repeat(x, 2), ONE)
row(np.repeat, lambda x: np.repeat(x, 3, axis=-1), BLOCKS, label="axis")
row(np.repeat, lambda x: np.repeat(x, [2, 0], axis=0), [(2,), (2, 2)], label="counts")
row(np.tile, lambda x: np.tile(x, 2), ONE)
row(np.tile, lambda x: np.tile(x, (2, 1, 3)), ONE, label="reps")
row(np.tril, lambda x: np.tril(x, 1), AT_LEAST_2D)
row(np.triu, shapes=AT_LEAST_2D)
row(np.trace, shapes=AT_LEAST_2D)
row(np.trace, lambda x: np.trace(x, 1, 2, 0), [(2, 2, 2)], label="axes")
row(np.diagonal, shapes=AT_LEAST_2D)
row(np.diagonal, lambda x: np.diagonal(x, -1, 2, 0), [(2, 2, 2), (3, 1, 2)], label="axes")
row(np.diagonal, lambda x: np.diagonal(x, 1, -1, -2), [(2, 2, 2), (3, 1, 2)], label="upper")
row(np.diag, shapes=[(1,), (3,), (2, 2)])
row(np.diag, lambda x: np.diag(x, -1), [(1,), (2,), (3, 3)], label="below")
row(np.diagflat, lambda x: np.diagflat(x, 1), [(2,), (2, 2)])

# --- indexing

INDICES = {
    "integer": 1,
    "slice": slice(0, 2),
    "step": slice(None, None, -2),
    "tuple": (0, 1),
    "none": (None, ..., 0),
    "ellipsis": ...,
    "array": np.array([0, 1, 0, -2]),
    "list": [1, 1, 1],
    "mask": np.array([True, False]),
    "full mask": np.array([[True, False], [True, True]]),
    "two arrays": (np.array([0, 1, 0]), np.array([1, 1, 1])),
    "grid": (np.array([[0], [1]]), np.array([0, 0])),
    "mixed": (slice(None), [0, 0, 1], None),
    "empty": np.zeros(0, int),
    "scalar mask": True,
    "scalar array": (np.array(1), slice(None)),
}
for label, index in INDICES.items():
    row(operator.getitem, lambda x, index=index: x[index], [(2, 2), (2, 2, 2)], label=label)
    shape_of = lambda shape, index=index: np.empty(shape)[index].shape
    row(indexing.scatter, lambda g, index=index: indexing.scatter(g, index, (2, 2)), [shape_of((2, 2))], label=label)
    if label not in ("scalar mask",):
        row(
            at.put,
            lambda x, v, index=index: at.put(x, index, v),
            [((2, 2), shape_of((2, 2))), ((2, 2), ())],
            label=label,
        )
        row(
            at.put_add,
            lambda x, v, index=index: at.put_add(x, index, v),
            [((2, 2), shape_of((2, 2))), ((2, 2), ())],
            label=label,
        )
row(operator.getitem, lambda x: x[0, ..., [1, 0]], [(2, 2, 2), (2, 2)], label="axes moved to the front")
row(operator.getitem, lambda x: x[()], ONE, label="nothing")
IDS = np.array([[0, 1, 1], [1, 0, -1]])
row(np.take, lambda x: np.take(x, IDS), [(2,), (2, 2)])
for axis in (0, 1, -1):
    row(np.take, lambda x, axis=axis: np.take(x, IDS, axis), [(2, 2), (2, 2, 2)], label=f"axis {axis}")
row(np.take, lambda x: x.take([5, -3], 0, mode="wrap"), [(2,), (2, 2)], label="wrap")
row(np.take, lambda x: np.take(x, [5, -3], 0, mode="clip"), [(2,), (2, 2)], label="clip")
row(np.take_along_axis, lambda x: np.take_along_axis(x, IDS, 1), [(2, 2), (1, 2), (2, 4)])
row(np.take_along_axis, lambda x: np.take_along_axis(x, IDS, axis=0), [(2, 3), (2, 1)], label="axis 0")
row(np.take_along_axis, lambda x: np.take_along_axis(x, IDS[0], None), [(2,), (2, 2)], label="flat")
row(indexing.scatter_along_axis, lambda g: indexing.scatter_along_axis(g, IDS, 1, (2, 2)), [(2, 3)])
row(np.sort, shapes=BLOCKS, domains=distinct)
row(np.sort, lambda x: np.sort(x, axis=0), BLOCKS, distinct, label="axis 0")
row(np.sort, lambda x: np.sort(x, None), BLOCKS, distinct, label="flat")
row(np.full_like, lambda x: np.full_like(x, x[:1]), [(1,), (2,), (2, 3)])

# --- products

PRODUCTS = [
    ((2,), (2,)),
    ((2, 2), (2,)),
    ((2,), (2, 2)),
    ((2, 2), (2, 2)),
    ((1, 3), (3, 2)),
    ((2, 0), (0, 3)),
    ((1, 1), (1, 1)),
]
STACKS = [
    ((2, 2, 2), (2, 2)),
    ((2, 2), (2, 2, 2)),
    ((2, 1, 2, 2), (3, 2, 2)),
    ((2, 2, 2), (2,)),
    ((2,), (2, 2, 2)),
    ((1, 2, 2), (2, 2, 2)),
]
row(np.matmul, shapes=PRODUCTS + STACKS)
row(np.matmul, lambda a, b: a @ b, [((2, 3), (3, 2))], label="operator")
MATRICES = [(a, b) for a, b in PRODUCTS + STACKS if min(len(a), len(b)) > 1]
row(linalg.times_transposed, shapes=[(a, (*b[:-2], b[-1], b[-2])) for a, b in MATRICES])
row(linalg.transposed_times, shapes=[((*a[:-2], a[-1], a[-2]), b) for a, b in MATRICES])
row(
    np.dot,
    shapes=[
        *PRODUCTS,
        ((), (2,)),
        ((2, 2), ()),
        ((), ()),
        ((2, 2, 2), (2,)),
        ((2,), (2, 2, 2)),
        ((2, 3, 2), (3, 2, 2)),
    ],
)
row(np.inner, shapes=[((2,), (2,)), ((), (2,)), ((2, 3), (3,)), ((2, 2), (2, 2)), ((2, 2, 3), (1, 3))], exact=False)
row(np.outer, shapes=[((2,), (3,)), ((), (2,)), ((2, 2), (2,)), ((0,), (2,))])
row(np.vdot, shapes=[((2,), (2,)), ((2, 2), (2, 2)), ((), ())], exact=False)
row(np.vecdot, shapes=[((2,), (2,)), ((2, 2), (2,)), ((2, 1, 2), (3, 2))])
row(np.vecdot, lambda a, b: np.vecdot(a, b, axis=0), [((2,), (2,)), ((2, 2), (2, 2))], label="axis")
for label, axes, shapes in (
    ("", 2, [((2, 2, 2), (2, 2, 3)), ((2, 2), (2, 2))]),
    ("one", 1, PRODUCTS),
    ("none", 0, [((2,), (2, 2)), ((), (3,))]),
    ("pairs", ([0, 2], [2, 1]), [((2, 3, 2), (3, 2, 2)), ((2, 2, 2), (2, 2, 2))]),
    ("ends", (0, -1), [((2, 2), (2, 2)), ((2, 3), (4, 2))]),
):
    row(np.tensordot, lambda a, b, axes=axes: np.tensordot(a, b, axes), shapes, label=label)
for subscripts, shapes in {
    "ij,jk->ik": [((2, 2), (2, 2)), ((2, 0), (0, 1))],
    "ij,jk": [((2, 3), (3, 2))],
    "ji": [(2, 3)],
    "ii->i": [(2, 2)],
    "ii": [(3, 3)],
    "iij->j": [(2, 2, 3)],
    "ij->": [(2, 2)],
    "ij->j": [(2, 3)],
    "...ij,...jk->...ik": [((2, 2, 2), (2, 2)), ((2, 1, 2, 2), (3, 2, 2))],
    "i...,i": [((2, 3), (2,))],
    "...,...": [((2, 2), (2,)), ((), (2,))],
    "ij,ij,j->i": [((2, 2), (2, 2), (2,)), ((1, 2), (3, 2), (2,))],
    "bij,bjk,bk->bi": [((2, 2, 2),) * 2 + ((2, 2),)],
    "i,j->ij": [((2,), (3,))],
    "i,i": [((3,), (3,))],
    ",->": [((), ())],
    "i...->...": [(2, 3), (2,)],
    "iii->i": [(2, 2, 2)],
    "ik,k->i": [((2, 3), (1,))],
}.items():
    row(np.einsum, lambda *xs, s=subscripts: np.einsum(s, *xs), shapes, label=subscripts)
row(np.einsum, lambda a, b: np.einsum(a, [0, 1], b, [1, 2], [2, 0]), [((2, 2), (2, 2))], label="lists")

# --- windows, casts

NORMS = [  # x, and what has statistics of its own
    ((2, 3), (1, 3)),
    ((2, 3), (2, 1)),
    ((3, 2, 2, 1), (1, 2, 1, 1)),
    ((2, 3, 2), (2, 1, 2)),
    ((1, 2), (1, 2)),
]
FEATURES = {shape: tuple(n if m == 1 else 1 for n, m in zip(shape, own)) for shape, own in NORMS}
OWN = dict(NORMS)


def normalized(x, gamma, beta):
    mean = normalize.averages(stop_gradient(x), OWN[x.shape])
    d = normalize.centred(x, mean)
    return normalize.normalized(d, gamma, beta, normalize.variances(d, OWN[x.shape]), 0.1)


def inverse_deviation(d):
    return normalize.inverse_deviation(d, normalize.variances(d, OWN[d.shape]), 0.1)


row(sums.sums, lambda x: sums.sums(x, OWN[x.shape]), [shape for shape, _ in NORMS])
row(
    normalize.centred,
    lambda x: normalize.centred(x, normalize.averages(x, OWN[x.shape])),
    [shape for shape, _ in NORMS],
)
row(normalize.normalized, normalized, [(shape, own, own) for shape, own in NORMS], label="scale of its own")
row(
    normalize.normalized,
    normalized,
    [(shape, FEATURES[shape], FEATURES[shape]) for shape, _ in NORMS],
    label="scale of features",
)
row(normalize.inverse_deviation, inverse_deviation, [shape for shape, _ in NORMS])
row(
    normalize.products,
    lambda g, d, w: normalize.products(g, d, w, OWN[d.shape]),
    [(shape, shape, own) for shape, own in NORMS],
)
row(
    normalize.products,
    lambda g, d, w: normalize.products(g, d, w, FEATURES[d.shape]),
    [(shape, shape, own) for shape, own in NORMS],
    label="weighted",
)
row(normalize.less_its_part, shapes=[(shape, shape, own, own) for shape, own in NORMS])

PLACE = {"kernel": (2, 2), "stride": (1, 2), "padding": ((1, 0), (0, 1)), "dilation": (2, 1)}
row(windows.windows, lambda x: windows.windows(x, **PLACE), [(1, 1, 2, 3), (2, 2, 3, 3)])
row(windows.unwindows, lambda c: windows.unwindows(c, (2, 3), **PLACE), [(1, 2, 2, 1, 2, 1)])
BLOCK = ((1, 2), ((1, 0), (0, 1)), (2, 1), 1)  # stride, padding, dilation, groups
row(convolution.convolution, lambda x, w: convolution.convolve(x, w, *BLOCK), [((1, 1, 2, 3), (2, 1, 2, 2))])
row(
    convolution.image_gradient,
    lambda g, w: convolution.image_gradient(g, w, (2, 3), *BLOCK),
    [((1, 2, 1, 2), (2, 1, 2, 2))],
)


def filter_gradient(x, g):
    laid_out = convolution.strips(stop_gradient(x), (2, 2), *BLOCK[:3])
    return convolution.filter_gradient(x, laid_out, g, (2, 2), *BLOCK)


row(convolution.filter_gradient, filter_gradient, [((1, 1, 2, 3), (1, 2, 1, 2))])
row(convolution.add_channels, shapes=[((2, 3, 2), (3,)), ((1, 2, 2, 1), (2,))])
row(convolution.channel_sums, shapes=[(2, 3, 2), (1, 2, 2, 1)])
row(convolution.like_channels, lambda sums: convolution.like_channels(sums, (2, 3, 2)), [(3,)])
row(layout.flatten, shapes=[(2,), (2, 3), (2, 1, 3, 2)])
row(layout.unflatten, lambda rows: layout.unflatten(rows, (2, 1, 3, 2)), [(2, 6)])
POOL = ((2, 2), (1, 2), ((0, 0), (1, 0)), "split")
PICTURE = np.arange(12.0).reshape(1, 1, 3, 4)[..., ::-1]
MAXIMA = pooling.window_max(PICTURE, *POOL)
row(pooling.window_max, lambda x: pooling.window_max(x, *POOL), [(1, 1, 2, 3), (2, 1, 3, 2)], distinct)
row(pooling.window_share, lambda g: pooling.window_share(g, PICTURE, MAXIMA, *POOL), [MAXIMA.shape])
row(pooling.window_pick, lambda h: pooling.window_pick(h, PICTURE, MAXIMA, *POOL), [PICTURE.shape])
row(creation.astype, lambda x: creation.astype(x, np.dtype(float)), ONE)
row(transforms.fresh, shapes=ONE)
row(product, shapes=[((2, 3), (3, 2)), ((0, 2), (2, 1))])
row(affine, shapes=[((2, 3), (3, 2), (2,)), ((0, 2), (2, 1), (1,))])
LSTM_PARTS = ((2, 1, 3), (1, 2), (1, 2), (3, 8), (2, 8), (8,))  # x, h, c, wx, wh, b
row(lstm_states, lambda *parts: lstm_sequence(*parts), [LSTM_PARTS], small)
row(
    lstm_pull,
    lambda g, *parts: lstm_pull((g, *parts), lstm_run(*parts)),
    [((4, 1, 2), *LSTM_PARTS)],
    small,
)
cube = transforms.numpy_function(lambda x: (x * x * x, x), lambda g, x, wanted, shape: [3 * g * x * x])
row(transforms.call_forward, cube, ONE, order=1)
row(transforms.call_backward, cube, ONE, order=1)
