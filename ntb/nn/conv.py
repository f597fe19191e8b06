"""Convolution of sequences, images and volumes, and its transpose.

As everywhere in deep learning, the filter is not flipped: in the language of signals these are cross-correlations.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import InputError
from ..ops.convolution import add_channels, convolve, image_gradient
from .checks import checked_groups, floating

Size = int | Sequence[int]
Padding = str | int | Sequence[Any]


def conv1d(
    x: Any,
    weight: Any,
    bias: Any = None,
    *,
    stride: Size = 1,
    padding: Padding = 0,
    dilation: Size = 1,
    groups: int = 1,
) -> Any:
    """Convolution of sequences: x (N, C, W), weight (F, C/groups, K) -> (N, F, positions). Options as in `conv2d`.

    Numbers are real or complex of any precision, as in `conv2d`.

    >>> conv1d(np.array([[[1.0, 2.0, 4.0]]]), np.array([[[-1.0, 1.0]]]))
    array([[[1., 2.]]])
    """
    return _conv(1, x, weight, bias, stride, padding, dilation, groups)


def conv2d(
    x: Any,
    weight: Any,
    bias: Any = None,
    *,
    stride: Size = 1,
    padding: Padding = 0,
    dilation: Size = 1,
    groups: int = 1,
) -> Any:
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
    x: Any,
    weight: Any,
    bias: Any = None,
    *,
    stride: Size = 1,
    padding: Padding = 0,
    dilation: Size = 1,
    groups: int = 1,
) -> Any:
    """Convolution of volumes: x (N, C, D, H, W), weight (F, C/groups, KD, KH, KW). Options as in `conv2d`.

    Numbers are real or complex of any precision, as in `conv2d`.

    >>> conv3d(np.ones((1, 1, 2, 2, 2)), np.ones((1, 1, 2, 2, 2))).item()
    8.0
    """
    return _conv(3, x, weight, bias, stride, padding, dilation, groups)


def _conv(
    dims: int, x: Any, weight: Any, bias: Any, stride: Size, padding: Padding, dilation: Size, groups: int
) -> Any:
    """Convolution over `dims` axes of space; sequences are images one pixel high."""
    x, weight, bias = floating(x, weight, optional=(bias,))
    _check_shapes(dims, x, weight, 0, groups)
    _, steps, borders, spread = window_layout(x.shape[2:], weight.shape[2:], stride, padding, dilation)
    if dims == 1:
        x, weight = np.expand_dims(x, 2), np.expand_dims(weight, 2)
        y = convolve(x, weight, (1, *steps), ((0, 0), *borders), (1, *spread), groups)
        return _with_bias(np.squeeze(y, 2), bias)
    return _with_bias(convolve(x, weight, steps, borders, spread, groups), bias)


def conv_transpose2d(
    x: Any,
    weight: Any,
    bias: Any = None,
    *,
    stride: Size = 1,
    padding: int | Sequence[Any] = 0,
    output_padding: Size = 0,
    dilation: Size = 1,
    groups: int = 1,
) -> Any:
    """Transposed convolution: each pixel of x adds its multiple of the filter to the output (the adjoint of `conv2d`).

    Args:
        x: (N, C, H, W), of numbers as in `conv2d`.
        weight: (C, F/groups, KH, KW).
        bias: (F,), or None.
        stride, padding, dilation, groups: those of the convolution whose adjoint this is.
        output_padding: a convolution with a stride has the same output size for several input sizes; this many rows and
            columns are added to the smallest of them. First they give back what `padding` cut off after the image; what
            is beyond the last pixel's filter is 0.

    Returns:
        (N, F, (H-1) * stride - before - after + dilation * (KH-1) + 1 + output_padding, likewise across), of the
        inputs' common floating type.

    Raises:
        InputError: shapes that do not fit, or padding that would cut off more than there is.

    >>> conv_transpose2d(np.ones((1, 1, 2, 2)), np.ones((1, 1, 2, 2)))
    array([[[[1., 2., 1.],
             [2., 4., 2.],
             [1., 2., 1.]]]])
    """
    x, weight, bias = floating(x, weight, optional=(bias,))
    _check_shapes(2, x, weight, 1, groups)
    kernel = weight.shape[2:]
    steps, spread, extra = per_axis(stride, 2), per_axis(dilation, 2), per_axis(output_padding, 2)
    _check_steps(kernel, steps, spread)
    wanted, space, borders, empty = [], [], [], []
    for n, k, s, d, e, (before, after) in zip(x.shape[2:], kernel, steps, spread, extra, _explicit_padding(padding, 2)):
        if min(e, before, after) < 0:
            raise InputError(f"padding and output_padding cannot be negative: {padding} and {output_padding}")
        uncut = min(e, after)  # rows that padding would cut off
        wanted.append((n - 1) * s - before - after + d * (k - 1) + 1 + e)
        beyond = min(e - uncut, s - 1)  # more rows would be a convolution's image with more positions than x has
        empty.append(e - uncut - beyond)
        space.append(wanted[-1] - empty[-1])
        borders.append((before, after - uncut))
    if min(space) < 0:
        raise InputError(
            f"padding {padding} cuts off more than there is: the image would have the size {tuple(wanted)}"
        )
    y = image_gradient(x, weight, tuple(space), steps, tuple(borders), spread, groups)
    if any(empty):
        y = np.pad(y, ((0, 0), (0, 0), (0, empty[0]), (0, empty[1])))
    return _with_bias(y, bias)


def _with_bias(y: Any, bias: Any) -> Any:
    if bias is None:
        return y
    if bias.shape != y.shape[1:2]:
        raise InputError(f"a bias of shape {bias.shape} does not fit {y.shape[1]} filters; expected {y.shape[1:2]}")
    return add_channels(y, bias)


def _check_shapes(dims: int, x: Any, weight: Any, transposed: int, groups: int) -> None:
    """Raise an error unless x and weight fit together."""
    checked_groups(groups)
    if x.ndim != dims + 2 or weight.ndim != dims + 2:
        raise InputError(
            f"a convolution over {dims} axes takes x of {dims + 2} axes (N, C, ...) and a weight of as many; "
            f"these have shapes {x.shape} and {weight.shape}. x[None] is a batch of one"
        )
    outputs = weight.shape[0]
    channels = outputs if transposed else weight.shape[1] * groups
    if x.shape[1] != channels or outputs % groups or channels % groups:
        raise InputError(
            f"x of shape {x.shape} and weight of shape {weight.shape} do not fit with groups={groups}: this weight is "
            f"for {channels} channels, which lie on axis 1 (np.moveaxis(x, -1, 1) brings them there), and groups must "
            "divide both channels and filters"
        )


# --- sizes of windows, shared with pooling


def window_layout(space: Sequence[int], kernel: Size, stride: Size, padding: Padding, dilation: Size) -> tuple:
    """The arguments of `windows`, one entry for each axis of space, checked: kernel, stride, padding, dilation."""
    dims = len(space)
    size, steps, spread = per_axis(kernel, dims), per_axis(stride, dims), per_axis(dilation, dims)
    _check_steps(size, steps, spread)
    span = tuple(d * (k - 1) + 1 for k, d in zip(size, spread))
    borders = _pad_widths(padding, space, span, steps)
    for n, wide, border in zip(space, span, borders):
        if min(border) < 0:
            raise InputError(f"padding cannot be negative: {borders}; cut the array by slicing instead")
        if n + sum(border) < wide:
            raise InputError(
                f"a window of {' x '.join(map(str, span))} does not fit into an array of "
                f"{' x '.join(map(str, space))} padded by {borders}; use a smaller kernel or more padding"
            )
    return size, steps, borders, spread


def _check_steps(kernel: Sequence[int], stride: Sequence[int], dilation: Sequence[int]) -> None:
    if min(*kernel, *stride, *dilation) < 1:
        raise InputError(
            f"kernel {kernel}, stride {stride} and dilation {dilation} must be at least 1 along every axis"
        )


def _pad_widths(padding: Padding, space: Sequence[int], span: Sequence[int], stride: Sequence[int]) -> tuple:
    """The padding as a pair (before, after) for each axis."""
    if padding == "valid":
        return tuple((0, 0) for _ in space)
    if padding == "same":
        totals = [max((-(-n // s) - 1) * s + wide - n, 0) for n, wide, s in zip(space, span, stride)]
        return tuple((total // 2, total - total // 2) for total in totals)
    return _explicit_padding(padding, len(space))


def _explicit_padding(padding: Any, dims: int) -> tuple:
    if isinstance(padding, str):
        raise InputError(
            f'padding is an int, ints or pairs per axis, "same" or "valid" (in conv and pooling), not {padding!r}'
        )
    whole = (int, np.integer)
    borders = tuple(
        (int(p), int(p)) if isinstance(p, whole) else tuple(p) if isinstance(p, Sequence) else ()
        for p in _each(padding, dims)
    )
    if any(len(border) != 2 or not all(isinstance(n, whole) for n in border) for border in borders):
        raise InputError(f"padding is an int, or an int or a pair (before, after) for each axis, not {padding!r}")
    return borders


def per_axis(size: Any, dims: int) -> tuple:
    """One whole number for each axis of space."""
    sizes = _each(size, dims)
    if not all(isinstance(n, (int, np.integer)) and not isinstance(n, bool) for n in sizes):
        raise InputError(f"sizes along axes of space are whole numbers, one for each axis or one for all, not {size!r}")
    return tuple(map(int, sizes))


def _each(size: Any, dims: int) -> tuple:
    """One entry for each axis of space."""
    sizes = tuple(size) if isinstance(size, (Sequence, np.ndarray)) else (size,) * dims
    if len(sizes) != dims:
        raise InputError(
            f"{sizes} has {len(sizes)} entries, but there are {dims} axes of space; give one for each, or one int for "
            "all"
        )
    return sizes
