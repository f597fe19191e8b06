"""What the functions of augmentation share: a look at the images, and the way back to their element type."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import InputError, describe
from ...nn.checks import as_array


def checked(x: Any, rng: Any) -> np.ndarray:
    """Images (N, C, H, W) as an array of integers or floating-point numbers."""
    if not isinstance(rng, np.random.Generator):
        raise InputError(f"images are changed as a generator draws, np.random.default_rng(0), not {describe(rng)}")
    array = np.asarray(as_array(x, "a batch of images"))
    if array.ndim != 4 or array.dtype.kind not in "iuf":
        raise InputError(
            f"images are numbers of shape (N, C, H, W), not {describe(array)}; one image gets its first axis by x[None]"
        )
    return array


def float_type(images: np.ndarray) -> np.dtype:
    """The type to compute in: float32, or float64 where that is too coarse."""
    return np.result_type(images.dtype, np.float32)


def as_floats(images: np.ndarray) -> np.ndarray:
    """The numbers to compute with."""
    return images.astype(float_type(images), copy=False)


def like(result: np.ndarray, images: np.ndarray) -> np.ndarray:
    """The result in the images' element type; integers are rounded, and cut off at the ends of their range."""
    if images.dtype.kind in "iu":
        ends = np.iinfo(images.dtype)
        result = np.clip(np.rint(result), ends.min, ends.max)
    return result.astype(images.dtype)


def each(values: np.ndarray) -> np.ndarray:
    """One number per image (N,), to be combined with images: (N, 1, 1, 1)."""
    return values[:, None, None, None]
