"""Functions that are integrals: exponential, trigonometric, elliptic; and Lambert's function, an inverse."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy import special

from ...functions import written
from ...tape.rules import declare, derivative
from ..safe import divide_or_zero, safe_divide, scale
from .bessel import ORDER
from .elementary import hyp2f1, quiet_log
from .gamma import typed

LAMBERT = special._ufuncs._lambertw
written[LAMBERT] = "scipy.special.lambertw"

# --- exponential, trigonometric and hyperbolic integrals


def _lower_expn(n, x):
    """E_(n-1)(x), where E_0(x) = exp(-x) / x and E_(-1)(x) = exp(-x) (1 + x) / x²."""
    below = np.where(np.equal(n, 0), np.exp(-x) * (1 + x) / (x * x), np.exp(-x) / x)
    return np.where(np.less(n, 2), below, special.expn(np.maximum(n - 1, 1), x))


def _sinc(x: Any) -> Any:
    return np.sinc(x / math.pi)


def _sinhc(x: Any) -> Any:
    """sinh(x) / x, without a difference of nearly equal terms."""
    if x.dtype.kind == "c":
        return np.sinh(x) / x
    return (special.exprel(x) + special.exprel(-x)) * 0.5


def _split(x: Any) -> tuple[Any, Any, Any]:
    """Whether |x| < ½, where a power series in x has all digits; x there, and x elsewhere; harmless numbers else."""
    near = np.absolute(x) < 0.5
    return near, np.where(near, x, 0), np.where(near, -1, x)


def _dilogarithm_slope(z: Any) -> Any:
    """log(z) / (1 - z), whose limit at 1 is -1."""
    if z.dtype.kind == "c":
        return np.log(z) / (1 - z)
    near, inside, _ = _split(1 - z)
    z = np.where(near, 2, z)
    return np.where(near, -hyp2f1(1, 1, 2, inside), quiet_log(z) / (1 - z))


derivative(special.exp1, lambda g, _y, x: -safe_divide(g * np.exp(-x), x))
derivative(special.expi, lambda g, _y, x: safe_divide(g * np.exp(x), x))
derivative(special.expn, None, lambda g, _y, n, x: -g * _lower_expn(n, x))
derivative(special.sici, lambda g, _y, x: g[0] * _sinc(x) + safe_divide(g[1] * np.cos(x), x))
derivative(special.shichi, lambda g, _y, x: g[0] * _sinhc(x) + safe_divide(g[1] * np.cosh(x), x))
derivative(
    special.fresnel, lambda g, _y, z: g[0] * np.sin(z * z * (math.pi / 2)) + g[1] * np.cos(z * z * (math.pi / 2))
)
derivative(special.spence, lambda g, _y, z: scale(g, _dilogarithm_slope(z)))

# --- integrals of Bessel, Airy and Struve functions

derivative(special.itj0y0, lambda g, _y, x: g[0] * special.j0(x) + scale(g[1], special.y0(x)))
derivative(special.iti0k0, lambda g, _y, x: g[0] * special.i0(x) + scale(g[1], special.k0(x)))
derivative(
    special.it2j0y0,
    lambda g, _y, x: g[0] * divide_or_zero(1 - special.j0(x), x) - safe_divide(scale(g[1], special.y0(x)), x),
)
derivative(
    special.it2i0k0,
    lambda g, _y, x: g[0] * divide_or_zero(special.i0(x) - 1, x) - safe_divide(scale(g[1], special.k0(x)), x),
)
derivative(special.itstruve0, lambda g, _y, x: g * special.struve(typed(0, g), x))
derivative(special.it2struve0, lambda g, _y, x: -g * special.struve(typed(0, g), x) / x)
derivative(special.itmodstruve0, lambda g, _y, x: g * special.modstruve(typed(0, g), x))


def _itairy_rule(g, _y, x):
    (ai, _, bi, _), (ai_minus, _, bi_minus, _) = special.airy(x), special.airy(-x)
    return g[0] * ai + g[1] * bi + g[2] * ai_minus + g[3] * bi_minus


derivative(special.itairy, _itairy_rule)

# --- elliptic integrals of the parameter m; K = π/2 2F1(½, ½; 1; m), E = π/2 2F1(-½, ½; 1; m), DLMF 19.5


def _ellipk_slope(m: Any) -> Any:
    """(E / (1 - m) - K) / (2 m), DLMF 19.4.1, or the series."""
    near, inside, outside = _split(m)
    series = (math.pi / 8) * hyp2f1(0.5, 0.5, 2, inside) / (1 - inside)
    rest = 1 - outside
    change = (special.ellipe(outside) - scale(rest, special.ellipk(outside))) / (2 * outside)
    return np.where(near, series, safe_divide(change, rest))


def _ellipe_slope(m: Any) -> Any:
    """(E - K) / (2 m), DLMF 19.4.2, or the series."""
    near, inside, outside = _split(m)
    series = (-math.pi / 8) * hyp2f1(0.5, 1.5, 2, inside)
    return np.where(near, series, (special.ellipe(outside) - special.ellipk(outside)) / (2 * outside))


derivative(special.ellipk, lambda g, _y, m: scale(g, _ellipk_slope(m)))
derivative(special.ellipkm1, lambda g, _y, p: safe_divide(g * (-math.pi / 8) * hyp2f1(0.5, 0.5, 2, 1 - p), p))
derivative(special.ellipe, lambda g, _y, m: scale(g, _ellipe_slope(m)))


def _root(phi, m):
    """√(1 - m sin²φ)."""
    return np.sqrt(1 - m * np.square(np.sin(phi)))


def _ellipkinc_m(phi, m):
    """DLMF 19.4.8, and its limit at m = 0."""
    first, second = special.ellipkinc(phi, m), special.ellipeinc(phi, m)
    at_zero = (phi - np.sin(phi) * np.cos(phi)) * 0.25
    slope = divide_or_zero(second / (1 - m) - first, 2 * m) - np.sin(2 * phi) / (4 * (1 - m) * _root(phi, m))
    return np.where(np.equal(m, 0), at_zero, slope)


def _ellipeinc_m(phi, m):
    """DLMF 19.4.6, and its limit at m = 0."""
    at_zero = (np.sin(phi) * np.cos(phi) - phi) * 0.25
    return np.where(
        np.equal(m, 0), at_zero, divide_or_zero(special.ellipeinc(phi, m) - special.ellipkinc(phi, m), 2 * m)
    )


derivative(special.ellipkinc, lambda g, _y, phi, m: g / _root(phi, m), lambda g, _y, phi, m: g * _ellipkinc_m(phi, m))
derivative(special.ellipeinc, lambda g, _y, phi, m: g * _root(phi, m), lambda g, _y, phi, m: g * _ellipeinc_m(phi, m))


def _ellipj_rule(g, y, _u, m):
    sn, cn, dn, _ = y
    return g[0] * cn * dn - g[1] * sn * dn - g[2] * m * sn * cn + g[3] * dn


derivative(special.ellipj, _ellipj_rule, None)
declare(special.ellipj, special.expn, refusal=ORDER)

# --- Carlson's symmetric integrals, DLMF 19.18; mixed derivatives of R_F by the equation of Euler and Poisson


def _rd_of_first(x, y, z):
    """The derivative of R_D in its first argument, for x ≠ z."""
    return (special.elliprd(y, z, x) - special.elliprd(x, y, z)) * 0.5 / (x - z)


def _rd_of_last(x, y, z):
    """R_D is homogeneous of degree -3/2: the three derivatives, times their arguments, add up to -3/2 R_D."""
    others = x * _rd_of_first(x, y, z) + y * _rd_of_first(y, x, z)
    return (-1.5 * special.elliprd(x, y, z) - others) / z


derivative(
    special.elliprd,
    lambda g, _r, x, y, z: g * _rd_of_first(x, y, z),
    lambda g, _r, x, y, z: g * _rd_of_first(y, x, z),
    lambda g, _r, x, y, z: g * _rd_of_last(x, y, z),
)
derivative(
    special.elliprf,
    lambda g, _r, x, y, z: g * special.elliprd(y, z, x) * (-1 / 6),
    lambda g, _r, x, y, z: g * special.elliprd(z, x, y) * (-1 / 6),
    lambda g, _r, x, y, z: g * special.elliprd(x, y, z) * (-1 / 6),
)
derivative(
    special.elliprc,
    lambda g, r, x, y: g * (r - 1 / np.sqrt(x)) * 0.5 / (y - x),
    lambda g, r, x, y: g * (np.sqrt(x) / y - r) * 0.5 / (y - x),
)

# --- the inverse of w exp(w), and of w + log(w)

derivative(LAMBERT, lambda g, y, z, _k, _tol: g / (z + np.exp(y)), None, None)
derivative(special.wrightomega, lambda g, y, _z: g * y / (1 + y))


# --- the arithmetic-geometric mean π/4 (a+b) / K(k²), k = (a-b) / (a+b)


def _agm_rule(g, y, a, b):
    """Of degree 1, with K' as above: dM/da = M/(a+b) - M K'(k²)/K(k²) 2k dk/da, dk/da = 2b / (a+b)²."""
    total = a + b
    k = (a - b) / total
    slope = (math.pi / 8) * hyp2f1(0.5, 0.5, 2, k * k) / (1 - k * k)
    return g * (y / total - y * slope / special.ellipk(k * k) * 4 * k * b / (total * total))


derivative(special.agm, lambda g, y, a, b: _agm_rule(g, y, a, b), lambda g, y, a, b: _agm_rule(g, y, b, a))
