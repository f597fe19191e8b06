"""Error functions, logistic functions, entropies, powers, angles, and what else is made of exp and log."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import scipy.special
from scipy import special

from ...errors import GradientError
from ...primitive import primitive
from ...tape.rules import declare, derivative
from ..elementwise import log_or_zero, power_base, power_slope
from ..safe import safe_divide, scale
from ..special import sigmoid, sigmoid_pull

_ROOT_PI = math.sqrt(math.pi)
ROOT_2PI = math.sqrt(2 * math.pi)
_DEGREE = math.pi / 180
_LN2, _LN10 = math.log(2), math.log(10)


def only_real(name: str, x: Any) -> None:
    """An error for complex arguments of functions that take an absolute value or a real part: they are not analytic."""
    if x.dtype.kind == "c":
        raise GradientError(
            f"scipy.special.{name} of complex numbers is not analytic, and has no derivative rule; make it a function "
            "of the real and imaginary parts, or take iv, jv, yv"
        )


def hyp2f1(a: float, b: float, c: float, z: Any) -> Any:
    """Gauss's function with parameters in the dtype of the argument; SciPy takes Python's numbers for doubles."""
    return special.hyp2f1(np.asarray(a, z.dtype), np.asarray(b, z.dtype), np.asarray(c, z.dtype), z)


# --- error functions


@primitive(elementwise=True)
def exp_square(x: Any, c: float) -> Any:
    """exp(c x²) for a constant c: the bell of the normal distribution.

    >>> exp_square(np.array([0.0, np.inf]), -1)
    array([1., 0.])
    """
    with np.errstate(over="ignore"):
        return np.exp(c * (x * x))


@primitive(elementwise=True)
def erfcx_slope(x: Any, order: int = 1) -> Any:
    """The derivative of erfcx of an order; `tail_slope` where the recurrence over orders would lose digits.

    erfcx' = 2 x erfcx - 2/√π, of which both terms are nearly equal for large x. The others are this, differentiated.

    >>> float(erfcx_slope(0.0)), float(erfcx_slope(np.inf))
    (-1.1283791670955126, -0.0)
    """
    with np.errstate(invalid="ignore", over="ignore"):
        below, slope = scipy.special.erfcx(x), 2 * x * scipy.special.erfcx(x) - 2 / _ROOT_PI
        for n in range(2, order + 1):
            below, slope = slope, 2 * x * slope + 2 * (n - 1) * below
    return np.where(x > TAIL, tail_slope(x, order, -1) / _ROOT_PI, slope)[()]


@primitive(elementwise=True)
def dawsn_slope(x: Any, order: int = 1) -> Any:
    """The derivative of dawsn of an order, dawsn' = 1 - 2 x dawsn, and so on as in `erfcx_slope`.

    >>> float(dawsn_slope(0.0)), float(dawsn_slope(np.inf))
    (1.0, -0.0)
    """
    with np.errstate(invalid="ignore", over="ignore"):
        below, slope = scipy.special.dawsn(x), 1 - 2 * x * scipy.special.dawsn(x)
        for n in range(2, order + 1):
            below, slope = slope, -2 * x * slope - 2 * (n - 1) * below
    tail = tail_slope(np.abs(x), order, 1) * (0.5 if order % 2 else 0.5 * np.sign(x))
    return np.where(np.abs(x) > TAIL, tail, slope)[()]


TAIL = 7.0


def tail_slope(x: Any, order: int, sign: int) -> Any:
    """The derivative of an order of Σ (±1)^k (2k-1)!! / (2^k x^(2k+1)), the asymptotic series for large x.

    DLMF 7.12.1. From x = 7 on, 24 terms give all digits of doubles.
    """
    if np.result_type(x) == np.float16:  # which cannot hold the coefficients
        return tail_slope(x.astype(np.float32), order, sign).astype(np.float16)
    z = 1 / np.maximum(x, TAIL)
    series = np.zeros_like(z)
    for k in range(23, -1, -1):
        odd = math.prod(range(1, 2 * k, 2)) * (sign * 0.5) ** k
        series = series * (z * z) + odd * math.prod(range(2 * k + 1, 2 * k + 1 + order))
    return series * (-z) ** order * z


derivative(exp_square, lambda g, y, x, c: scale(g, scale(2 * c * x, y)), None)
derivative(erfcx_slope, lambda g, _y, x, order=1: g * erfcx_slope(x, order + 1))
derivative(dawsn_slope, lambda g, _y, x, order=1: g * dawsn_slope(x, order + 1))
derivative(special.erf, lambda g, _y, x: g * (2 / _ROOT_PI) * exp_square(x, -1))
derivative(special.erfc, lambda g, _y, x: g * (-2 / _ROOT_PI) * exp_square(x, -1))
derivative(special.erfi, lambda g, _y, x: g * (2 / _ROOT_PI) * exp_square(x, 1))
derivative(special.erfcx, lambda g, y, x: g * (2 * x * y - 2 / _ROOT_PI if x.dtype.kind == "c" else erfcx_slope(x)))
derivative(special.erfinv, lambda g, y, _x: scale(g * (_ROOT_PI / 2), np.exp(y * y)))
derivative(special.erfcinv, lambda g, y, _x: scale(g * (-_ROOT_PI / 2), np.exp(y * y)))
derivative(special.dawsn, lambda g, y, x: g * (1 - 2 * x * y if x.dtype.kind == "c" else dawsn_slope(x)))
derivative(special.wofz, lambda g, y, z: g * (2j / _ROOT_PI - 2 * z * y))

# --- the normal distribution


@primitive(elementwise=True)
def hazard(x: Any) -> Any:
    """φ(x) / Φ(x), the derivative of log Φ, accurate in both tails: by Φ(x) = exp(-x²/2) erfcx(-x/√2) / 2.

    >>> hazard(np.array([-1e10, 0.0, 50.0]))
    array([1.00000000e+10, 7.97884561e-01, 0.00000000e+00])
    """
    return math.sqrt(2 / math.pi) / scipy.special.erfcx(x * -math.sqrt(0.5))


def _hazard_slope(x: Any, y: Any) -> Any:
    """-y (x + y), of which the sum has no digits for very negative x: y erfcx'(t) / (√2 erfcx(t)) for t = -x/√2."""
    if x.dtype.kind == "c":
        return -y * (x + y)
    t = x * -math.sqrt(0.5)
    return scale(y, erfcx_slope(t) / (special.erfcx(t) * math.sqrt(2)))


