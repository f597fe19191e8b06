"""The size and the direction of arrays, of real or complex numbers of any shape."""

from __future__ import annotations

from typing import Any

import numpy as np

from .precision import in_type_of, squares


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


def trust_ratio(w: Any, u: Any, trust: float = 1.0) -> Any:
    """|w| / |u| times trust, which makes a step u as long as the parameter w is, times trust; 1 if either is 0."""
    long, step = norm(w), norm(u)
    either_is_0 = (long == 0) | (step == 0)
    return in_type_of(w, np.where(either_is_0, 1, trust * long / np.where(either_is_0, 1, step)))
