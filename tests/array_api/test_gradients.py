"""Gradients flow through every function of the namespace that has one, eagerly and in replay, to second order."""

import numpy as np
import pytest

import ntb
from ntb import array_api as xp
from ntb.check import check_gradients

rng = np.random.default_rng(3)
x = np.array([[0.25, -0.34, -0.68], [-0.55, 0.43, 0.77]])
y = rng.uniform(0.2, 0.8, (2, 3)) + np.where(x > 0, 0.05, -0.9)
positive = rng.uniform(0.3, 2.0, (2, 3))
square = rng.uniform(-0.3, 0.3, (2, 3, 3)) + np.diag([1.0, 2.0, 4.0])
signal = rng.normal(size=(2, 6))
integers = np.array([[0, 2, 1], [1, 1, 0]])


def symmetric(a):
    return a + xp.matrix_transpose(a)


def definite(a):
    return xp.matmul(a, xp.matrix_transpose(a))


def halves(a):
    """A complex array of the halves of a real one."""
    return a[:, :3] + 1j * a[:, 3:]


SIMPLE = """abs acos asin asinh atan atanh broadcast_arrays conj cos cosh diff exp expm1 flip matrix_transpose max mean
    min negative positive prod real reciprocal sin sinh sort square std sum tan tanh tril triu unique_values unstack
    var"""
POSITIVE = "log log10 log1p log2 sqrt"
PAIRS = "add atan2 divide hypot logaddexp maximum minimum multiply subtract vecdot"
CALLS = {
    **{name: (getattr(xp, name), x) for name in SIMPLE.split()},
    **{name: (getattr(xp, name), positive) for name in POSITIVE.split()},
    **{name: (getattr(xp, name), x, y) for name in PAIRS.split()},
    "acosh": (xp.acosh, positive + 1.2),
    "copysign": (lambda a: xp.copysign(a, y.astype(a.dtype)), x),
    "pow": (xp.pow, positive, y),
    "cumulative_sum": (lambda a: xp.cumulative_sum(a, axis=1, include_initial=True), x),
    "cumulative_prod": (lambda a: xp.cumulative_prod(a, axis=0, include_initial=True), x),
    "remainder": (xp.remainder, np.array([1.3, -2.6]), np.array([0.7, 1.1])),
    "imag": (lambda a: xp.imag(halves(a)), signal),
    "clip": (lambda a: xp.clip(a, -0.5, xp.asarray(0.5, dtype=a.dtype)), np.array([-0.9, -0.2, 0.1, 0.7])),
    "where": (lambda a, b: xp.where(a > 0, a, b), x, y),
    "asarray": (lambda a: xp.asarray([[a[0, 0], 1.0], [a[1, 1], a[0, 0]]]), x),
    "astype": (lambda a: xp.astype(a, xp.complex128) * (1 + 2j), x),
    "from_dlpack": (xp.from_dlpack, x),
    "full": (lambda a: xp.full((2, 2), a), np.array(0.3)),
    "full_like": (lambda a: xp.full_like(xp.ones((2, 2), dtype=a.dtype), a), np.array(0.3)),
    "linspace": (lambda a, b: xp.linspace(a, b, 4), np.array(0.3), np.array(0.9)),
    "meshgrid": (lambda a, b: xp.meshgrid(a, b, indexing="ij"), x[0], y[1]),
    "take": (lambda a: xp.take(a, xp.asarray([2, 0, 2]), axis=1), x),
    "take_along_axis": (lambda a: xp.take_along_axis(a, xp.asarray(integers)), x),
    "broadcast_to": (lambda a: xp.broadcast_to(a, (2, 2, 3)), x),
    "concat": (lambda a, b: xp.concat([a, b], axis=None), x, y),
    "expand_dims": (lambda a: xp.expand_dims(a, 1), x),
    "moveaxis": (lambda a: xp.moveaxis(a, 0, 1), x),
    "permute_dims": (lambda a: xp.permute_dims(a, (1, 0)), x),
    "repeat": (lambda a: xp.repeat(a, 2, axis=1), x),
    "reshape": (lambda a: xp.reshape(a, (3, 2), copy=True), x),
    "roll": (lambda a: xp.roll(a, (1, 1), axis=(0, 1)), x),
    "squeeze": (lambda a: xp.squeeze(a, 1), x[:, :1]),
    "stack": (lambda a, b: xp.stack([a, b], axis=-1), x, y),
    "tile": (lambda a: xp.tile(a, (2, 1, 2)), x),
    "matmul": (xp.matmul, x, y.T),
    "tensordot": (lambda a, b: xp.tensordot(a, b, axes=2), x, y),
    "unique_all": (lambda a: xp.unique_all(a).values, x),
    "unique_counts": (lambda a: xp.unique_counts(a).values, x),
    "unique_inverse": (lambda a: xp.unique_inverse(a).values, x),
    "linalg.cholesky": (lambda a: xp.linalg.cholesky(definite(a), upper=True), square),
    "linalg.cross": (xp.linalg.cross, x, y),
    "linalg.det": (xp.linalg.det, square),
    "linalg.diagonal": (lambda a: xp.linalg.diagonal(a, offset=1), square),
    "linalg.eigh": (lambda a: xp.square(xp.linalg.eigh(symmetric(a)).eigenvectors), square),
    "linalg.eigvalsh": (lambda a: xp.linalg.eigvalsh(symmetric(a)), square),
    "linalg.inv": (xp.linalg.inv, square),
    "linalg.matmul": (xp.linalg.matmul, x, y.T),
    "linalg.matrix_norm": (lambda a: xp.linalg.matrix_norm(a, ord="nuc"), square),
    "linalg.matrix_power": (lambda a: xp.linalg.matrix_power(a, 3), square),
    "linalg.matrix_transpose": (xp.linalg.matrix_transpose, square),
    "linalg.outer": (xp.linalg.outer, x[0], y[1]),
    "linalg.pinv": (xp.linalg.pinv, square),
    "linalg.qr": (lambda a: xp.linalg.qr(a).R, square),
    "linalg.slogdet": (lambda a: xp.linalg.slogdet(a).logabsdet, square),
    "linalg.solve": (xp.linalg.solve, square, x[..., None]),
    "linalg.svd": (lambda a: [xp.square(part) for part in xp.linalg.svd(a, full_matrices=False)], square),
    "linalg.svdvals": (xp.linalg.svdvals, square),
    "linalg.tensordot": (lambda a, b: xp.linalg.tensordot(a, b, axes=1), x, y.T),
    "linalg.trace": (lambda a: xp.linalg.trace(a, offset=-1), square),
    "linalg.vecdot": (xp.linalg.vecdot, x, y),
    "linalg.vector_norm": (lambda a: xp.linalg.vector_norm(a, axis=1, ord=3), x),
    "fft.fft": (xp.fft.fft, signal),
    "fft.ifft": (xp.fft.ifft, signal),
    "fft.fftn": (xp.fft.fftn, signal),
    "fft.ifftn": (xp.fft.ifftn, signal),
    "fft.rfft": (xp.fft.rfft, signal),
    "fft.irfft": (lambda a: xp.fft.irfft(halves(a)), signal),
    "fft.rfftn": (xp.fft.rfftn, signal),
    "fft.irfftn": (lambda a: xp.fft.irfftn(halves(a)), signal),
    "fft.hfft": (lambda a: xp.fft.hfft(halves(a)), signal),
    "fft.ihfft": (xp.fft.ihfft, signal),
    "fft.fftshift": (xp.fft.fftshift, signal),
    "fft.ifftshift": (xp.fft.ifftshift, signal),
}
FLAT = """arange empty empty_like eye ones ones_like zeros zeros_like can_cast finfo iinfo isdtype result_type
    __array_namespace_info__ bitwise_and bitwise_invert bitwise_left_shift bitwise_or bitwise_right_shift bitwise_xor
    ceil equal floor floor_divide greater greater_equal isfinite isinf isnan less less_equal logical_and logical_not
    logical_or logical_xor nextafter not_equal round sign signbit trunc argmax argmin argsort count_nonzero nonzero
    searchsorted all any fft.fftfreq fft.rfftfreq linalg.matrix_rank"""