derivative(hazard, lambda g, y, x: scale(g, _hazard_slope(x, y)))
derivative(special.ndtr, lambda g, _y, x: g * exp_square(x, -0.5) / ROOT_2PI)
derivative(special.log_ndtr, lambda g, _y, x: g * hazard(x))
derivative(special.ndtri, lambda g, y, _p: scale(g * ROOT_2PI, np.exp(y * y * 0.5)))
derivative(special.ndtri_exp, lambda g, y, _x: safe_divide(g, hazard(y)))
derivative(
    special.owens_t,
    lambda g, _y, h, a: g * (-0.5 / ROOT_2PI) * np.exp(h * h * -0.5) * special.erf(a * h * math.sqrt(0.5)),
    lambda g, _y, h, a: g * np.exp(h * h * (1 + a * a) * -0.5) / (2 * math.pi * (1 + a * a)),
)

# --- logistic functions


@primitive(elementwise=True)
def logit_slope(x: Any) -> Any:
    """1 / (x (1 - x)), the derivative of logit: a function of its own, with a derivative where it is infinite.

    >>> logit_slope(np.array([0.0, 0.5]))
    array([inf,  4.])
    """
    with np.errstate(divide="ignore", over="ignore"):
        return np.reciprocal(x * (1 - x))


derivative(logit_slope, lambda g, y, x: scale(g, scale(scale(2 * x - 1, y), y)))
derivative(special.expit, lambda g, _y, x: sigmoid_pull(g, x))
derivative(special.log_expit, lambda g, _y, x: g * sigmoid(-x))
derivative(special.logit, lambda g, _y, x: scale(g, logit_slope(x)))

# --- x log y and entropies: 0 log 0 is 0, and its slope in x is taken as 0 where log y is not finite


