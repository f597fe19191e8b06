"""Samples of the functions that join, repeat and rearrange arrays."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ntb.ops import joining

from .base import AT_LEAST_2D, BLOCKS, ONE, real, row

PAIR = [((2, 2), (2, 2)), ((1, 2), (1, 2))]
row(np.block, lambda a: np.block(a), [(), (2,), (2, 2)], label="alone")
row(np.block, lambda a, b: np.block([a, b]), [((2,), (3,)), ((2, 1), (2, 2)), ((), ()), ((3,), (1, 2))], label="row")
row(np.block, lambda a, b: np.block([[a, 2 * b], [b, a]]), [*PAIR, ((2,), (2,)), ((), ())], label="matrix")
row(np.block, lambda a, b: np.block([[[a]], [[b]]]), [((2,), (2,)), ((2, 2), (3, 2, 2))], label="deep")
row(np.block, lambda a: np.block([[a, np.ones((2, 1))], [np.zeros((1, 1)), 5.0]]), [(2, 1)], label="with constants")

for f in (np.atleast_1d, np.atleast_2d, np.atleast_3d):
    row(f, lambda a, b, f=f: f(a, b), [((), (2,)), ((2, 2), ())], label="two")
row(np.concatenate, lambda x: np.concatenate(x), [(2, 3), (2, 1, 2)], label="of an array")
row(np.stack, lambda x: np.stack(x, 1), [(2, 3), (2, 1, 2)], label="of an array")
row(np.stack, lambda a, b: np.stack([a, 2.0, b]), [((), ())], label="of numbers")
row(np.split, lambda x: np.split(x, [3, 1], axis=-1), [(4,), (2, 5)], label="overlapping")
row(np.split, lambda x: np.split(x, [-1], axis=-1), [(4,), (2, 5)], label="from the end")
row(np.hsplit, lambda x: np.hsplit(x, [1]), [(3,), (2, 3), (1, 2, 2)], label="places")
row(np.vsplit, lambda x: np.vsplit(x, (1, 2)), [(3, 1), (4, 1, 2)], label="places")
row(np.transpose, lambda x: np.transpose(x, 0), [(3,)], label="one axis")
row(np.tile, lambda x: np.tile(x, np.array([2, 1])), [(), (2,), (2, 2)], label="array")
row(np.tril, lambda x: np.tril(x, -1), [(2,), (3,)], label="vector")
row(np.triu, lambda x: np.triu(x, 1), [(2,), (3,), (2, 2, 2)], label="vector")
row(np.rot90, lambda x: np.rot90(x, 1, (-1, 0)), AT_LEAST_2D, label="axes")
row(np.roll, lambda x: np.roll(x, (1, 2)), [(3,), (2, 3)], label="flat, twice")
row(np.roll, lambda x: np.roll(x, -2, axis=-1), [(3,), (2, 3)], label="axis")
row(
    np.meshgrid,
    lambda a, b, c: np.meshgrid(a, b, c, indexing="ij"),
    [((2,), (1,), (3,)), ((), (2,), (2, 2))],
    label="three",
)
row(np.meshgrid, lambda a, b, c: np.meshgrid(a, b, c, sparse=True), [((2,), (1,), (3,))], label="sparse three")
row(np.meshgrid, lambda a: np.meshgrid(a), [(2,)], label="one")

for label, obj in {
    "one": 1,
    "last": -1,
    "slice": slice(None, None, 2),
    "list": [0, -1, 0],
    "none": [],
    "mask": np.array([True, False, True]),
}.items():
    row(np.delete, lambda x, obj=obj: np.delete(x, obj, axis=0), [(3,), (3, 2)], label=label)
row(np.delete, lambda x: np.delete(x, [1, 3]), [(4,), (2, 2)], label="flat")
row(np.delete, lambda x: np.delete(x, 1, axis=-1), [(2, 3), (2, 1, 2)], label="last axis")

row(np.insert, lambda x, v: np.insert(x, 1, v), [((3,), ()), ((2, 2), ()), ((2,), (3,)), ((), ())], label="flat")
row(np.insert, lambda x, v: np.insert(x, [1, 3, 1], v), [((3,), ()), ((2, 2), (3,))], label="flat, places")
row(
    np.insert,
    lambda x, v: np.insert(x, 1, v, axis=0),
    [((2, 3), ()), ((2, 3), (3,)), ((2, 3), (1, 3)), ((2, 2), (2, 1))],
    label="row",
)
row(
    np.insert,
    lambda x, v: np.insert(x, -1, v, axis=1),
    [((2, 3), ()), ((2, 3), (2,)), ((2, 3), (4, 2)), ((2, 2, 2), (2, 1))],
    label="column",
)
row(
    np.insert,
    lambda x, v: np.insert(x, [2], v, axis=-1),
    [((2, 3), ()), ((2, 3), (2, 2)), ((2, 3), (2, 1))],
    label="in a list",
)
row(np.insert, lambda x, v: np.insert(x, [0, 2, -1], v, axis=1), [((2, 3), (2, 3)), ((2, 2), (3,))], label="places")
row(np.insert, lambda x, v: np.insert(x, slice(0, 2), v, axis=0), [((2, 3), (2, 3)), ((3,), ())], label="slice")
row(np.insert, lambda x: np.insert(x, 1, 7), [(2,)], label="a constant")

row(np.resize, lambda x: np.resize(x, (2, 3)), [(), (2,), (2, 2), (3, 3), (0,)])
row(np.resize, lambda x: np.resize(x, 5), [(2,), (3, 2)], label="vector")
row(np.resize, lambda x: np.resize(x, (0, 2)), [(2,)], label="to nothing")
row(np.rollaxis, lambda x: np.rollaxis(x, 2), [(2, 1, 3)])
for axis, start in ((0, 3), (1, 1), (-1, 1), (0, -1), (1, 0)):
    row(np.rollaxis, lambda x, a=axis, s=start: np.rollaxis(x, a, s), [(2, 1, 3)], label=f"{axis} to {start}")
row(np.ix_, lambda a, b: np.ix_(a, b), [((2,), (3,)), ((0,), (1,))])
if hasattr(np, "astype"):
    row(np.astype, lambda x: np.astype(x, np.result_type(x)), ONE, label="NumPy")

for axis in (0, -1):
    row(
        np.apply_along_axis,
        lambda x, axis=axis: np.apply_along_axis(lambda v, p: np.sum(v * v[0]) * p, axis, x, 3),
        BLOCKS,
        label=f"to a number {axis}",
        exact=False,
    )
    row(
        np.apply_along_axis,
        lambda x, axis=axis: np.apply_along_axis(lambda v: np.cumsum(v)[1:] * v[0], axis, x),
        [(3,), (2, 2), (2, 3, 2)],
        label=f"to a row {axis}",
    )
row(
    np.apply_along_axis,
    lambda x: np.apply_along_axis(lambda v: np.outer(v, v[::2]), 1, x),
    [(2, 3), (2, 2, 2)],
    label="to a matrix",
)
row(np.apply_over_axes, lambda x: np.apply_over_axes(np.sum, x, (0, -1)), [(3,), (2, 2), (2, 3, 2)], exact=False)
row(np.apply_over_axes, lambda x: np.apply_over_axes(np.cumsum, x, 0), BLOCKS, label="as many axes")

row(sliding_window_view, lambda x: sliding_window_view(x, 2), [(2,), (4,)])
row(sliding_window_view, lambda x: sliding_window_view(x, (2, 1)), [(2, 2), (3, 2)], label="two axes")
row(sliding_window_view, lambda x: sliding_window_view(x, 3, axis=-1), [(3,), (2, 4)], label="axis")
row(sliding_window_view, lambda x: sliding_window_view(x, (2, 2), (0, 0)), [(4,), (3, 2)], label="twice")
row(
    joining.add_windows,
    lambda g: joining.add_windows(g, (1,), (2,), (g.shape[0], 4)),
    [(1, 3, 2), (2, 3, 2)],
    real,
)
