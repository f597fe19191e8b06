"""SciPy's special functions that are written in Python, as primitives: ntb.scipy.special offers them."""

from __future__ import annotations

from typing import Any

import scipy.special

from ...primitive import primitive
from ...tape.rules import derivative

# --- spherical Bessel functions: derivatives by the neighbouring orders, DLMF 10.51


@primitive(elementwise=True)
def spherical_jn(n: Any, z: Any) -> Any:
    return scipy.special.spherical_jn(n, z)


@primitive(elementwise=True)
def spherical_yn(n: Any, z: Any) -> Any:
    return scipy.special.spherical_yn(n, z)


@primitive(elementwise=True)
def spherical_in(n: Any, z: Any) -> Any:
    return scipy.special.spherical_in(n, z)


@primitive(elementwise=True)
def spherical_kn(n: Any, z: Any) -> Any:
    return scipy.special.spherical_kn(n, z)


def _neighbours(f: Any, one: int, other: int) -> Any:
    """±(n f(n-1) ± (n+1) f(n+1)) / (2n+1), the derivative of f(n); of order 0 the first term is 0."""
    return lambda n, z: (one * n * f(abs(n - 1), z) + other * (n + 1) * f(n + 1, z)) / (2 * n + 1)


slope_jn, slope_yn = _neighbours(spherical_jn, 1, -1), _neighbours(spherical_yn, 1, -1)
slope_in, slope_kn = _neighbours(spherical_in, 1, 1), _neighbours(spherical_kn, -1, -1)

derivative(spherical_jn, None, lambda g, _y, n, z: g * slope_jn(n, z), broadcasts=True)
derivative(spherical_yn, None, lambda g, _y, n, z: g * slope_yn(n, z), broadcasts=True)
derivative(spherical_in, None, lambda g, _y, n, z: g * slope_in(n, z), broadcasts=True)
derivative(spherical_kn, None, lambda g, _y, n, z: g * slope_kn(n, z), broadcasts=True)
