"""Maximum pooling: the greatest number of each window (`average.py` has its mean, `adaptive.py` one of all)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...errors import InputError
from ...forms import block
from ...habits import knows_habits
from ...ops.windows import Grid, windows
from ..checks import as_array, floating, real_numbers
from ..convolution.windowing import Padding, Size, window_grid


@block
def window_max(x: Any, grid: Grid, ties: str = "split") -> Any:
    """The maximum of each window of images of any number of axes; `max_pool2d` tells what `ties` means.

    Args:
        x: (N, C, *space).
        grid: where the windows lie. Padding has the lowest number that there is, so that it is no maximum; only in a
            window of nothing but -inf it takes a share of the gradient, which the tuned form does not give it.

    Returns:
        (N, C, *positions).
    """
    lowest = -math.inf if x.dtype.kind == "f" else np.iinfo(x.dtype).min
    columns = elements(windows(x, *grid, fill=lowest), grid)
    if ties == "split":
        greatest = np.max(columns, axis=1)
    else:
        first = np.expand_dims(np.argmax(columns, axis=1), 1)
        greatest = np.squeeze(np.take_along_axis(columns, first, axis=1), 1)
    return np.moveaxis(greatest, -1, 0)


def elements(columns: Any, grid: Grid) -> Any:
    """The elements of each window along one axis: (C, *kernel, *positions, N) -> (C, elements, *positions, N)."""
    dims = len(grid.kernel)
    return np.reshape(columns, (columns.shape[0], math.prod(grid.kernel), *columns.shape[1 + dims :]))


def max_pool1d(x: Any, kernel: Size, stride: Size | None = None, padding: Padding = 0, *, ties: str = "split") -> Any:
    """The maximum of each window of sequences, (N, C, W) -> (N, C, positions). Options and numbers as in `max_pool2d`.

    >>> max_pool1d(np.array([[[1.0, 4.0, 2.0, 3.0]]]), 2)
    array([[[4., 3.]]])
    """
    return _max_pool(1, x, kernel, stride, padding, ties)


@knows_habits
def max_pool2d(x: Any, kernel: Size, stride: Size | None = None, padding: Padding = 0, *, ties: str = "split") -> Any:
    """The maximum of each window.

    Args:
        x: (N, C, H, W), real numbers; N and C may be 0.
        kernel: the window's size, an int or (KH, KW).
        stride: the distance between windows; by default the kernel's size, so that windows do not overlap.
        padding: as in `conv2d`; padding is never a maximum.
        ties: where several elements are the maximum, "split" gives each an equal share of the gradient, "first" all of
            it to the first in reading order.

    Returns:
        (N, C, positions down, positions across), of the dtype of x.

    >>> max_pool2d(np.arange(16.0).reshape(1, 1, 4, 4), 2)
    array([[[[ 5.,  7.],
             [13., 15.]]]])

    Max unpooling, which puts numbers back where the maxima were, is its adjoint at x:

    >>> import ntb
    >>> x = np.array([[[[1.0, 4.0], [2.0, 3.0]]]])
    >>> _, unpool = ntb.vjp(lambda x: max_pool2d(x, 2, ties="first"), x)
    >>> unpool(np.array([[[[5.0]]]]))[0]
    array([[[[0., 5.],
             [0., 0.]]]])
    """
    return _max_pool(2, x, kernel, stride, padding, ties)


def max_pool3d(x: Any, kernel: Size, stride: Size | None = None, padding: Padding = 0, *, ties: str = "split") -> Any:
    """The maximum of each window of volumes, (N, C, D, H, W) -> (N, C, *positions). Options and numbers as in
    `max_pool2d`.

    >>> max_pool3d(np.arange(8.0).reshape(1, 1, 2, 2, 2), 2)
    array([[[[[7.]]]]])
    """
    return _max_pool(3, x, kernel, stride, padding, ties)


def _max_pool(dims: int, x: Any, kernel: Size, stride: Size | None, padding: Padding, ties: str) -> Any:
    x = real_numbers(as_array(x), "maxima")
    x = floating(x)[0] if x.dtype == bool else x
    if ties not in ("split", "first"):
        raise InputError(f'ties is "split" or "first", not {ties!r}')
    return window_max(x, pool_grid(dims, x, kernel, stride, padding), ties)


_FIELDS = {1: "sequences takes x of shape (N, C, W)", 2: "images takes x of shape (N, C, H, W)",
           3: "volumes takes x of shape (N, C, D, H, W)"}  # fmt: skip


def pool_grid(dims: int, x: Any, kernel: Size, stride: Size | None, padding: Padding) -> Grid:
    """Where the windows lie, checked."""
    if x.ndim != dims + 2 or not math.prod(x.shape[2:]):
        raise InputError(f"pooling of {_FIELDS[dims]} with pixels in it, not {x.shape}; x[None] is a batch of one")
    grid = window_grid(x.shape[2:], kernel, kernel if stride is None else stride, padding, 1)
    for size, border in zip(grid.kernel, grid.padding):
        if max(border) >= size:
            raise InputError(
                f"padding {grid.padding} would make windows of nothing but padding; keep it below the kernel's size"
            )
    return grid
