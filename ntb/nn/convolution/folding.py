"""The patches of images as vectors, and back: what convolution and local layers are made of."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ...errors import InputError
from ...ops.windows import positions_of, unwindows, windows
from ..checks import as_array, checked_shape, floating
from .windowing import Size, window_grid


def unfold(x: Any, kernel: Size, *, stride: Size = 1, padding: int | Sequence[Any] = 0, dilation: Size = 1) -> Any:
    """The patches that windows see of each image, as vectors: (N, C, *space) -> (N, C * patch, positions) ("im2col").

    Args:
        x: (N, C, *space), numbers of any type, which the result keeps; sequences, images or volumes.
        kernel, stride, padding, dilation: of the windows, as in `conv2d`.

    Returns:
        (N, C * patch, positions): each column is what one window sees, channel by channel; the windows follow in
        reading order.

    Raises:
        InputError: an x without axes of space, or smaller than a window.

    A layer with filters of its own at every position, known as locally connected, is a product with the patches:

    >>> x, weight = np.ones((1, 2, 4)), np.ones((5, 6, 2))       # filters, patch, positions
    >>> np.einsum("npl,fpl->nfl", unfold(x, 3), weight).shape
    (1, 5, 2)
    """
    x = as_array(x)
    if x.ndim < 3:
        raise InputError(f"unfold takes x of shape (N, C, *space), as images are, not {x.shape}")
    columns = np.moveaxis(windows(x, *window_grid(x.shape[2:], kernel, stride, padding, dilation)), -1, 0)
    patch, positions = columns.shape[1 : x.ndim], columns.shape[x.ndim :]
    return np.reshape(columns, (len(x), math.prod(patch), math.prod(positions)))


def fold(
    x: Any, size: int | Sequence[int], kernel: Size, *,
    stride: Size = 1, padding: int | Sequence[Any] = 0, dilation: Size = 1,
) -> Any:  # fmt: skip
    """The adjoint of `unfold`: patches are added up where they came from, (N, C * patch, positions) -> (N, C, *size).

    Args:
        x: patches as columns, real or complex numbers; integers and bools are taken as float64.
        size: of the images, an entry for each axis of space; a number for sequences.
        kernel, stride, padding, dilation: of the windows, as for `unfold`.

    Raises:
        InputError: an x that is not what `unfold` gives for images of this size.

    >>> x = np.arange(4.0).reshape(1, 1, 4)
    >>> fold(unfold(x, 3), (4,), 3)                            # the middle ones are in two patches
    array([[[0., 2., 4., 3.]]])
    """
    (x,), space = floating(x), checked_shape(size)
    grid = window_grid(space, kernel, stride, padding, dilation)
    positions = positions_of(space, *grid)
    if x.ndim != 3 or x.shape[1] % math.prod(grid.kernel) or x.shape[2] != math.prod(positions):
        raise InputError(
            f"fold takes columns (N, C * {math.prod(grid.kernel)}, {math.prod(positions)}) for images of size {space} "
            f"and this kernel, not {x.shape}"
        )
    columns = np.reshape(x, (len(x), x.shape[1] // math.prod(grid.kernel), *grid.kernel, *positions))
    return unwindows(np.moveaxis(columns, 0, -1), space, *grid)
