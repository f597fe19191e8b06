"""The gamma and beta functions and their kin."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import scipy.special
from scipy import special

from ...errors import GradientError
from ...functions import written
from ...primitive import primitive
from ...tape.rules import declare, derivative
from ..safe import scale
from ..special import floating

ZETA = special._ufuncs._zeta
_RIEMANN_ZETA = special._ufuncs._riemann_zeta


def typed(a: Any, g: Any) -> Any:
    """A Python number as an array of the gradient's dtype, so that SciPy's result is not wider."""
    return a if hasattr(a, "dtype") else np.asarray(a, g.dtype)


@primitive(elementwise=True)
def polygamma(n: Any, x: Any) -> Any:
    """The derivative of order n of digamma: integers n >= 0 and real x broadcast against each other.

    >>> polygamma(1, np.array([1.0]))
    array([1.64493407])
    """
    x = floating(x)
    return scipy.special.polygamma(n, x).astype(x.dtype)[()]


derivative(polygamma, None, lambda g, _y, n, x: scale(g, polygamma(n + 1, x)), broadcasts=True)


def _digamma_rule(g, _y, x):
    if x.dtype.kind == "c":
        raise GradientError(
            "scipy.special.digamma has no derivative rule for complex numbers, as SciPy has no polygamma of them"
        )
    return scale(g, polygamma(1, x))


def _rgamma_slope(x: Any, y: Any) -> Any:
    """-ψ(x) / Γ(x), below ½ by the reflection 1/Γ(x) = Γ(1 - x) sin(πx) / π, which has no poles there; y is 1/Γ(x)."""
    if x.dtype.kind == "c":
        return -y * special.digamma(x)
    left = x < 0.5
    low, high = np.where(left, x, 0.5), np.where(left, 0.5, x)
    reflected = np.cos(math.pi * low) * special.gamma(1 - low) - y * special.digamma(1 - low)
    return np.where(left, reflected, -y * special.digamma(high))


derivative(special.gamma, lambda g, y, x: scale(g, y * special.digamma(x)))
derivative(special.gammaln, lambda g, _y, x: scale(g, special.digamma(x)))
derivative(special.loggamma, lambda g, _y, x: scale(g, special.digamma(x)))
derivative(special.digamma, _digamma_rule)
derivative(special.rgamma, lambda g, y, x: g * _rgamma_slope(x, y))


def _digamma_difference(a: Any, b: Any, g: Any) -> Any:
    return special.digamma(typed(a, g)) - special.digamma(typed(b, g))


derivative(
    special.poch,
    lambda g, y, z, m: g * y * _digamma_difference(z + m, z, g),
    lambda g, y, z, m: g * y * special.digamma(typed(z + m, g)),
)
derivative(
    special.beta,
    lambda g, y, a, b: g * y * _digamma_difference(a, a + b, g),
    lambda g, y, a, b: g * y * _digamma_difference(b, a + b, g),
)
derivative(
    special.betaln,
    lambda g, _y, a, b: g * _digamma_difference(a, a + b, g),
    lambda g, _y, a, b: g * _digamma_difference(b, a + b, g),
)


def _binom_share(y: Any, n: Any, k: Any, g: Any) -> Any:
    """A binomial coefficient with its factor 1/Γ(n-k+1) differentiated; finite where the coefficient is 0."""
    rest, zero = typed(n - k + 1, g), np.equal(y, 0)
    pole, other = np.where(zero, rest, 1), np.where(zero, 1, rest)
    at_pole = special.poch(k + 1, pole - 1) * _rgamma_slope(pole, special.rgamma(pole))
    return np.where(zero, at_pole, -y * special.digamma(other))


derivative(
    special.binom,
    lambda g, y, n, k: g * (y * special.digamma(typed(n + 1, g)) + _binom_share(y, n, k, g)),
    lambda g, y, n, k: -g * (y * special.digamma(typed(k + 1, g)) + _binom_share(y, n, k, g)),
)

# --- zeta functions: scipy.special.zeta(x, q) is Hurwitz's, zeta(x) Riemann's

written[ZETA] = written[_RIEMANN_ZETA] = "scipy.special.zeta"
derivative(ZETA, None, lambda g, _y, x, q: -scale(g * x, special.zeta(x + 1, q)))
declare(ZETA, _RIEMANN_ZETA, refusal="SciPy has no derivative of the zeta functions with respect to x")