def test_every_function_of_the_namespace_is_here():
    functions = {name for name in xp.__all__ if callable(getattr(xp, name)) and not isinstance(getattr(xp, name), type)}
    functions |= {f"fft.{name}" for name in xp.fft.__all__} | {f"linalg.{name}" for name in xp.linalg.__all__}
    assert set(CALLS) | set(FLAT.split()) == functions and not set(CALLS) & set(FLAT.split())


@pytest.mark.parametrize("name", CALLS)
def test_gradient(name):
    call, *arrays = CALLS[name]
    check_gradients(call, *arrays, directions=3)


def flat(results):
    return list(results) if isinstance(results, list | tuple) else [results]


@pytest.mark.parametrize("name", CALLS)
def test_replay_and_float32(name):
    call, *arrays = CALLS[name]
    arrays = [a.astype(np.float32) for a in arrays]
    traced = ntb.function(lambda *args: flat(call(*args)))
    eager = flat(call(*[ntb.tensor(a) for a in arrays]))
    for replayed in (traced(*arrays), traced(*arrays)):
        for a, b in zip(eager, replayed, strict=True):
            assert a.dtype == b.dtype and np.array_equal(np.asarray(a), np.asarray(b))
            assert a.dtype in (xp.float32, xp.complex64) or name == "astype"


@pytest.mark.parametrize("name", ["sum", "unique_values", "cumulative_sum", "sort", "linalg.vector_norm"])
def test_plain_arrays_give_plain_arrays(name):
    call, *arrays = CALLS[name]
    assert isinstance(call(*arrays), np.ndarray | np.generic)


def test_functions_that_are_flat_pass_no_gradient_on():
    with ntb.Tape() as tape:
        a = tape.watch(np.array([1.3, -2.6]))
        flat = xp.floor_divide(a, 0.7) + xp.round(a) + xp.sign(a) + xp.astype(xp.argsort(a), xp.float64)
        total = xp.sum(a * a + flat)
    assert np.array_equal(tape.gradient(total, a).numpy(), [2.6, -5.2])
