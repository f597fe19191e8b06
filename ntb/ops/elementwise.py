"""Derivatives of NumPy's elementwise functions. The engine sums gradients over the axes that broadcasting added.

Complex arguments: inside rules a gradient g of x stands for the change Re(g dx), so that rules of analytic functions
are the same as for real ones. Tapes conjugate on the way in and out (`conjugated` in tape/gradient.py), so that users
get ∂L/∂Re x + i ∂L/∂Im x, the direction of steepest ascent, as in PyTorch.
"""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

from ..primitive import primitive
from ..tape.rules import declare, define, derivative, operation_of
from ..tape.tensor import apply
from .safe import difference, divide_or_zero, safe_divide, scale
from .slopes import arccosh_slope, arcsin_slope, arcsinh_slope, arctan_slope, arctanh_slope
from .special import sigmoid

_LN2, _LN10 = math.log(2), math.log(10)

# --- arithmetic

derivative(np.add, lambda g, _y, _a, _b: g, lambda g, _y, _a, _b: g)
derivative(np.subtract, lambda g, _y, _a, _b: g, lambda g, _y, _a, _b: -g)
derivative(np.multiply, lambda g, _y, _a, b: g * b, lambda g, _y, a, _b: g * a)
derivative(operator.mul, lambda g, _y, _a, b: g * b, lambda g, _y, a, _b: g * a)  # for complex numbers, see Tensor
derivative(np.divide, lambda g, _y, _a, b: _quotient(g, b), lambda g, y, _a, b: -safe_divide(scale(g, y), b))
derivative(np.negative, lambda g, _y, _x: -g)
derivative(np.positive, lambda g, _y, _x: g)
derivative(np.square, lambda g, _y, x: g * x * 2)  # g is often small, as in a mean: 2 x may be beyond the dtype
derivative(np.reciprocal, lambda g, y, _x: scale(scale(-g, y), y))
derivative(np.absolute, lambda g, y, x: g * (divide_or_zero(np.conjugate(x), y) if _has_complex(x) else np.sign(x)))
derivative(np.fabs, lambda g, _y, x: g * np.sign(x))
derivative(np.remainder, lambda g, _y, _a, _b: g, lambda g, _y, a, b: -g * np.floor_divide(a, b))
derivative(np.fmod, lambda g, _y, _a, _b: g, lambda g, _y, a, b: -g * np.trunc(np.divide(a, b)))


def _quotient(g: Any, b: Any) -> Any:
    """`g / b`; a divisor that is a Python number needs no care, as it is not 0."""
    return g / b if type(b) in (int, float) and b else safe_divide(g, b)


def _has_complex(x: Any) -> bool:
    return isinstance(x, complex) if isinstance(x, int | float | complex) else x.dtype.kind == "c"


derivative(np.divmod, lambda g, _y, _a, _b: g[1], lambda g, y, _a, _b: -g[1] * y[0], broadcasts=True)
derivative(np.modf, lambda g, _y, _x: g[0])
derivative(np.frexp, lambda g, y, _x: np.ldexp(g[0], -y[1]))


# --- powers, exponentials, logarithms


def _power_rule(g: Any, _y: Any, x: Any, p: Any) -> Any:
    if type(p) is int and p > 0:  # the slope is finite
        return g * (p * np.power(x, p - 1)) if p > 2 else g * (2 * x) if p == 2 else g
    return scale(g, power_slope(x, p))


@primitive(elementwise=True)
def power_slope(x: Any, p: Any) -> Any:
    """p x**(p - 1), the derivative of a power; of x**0 it is 0 everywhere."""
    with np.errstate(all="ignore"):
        slope = p * np.power(x, p - 1)
    return np.where(np.equal(p, 0), 0, slope)


@primitive(elementwise=True)
def log_or_zero(x: Any) -> Any:
    """log |x|, or log x for complex numbers; 0 at 0, where the exponent of a power does not matter."""
    return np.log(np.where(np.equal(x, 0), 1, x if np.iscomplexobj(x) else np.abs(x)))


def _power_log(x: Any, y: Any) -> Any:
    """The logarithm of the base. It is complex for a real base too if the power is complex, as for (-2)**1j."""
    return log_or_zero(x + 0j if _has_complex(y) and not _has_complex(x) else x)


