"""Pooling: one number for each window, or for each channel."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..errors import InputError
from ..ops.pooling import window_max
from ..ops.windows import windows
from .checks import as_array, floating, in_type, real_numbers, widened
from .conv import Padding, Size, window_layout


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
    size, steps, borders, _ = _pool_layout(x, kernel, stride, padding)
    return window_max(x, size, steps, borders, ties)


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
    layout = _pool_layout(x, kernel, stride, padding)
    columns = windows(x, *layout)
    columns = np.reshape(columns, (columns.shape[0], math.prod(layout[0]), *columns.shape[3:]))
    if count_padding:
        return np.moveaxis(np.mean(columns, axis=1), -1, 0)
    real = np.sum(windows(widened(np.ones((1, 1, *x.shape[2:]), x.dtype)), *layout), axis=(1, 2))
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


def _pool_layout(x: Any, kernel: Size, stride: Size | None, padding: Padding) -> tuple:
    """Kernel, stride, padding and dilation per axis, checked."""
    if x.ndim != 4 or not math.prod(x.shape[2:]):
        raise InputError(
            f"pooling of images takes x of shape (N, C, H, W) with pixels in it, not {x.shape}; "
            "x[None] is a batch of one"
        )
    layout = window_layout(x.shape[2:], kernel, kernel if stride is None else stride, padding, 1)
    for size, border in zip(layout[0], layout[2]):
        if max(border) >= size:
            raise InputError(
                f"padding {layout[2]} would make windows of nothing but padding; keep it below the kernel's size"
            )
    return layout
