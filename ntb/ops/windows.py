"""Sliding windows and overlap-add: two primitives; and where windows lie, for convolution and pooling.

`windows` lays the patches of an image out as columns of a matrix ("im2col"), so that a convolution is one matrix
product (Chellapilla, Puri and Simard, "High performance convolutional neural networks for document processing", 2006).
`unwindows` adds the columns back to where they came from. Each is the other's adjoint, and therefore its derivative.

Arrays are channels-first, (N, C, *space); columns are (C, *kernel, *positions, N). The batch comes last in columns,
since then both copies move long contiguous stretches of memory, however small the image is; and the results of
products keep that order in memory, whatever the order of their axes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..primitive import primitive
from ..tape.rules import derivative


@primitive(moves=True)
def windows(x: Any, kernel: tuple, stride: tuple, padding: tuple, dilation: tuple, fill: float = 0.0) -> Any:
    """All windows of the size `kernel` that fit into the padded array, one every `stride` elements.

    Args:
        x: (N, C, *space).
        kernel: the number of elements of a window along each axis of space.
        stride: the distance between windows, per axis.
        padding: a pair (before, after) per axis: how many elements of value `fill` are put around x.
        dilation: the distance between the elements of a window, per axis.

    Returns:
        A new array (C, *kernel, *positions, N), where the positions along an axis of padded size S number
        `(S - dilation * (kernel - 1) - 1) // stride + 1`.

    >>> windows(np.arange(5.0).reshape(1, 1, 5), (3,), (1,), ((0, 0),), (1,))[0, :, :, 0]
    array([[0., 1., 2.],
           [1., 2., 3.],
           [2., 3., 4.]])
    """
    x = np.moveaxis(x, 0, -1)
    channels, *space, batch = x.shape
    if any(before or after for before, after in padding):
        inside = [slice(before, before + n) for n, (before, _) in zip(space, padding)]
        space = [before + n + after for n, (before, after) in zip(space, padding)]
        padded = np.full((channels, *space, batch), fill, x.dtype)
        padded[(slice(None), *inside)] = x
        x = padded
    positions = [(n - d * (k - 1) - 1) // s + 1 for n, k, s, d in zip(space, kernel, stride, dilation)]
    between, *steps, item = x.strides
    strides = (between, *(d * b for d, b in zip(dilation, steps)), *(s * b for s, b in zip(stride, steps)), item)
    return np.lib.stride_tricks.as_strided(x, (channels, *kernel, *positions, batch), strides).copy()


@primitive
def unwindows(columns: Any, space: tuple, kernel: tuple, stride: tuple, padding: tuple, dilation: tuple) -> Any:
    """Add windows back to where they were taken: the adjoint of `windows`.

    Args:
        columns: (C, *kernel, *positions, N).
        space: the sizes of the array to which the windows are added up, without padding.
        kernel, stride, padding, dilation: as in `windows`; what falls on the padding is dropped.

    Returns:
        An array (N, C, *space).

    >>> unwindows(np.ones((1, 3, 3, 1)), (5,), (3,), (1,), ((0, 0),), (1,))
    array([[[1., 2., 3., 2., 1.]]])
    """
    positions = columns.shape[1 + len(kernel) : -1]
    padded = [before + n + after for n, (before, after) in zip(space, padding)]
    total = np.zeros((columns.shape[0], *padded, columns.shape[-1]), columns.dtype)
    for offset in np.ndindex(*kernel):
        starts = [o * d for o, d in zip(offset, dilation)]
        place = [slice(at, at + s * (n - 1) + 1, s) for at, s, n in zip(starts, stride, positions)]
        total[(slice(None), *place)] += columns[(slice(None), *offset)]
    inside = [slice(before, before + n) for n, (before, _) in zip(space, padding)]
    return np.moveaxis(total[(slice(None), *inside)], -1, 0)


derivative(
    windows,
    lambda g, _y, _x, kernel, stride, padding, dilation, fill=0.0: unwindows(
        g, _x.shape[2:], kernel, stride, padding, dilation
    ),
)
derivative(
    unwindows,
    lambda g, _y, _columns, space, kernel, stride, padding, dilation: windows(g, kernel, stride, padding, dilation),
)


# --- where windows lie, shared with convolution and pooling


def positions_of(space: tuple, kernel: tuple, stride: tuple, padding: tuple, dilation: tuple) -> tuple:
    """How many windows there are along each axis of space."""
    sizes = zip(space, kernel, stride, padding, dilation)
    return tuple([(n + before + after - d * (k - 1) - 1) // s + 1 for n, k, s, (before, after), d in sizes])


def offsets(
    space: tuple, positions: tuple, kernel: tuple, stride: tuple, padding: tuple, dilation: tuple
) -> Iterator[tuple]:
    """For each offset inside a window: which windows have an element of the image there, and which elements these are.

    Yields:
        The offset, and two tuples of slices, one slice per axis: of the positions, and of space.
    """
    along = []
    for n, count, k, s, (before, _), d in zip(space, positions, kernel, stride, padding, dilation):
        axis = []
        for offset in range(k):
            shift = offset * d - before
            first, last = max(-(shift // s), 0), min((n - 1 - shift) // s, count - 1)  # others are in the padding
            start = first * s + shift
            inside = (slice(first, last + 1), slice(start, start + s * (last - first) + 1, s))
            axis.append((offset, *inside) if first <= last else (offset, slice(0, 0), slice(0, 0)))
        along.append(axis)
    for choice in np.ndindex(*kernel):
        yield tuple(zip(*[axis[i] for axis, i in zip(along, choice)])) or ((), (), ())
