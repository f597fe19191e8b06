"""Sliding windows and overlap-add: what convolution and pooling are made of.

`windows` lays the patches of an image out as columns of a matrix ("im2col"), so that a convolution is one matrix
product (Chellapilla, Puri and Simard, "High performance convolutional neural networks for document processing", 2006).
`unwindows` adds the columns back to where they came from ("col2im"). The two are adjoint: for any image and columns,

    sum(windows(image) * columns) = sum(image * unwindows(columns))

so that each is the other's derivative, as convolution and its transpose are (`ntb/nn/convolution/conv.py`).

Arrays are channels-first, (N, C, *space); columns are (C, *kernel, *positions, N). Both functions loop over the offsets
inside a window: the elements that all windows have at one offset are one strided slice of the image.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from ..forms import block
from .indexing import scatter


class Grid(NamedTuple):
    """Where windows lie in an image; each field has an entry for each axis of space."""

    kernel: tuple
    """The number of elements of a window."""
    stride: tuple
    """The distance between windows."""
    padding: tuple
    """A pair (before, after): how many elements are put around the image."""
    dilation: tuple
    """The distance between the elements of a window."""


@block
def windows(x: Any, kernel: tuple, stride: tuple, padding: tuple, dilation: tuple, fill: float = 0.0) -> Any:
    """All windows of the size `kernel` that fit into the padded array, one every `stride` elements.

    Args:
        x: (N, C, *space).
        kernel, stride, padding, dilation: as in `Grid`; padding has the value `fill`.

    Returns:
        An array (C, *kernel, *positions, N), where the positions along an axis of padded size S number
        `(S - dilation * (kernel - 1) - 1) // stride + 1`.

    >>> windows(np.arange(5.0).reshape(1, 1, 5), (3,), (1,), ((0, 0),), (1,))[0, :, :, 0]
    array([[0., 1., 2.],
           [1., 2., 3.],
           [2., 3., 4.]])
    """
    positions = positions_of(x.shape[2:], kernel, stride, padding, dilation)
    x = np.pad(x, ((0, 0), (0, 0), *padding), constant_values=fill)
    at_offsets = [x[(..., *place)] for _, place in _places(positions, kernel, stride, dilation)]  # (N, C, *positions)
    columns = np.reshape(np.stack(at_offsets, axis=2), (*x.shape[:2], *kernel, *positions))
    return np.moveaxis(columns, 0, -1)


@block
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
    columns = np.moveaxis(columns, -1, 0)  # (N, C, *kernel, *positions)
    positions = columns.shape[2 + len(kernel) :]
    padded = (*columns.shape[:2], *[before + n + after for n, (before, after) in zip(space, padding)])
    every = (slice(None), slice(None))
    total: Any = 0
    for offset, place in _places(positions, kernel, stride, dilation):
        total = total + scatter(columns[(*every, *offset)], (*every, *place), padded)
    return total[(*every, *[slice(before, before + n) for n, (before, _) in zip(space, padding)])]


def positions_of(space: tuple, kernel: tuple, stride: tuple, padding: tuple, dilation: tuple) -> tuple:
    """How many windows there are along each axis of space."""
    sizes = zip(space, kernel, stride, padding, dilation)
    return tuple([(n + before + after - d * (k - 1) - 1) // s + 1 for n, k, s, (before, after), d in sizes])


def _places(positions: tuple, kernel: tuple, stride: tuple, dilation: tuple) -> Iterator[tuple]:
    """For each offset inside a window: the offset, and the slices of the padded image that the windows have there."""
    for offset in np.ndindex(*kernel):
        starts = [o * d for o, d in zip(offset, dilation)]
        yield offset, [slice(at, at + s * (n - 1) + 1, s) for at, s, n in zip(starts, stride, positions)]
