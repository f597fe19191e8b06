"""Initialisers of the earlier form: functions without arguments, which draw from NumPy's global generator."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

Initializer = Callable[[], np.ndarray]


def const_init(c: Any, shape: Sequence[int] | None = None) -> Initializer:
    """The array c itself (a copy), or, with a shape, that filled with the number c.

    >>> const_init(2.0, (3,))()
    array([2., 2., 2.])
    """
    array = np.array(c)
    return lambda: array.copy() if shape is None else np.full(tuple(shape), c)


def normal_init(mean: float = 0.0, std: float = 1.0, shape: Sequence[int] = ()) -> Initializer:
    """Normal numbers, clipped to 4 standard deviations around *zero*, as `ntb.nn.initializers.normal` are not.

    >>> normal_init(mean=10.0, shape=(2,))()
    array([4., 4.])
    """
    return lambda: np.clip(np.random.normal(mean, std, tuple(shape)), -4 * std, 4 * std)


def xavier_init(shape: Sequence[int]) -> Initializer:
    """Normal numbers of standard deviation sqrt(2 / (fan_in + fan_out)), clipped at 4 of them (Glorot, Bengio 2010).

    The sum of the fans is shape[0] + prod(shape[1:]), of filters too; a scalar has the deviation 0.1.
    """
    shape = tuple(shape)
    std = math.sqrt(2 / (shape[0] + math.prod(shape[1:]))) if shape else 0.1
    return normal_init(std=std, shape=shape)
