"""What users say of windows, for convolution and pooling, checked: sizes, strides, padding, dilation, groups."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...errors import InputError
from ...ops.windows import Grid
from ..checks import whole_number

Size = int | Sequence[int]
Padding = str | int | Sequence[Any]


def check_filters(dims: int, x: Any, weight: Any, transposed: int, groups: int) -> None:
    """Raise an error unless x and weight fit together."""
    whole_number(groups, "groups")
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


def window_grid(space: Sequence[int], kernel: Size, stride: Size, padding: Padding, dilation: Size) -> Grid:
    """Where windows lie in images of these sizes, from what users say of it, checked.

    >>> window_grid((5, 5), 3, 2, "same", 1)
    Grid(kernel=(3, 3), stride=(2, 2), padding=((1, 1), (1, 1)), dilation=(1, 1))
    """
    dims = len(space)
    size, steps, gaps = per_axis(kernel, dims), per_axis(stride, dims), per_axis(dilation, dims)
    _check_steps(size, steps, gaps)
    span = tuple(d * (k - 1) + 1 for k, d in zip(size, gaps))
    borders = _pad_widths(padding, space, span, steps)
    for n, wide, border in zip(space, span, borders):
        if min(border) < 0:
            raise InputError(f"padding cannot be negative: {borders}; cut the array by slicing instead")
        if n + sum(border) < wide:
            raise InputError(
                f"a window of {' x '.join(map(str, span))} does not fit into an array of "
                f"{' x '.join(map(str, space))} padded by {borders}; use a smaller kernel or more padding"
            )
    return Grid(size, steps, borders, gaps)


def transposed_grid(
    space: Sequence[int], kernel: tuple, stride: Size, padding: Any, output_padding: Size, dilation: Size
) -> tuple[Grid, tuple, tuple]:
    """For a transposed convolution of images of these sizes: the grid, checked, and how the result is put together.

    Returns:
        The grid of the convolution whose transpose it is, the sizes of that convolution's images, and how many empty
        rows and columns follow after them.
    """
    dims = len(space)
    steps, gaps, extra = per_axis(stride, dims), per_axis(dilation, dims), per_axis(output_padding, dims)
    _check_steps(kernel, steps, gaps)
    wanted, reached, borders, empty = [], [], [], []
    for n, k, s, d, e, (before, after) in zip(space, kernel, steps, gaps, extra, explicit_padding(padding, dims)):
        if min(e, before, after) < 0:
            raise InputError(f"padding and output_padding cannot be negative: {padding} and {output_padding}")
        uncut = min(e, after)  # rows that padding would cut off
        wanted.append((n - 1) * s - before - after + d * (k - 1) + 1 + e)
        beyond = min(e - uncut, s - 1)  # more rows would be a convolution's image with more positions than x has
        empty.append(e - uncut - beyond)
        reached.append(wanted[-1] - empty[-1])
        borders.append((before, after - uncut))
    if min(reached) < 0:
        raise InputError(
            f"padding {padding} cuts off more than there is: the image would have the size {tuple(wanted)}"
        )
    return Grid(kernel, steps, tuple(borders), gaps), tuple(reached), tuple(empty)


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
    if padding == "causal":
        if len(space) > 1:
            raise InputError(f'"causal" padding is for sequences, with one axis of time; these have {len(space)} axes')
        return ((span[0] - 1, 0),)
    return explicit_padding(padding, len(space))


def explicit_padding(padding: Any, dims: int) -> tuple:
    """The padding as a pair (before, after) for each axis, if it is given in numbers."""
    if isinstance(padding, str):
        raise InputError(
            f'padding is an int, ints or pairs per axis, "same" or "valid" (in conv and pooling) or "causal" (of '
            f"sequences), not {padding!r}"
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
