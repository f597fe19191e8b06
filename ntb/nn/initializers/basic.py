"""Initializers whose numbers do not depend on the shape: constant, or drawn from a distribution that is given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ... import random
from ...errors import InputError
from ..checks import checked_shape, floating_type

Initializer = Callable[..., Any]
Shape = Sequence[int] | int


def constant(shape: Shape, value: float = 0.0, *, rng: random.Generator | None = None, dtype: Any = np.float32) -> Any:
    """The same value everywhere in an array of that shape.

    >>> constant((2,), 0.5)
    array([0.5, 0.5], dtype=float32)
    """
    return np.full(checked_shape(shape), value, dtype)


def normal(
    shape: Shape, mean: float = 0.0, std: float = 1.0, *, rng: random.Generator | None = None, dtype: Any = np.float32
) -> Any:
    """Normally distributed, of the type `dtype`, with a standard deviation of 0 or more.

    >>> normal((2, 3), std=0.01).shape
    (2, 3)
    """
    if not std >= 0:
        raise InputError(f"a standard deviation is not negative, as {std} is")
    dtype = floating_type(dtype)
    return (rng or random.default()).normal(mean, std, size=checked_shape(shape)).astype(dtype)


def truncated_normal(
    shape: Shape,
    mean: float = 0.0,
    std: float = 1.0,
    low: float = -2.0,
    high: float = 2.0,
    *,
    rng: random.Generator | None = None,
    dtype: Any = np.float32,
) -> Any:
    """Normally distributed, of the type `dtype`, in an array of that shape; what is less than `low` or more than `high`
    standard deviations from the mean is drawn again.

    >>> bool(np.all(np.abs(truncated_normal((1000,), std=0.5)) <= 1))
    True
    """
    if not low < high:
        raise InputError(f"truncated_normal draws between a lower bound and an upper one, not {low} and {high}")
    rng = rng or random.default()
    x = normal(shape, rng=rng, dtype=float)
    for _ in range(_MOST):
        outside = (x < low) | (x > high)
        if not np.any(outside):
            return (mean + std * x).astype(floating_type(dtype))
        x = np.where(outside, rng.normal(size=x.shape), x)
    raise InputError(f"hardly any number is between {low} and {high} standard deviations from the mean")


_MOST = 10_000
"""How often numbers are drawn again."""


def uniform(
    shape: Shape, low: float = -1.0, high: float = 1.0, *, rng: random.Generator | None = None, dtype: Any = np.float32
) -> Any:
    """Uniform between low and high, of the type `dtype`, in an array of that shape.

    >>> bool(np.all(uniform((3, 2), 0, 1) >= 0))
    True
    """
    dtype = floating_type(dtype)
    return (rng or random.default()).uniform(low, high, size=checked_shape(shape)).astype(dtype)
