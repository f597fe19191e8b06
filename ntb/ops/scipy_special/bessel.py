"""Bessel functions and their kin, in the argument; a derivative is a sum of functions of neighbouring orders."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import special

from ...tape.rules import declare, derivative
from ..safe import divide_or_zero, scale
from .elementary import only_real
from .gamma import typed

ORDER = "the derivative of this function with respect to its order or parameter is not made of SciPy's functions"


def in_argument(function: Callable[..., Any], rule: Callable[..., Any], why: str = ORDER) -> None:
    """Enter the rule of the last argument; those before it, orders and parameters, are refused with a reason."""
    _gradient, _result, *others, _last = inspect.signature(rule).parameters
    derivative(function, *[None for _ in others], rule)
    declare(function, refusal=why)


# --- of order v: (f(v-1) - f(v+1)) / 2, DLMF 10.6.1; modified ones add, DLMF 10.29.1


def _between(f, sign):
    return lambda v, z: (f(v - 1, z) + sign * f(v + 1, z)) * 0.5


_J, _Y, _I, _K = _between(special.jv, -1), _between(special.yv, -1), _between(special.iv, 1), _between(special.kv, 1)
in_argument(special.jv, lambda g, _y, v, z: g * _J(v, z))
in_argument(special.yv, lambda g, _y, v, z: scale(g, _Y(v, z)))
in_argument(special.iv, lambda g, _y, v, z: g * _I(v, z))
in_argument(special.kv, lambda g, _y, v, z: -scale(g, _K(v, z)))
in_argument(special.yn, lambda g, _y, n, x: scale(g, _between(special.yn, -1)(n, x)))
in_argument(special.kn, lambda g, _y, n, x: -scale(g, _between(special.kn, 1)(n, x)))
in_argument(special.hankel1, lambda g, _y, v, z: g * _between(special.hankel1, -1)(v, z))
in_argument(special.hankel2, lambda g, _y, v, z: g * _between(special.hankel2, -1)(v, z))

# --- scaled: jve and yve by exp(-|Im z|), ive by exp(-|Re z|), kve by exp(z), hankel1e and hankel2e by exp(∓iz)


def _ive_rule(g, y, v, z):
    only_real("ive", z)
    return g * (_between(special.ive, 1)(v, z) - np.sign(z) * y)


def _unscaled_rule(f):
    """The rule of jve or yve, which have a derivative on the real axis only; there the factor is 1."""

    def rule(g, _y, v, z):
        only_real(f.__name__, z)
        return g * _between(f, -1)(v, z)

    return rule


in_argument(special.ive, _ive_rule)
in_argument(special.jve, _unscaled_rule(special.jve))
in_argument(special.yve, _unscaled_rule(special.yve))
in_argument(special.kve, lambda g, y, v, z: g * (y - _between(special.kve, 1)(v, z)))
in_argument(special.hankel1e, lambda g, y, v, z: g * (_between(special.hankel1e, -1)(v, z) - 1j * y))
in_argument(special.hankel2e, lambda g, y, v, z: g * (_between(special.hankel2e, -1)(v, z) + 1j * y))

# --- of orders 0 and 1


def _not_tiny(x):
    """x, or 0 where its square is none to add to 1; SciPy's iv of numbers that are nearly subnormal is NaN."""
    return np.where(np.absolute(x) < 1e-150, 0, x)


derivative(special.j0, lambda g, _y, x: -g * special.j1(x))
derivative(special.y0, lambda g, _y, x: -scale(g, special.y1(x)))
derivative(special.i0, lambda g, _y, x: g * special.i1(x))
derivative(special.k0, lambda g, _y, x: -scale(g, special.k1(x)))
derivative(special.j1, lambda g, _y, x: g * (special.j0(x) - special.jv(2, x)) * 0.5)
derivative(special.y1, lambda g, _y, x: g * (special.y0(x) - special.yv(2, x)) * 0.5)
derivative(special.i1, lambda g, _y, x: g * (special.i0(x) + special.iv(2, _not_tiny(x))) * 0.5)
derivative(special.k1, lambda g, _y, x: g * (special.k0(x) + special.kv(2, x)) * -0.5)
derivative(special.i0e, lambda g, y, x: g * (special.i1e(x) - np.sign(x) * y))
derivative(special.i1e, lambda g, y, x: g * ((special.i0e(x) + special.ive(2, x)) * 0.5 - np.sign(x) * y))
derivative(special.k0e, lambda g, y, x: g * (y - special.k1e(x)))
derivative(special.k1e, lambda g, y, x: g * (y - (special.k0e(x) + special.kve(2, x)) * 0.5))

# --- Struve functions, DLMF 11.4.27 and 11.4.30


def _struve_term(g, v, x):
    return np.power(x * 0.5, v) * (special.rgamma(typed(v, g) + 1.5) / math.sqrt(math.pi))


in_argument(special.struve, lambda g, _y, v, x: g * (_between(special.struve, -1)(v, x) + 0.5 * _struve_term(g, v, x)))
in_argument(
    special.modstruve, lambda g, _y, v, x: g * (_between(special.modstruve, 1)(v, x) + 0.5 * _struve_term(g, v, x))
)

# --- Airy and Kelvin functions; SciPy returns each function together with its derivative

derivative(special.airy, lambda g, y, z: g[0] * y[1] + g[1] * z * y[0] + g[2] * y[3] + g[3] * z * y[2])


def _per(f_slope, x, limit):
    """f'(x) / x, whose limit at 0 is given."""
    return np.where(np.equal(x, 0), limit, divide_or_zero(f_slope, x))


derivative(special.ber, lambda g, _y, x: g * special.berp(x))
derivative(special.bei, lambda g, _y, x: g * special.beip(x))
derivative(special.ker, lambda g, _y, x: g * special.kerp(x))
derivative(special.kei, lambda g, _y, x: g * special.keip(x))
derivative(special.berp, lambda g, y, x: -g * (special.bei(x) + _per(y, x, 0)))
derivative(special.beip, lambda g, y, x: g * (special.ber(x) - _per(y, x, 0.5)))
derivative(special.kerp, lambda g, y, x: -g * (special.kei(x) + y / x))
derivative(special.keip, lambda g, y, x: g * (special.ker(x) - y / x))

# --- parabolic cylinder functions, as a pair with their derivative; DLMF 12.2

for f in (special.pbdv, special.pbvv):
    in_argument(f, lambda g, y, v, x: g[0] * y[1] + g[1] * (x * x * 0.25 - v - 0.5) * y[0])
in_argument(special.pbwa, lambda g, y, a, x: g[0] * y[1] + g[1] * (a - x * x * 0.25) * y[0])
