"""The gamma and beta functions and their kin."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import scipy.special
from scipy import special

from ...tape.rules import derivative, primitive, refuse, written
from ..special import floating
from .elementary import only_real

ZETA = special._ufuncs._zeta
RIEMANN_ZETA = special._ufuncs._riemann_zeta


def typed(a: Any, g: Any) -> Any:
    """A parameter that is a Python number as an array of the gradient's dtype: what SciPy makes of it is no wider."""
    return a if hasattr(a, "dtype") else np.asarray(a, g.dtype)


@primitive
def polygamma(n: Any, x: Any) -> Any:
    """The derivative of order n of digamma: integers n >= 0 and real x broadcast against each other.

    >>> polygamma(1, np.array([1.0]))
    array([1.64493407])
    """
    x = floating(x)
    return scipy.special.polygamma(n, x).astype(x.dtype)[()]


derivative(polygamma, None, lambda g, _y, n, x: g * polygamma(n + 1, x), broadcasts=True)


def digamma_rule(g, _y, x):
    only_real("digamma", x)
    return g * polygamma(1, x)


def rgamma_rule(g, y, x):
    """-ψ(x) / Γ(x), below ½ by the reflection 1/Γ(x) = Γ(1 - x) sin(πx) / π, which has no poles there."""
    if x.dtype.kind == "c":
        return -g * y * special.digamma(x)
    left = x < 0.5
    low, high = np.where(left, x, 0.5), np.where(left, 0.5, x)
    reflected = np.cos(math.pi * low) * special.gamma(1 - low) - y * special.digamma(1 - low)
    return g * np.where(left, reflected, -y * special.digamma(high))


derivative(special.gamma, lambda g, y, x: g * y * special.digamma(x))
derivative(special.gammaln, lambda g, _y, x: g * special.digamma(x))
derivative(special.loggamma, lambda g, _y, x: g * special.digamma(x))
derivative(special.digamma, digamma_rule)
derivative(special.rgamma, rgamma_rule)


def digamma_difference(a: Any, b: Any, g: Any) -> Any:
    return special.digamma(typed(a, g)) - special.digamma(typed(b, g))


derivative(
    special.poch,
    lambda g, y, z, m: g * y * digamma_difference(z + m, z, g),
    lambda g, y, z, m: g * y * special.digamma(typed(z + m, g)),
)
derivative(
    special.beta,
    lambda g, y, a, b: g * y * digamma_difference(a, a + b, g),
    lambda g, y, a, b: g * y * digamma_difference(b, a + b, g),
)
derivative(
    special.betaln,
    lambda g, _y, a, b: g * digamma_difference(a, a + b, g),
    lambda g, _y, a, b: g * digamma_difference(b, a + b, g),
)
derivative(
    special.binom,
    lambda g, y, n, k: g * y * digamma_difference(n + 1, n - k + 1, g),
    lambda g, y, n, k: g * y * digamma_difference(n - k + 1, k + 1, g),
)

# --- zeta functions: scipy.special.zeta(x, q) is Hurwitz's, zeta(x) Riemann's

written[ZETA] = written[RIEMANN_ZETA] = "scipy.special.zeta"
derivative(ZETA, None, lambda g, _y, x, q: -g * x * special.zeta(x + 1, q))
refuse("SciPy has no derivative of the zeta functions with respect to x", ZETA, RIEMANN_ZETA)
