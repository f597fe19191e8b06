"""Products and quotients for derivative rules, which stay finite where the mathematics has a limit.

`np.where(x > 0, np.sqrt(x), 0)` sends the gradient 0 to the square root at x = 0, where the slope is infinite, and
0 * inf would be NaN. These primitives define zero times infinity, without a warning, for every order.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..primitive import primitive
from ..tape.rules import derivative


@primitive(elementwise=True)
def scale(g: Any, slope: Any) -> Any:
    """`g * slope`, but 0 wherever one of them is 0, even if the other is infinite.

    >>> scale(np.array([0.0, 2.0]), np.array([np.inf, 3.0]))
    array([0., 6.])
    """
    with np.errstate(all="ignore"):
        product = np.multiply(g, slope)
    if np.all(np.isfinite(product)):
        return product
    return np.where(np.logical_or(np.equal(g, 0), np.equal(slope, 0)), 0, product)[()]


@primitive(elementwise=True)
def safe_divide(g: Any, d: Any) -> Any:
    """`g / d`, but 0 wherever `g` is 0, even if the divisor is 0 or NaN.

    >>> safe_divide(np.array([0.0, 2.0]), np.array([0.0, 4.0]))
    array([0. , 0.5])
    """
    with np.errstate(all="ignore"):
        quotient = np.divide(g, d)
    if np.all(np.isfinite(quotient)):
        return quotient
    return np.where(np.equal(g, 0), 0, quotient)[()]


@primitive(elementwise=True)
def divide_or_zero(a: Any, d: Any) -> Any:
    """`a / d`, but 0 wherever `d` is 0: the direction of a vector of length zero is no direction.

    >>> divide_or_zero(np.array([1.0, 2.0]), np.array([0.0, 4.0]))
    array([0. , 0.5])
    """
    return np.divide(a, d if np.all(d) else np.where(np.equal(d, 0), np.inf, d))


@primitive(elementwise=True)
def difference(a: Any, b: Any) -> Any:
    """`a - b`, but 0 wherever they are equal, even if both are infinite.

    >>> difference(np.array([-np.inf, 3.0]), np.array([-np.inf, 1.0]))
    array([0., 2.])
    """
    with np.errstate(invalid="ignore"):
        d = np.subtract(a, b)
    return np.where(np.equal(a, b), 0, d)[()]


@primitive(elementwise=True)
def inverse_root(x: Any) -> Any:
    """1 / √x, without a warning at 0 and below.

    >>> inverse_root(np.array([0.0, 4.0]))
    array([inf, 0.5])
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.divide(1, np.sqrt(x))


derivative(scale, lambda g, _y, _g, slope: scale(g, slope), lambda g, _y, g_in, _slope: scale(g, g_in), broadcasts=True)
derivative(
    safe_divide,
    lambda g, _y, _g, d: safe_divide(g, d),
    lambda g, y, _g, d: -safe_divide(scale(y, g), d),
    broadcasts=True,
)
derivative(
    divide_or_zero,
    lambda g, _y, _a, d: divide_or_zero(g, d),
    lambda g, y, _a, d: -divide_or_zero(g * y, d),
    broadcasts=True,
)
derivative(difference, lambda g, _y, _a, _b: g, lambda g, _y, _a, _b: -g, broadcasts=True)
derivative(inverse_root, lambda g, y, _x: scale(scale(g * -0.5, y), y * y))
