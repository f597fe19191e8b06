"""sinc and the Bessel function i0, whose derivatives of every order have one formula."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..primitive import primitive
from ..tape.rules import derivative


@primitive(elementwise=True)
def sinc_slope(x: Any, order: int = 1) -> Any:
    """The derivative of sinc of a given order; by its series where the recurrence over orders would lose digits.

    The recurrence is x f = sin(πx)/π differentiated n times: x f⁽ⁿ⁾ + n f⁽ⁿ⁻¹⁾ = πⁿ⁻¹ sin(πx + nπ/2).

    >>> float(sinc_slope(1.0))
    -1.0
    """
    near = np.abs(x) < 1
    small, large = np.where(near, x, 0), np.where(near, 1, x)
    slope = np.sinc(large)
    for n in range(1, order + 1):
        slope = (math.pi ** (n - 1) * np.sin(math.pi * large + n * (math.pi / 2)) - n * slope) / large
    series = np.zeros_like(small)
    for m in range(14 + order, (order - 1) // 2, -1):  # Σ (-1)^m π^2m x^(2m-n) / (2m+1) / (2m-n)!
        term = (-1) ** m * math.pi ** (2 * m) / (2 * m + 1) / math.factorial(2 * m - order)
        series = series * np.square(small) + term
    return np.where(near, series * small if order % 2 else series, slope)[()]


@primitive(elementwise=True)
def i0_slope(x: Any, order: int = 1) -> Any:
    """The derivative of a given order of the Bessel function i0: the mean of cosⁿθ exp(x cosθ) over the circle.

    With equidistant points the mean converges faster than any power of their number (Trefethen, Weideman: The
    exponentially convergent trapezoidal rule, 2014); 256 points on the circle suffice up to where i0 overflows.

    >>> round(float(i0_slope(1.0)), 12)
    0.565159103992
    """
    half = np.sinh if order % 2 else np.cosh  # by symmetry a quarter of the circle is enough
    if getattr(x, "dtype", None) == np.float16:  # its sums are beyond it long before their mean is
        with np.errstate(over="ignore"):
            return i0_slope(x.astype(np.float32), order).astype(x.dtype)
    with np.errstate(over="ignore"):
        total = 0.5 * half(x)
        for j in range(1, 64):
            cosine = math.cos(math.pi * j / 128)
            total = total + cosine**order * half(cosine * x)
        return total / 64


derivative(np.sinc, lambda g, _y, x: g * sinc_slope(x))
derivative(sinc_slope, lambda g, _y, x, order=1: g * sinc_slope(x, order + 1))
derivative(np.i0, lambda g, _y, x: g * i0_slope(x))
derivative(i0_slope, lambda g, _y, x, order=1: g * i0_slope(x, order + 1))
