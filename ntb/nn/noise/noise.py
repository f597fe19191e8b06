"""Noise against overfitting. As dropout it is for training; for evaluation leave the call out (the layers do)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ... import random
from ...errors import InputError
from ...values.creation import in_type
from ..checks import as_array, weak
from ..dropout import drawn_for, dropout_mask

_LOWEST = -1.0507009873554805 * 1.6732632423543772
"""What `selu` comes to for numbers that are very negative."""


def alpha_dropout(x: Any, p: Any = 0.5, *, rng: random.Generator | None = None) -> Any:
    """Dropout after `selu` (Klambauer et al., "Self-normalizing neural networks", 2017): dropped elements become the
    least value that `selu` has; then all are scaled and shifted, so that mean 0 and variance 1 stay what they are.

    Args:
        x: any shape, real floating-point numbers of any precision.
        p: the probability of dropping an element, as in `dropout`. With p=1 the result is zeros.
        rng: the generator that draws the elements; by default the one that `ntb.random.seed` seeds.

    >>> alpha_dropout(np.zeros(3), 0.5, rng=random.generator(0))
    array([-0.77919393,  0.77919393,  0.77919393])
    """
    x, kept, drawn = drawn_for(x, p, (), rng)
    mask = dropout_mask(drawn, kept, 1.0, x)
    variance = kept * (1 + _LOWEST * _LOWEST * (1 - kept))
    scale = 1 / np.sqrt(np.maximum(variance, float(np.finfo(x.dtype).tiny)))
    shift = (1 - kept) * _LOWEST  # the mean
    return in_type(scale * (x * mask + _LOWEST * (1 - mask) - shift), x.dtype)


def gaussian_dropout(x: Any, p: float = 0.5, *, rng: random.Generator | None = None) -> Any:
    """Multiply by normally distributed numbers of mean 1 and the variance that dropout has, `p / (1 - p)`, so that no
    element is lost as a whole (Srivastava et al., 2014).

    Args:
        x: any shape, real floating-point numbers of any precision.
        p: the probability of the dropout that it stands for, from 0 to less than 1.
        rng: the generator that draws; by default the one that `ntb.random.seed` seeds.

    Raises:
        InputError: numbers of another kind, or such a p.

    >>> gaussian_dropout(np.ones(2), 0.0)
    array([1., 1.])
    """
    if not 0 <= p < 1:
        raise InputError(f"gaussian_dropout's p is a probability, from 0 to less than 1, not {p}")
    x = _floats(x)
    return x * (1 + _normal(x, math.sqrt(p / (1 - p)), rng))


def gaussian_noise(x: Any, std: float, *, rng: random.Generator | None = None) -> Any:
    """Add normally distributed numbers of mean 0: data that are never twice the same.

    Args:
        x: any shape, real floating-point numbers of any precision.
        std: the standard deviation, not negative.
        rng: the generator that draws; by default the one that `ntb.random.seed` seeds.

    Raises:
        InputError: numbers of another kind, or such a std.

    >>> gaussian_noise(np.ones(2), 0.0)
    array([1., 1.])
    """
    if not std >= 0:
        raise InputError(f"gaussian_noise's std is a standard deviation, 0 or more, not {std}")
    x = _floats(x)
    return x + _normal(x, std, rng)


def _floats(x: Any) -> Any:
    x = as_array(x)
    if x.dtype.kind != "f":
        raise InputError(f"noise is for floating-point numbers, not {x.dtype}; convert x with .astype(np.float32)")
    return x


def _normal(x: Any, std: float, rng: random.Generator | None) -> Any:
    """Normally distributed numbers of mean 0, of the shape and type of x."""
    drawn = (rng or random.default()).normal(size=x.shape, dtype=np.float32 if x.dtype.itemsize < 8 else np.float64)
    return in_type(drawn * weak(std), x.dtype)
