"""The slopes of the inverse trigonometric and hyperbolic functions, as functions of their own.

They are written so that no square overflows where the slope itself is a number of the dtype, and their derivatives in
terms of themselves: a slope of 0 at infinity, or of infinity at the end of the domain, then has a derivative, too.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..blockwise import blockwise
from ..primitive import primitive
from ..tape.rules import derivative
from .safe import inverse_root, scale


@primitive(elementwise=True)
def arctan_slope(x: Any, out: Any = None) -> Any:
    """1 / (1 + x²).

    >>> arctan_slope(np.array([1.0, 1e160, np.inf]))
    array([5.e-001, 1.e-320, 0.e+000])
    """
    if np.iscomplexobj(x):
        return np.reciprocal(1 + x * x, out=out)
    out = np.empty_like(x) if out is None else out
    blockwise(arctan_slope_block, out, x, spare=2)
    return out


def arctan_slope_block(q: Any, s: Any, y: Any, a: Any) -> None:
    """With q = 1 / max(|x|, 1) and s = min(|x|, 1) the slope is q² / (q² + s²)."""
    shares_block(q, s, a)
    np.multiply(q, q, q)
    np.multiply(s, s, s)
    np.add(q, s, s)
    np.divide(q, s, y)


def shares_block(q: Any, s: Any, a: Any) -> None:
    """Two numbers not above 1, which are to each other as 1 to |x|."""
    np.absolute(a, s)
    np.maximum(s, 1, out=q)
    np.reciprocal(q, q)
    np.minimum(s, 1, out=s)


@primitive(elementwise=True)
def arcsinh_slope(x: Any, out: Any = None) -> Any:
    """1 / √(1 + x²).

    >>> arcsinh_slope(np.array([0.0, 1e200, np.inf]))
    array([1.e+000, 1.e-200, 0.e+000])
    """
    if np.iscomplexobj(x):
        return np.reciprocal(np.sqrt(x * x + 1), out=out)
    out = np.empty_like(x) if out is None else out
    blockwise(arcsinh_slope_block, out, x, spare=2)
    return out


def arcsinh_slope_block(q: Any, s: Any, y: Any, a: Any) -> None:
    """With q = 1 / max(|x|, 1) and s = min(|x|, 1) the slope is q / √(q² + s²)."""
    shares_block(q, s, a)
    np.multiply(s, s, s)
    np.multiply(q, q, y)
    np.add(s, y, s)
    np.sqrt(s, s)
    np.divide(q, s, y)


@primitive(elementwise=True)
def arccosh_slope(x: Any) -> Any:
    """1 / √(x² - 1), which is the product of two roots for complex numbers, too.

    >>> arccosh_slope(np.array([1.0, 1e200, np.inf]))
    array([   inf, 1.e-200, 0.e+000])
    """
    return inverse_root(x - 1) * inverse_root(x + 1)


@primitive(elementwise=True)
def arcsin_slope(x: Any) -> Any:
    """1 / √(1 - x²).

    >>> arcsin_slope(np.array([0.0, 0.6, 1.0]))
    array([1.  , 1.25,  inf])
    """
    return inverse_root((1 - x) * (1 + x))


@primitive(elementwise=True)
def arctanh_slope(x: Any) -> Any:
    """1 / (1 - x²), without a warning where it is infinite.

    >>> arctanh_slope(np.array([0.0, 0.5, 1.0]))
    array([1.        , 1.33333333,        inf])
    """
    with np.errstate(divide="ignore"):
        return np.reciprocal((1 - x) * (1 + x))


def _x_times(x: Any, y: Any) -> Any:
    """x y², where one may be 0 and the other infinite."""
    return scale(scale(x, y), y)


derivative(arctan_slope, lambda g, y, x: g * (-2 * _x_times(x, y)))
derivative(arctanh_slope, lambda g, y, x: scale(g, 2 * _x_times(x, y)))
derivative(arcsinh_slope, lambda g, y, x: g * (-_x_times(x, y) * y))
derivative(arccosh_slope, lambda g, y, x: scale(g, -scale(_x_times(x, y), y)))
derivative(arcsin_slope, lambda g, y, x: scale(g, scale(_x_times(x, y), y)))
