"""The size and the direction of arrays, of real or complex numbers of any shape."""

from __future__ import annotations

from typing import Any

import numpy as np

from .precision import squares


def norm(x: Any) -> Any:
    """The root of the sum of |x|^2."""
    return np.sqrt(np.sum(squares(x)))


def root_mean_square(x: Any) -> Any:
    """The root of the mean of |x|^2; 0 of nothing."""
    return norm(x) / max(x.size, 1) ** 0.5


def direction(x: Any) -> Any:
    """Each number divided by its size: the sign of a real one; 0 of 0."""
    if x.dtype.kind != "c":
        return np.sign(x)
    size = np.abs(x)
    return x / np.where(size == 0, 1, size)
