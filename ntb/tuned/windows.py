"""The tuned forms of `windows` and `unwindows`, which are each other's derivatives.

Windows are a strided view of the image, copied once; the plain form copies it piece by piece and then again. The batch
stays where it is in memory. Inside of networks it comes last, so that both copies move long contiguous stretches of
memory, however small the image is; and the results of products keep that order in memory, whatever the order of their
axes. If it comes first, as in most data, stretches of rows are moved.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
    memory, as inside a network. With the gradient, patches of 32 images 32 x 32 x 32 whose batch comes first take 8 ms
    rather than 63, as they did while the batch was always moved to the end.
    """
    sizes = [before + n + after for n, (before, after) in zip(x.shape[2:], padding)]
    if any(before or after for before, after in padding):
        padded = _images(x.shape[:2], sizes, x.dtype, _batch_first(x.strides), fill)
        padded[(..., *[slice(before, before + n) for n, (before, _) in zip(x.shape[2:], padding)])] = x
        x = padded
    positions = [(n - d * (k - 1) - 1) // s + 1 for n, k, s, d in zip(sizes, kernel, stride, dilation)]
    batch, between, *steps = x.strides
    inside = (*(d * b for d, b in zip(dilation, steps)), *(s * b for s, b in zip(stride, steps)))
    if _batch_first(x.strides):
        view = np.lib.stride_tricks.as_strided(x, (*x.shape[:2], *kernel, *positions), (batch, between, *inside))
        return np.moveaxis(view.copy(), 0, -1)
    shape, strides = (x.shape[1], *kernel, *positions, len(x)), (between, *inside, batch)
    return np.lib.stride_tricks.as_strided(x, shape, strides).copy()


@tuned(plain.unwindows)
@primitive
def unwindows(columns: Any, space: tuple, kernel: tuple, stride: tuple, padding: tuple, dilation: tuple) -> Any:
    """Columns (C, *kernel, *positions, N) added up to images (N, C, *space), in one array.

    Measured as for `windows`: 2.9 times as fast as the plain form, which makes an array for each offset.
    """
    positions = columns.shape[1 + len(kernel) : -1]
    padded = [before + n + after for n, (before, after) in zip(space, padding)]
    shape = columns.shape[-1], len(columns)
    total = _images(shape, padded, columns.dtype, _batch_first((columns.strides[-1], *columns.strides[:-1])), 0)
    columns = np.moveaxis(columns, -1, 0)  # (N, C, *kernel, *positions)
    for offset in np.ndindex(*kernel):
        starts = [o * d for o, d in zip(offset, dilation)]
        place = [slice(at, at + s * (n - 1) + 1, s) for at, s, n in zip(starts, stride, positions)]
        total[(..., *place)] += columns[(slice(None), slice(None), *offset)]
    return total[(..., *[slice(before, before + n) for n, (before, _) in zip(space, padding)])]


def _batch_first(strides: tuple) -> bool:
    """Whether arrays (N, ...) with these strides lie in memory as that order says."""
    return list(strides) == sorted(strides, reverse=True)


def _images(shape: tuple, space: Sequence[int], dtype: Any, batch_first: bool, fill: float) -> Any:
    """A new array (N, C, *space), in memory as that, or with the batch last."""
    if batch_first:
        return np.full((*shape, *space), fill, dtype)
    return np.moveaxis(np.full((shape[1], *space, shape[0]), fill, dtype), -1, 0)


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
