"""Samples of elementwise functions, of the slopes of inverse ones, and of products in rules that stay finite."""

import numpy as np

from ntb.ops import elementwise, safe, slopes

from .base import ONE, TWO, above_one, distinct, positive, real, row, small

for f in (np.negative, np.positive, np.square, np.reciprocal, np.absolute, np.fabs, np.cbrt, np.exp, np.exp2, np.expm1):
    row(f, shapes=ONE)
for f in (
    np.sin, np.cos, np.arctan, np.sinh, np.cosh, np.tanh, np.arcsinh, np.degrees, np.radians, np.rad2deg, np.deg2rad,
):  # fmt: skip
    row(f, shapes=ONE)
for f in (np.sqrt, np.log, np.log2, np.log10, np.log1p):
    row(f, shapes=ONE, domains=positive)
for f in (np.tan, np.arcsin, np.arccos, np.arctanh):
    row(f, shapes=ONE, domains=small)
row(np.arccosh, shapes=ONE, domains=above_one)
for f in (np.real, np.imag, np.conjugate, np.modf):
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
row(np.clip, lambda a: np.clip(a, -0.5, 2.0), ONE, distinct)
row(
    np.clip,
    lambda a, low, high: np.clip(a, low, high),
    [((2,), (), ()), ((3,), (2, 1), ()), ((2, 2), (2, 2), (1, 2))],
    (distinct, lambda rng, shape: np.full(shape, -1.01), lambda rng, shape: np.full(shape, 1.01)),
    label="bounds",
)
if hasattr(np, "unstack"):  # NumPy 2.1, whose clip knows min=
    row(np.clip, lambda a: np.clip(a, min=0.2), ONE, distinct, label="min")
row(np.clip, lambda a: a.clip(max=0.1), ONE, distinct, label="max")

# --- slopes of inverse functions

for f in (slopes.arctan_slope, slopes.arcsinh_slope):
    row(f, shapes=ONE)
for f in (slopes.arcsin_slope, slopes.arctanh_slope):
    row(f, shapes=ONE, domains=small)
row(slopes.arccosh_slope, shapes=ONE, domains=above_one)

# --- products and quotients in derivative rules

row(safe.scale, shapes=TWO)
row(safe.safe_divide, shapes=TWO)
row(safe.divide_or_zero, shapes=TWO)
row(safe.difference, shapes=TWO)
row(safe.inverse_root, shapes=ONE, domains=positive)
