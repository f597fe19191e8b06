"""What is hidden from the model: squares of images."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import InputError
from .images import checked


def cutout(x: Any, rng: np.random.Generator, size: int, fill: float = 0) -> np.ndarray:
    """Hide a square of each image: (N, C, H, W) -> the same shape and type (DeVries and Taylor, "Improved
    regularization of convolutional neural networks with cutout", 2017).

    The centre is any pixel, so part of the square may lie outside.

    Args:
        size: of the square, in pixels, 1 or more.
        fill: what is put in its place.

    Raises:
        InputError: no images, or a size below 1.

    >>> cutout(np.ones((1, 1, 3, 4), int), np.random.default_rng(0), size=2)
    array([[[[1, 1, 1, 1],
             [1, 0, 0, 1],
             [1, 0, 0, 1]]]])
    """
    x = checked(x, rng)
    if not isinstance(size, (int, np.integer)) or size < 1:
        raise InputError(f"the size of a square is a whole number of pixels, 1 or more, not {size!r}")

    def inside(n: int) -> np.ndarray:
        """For each image, which of n places along an axis lie in its square: (N, n)."""
        begin = rng.integers(0, max(n, 1), len(x)) - size // 2
        return (begin[:, None] <= np.arange(n)) & (np.arange(n) < begin[:, None] + size)

    rows, columns = inside(x.shape[2]), inside(x.shape[3])
    hidden = rows[:, None, :, None] & columns[:, None, None, :]
    return np.where(hidden, x.dtype.type(fill), x)
