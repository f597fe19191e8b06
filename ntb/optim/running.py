"""Running means, and Adam's step, each in one pass through memory: large parameters do not fit the cache."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..ops.special import blocks
from ..tape.rules import derivative, primitive


@primitive(elementwise=True)
def toward(a: Any, b: Any, weight: float, out: Any = None) -> Any:
    """(1 - weight) a + weight b, as a + weight (b - a).

    >>> toward(np.array([0.0]), np.array([2.0]), 0.25)
    array([0.5])
    """
    out = np.empty_like(a) if out is None else out
    for u, y, start, end in blocks(out, a, b):
        np.subtract(end, start, u)
        np.multiply(u, weight, u)
        np.add(start, u, y)
    return out


@primitive(elementwise=True)
def toward_square(a: Any, b: Any, weight: float, out: Any = None) -> Any:
    """(1 - weight) a + weight b^2."""
    out = np.empty_like(a) if out is None else out
    for u, y, start, root in blocks(out, a, b):
        np.multiply(root, root, u)
        np.subtract(u, start, u)
        np.multiply(u, weight, u)
        np.add(start, u, y)
    return out


@primitive(elementwise=True)
def over_root(m: Any, v: Any, size: Any, eps: Any, out: Any = None) -> Any:
    """size m / (sqrt(v) + eps)."""
    out = np.empty_like(m) if out is None else out
    for root, scaled, y, mean, square in blocks(out, m, v, spare=2):
        np.sqrt(square, root)
        np.add(root, eps, root)
        np.multiply(mean, size, scaled)
        np.divide(scaled, root, y)
    return out


derivative(toward, lambda g, _y, _a, _b, weight: g * (1 - weight), lambda g, _y, _a, _b, weight: g * weight, None)
derivative(
    toward_square,
    lambda g, _y, _a, _b, weight: g * (1 - weight),
    lambda g, _y, _a, b, weight: g * b * (2 * weight),
    None,
)
derivative(
    over_root,
    lambda g, _y, _m, v, size, eps: over_root(g, v, size, eps),
    lambda g, y, _m, v, _size, eps: g * y * (-0.5) / (np.sqrt(v) * (np.sqrt(v) + eps)),
    lambda g, _y, m, v, _size, eps: g * m / (np.sqrt(v) + eps),
    None,
    broadcasts=True,
)