derivative(np.power, _power_rule, lambda g, y, x, _p: scale(_power_log(x, y), scale(g, y)))
derivative(np.float_power, _power_rule, lambda g, y, x, _p: scale(_power_log(x, y), scale(g, y)))
derivative(log_or_zero, lambda g, _y, x: divide_or_zero(g, x))


@primitive(elementwise=True)
def power_base(x: Any, p: Any) -> Any:
    """x**(p - 1), without a warning where it is infinite."""
    with np.errstate(all="ignore"):
        return np.power(x, p - 1)


derivative(
    power_slope,
    lambda g, _y, x, p: scale(g * p, power_slope(x, p - 1)),
    lambda g, y, x, p: scale(g, power_base(x, p) * (1 + p * _power_log(x, y))),
    broadcasts=True,
)
derivative(
    power_base,
    lambda g, _y, x, p: scale(g, power_slope(x, p - 1)),
    lambda g, y, x, _p: scale(_power_log(x, y), scale(g, y)),
    broadcasts=True,
)

derivative(np.sqrt, lambda g, y, _x: safe_divide(g * 0.5, y))
derivative(np.cbrt, lambda g, y, _x: safe_divide(safe_divide(g, 3 * y), y))  # twice, as in `_over_norm`
derivative(np.exp, lambda g, y, _x: g * y)
derivative(np.exp2, lambda g, y, _x: g * y * _LN2)
derivative(np.expm1, lambda g, _y, x: g * np.exp(x))  # y + 1 has lost the digits of exp(x) where y is near -1
derivative(np.log, lambda g, _y, x: safe_divide(g, x))
derivative(np.log2, lambda g, _y, x: safe_divide(g * (1 / _LN2), x))
derivative(np.log10, lambda g, _y, x: safe_divide(g * (1 / _LN10), x))
derivative(np.log1p, lambda g, _y, x: safe_divide(g, x + 1))
derivative(
    np.logaddexp,
    lambda g, _y, a, b: g * sigmoid(difference(a, b)),
    lambda g, _y, a, b: g * sigmoid(difference(b, a)),
)
derivative(
    np.logaddexp2,
    lambda g, _y, a, b: g * sigmoid(difference(a, b) * _LN2),
    lambda g, _y, a, b: g * sigmoid(difference(b, a) * _LN2),
)
derivative(np.ldexp, lambda g, _y, _x, i: np.ldexp(g, i), None)

# --- angles

derivative(np.sin, lambda g, _y, x: g * np.cos(x))
derivative(np.cos, lambda g, _y, x: -g * np.sin(x))
derivative(np.tan, lambda g, y, _x: g * (1 + y * y))
derivative(np.arcsin, lambda g, _y, x: scale(g, arcsin_slope(x)))
derivative(np.arccos, lambda g, _y, x: -scale(g, arcsin_slope(x)))
derivative(np.arctan, lambda g, _y, x: g * arctan_slope(x))
derivative(np.arctan2, lambda g, _y, a, b: g * _over_norm(b, a, b), lambda g, _y, a, b: -g * _over_norm(a, a, b))
derivative(np.hypot, lambda g, y, a, _b: g * divide_or_zero(a, y), lambda g, y, _a, b: g * divide_or_zero(b, y))
derivative(np.degrees, lambda g, _y, _x: g * (180 / math.pi))
derivative(np.rad2deg, lambda g, _y, _x: g * (180 / math.pi))
derivative(np.radians, lambda g, _y, _x: g * (math.pi / 180))
derivative(np.deg2rad, lambda g, _y, _x: g * (math.pi / 180))


def _over_norm(x: Any, a: Any, b: Any) -> Any:
    """x / (a² + b²), and 0 at the origin; divided twice, so that the square cannot overflow."""
    length = np.hypot(a, b)
    return divide_or_zero(divide_or_zero(x, length), length)


derivative(np.sinh, lambda g, _y, x: g * np.cosh(x))
derivative(np.cosh, lambda g, _y, x: g * np.sinh(x))
derivative(np.tanh, lambda g, y, _x: g * (1 - y * y))
derivative(np.arcsinh, lambda g, _y, x: g * arcsinh_slope(x))
derivative(np.arccosh, lambda g, _y, x: scale(g, arccosh_slope(x)))
derivative(np.arctanh, lambda g, _y, x: scale(g, arctanh_slope(x)))

