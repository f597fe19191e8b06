"""Samples of functions of complex numbers, away from branch cuts."""

import operator

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from .base import ONE, distinct, positive, real, row, small, unreal

EITHER = unreal(small)
MIXED = [((), (2,)), ((2, 1), (3,)), ((2, 2), (2, 2)), ((0, 1), (2,))]
SHAPES = [(), (0,), (3,), (2, 2)]

for f in (
    np.negative, np.positive, np.square, np.reciprocal, np.absolute, np.exp, np.exp2, np.expm1, np.sqrt, np.log,
    np.log2, np.log10, np.log1p, np.sin, np.cos, np.tan, np.arcsin, np.arccos, np.arctan, np.sinh, np.cosh, np.tanh,
    np.arcsinh, np.arccosh, np.arctanh, np.real, np.imag, np.conjugate, np.angle, np.sinc, np.nan_to_num, np.copy,
):  # fmt: skip
    row(f, shapes=SHAPES, domains=EITHER, label="complex")
row(np.sign, shapes=SHAPES, domains=EITHER)
row(np.sign, lambda x: np.sign(x) * x, SHAPES, label="real")
row(np.angle, lambda x: np.angle(x, deg=True), SHAPES, EITHER, label="complex degrees")
row(np.real_if_close, shapes=SHAPES, domains=EITHER)
row(np.real_if_close, lambda x: np.real_if_close(x + 1e-15j), SHAPES, label="real")
for p in (0, 1, 2, 3, -2, 2.5, 1 - 2j):
    row(np.power, lambda x, p=p: x**p, SHAPES, EITHER, label=f"complex, {p}", exact=False)
for a, b, label in ((EITHER, EITHER, "complex"), (real, EITHER, "complex right"), (EITHER, real, "complex left")):
    for f in (np.add, np.subtract, np.multiply, np.divide, np.power, np.float_power):
        row(f, shapes=MIXED, domains=(a, b), label=label)
    row(np.where, lambda a, b: np.where([True, False], a, b), [((2,), (2,)), ((), (3, 2))], (a, b), label)
row(operator.mul, lambda a, b: a[()] * b[()], [((), ())], (EITHER, EITHER), label="complex numbers")

FAR = unreal(distinct)
for f in (np.sum, np.mean, np.prod, np.var, np.std, np.max, np.min):
    for label, options, shapes in (
        ("all", {}, [(3,), (2, 2)]),
        ("axis", {"axis": -1}, [(3,), (2, 2)]),
        ("axes", {"axis": (0, -1)}, [(2, 2, 2), (2, 1, 2)]),
    ):
        row(f, lambda x, f=f, options=options: f(x, **options), shapes, FAR, f"complex {label}")
for f in (np.sum, np.mean, np.prod, np.var):
    row(f, lambda x, f=f: f(x, 0, where=[[True, False], [True, True]]), [(2, 2)], FAR, "complex where")
for f in (np.cumsum, np.cumprod):
    row(f, lambda x, f=f: f(x, axis=0), [(3,), (2, 2)], EITHER, "complex")
for f in (np.maximum, np.minimum):
    row(f, shapes=MIXED, domains=(unreal(real), unreal(lambda rng, shape: rng.integers(-2, 3, shape))), label="complex")
row(np.sort, lambda x: np.sort(x, axis=0), [(3,), (2, 2)], FAR, "complex")
row(np.clip, lambda x: np.clip(x, -1.01, 1.01 + 1j), ONE, FAR, label="complex")

# --- shapes: padding, joining, selecting, creating

PLANE = [(2, 3), (3, 2)]
row(np.pad, lambda x: np.pad(x, 2, "reflect", reflect_type="odd"), PLANE, FAR, "complex, reflect")
row(np.pad, lambda x: np.pad(x, 1, "mean"), PLANE, FAR, "complex, mean")
row(np.pad, lambda x: np.pad(x, 1, "linear_ramp", end_values=1j), PLANE, FAR, "complex, linear_ramp")
row(np.insert, lambda x: np.insert(x, 1, x[0, 0], 1), PLANE, FAR, "complex")
row(np.delete, lambda x: np.delete(x, 1, 1), PLANE, FAR, "complex")
row(np.resize, lambda x: np.resize(x, (3, 3)), PLANE, FAR, "complex")
row(np.block, lambda x: np.block([[x, x], [x, x]]), PLANE, FAR, "complex")
row(sliding_window_view, lambda x: sliding_window_view(x, 2, 0), PLANE, FAR, "complex")
for f in (np.linspace, np.geomspace, np.logspace):
    row(f, lambda x, y, f=f: f(x, y, 3), [((2,), (2,)), ((), (2,))], EITHER, "complex", exact=f is np.linspace)
row(np.select, lambda x, y: np.select([np.real(x) > 0], [x], y), MIXED, EITHER, "complex")
row(np.choose, lambda x, y: np.choose((np.real(x) > 0).astype(int), [x, y]), MIXED, EITHER, "complex")

# --- averages, convolutions, polynomials

row(np.average, lambda x, w: np.average(x, 1, w, returned=True), [((2, 3), (3,))], (EITHER, positive), "complex")
row(np.cov, shapes=[((3,), (3,))], domains=EITHER, label="complex")
row(np.corrcoef, shapes=[(2, 3)], domains=EITHER, label="complex")
for f in (np.convolve, np.correlate):
    for mode in ("full", "same", "valid"):
        row(f, lambda x, y, f=f, mode=mode: f(x, y, mode), [((3,), (2,))], EITHER, f"complex {mode}")
row(np.polyval, shapes=[((3,), (2,))], domains=EITHER, label="complex")
row(np.poly, shapes=[(3,)], domains=EITHER, label="complex")
row(np.roots, shapes=[(3,)], domains=EITHER, label="of complex")
row(np.interp, lambda y: np.interp([0.3, 1.2], [0.0, 1.0, 2.0], y), [(3,)], EITHER, "complex")
row(np.median, lambda x: np.median(x, axis=0), [(2, 3), (3, 2)], FAR, "complex")
row(np.ufunc.reduce, np.subtract.reduce, [(3,), (2, 3)], EITHER, "complex")
