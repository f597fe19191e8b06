"""Pooling: one number for each window, or for each channel."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...errors import InputError
from ...forms import block
from ...ops.windows import Grid, windows
from ...values.creation import in_type
from ..checks import as_array, floating, real_numbers, widened
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
    columns = _elements(windows(x, *grid, fill=lowest), grid)
    if ties == "split":
        greatest = np.max(columns, axis=1)
    else:
        first = np.expand_dims(np.argmax(columns, axis=1), 1)
        greatest = np.squeeze(np.take_along_axis(columns, first, axis=1), 1)
    return np.moveaxis(greatest, -1, 0)


def _elements(columns: Any, grid: Grid) -> Any:
    """The elements of each window along one axis: (C, *kernel, *positions, N) -> (C, elements, *positions, N)."""
    dims = len(grid.kernel)
    return np.reshape(columns, (columns.shape[0], math.prod(grid.kernel), *columns.shape[1 + dims :]))


def max_pool2d(x: Any, kernel: Size, *, stride: Size | None = None, padding: Padding = 0, ties: str = "split") -> Any:
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
    """
    x = real_numbers(as_array(x), "maxima")
    x = floating(x)[0] if x.dtype == bool else x
    if ties not in ("split", "first"):
        raise InputError(f'ties is "split" or "first", not {ties!r}')
    return window_max(x, _pool_grid(x, kernel, stride, padding), ties)


def avg_pool2d(
    x: Any, kernel: Size, *, stride: Size | None = None, padding: Padding = 0, count_padding: bool = True
) -> Any:
    """The mean of each window.

    Args:
        x: (N, C, H, W), real or complex numbers; N and C may be 0. Integers and bools are taken as float64.
        kernel, stride, padding: as in `max_pool2d`; padding is zero.
        count_padding: whether padding counts in the mean, as in PyTorch, or only elements of x do.

    >>> avg_pool2d(np.ones((1, 1, 2, 2)), 2, stride=1, padding=1)[0, 0, 0]
    array([0.25, 0.5 , 0.25])
    >>> avg_pool2d(np.ones((1, 1, 2, 2)), 2, stride=1, padding=1, count_padding=False)[0, 0, 0]
    array([1., 1., 1.])
    """
    (x,) = floating(x)
    grid = _pool_grid(x, kernel, stride, padding)
    columns = _elements(windows(x, *grid), grid)
    if count_padding:
        return np.moveaxis(np.mean(columns, axis=1), -1, 0)
    real = np.sum(windows(widened(np.ones((1, 1, *x.shape[2:]), x.dtype)), *grid), axis=(1, 2))
    means = np.sum(widened(columns), axis=1) / real
    return np.moveaxis(in_type(means, x.dtype), -1, 0)


def global_avg_pool(x: Any) -> Any:
    """The mean of each channel: (N, C, *space) -> (N, C). Integers and bools are taken as float64.

    Raises:
        InputError: x has fewer than two axes, or no element in a channel.

    >>> global_avg_pool(np.arange(8.0).reshape(1, 2, 2, 2))
    array([[1.5, 5.5]])
    """
    (x,) = floating(x)
    return np.mean(x, axis=_space(x))


def global_max_pool(x: Any) -> Any:
    """The maximum of each channel: (N, C, *space) -> (N, C), for real numbers.

    Raises:
        InputError: x has fewer than two axes, or no element in a channel.

    >>> global_max_pool(np.arange(8.0).reshape(1, 2, 2, 2))
    array([[3., 7.]])
    """
    x = real_numbers(as_array(x), "maxima")
    return np.max(x, axis=_space(x))


def _space(x: Any) -> tuple[int, ...]:
    """The axes of space."""
    if x.ndim < 2 or not math.prod(x.shape[2:]):
        raise InputError(f"pooling of channels takes x (N, C, *space) with an element in each channel, not {x.shape}")
    return tuple(range(2, x.ndim))


def _pool_grid(x: Any, kernel: Size, stride: Size | None, padding: Padding) -> Grid:
    """Where the windows lie, checked."""
    if x.ndim != 4 or not math.prod(x.shape[2:]):
        raise InputError(
            f"pooling of images takes x of shape (N, C, H, W) with pixels in it, not {x.shape}; "
            "x[None] is a batch of one"
        )
    grid = window_grid(x.shape[2:], kernel, kernel if stride is None else stride, padding, 1)
    for size, border in zip(grid.kernel, grid.padding):
        if max(border) >= size:
            raise InputError(
                f"padding {grid.padding} would make windows of nothing but padding; keep it below the kernel's size"
            )
    return grid
