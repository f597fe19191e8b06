"""Pixels from channels and back, without a change of any number: reshapes with the axes in another order."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import InputError
from ..checks import as_array, whole_number


def pixel_shuffle(x: Any, factor: int) -> Any:
    """Each block of r * r channels becomes blocks of r * r pixels: (N, C r r, H, W) -> (N, C, H r, W r) (Shi et al.,
    "Real-time single image and video super-resolution", 2016).

        y[n, c, i r + k, j r + l] = x[n, c r r + k r + l, i, j]

    Args:
        x: numbers of any type, which the result keeps; any axis may be 0.
        factor: r, 1 or more.

    Raises:
        InputError: an x that is no images; channels that r * r does not divide.

    >>> pixel_shuffle(np.arange(4.0).reshape(1, 4, 1, 1), 2)
    array([[[[0., 1.],
             [2., 3.]]]])
    """
    x, r = as_array(x), whole_number(factor, "factor")
    if x.ndim != 4 or x.shape[1] % (r * r):
        raise InputError(f"pixel_shuffle takes x (N, C, H, W) whose channels are divided by {r} * {r}, not {x.shape}")
    n, c, h, w = x.shape
    blocks = np.reshape(x, (n, c // (r * r), r, r, h, w))
    return np.reshape(np.transpose(blocks, (0, 1, 4, 2, 5, 3)), (n, c // (r * r), h * r, w * r))


def pixel_unshuffle(x: Any, factor: int) -> Any:
    """The inverse of `pixel_shuffle`, also called space to depth: (N, C, H r, W r) -> (N, C r r, H, W).

    Args:
        x: numbers of any type, which the result keeps; any axis may be 0.
        factor: r, 1 or more.

    Raises:
        InputError: an x that is no images; a height or width that r does not divide.

    >>> pixel_unshuffle(np.array([[[[0.0, 1.0], [2.0, 3.0]]]]), 2).ravel()
    array([0., 1., 2., 3.])
    """
    x, r = as_array(x), whole_number(factor, "factor")
    if x.ndim != 4 or x.shape[2] % r or x.shape[3] % r:
        raise InputError(f"pixel_unshuffle takes x (N, C, H, W) of a height and width that {r} divides, not {x.shape}")
    n, c, h, w = x.shape
    blocks = np.reshape(x, (n, c, h // r, r, w // r, r))
    return np.reshape(np.transpose(blocks, (0, 1, 3, 5, 2, 4)), (n, c * r * r, h // r, w // r))