# --- choices: the gradient goes where the value came from; equal arguments share it


def _chosen(g: Any, lost: Any, x: Any, other: Any) -> Any:
    return np.where(np.equal(x, other), g * 0.5, np.where(lost, 0, g))


def _enter_choice(choice: np.ufunc, loses: np.ufunc) -> None:
    """The rules of a choice; an argument x that was not chosen shows by `loses(x, y)`."""
    derivative(
        choice,
        lambda g, y, a, b: _chosen(g, loses(a, y), a, b),
        lambda g, y, a, b: _chosen(g, loses(b, y), b, a),
    )


_enter_choice(np.maximum, np.less)  # both arguments get the gradient of a NaN, as no comparison holds
_enter_choice(np.minimum, np.greater)
_enter_choice(np.fmax, np.not_equal)  # a NaN is not chosen
_enter_choice(np.fmin, np.not_equal)

derivative(
    np.where,
    None,
    lambda g, _y, condition, _x, _z: np.where(condition, g, 0),
    lambda g, _y, condition, _x, _z: np.where(condition, 0, g),
    broadcasts=True,
)


def _between(x: Any, low: Any, high: Any) -> Any:
    inside = True if low is None else np.logical_not(np.less(x, low))
    return inside if high is None else np.logical_and(inside, np.logical_not(np.greater(x, high)))


def _beyond_high(x: Any, low: Any, high: Any) -> Any:
    return np.greater(x if low is None else np.maximum(x, low), high)


def _beyond_low(x: Any, low: Any, high: Any) -> Any:
    return np.less(x, low) if high is None else np.logical_and(np.less(x, low), np.less_equal(low, high))


derivative(
    np.clip,
    lambda g, _y, a, a_min=None, a_max=None: g * _between(a, a_min, a_max),
    lambda g, _y, a, a_min=None, a_max=None: g * _beyond_low(a, a_min, a_max),
    lambda g, _y, a, a_min=None, a_max=None: g * _beyond_high(a, a_min, a_max),
    broadcasts=True,
)


@define(np.clip)
def clip(a: Any, a_min: Any = None, a_max: Any = None, *, min: Any = None, max: Any = None) -> Any:
    low, high = (y if x is None or x is np._NoValue else x for x, y in ((a_min, min), (a_max, max)))
    return apply(operation_of(np.clip), (a, low, high), {})


derivative(np.heaviside, lambda g, _y, _x, _h: np.zeros_like(g), lambda g, _y, x, _h: np.where(np.equal(x, 0), g, 0))
derivative(np.copysign, lambda g, y, x, _sign: g * (np.sign(x) * np.sign(y)), None)

# --- complex numbers

derivative(np.real, lambda g, _y, _val: g)
derivative(np.imag, lambda g, _y, val: g * -1j if _has_complex(val) else np.zeros_like(g))
derivative(np.conjugate, lambda g, _y, x: np.conjugate(g) if _has_complex(x) else g)
derivative(
    np.angle, lambda g, _y, z, deg=False: scale(_angle_slope(z), g * (180 / math.pi)) if deg else _angle_slope(z) * g
)


def _angle_slope(z: Any) -> Any:
    """The derivative of the angle of z, conj(i z) / |z|²; 0 at 0, and for real numbers."""
    size = np.absolute(z)
    return divide_or_zero(divide_or_zero(np.conjugate(z), size), size) * -1j


# The sign of a complex number is z / |z|, which turns on the unit circle as z turns; that of a real number is flat.
derivative(np.sign, lambda g, y, z: divide_or_zero(np.imag(g * y) * np.conjugate(y), np.absolute(z)) * 1j)

# --- flat wherever they are smooth

declare(np.floor, np.ceil, np.trunc, np.rint, np.round, np.fix, np.sign, np.floor_divide, np.signbit, constant=True)
declare(np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal, np.isclose, constant=True)
declare(np.logical_and, np.logical_or, np.logical_xor, np.logical_not, constant=True)
declare(np.bitwise_and, np.bitwise_or, np.bitwise_xor, np.invert, np.left_shift, np.right_shift, constant=True)
declare(np.isnan, np.isinf, np.isfinite, np.isposinf, np.isneginf, np.isreal, np.iscomplex, np.spacing, constant=True)