@primitive(elementwise=True)
def weighted_log(x: Any, y: Any) -> Any:
    """log(y), and 0 where x is 0 and y is not positive: the derivative of x log(y) with respect to x.

    >>> weighted_log(np.array([0.0, 0.0, 3.0]), np.array([0.0, 1.0, 1.0]))
    array([0., 0., 0.])
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(np.logical_and(np.equal(x, 0), np.logical_not(np.greater(y, 0))), 0, np.log(y))[()]


@primitive(elementwise=True)
def log_ratio(x: Any, y: Any) -> Any:
    """log(x / y), also where the quotient overflows, and 0 where both are 0; without a warning where it is infinite.

    >>> log_ratio(np.array([0.0, 0.0, 2.0]), np.array([0.0, 1.0, 2.0]))
    array([  0., -inf,   0.])
    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        ratio = np.divide(x, y)
        whole = np.logical_and(ratio >= np.finfo(ratio.dtype).smallest_normal, np.isfinite(ratio))
        logarithm = np.where(whole, np.log(ratio), np.log(x) - np.log(y))
        return np.where(np.logical_and(np.equal(x, 0), np.equal(y, 0)), 0, logarithm)[()]


@primitive(elementwise=True)
def quiet_log(x: Any) -> Any:
    """log(x), -inf at 0 without a warning.

    >>> quiet_log(np.array([0.0, 1.0]))
    array([-inf,   0.])
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.log(x)


derivative(
    weighted_log,
    lambda g, _y, _x, _z: np.zeros_like(g),
    lambda g, _y, x, y: safe_divide(np.where(np.logical_and(np.equal(x, 0), np.logical_not(y > 0)), 0, g), y),
    broadcasts=True,
)
derivative(log_ratio, lambda g, _y, x, _z: safe_divide(g, x), lambda g, _y, _x, z: -safe_divide(g, z), broadcasts=True)
derivative(quiet_log, lambda g, _y, x: safe_divide(g, x))
derivative(
    special.xlogy,
    lambda g, _y, x, y: scale(g, weighted_log(x, y)),
    lambda g, _y, x, y: safe_divide(g * x, y),
)
derivative(
    special.xlog1py,
    lambda g, _y, x, y: scale(g, np.where(np.equal(y, -1), weighted_log(x, y + 1), special.log1p(y))),
    lambda g, _y, x, y: safe_divide(g * x, y + 1),
)
derivative(special.entr, lambda g, _y, x: scale(g, -1 - quiet_log(x)))
derivative(
    special.rel_entr,
    lambda g, _y, x, y: scale(g, 1 + log_ratio(x, y)),
    lambda g, _y, x, y: -safe_divide(g * x, y),
)
derivative(
    special.kl_div,
    lambda g, _y, x, y: scale(g, log_ratio(x, y)),
    lambda g, _y, x, y: g - safe_divide(g * x, y),
)

# --- losses


def _stretch(delta: Any, r: Any) -> Any:
    """√(1 + (r/δ)²), which grows from 1 where the pseudo-Huber loss turns from a parabola into a line."""
    return np.hypot(1, r / delta)


def _pseudo_huber_width(delta: Any, r: Any) -> Any:
    """The derivative in δ, 2δ(s - 1) - r²/(δs), written without a difference of nearly equal terms."""
    s = _stretch(delta, r)
    beyond = (r / delta) * ((r / delta) / (s + 1))  # s - 1
    return delta * beyond * (beyond / s)


derivative(
    special.huber,
    lambda g, _y, delta, r: g * np.maximum(np.absolute(r) - delta, 0),
    lambda g, _y, delta, r: g * np.clip(r, -delta, delta),
)
derivative(
    special.pseudo_huber,
    lambda g, _y, delta, r: g * _pseudo_huber_width(delta, r),
    lambda g, _y, delta, r: g * r / _stretch(delta, r),
)

# --- powers, of which many are functions of exprel(z) = (exp(z) - 1) / z


@primitive(elementwise=True)
def exprel_slope(z: Any, order: int = 1) -> Any:
    """The derivative of exprel of an order; by its series where the recurrence over orders would lose digits.

    z f = exp(z) - 1, differentiated n times, is z f⁽ⁿ⁾ + n f⁽ⁿ⁻¹⁾ = exp(z), which is z f + 1 where exp(z) may overflow.

    >>> exprel_slope(np.array([0.0, np.inf]))
    array([0.5, inf])
    """
    near = np.abs(z) < 1
    small, large = np.where(near, z, 0), np.where(near, 1, z)
    f = slope = scipy.special.exprel(large)
    with np.errstate(invalid="ignore", over="ignore"):
        for n in range(1, order + 1):
            right = np.where(np.isinf(f), f, f + (1 - n * slope) / large)
            slope = np.where(large < 0, (np.exp(large) - n * slope) / large, right)
    series = np.zeros_like(small)
    for k in range(18, -1, -1):
        series = series * small + 1 / (math.factorial(k) * (k + order + 1))
    return np.where(near, series, slope)[()]


derivative(exprel_slope, lambda g, _y, z, order=1: g * exprel_slope(z, order + 1))


def _root_slope(z: Any) -> Any:
    """(z / (1 + z) - log(1 + z)) / z²: a factor of the derivative of (1 + λy)^(1/λ) in λ, with z = λy."""
    return -0.5 * hyp2f1(2, 2, 3, -z)


def _boxcox_exponent(g, _y, x, lmbda):
    """With L = log x the function is L exprel(λL); at x = 0, where it is -1/λ, the derivative is 1/λ²."""
    size = log_or_zero(x)
    at_zero = safe_divide(g, lmbda * lmbda)
    return np.where(np.equal(x, 0), at_zero, g * size * size * exprel_slope(lmbda * size))


def _boxcox1p_exponent(g, _y, x, lmbda):
    size = special.log1p(x)
    return g * size * size * exprel_slope(lmbda * size)


derivative(special.exprel, lambda g, _y, x: g * exprel_slope(x))
derivative(special.boxcox, lambda g, _y, x, lmbda: scale(g, power_base(x, lmbda)), _boxcox_exponent)
derivative(special.boxcox1p, lambda g, _y, x, lmbda: g * np.exp(special.xlog1py(lmbda - 1, x)), _boxcox1p_exponent)
derivative(
    special.inv_boxcox,
    lambda g, y, _x, lmbda: g * np.power(y, 1 - lmbda),
    lambda g, y, x, lmbda: g * y * x * x * _root_slope(lmbda * x),
)
derivative(
    special.inv_boxcox1p,
    lambda g, y, _x, lmbda: g * np.exp(special.xlog1py(1 - lmbda, y)),
    lambda g, y, x, lmbda: g * (y + 1) * x * x * _root_slope(lmbda * x),
)
derivative(
    special.powm1,
    lambda g, _y, x, p: scale(g, power_slope(x, p)),
    lambda g, y, x, _p: scale(log_or_zero(x), g * (y + 1)),
)
derivative(special.expm1, lambda g, _y, x: g * np.exp(x))
derivative(special.log1p, lambda g, _y, x: safe_divide(g, x + 1))
derivative(special.exp2, lambda g, y, _x: g * y * _LN2)
derivative(special.exp10, lambda g, y, _x: g * y * _LN10)
derivative(special.cbrt, lambda g, y, _x: safe_divide(safe_divide(g, 3 * y), y))
derivative(special.cosm1, lambda g, _y, x: -g * np.sin(x))

# --- angles in degrees

derivative(special.sindg, lambda g, _y, x: g * _DEGREE * special.cosdg(x))
derivative(special.cosdg, lambda g, _y, x: g * -_DEGREE * special.sindg(x))
derivative(special.tandg, lambda g, y, _x: g * _DEGREE * (1 + y * y))
derivative(special.cotdg, lambda g, y, _x: g * -_DEGREE * (1 + y * y))
derivative(
    special.radian,
    lambda g, _y, _d, _m, _s: g * _DEGREE,
    lambda g, _y, _d, _m, _s: g * (_DEGREE / 60),
    lambda g, _y, _d, _m, _s: g * (_DEGREE / 3600),
)

declare(special.round, special.gammasgn, constant=True)
