"""The tuned forms of `windows` and `unwindows`, which are each other's derivatives.

Windows are a strided view of the image, copied once; the plain form copies it piece by piece and then again. The batch
comes last in memory, so that both copies move long contiguous stretches of memory, however small the image is; and the
results of products keep that order in memory, whatever the order of their axes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..forms import tuned
from ..ops import windows as plain
from ..primitive import primitive
from ..tape.rules import derivative


@tuned(plain.windows)
@primitive(moves=True)
def windows(x: Any, kernel: tuple, stride: tuple, padding: tuple, dilation: tuple, fill: float = 0.0) -> Any:
    """A new array (C, *kernel, *positions, N) of the windows of x (N, C, *space): a strided view, copied at once.

    Measured on 3x3 windows of 32 images 16 x 32 x 32: 1.5 times as fast as the plain form where the batch lies last in
    memory, as inside a network. Otherwise it is no faster, but has `unwindows` for its gradient.
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


@tuned(plain.unwindows)
@primitive
def unwindows(columns: Any, space: tuple, kernel: tuple, stride: tuple, padding: tuple, dilation: tuple) -> Any:
    """Columns (C, *kernel, *positions, N) added up to images (N, C, *space), in one array.

    Measured as for `windows`: 2.9 times as fast as the plain form, which makes an array for each offset.
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


# --- where windows lie in an image without padding, for convolution and pooling


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
