"""The light in images: brightness, contrast, noise."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import InputError
from .images import as_floats, checked, each, float_type, like


def brightness(x: Any, rng: np.random.Generator, strength: float = 0.2) -> np.ndarray:
    """Make images darker or lighter: `x * factor`, (N, C, H, W) -> the same shape and type.

    Bytes and other integers are rounded and stay in their range; floating-point numbers may leave [0, 1].

    Args:
        strength: factors are drawn from [1 - strength, 1 + strength], one for each image.

    Raises:
        InputError: no images, or a negative strength.

    >>> brightness(np.full((2, 1, 1, 1), 200, np.uint8), np.random.default_rng(0), 0.5).ravel()
    array([227, 154], dtype=uint8)
    """
    x = checked(x, rng)
    return like(as_floats(x) * _factors(x, rng, strength), x)


def contrast(x: Any, rng: np.random.Generator, strength: float = 0.2) -> np.ndarray:
    """Bring the numbers of each image nearer to their mean, or away from it: `mean + (x - mean) * factor`, (N, C, H, W)
    -> the same shape and type.

    Args:
        strength: factors are drawn from [1 - strength, 1 + strength], one for each image.

    Raises:
        InputError: no images, or a negative strength.

    >>> contrast(np.array([0.0, 1.0]).reshape(1, 1, 1, 2), np.random.default_rng(0), 0.5).round(2)
    array([[[[-0.07,  1.07]]]])
    """
    x = checked(x, rng)
    floats = as_floats(x)
    mean = floats.sum((1, 2, 3), keepdims=True) / max(floats[:1].size, 1)
    return like(mean + (floats - mean) * _factors(x, rng, strength), x)


def noise(x: Any, rng: np.random.Generator, std: float) -> np.ndarray:
    """Add normal noise to each number: (N, C, H, W) -> the same shape and type.

    Args:
        std: the standard deviation, in the units of the images: for bytes 255 times what it is for numbers up to 1.

    Raises:
        InputError: no images, or a negative deviation.

    >>> noise(np.zeros((1, 1, 1, 2)), np.random.default_rng(0), std=0.1).round(3)
    array([[[[ 0.013, -0.013]]]])
    """
    x = checked(x, rng)
    if not std >= 0:
        raise InputError(f"the standard deviation of noise is 0 or more, not {std}")
    floats = as_floats(x)
    return like(floats + std * rng.standard_normal(x.shape).astype(floats.dtype), x)


def _factors(x: np.ndarray, rng: np.random.Generator, strength: float) -> np.ndarray:
    if not strength >= 0:
        raise InputError(f"the strength of a change is 0 or more, not {strength}")
    return each(rng.uniform(1 - strength, 1 + strength, len(x))).astype(float_type(x))
