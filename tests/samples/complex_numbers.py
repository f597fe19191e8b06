"""Samples of elementwise functions and reductions of complex numbers, away from branch cuts."""

import operator

import numpy as np

from .base import ONE, distinct, real, row, small, unreal

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
