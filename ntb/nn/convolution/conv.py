"""Convolution of sequences, images and volumes.

As everywhere in deep learning, the filter is not flipped: in the language of signals these are cross-correlations.

How the gradient comes about: `windows` lays the patches of an image out as the columns of a matrix, and the convolution
is one product, y = filters @ columns. Both steps are linear, so that each has an adjoint, which takes gradients back:

    of the filters      dy @ columns.T                 each filter has the sum of the patches that it met, times dy
    of the columns      filters.T @ dy                 each patch has the sum of the filters that it met, times dy
    of the image        unwindows(filters.T @ dy)      patches are added up where they overlap

The last line is also what a transposed convolution does (`transposed.py`). There is no rule in this file:
derivatives of all orders follow from those of `matmul`, `windows` and `reshape`. `ntb/tuned/convolution.py` does the
same in less time.

>>> import ntb
>>> x, weight = np.arange(4.0).reshape(1, 1, 2, 2), np.ones((1, 1, 2, 2))
>>> dy = np.array([[[[3.0]]]])
>>> gradient = ntb.grad(lambda x: np.sum(dy * conv2d(x, weight)))(x)
>>> bool(np.all(gradient == ntb.nn.conv_transpose2d(dy, weight)))
True
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...errors import InputError
from ...forms import block
from ...habits import knows_habits
from ...ops.windows import Grid, unwindows, windows
from ..checks import floating
from .windowing import Padding, Size, check_filters, window_grid


@block
def convolve(x: Any, weight: Any, grid: Grid, groups: int) -> Any:
    """The convolution over any number of axes, and of arguments that are checked; `conv2d` has the formula.

    Args:
        x: (N, C, *space).
        weight: (F, C/groups, *kernel).
        grid: where the windows lie.
        groups: of channels; each meets F/groups filters.

    Returns:
        (N, F, *positions).
    """
    columns = np.moveaxis(windows(x, *grid), -1, 0)  # (N, C, *kernel, *positions)
    patch, positions = weight.shape[1:], columns.shape[2 + len(grid.kernel) :]  # a patch is (C/groups, *kernel)
    columns = np.reshape(columns, (len(x), groups, *patch, *positions))
    columns = np.reshape(columns, (len(x), groups, math.prod(patch), math.prod(positions)))
    y = _filters(weight, groups) @ columns  # (N, groups, F/groups, positions)
    return np.reshape(y, (len(x), len(weight), *positions))


@block
def transposed(x: Any, weight: Any, space: tuple, grid: Grid, groups: int) -> Any:
    """The adjoint of `convolve` in the image, step by step back: (N, F, *positions) -> (N, C, *space).

    The weight is that of the convolution, and `space` has the sizes of its image.
    """
    patch, positions = weight.shape[1:], x.shape[2:]
    y = np.reshape(x, (len(x), groups, len(weight) // groups, math.prod(positions)))
    columns = np.swapaxes(_filters(weight, groups), 1, 2) @ y  # (N, groups, patch, positions)
    columns = np.reshape(columns, (len(x), groups, *patch, *positions))
    columns = np.reshape(columns, (len(x), groups * patch[0], *grid.kernel, *positions))  # (N, C, *kernel, *positions)
    return unwindows(np.moveaxis(columns, 0, -1), space, *grid)


def _filters(weight: Any, groups: int) -> Any:
    """A matrix for each group, whose rows are its filters: (groups, F/groups, patch)."""
    return np.reshape(weight, (groups, len(weight) // groups, math.prod(weight.shape[1:])))


@block
def add_channels(x: Any, bias: Any) -> Any:
    """Add a number to each channel: (N, C, *space), (C,) -> (N, C, *space)."""
    return x + np.reshape(bias, (-1, *[1] * (x.ndim - 2)))


# --- for users


def conv1d(
    x: Any, weight: Any, bias: Any = None,
    stride: Size = 1, padding: Padding = 0, *, dilation: Size = 1, groups: int = 1,
) -> Any:  # fmt: skip
    """Convolution of sequences: x (N, C, W), weight (F, C/groups, K) -> (N, F, positions). Options as in `conv2d`.

    There is one padding more: "causal" puts zeros before the sequence only, so that a result sees no element after its
    own place (van den Oord et al., "WaveNet", 2016). Numbers are real or complex of any precision, as in `conv2d`.

    >>> conv1d(np.array([[[1.0, 2.0, 4.0]]]), np.array([[[-1.0, 1.0]]]))
    array([[[1., 2.]]])
    >>> conv1d(np.array([[[1.0, 2.0, 4.0]]]), np.array([[[-1.0, 1.0]]]), padding="causal")
    array([[[1., 1., 2.]]])
    """
    return _conv(1, x, weight, bias, stride, padding, dilation, groups)


@knows_habits
def conv2d(
    x: Any, weight: Any, bias: Any = None,
    stride: Size = 1, padding: Padding = 0, *, dilation: Size = 1, groups: int = 1,
) -> Any:  # fmt: skip
    """Convolution of images, with stride s and dilation d:

        y[n, f, i, j] = bias[f] + sum over c, k, l of weight[f, c, k, l] * x[n, c, i*s + k*d, j*s + l*d]

    Args:
        x: (N, C, H, W); N may be 0. Real or complex numbers of any precision; integers and bools, such as the bytes of
            images, are taken as floating-point numbers of the type of the weight.
        weight: the filters, (F, C/groups, KH, KW).
        bias: (F,), or None.
        stride: the distance between windows, an int or one per axis. Windows that do not fit are left out.
        padding: zeros around x: an int, an int per axis, a pair (before, after) per axis, "valid" (none), or "same":
            as many outputs as `ceil(size / stride)`, an odd zero at the end, as in TensorFlow.
        dilation: the distance between the elements of a window, an int or one per axis.
        groups: the number of groups of channels; each group has F/groups filters of its own.

    Returns:
        (N, F, positions down, positions across), of the inputs' common floating type.

    Raises:
        InputError: shapes that do not fit, or a window larger than the padded image.

    >>> conv2d(np.ones((1, 1, 3, 3)), np.ones((1, 1, 3, 3)), padding="same")
    array([[[[4., 6., 4.],
             [6., 9., 6.],
             [4., 6., 4.]]]])
    """
    return _conv(2, x, weight, bias, stride, padding, dilation, groups)


def conv3d(
    x: Any, weight: Any, bias: Any = None,
    stride: Size = 1, padding: Padding = 0, *, dilation: Size = 1, groups: int = 1,
) -> Any:  # fmt: skip
    """Convolution of volumes: x (N, C, D, H, W), weight (F, C/groups, KD, KH, KW). Options as in `conv2d`.

    Numbers are real or complex of any precision, as in `conv2d`.

    >>> conv3d(np.ones((1, 1, 2, 2, 2)), np.ones((1, 1, 2, 2, 2))).item()
    8.0
    """
    return _conv(3, x, weight, bias, stride, padding, dilation, groups)


def _conv(
    dims: int, x: Any, weight: Any, bias: Any, stride: Size, padding: Padding, dilation: Size, groups: int
) -> Any:
    x, weight, bias = floating(x, weight, optional=(bias,))
    check_filters(dims, x, weight, 0, groups)
    grid = window_grid(x.shape[2:], weight.shape[2:], stride, padding, dilation)
    return with_bias(convolve(x, weight, grid, groups), bias)


def with_bias(y: Any, bias: Any) -> Any:
    """The result of the filters, and their bias if there is one: (N, F, *space), (F,) -> (N, F, *space)."""
    if bias is None:
        return y
    if bias.shape != y.shape[1:2]:
        raise InputError(f"a bias of shape {bias.shape} does not fit {y.shape[1]} filters; expected {y.shape[1:2]}")
    return add_channels(y, bias)
