"""Average pooling: the mean of each window, and other norms of it."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import InputError
from ...habits import knows_habits
from ...ops.windows import windows
from ...values.creation import in_type
from ..checks import floating, weak, widened
from ..convolution.windowing import Padding, Size
from .pool import elements, pool_grid


def avg_pool1d(
    x: Any, kernel: Size, stride: Size | None = None, padding: Padding = 0, *, count_padding: bool = True
) -> Any:
    """The mean of each window of sequences, (N, C, W) -> (N, C, positions). Options and numbers as in `avg_pool2d`.

    >>> avg_pool1d(np.array([[[1.0, 3.0, 2.0, 4.0]]]), 2)
    array([[[2., 3.]]])
    """
    return _avg_pool(1, x, kernel, stride, padding, count_padding)


@knows_habits
def avg_pool2d(
    x: Any, kernel: Size, stride: Size | None = None, padding: Padding = 0, *, count_padding: bool = True
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
    return _avg_pool(2, x, kernel, stride, padding, count_padding)


def avg_pool3d(
    x: Any, kernel: Size, stride: Size | None = None, padding: Padding = 0, *, count_padding: bool = True
) -> Any:
    """The mean of each window of volumes, (N, C, D, H, W) -> (N, C, *positions). Options and numbers as in
    `avg_pool2d`.

    >>> avg_pool3d(np.arange(8.0).reshape(1, 1, 2, 2, 2), 2)
    array([[[[[3.5]]]]])
    """
    return _avg_pool(3, x, kernel, stride, padding, count_padding)


def _avg_pool(dims: int, x: Any, kernel: Size, stride: Size | None, padding: Padding, count_padding: bool) -> Any:
    (x,) = floating(x)
    grid = pool_grid(dims, x, kernel, stride, padding)
    columns = elements(windows(x, *grid), grid)
    if count_padding:
        return np.moveaxis(np.mean(columns, axis=1), -1, 0)
    real = np.sum(elements(windows(widened(np.ones((1, 1, *x.shape[2:]), x.dtype)), *grid), grid), axis=1)
    means = np.sum(widened(columns), axis=1) / real
    return np.moveaxis(in_type(means, x.dtype), -1, 0)


def lp_pool1d(x: Any, p: float, kernel: Size, stride: Size | None = None) -> Any:
    """The p-norm of each window of sequences, (N, C, W) -> (N, C, positions). Options and numbers as in `lp_pool2d`.

    >>> lp_pool1d(np.array([[[3.0, -4.0, 5.0, 12.0]]]), 2, 2)
    array([[[ 5., 13.]]])
    """
    return _lp_pool(1, x, p, kernel, stride)


def lp_pool2d(x: Any, p: float, kernel: Size, stride: Size | None = None) -> Any:
    """The p-norm of each window, `(sum |x|^p)^(1/p)`: between the sum (p = 1) and the maximum (p = inf) of sizes
    (Sermanet, Chintala and LeCun, "Convolutional neural networks applied to house numbers", 2012).

    Args:
        x: (N, C, H, W), real or complex numbers; N and C may be 0. Integers and bools are taken as float64.
        p: a number of 1 or more, or np.inf.
        kernel, stride: as in `max_pool2d`.

    >>> lp_pool2d(np.array([[[[1.0, -1.0], [1.0, 1.0]]]]), 2, 2)
    array([[[[2.]]]])
    """
    return _lp_pool(2, x, p, kernel, stride)


def _lp_pool(dims: int, x: Any, p: float, kernel: Size, stride: Size | None) -> Any:
    (x,) = floating(x)
    if not p >= 1:
        raise InputError(f"p of a p-norm is 1 or more, not {p}")
    grid = pool_grid(dims, x, kernel, stride, 0)
    norms = np.linalg.norm(elements(windows(widened(x), *grid), grid), weak(p), axis=1)
    return np.moveaxis(in_type(norms, x.dtype), -1, 0)
