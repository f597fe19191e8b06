"""The tuned form of convolution: three primitives, which are each other's adjoints and so each other's derivatives.

A convolution is linear in the images and in the filters, so that its derivatives are sums of products again:

    convolution                images, filters     -> results
    transposed_convolution     results, filters    -> images
    weight_gradient            images, results     -> filters

The derivative of each in one argument is another of the three, which gives all orders.

Arrays are (N, C, *space) to the caller, but lie in memory as (rows, C, *columns, N); rows are the first axis of space.
The batch is last, so that copies and elementwise operations move long contiguous stretches, however small the image is.
The windows are laid out ("im2col") only along the other axes of space: `unfold` makes KW shifted copies of the image
rather than KH * KW. The KH rows that a row of results needs are neighbours there, so that a view with overlapping rows
is the matrix for the product. Results lie in memory in the same order as images.

Measured on 3x3 filters: a third of the memory and time of full im2col, and products as fast. A traced step of a
layer, with both gradients, takes 1.5 to 2.3 times as long in the plain form (float32, one thread: 16 channels and
filters of 3x3 on 32 images 32x32, 12 and 24 of 5x5 on 100 images 14x14).

In all shapes below G is the number of groups, C and F those of channels and filters, KH and KW the sizes of a filter.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..forms import tuned
from ..looped import looped
from ..nn.convolution import conv as plain
from ..ops.flops import size
from ..ops.stopping import stop_gradient
from ..ops.windows import Grid, positions_of
from ..primitive import primitive
from ..tape.rules import derivative
from . import depthwise, winograd
from .layout import from_rows, laid, to_rows
from .sums import sum_to
from .windows import offsets


@tuned(plain.convolve)
def convolve(x: Any, weight: Any, grid: Grid, groups: int) -> Any:
    """`convolution` with the windows that it needs, or a faster way; sequences are images one pixel high."""
    if x.ndim == 3:
        kernel, stride, padding, dilation = grid
        high = Grid((1, *kernel), (1, *stride), ((0, 0), *padding), (1, *dilation))
        return np.squeeze(convolve(np.expand_dims(x, 2), np.expand_dims(weight, 2), high, groups), 2)
    if depthwise.suits(x, weight, groups):
        return depthwise.convolve(x, weight, grid)
    if winograd.suits(x, weight, grid, groups):
        return winograd.tiled_convolution(x, weight, grid[2])
    return convolution(x, unfold(stop_gradient(x), grid, groups), weight, grid, groups)


@primitive(moves=True)
def unfold(x: Any, grid: Grid, groups: int = 1, out: Any = None) -> Any:
    """The windows of padded images (N, C, *space) along all axes of space but the rows.

    Returns:
        (G, padded rows, C/G, KW, columns, N); with more axes of space there are more of KW and of columns.
    """
    kernel, stride, padding, dilation = grid
    space, rows = x.shape[2:], to_rows(x)
    (before, after), *borders = padding
    across = positions_of(space, *grid)[1:]
    channels = x.shape[1] // groups
    shape = (groups, before + space[0] + after, channels, *kernel[1:], *across, x.shape[0])
    y = np.empty(shape, x.dtype) if out is None else out
    y[:, :before] = 0
    y[:, before + space[0] :] = 0
    inside = np.swapaxes(y, 0, 1)[before : before + space[0]]  # (rows, G, C/G, KW, columns, N)
    whole = (slice(None),) * 3
    pieces = list(offsets(space[1:], across, kernel[1:], stride[1:], tuple(borders), dilation[1:]))
    step = rows_at_a_time(rows)
    for i in range(0, space[0], step):  # what is in the image is copied, and 0 put where an offset leaves it
        part, target = batch_last(rows[i : i + step]), inside[i : i + step]
        part = np.reshape(part, (len(part), groups, channels, *part.shape[2:]))
        for offset, at, place in pieces:
            for axis, taken in enumerate(at, 3):
                edges = [slice(None)] * axis
                target[(*whole, *offset)][(*edges, slice(0, taken.start))] = 0
                target[(*whole, *offset)][(*edges, slice(taken.stop, None))] = 0
            target[(*whole, *offset, *at)] = part[(*whole, *place)]
    return y


def flops(y: Any, weight: Any) -> int:
    """A multiplication and an addition for each element of the result and of one filter."""
    return 2 * size(y) * size(weight) // max((weight.shape or (1,))[0], 1)


@primitive(product=lambda y, x, unfolded, weight, *_: flops(y, weight))
def convolution(x: Any, unfolded: Any, weight: Any, grid: Grid, groups: int, out: Any = None) -> Any:
    """The convolution of x from what `unfold` made of it. Of x itself only the shape is used, and it has the gradient.

    Args:
        x: (N, C, *space).
        unfolded: (G, rows, C/G, KW, columns, N).
        weight: (F, C/G, KH, KW).

    Returns:
        (N, F, *positions).
    """
    shape = (x.shape[0], weight.shape[0], *positions_of(x.shape[2:], *grid))
    y = np.empty(laid(shape), np.result_type(x, weight)) if out is None else to_rows(out)
    matrices = row_matrices(unfolded, grid, groups, shape[2])  # (rows, G, KH * C/G * KW, columns * N)
    filters = np.reshape(np.swapaxes(weight, 1, 2), (groups, shape[1] // groups, matrices.shape[2]))  # (G, F/G, …)
    if y.flags.c_contiguous:
        multiply(filters, matrices, as_matrices(y, groups))
    else:
        y[...] = np.reshape(np.matmul(filters, matrices), y.shape)
    return from_rows(y) if out is None else out


@primitive(product=lambda y, x, unfolded, g, *_: flops(g, y))
def weight_gradient(x: Any, unfolded: Any, g: Any, grid: Grid, groups: int, out: Any = None) -> Any:
    """The adjoint of `convolution` in the filters, (F, C/G, *kernel): the sum of windows, each times its g."""
    kernel = grid[0]
    matrices = row_matrices(unfolded, grid, groups, g.shape[2])  # (rows, G, KH * C/G * KW, columns * N)
    gradients = np.swapaxes(as_matrices(np.ascontiguousarray(to_rows(g)), groups), 2, 3)  # (rows, G, columns * N, F/G)
    # With the long windows on the left it is up to 1.5 times faster than the transposed product; row by row, so that
    # the scratch stays in the cache.
    dtype = np.result_type(x, g)
    scratch = np.empty((groups, matrices.shape[2], g.shape[1] // groups), dtype)  # (G, KH * C/G * KW, F/G)
    total = np.zeros_like(scratch, np.float32 if dtype == np.float16 else dtype)  # a sum of many rows
    for windows, numbers in zip(matrices, gradients):
        total += np.matmul(windows, numbers, out=scratch)
    total = np.reshape(total, (groups, kernel[0], x.shape[1] // groups, *kernel[1:], g.shape[1] // groups))
    total = np.moveaxis(np.moveaxis(total, -1, 1), 2, 3)  # (G, F/G, C/G, KH, KW)
    y = np.empty((g.shape[1], x.shape[1] // groups, *kernel), dtype) if out is None else out
    y[...] = np.reshape(total, y.shape)
    return y


@tuned(plain.transposed, when=lambda x, *_: x.ndim > 3)
@primitive(product=lambda y, g, weight, *_: flops(g, weight), looped=True)
def transposed_convolution(g: Any, weight: Any, space: tuple, grid: Grid, groups: int, out: Any = None) -> Any:
    """The adjoint of `convolution` in the image: every number of g adds its multiple of the filter to the image.

    Args:
        g: (N, F, *positions).
        weight: (F, C/G, *kernel).
        space: the image's sizes.

    Returns:
        (N, C, *space).
    """
    kernel, stride, padding, dilation = grid
    channels = weight.shape[1] * groups
    rows = np.ascontiguousarray(to_rows(g))
    across, gradients = rows.shape[2:], as_matrices(rows, groups)  # (rows of g, G, F/G, columns * N)
    image = np.empty(laid((g.shape[0], channels, *space)), np.result_type(g, weight)) if out is None else to_rows(out)
    filters = rows_reversed(weight, groups)  # (G, C/G * KW, KH, F/G)
    # One product gives what all rows of g add to a row of the image, for all offsets across. Those of some rows are
    # still in the cache when they are added up.
    step = max(1, 2**19 // max(filters.shape[1] * groups * gradients.shape[-1] * image.itemsize, 1))
    sums = np.empty((min(step, len(image)), channels, *kernel[1:], *across), image.dtype)
    for first in range(0, len(image), step):
        part = image[first : first + step]
        products = np.reshape(sums[: len(part)], (len(part), groups, filters.shape[1], gradients.shape[-1]))
        for row, product in enumerate(products, first + padding[0][0]):
            met, taken = rows_met(row, len(gradients), kernel[0], stride[0], dilation[0])
            if not met:
                product.fill(0)
                continue
            inner = len(met) * (weight.shape[0] // groups)
            lines = np.swapaxes(gradients[span(met)], 0, 1)
            lines = np.reshape(lines, (groups, inner, lines.shape[-1]))  # (G, rows met * F/G, columns * N)
            used = np.reshape(filters[:, :, span(taken)], (*filters.shape[:2], inner))  # (G, C/G * KW, rows met * F/G)
            multiply(used, lines, product)
        add_up(sums[: len(part)], part, kernel[1:], stride[1:], padding[1:], dilation[1:])
    return from_rows(image) if out is None else out


def _add_up_loop(sums: Any, image: Any, kernel: tuple, stride: tuple, padding: tuple, dilation: tuple) -> None:
    rows, channels, _, across, count = sums.shape
    columns = image.shape[2]
    x = sums.reshape((rows, channels, kernel[0], across * count))
    y = image.reshape((rows, channels, columns * count))
    whole = -1
    for k in range(kernel[0] - 1, -1, -1):
        shift = k * dilation[0] - padding[0][0]
        first, last = max(-(shift // stride[0]), 0), min((columns - 1 - shift) // stride[0], across - 1)
        if last - first + 1 == columns:
            whole = k
    zero = image.dtype.type(0)
    for r in range(rows):
        for c in range(channels):
            for n in range(columns * count):
                y[r, c, n] = zero if whole < 0 else -zero  # to -0.0 each number is added as if it were copied
            for i in range(-1, kernel[0]):
                if i == whole:
                    continue  # it came first
                k = whole if i < 0 else i
                shift = k * dilation[0] - padding[0][0]
                first, last = max(-(shift // stride[0]), 0), min((columns - 1 - shift) // stride[0], across - 1)
                together = max(last - first + 1, 0) if stride[0] == 1 else 1  # neighbours in both
                for p in range(first, last + 1, max(together, 1)):
                    a, b = x[r, c, k, p * count :], y[r, c, (p * stride[0] + shift) * count :]
                    for n in range(together * count):
                        b[n] += a[n]


@looped(_add_up_loop)
def add_up(sums: Any, image: Any, kernel: tuple, stride: tuple, padding: tuple, dilation: tuple) -> None:
    """What was multiplied for each offset across, (rows, C, KW, columns, N), added up to rows of an image.

    An offset that reaches all elements of a row comes first: it is copied, not added to zeros.
    """
    every = (slice(None), slice(None))
    across = sums.shape[2 + len(kernel) : -1]
    pieces = list(offsets(image.shape[2:-1], across, kernel, stride, padding, dilation))
    whole = [piece for piece in pieces if image[(*every, *piece[2])].shape == image.shape][:1]
    np.copyto(image, sums[(*every, *whole[0][0], *whole[0][1])] if whole else 0)
    for offset, at, place in pieces:
        if (offset, at, place) not in whole:
            image[(*every, *place)] += sums[(*every, *offset, *at)]


def _image_gradient(g: Any, weight: Any, space: tuple, grid: Grid, groups: int) -> Any:
    """The adjoint of a convolution in the image. If g has the image's size it is a convolution with mirrored filters,
    which takes two thirds of the time of adding up."""
    kernel, stride, padding, dilation = grid
    if g.shape[2:] != space or groups > 1 or max(stride) > 1:
        return transposed_convolution(g, weight, space, grid, groups)
    borders = [(d * (k - 1) - before, d * (k - 1) - after) for k, d, (before, after) in zip(kernel, dilation, padding)]
    return convolve(g, winograd.turned(weight), Grid(kernel, stride, tuple(borders), dilation), groups)


derivative(
    convolution,
    lambda g, _y, _x, _unfolded, weight, grid, groups: _image_gradient(g, weight, _x.shape[2:], grid, groups),
    None,
    lambda g, _y, x, unfolded, _weight, grid, groups: weight_gradient(x, unfolded, g, grid, groups),
)
derivative(
    weight_gradient,
    lambda h, _y, _x, _unfolded, g, grid, groups: _image_gradient(g, h, _x.shape[2:], grid, groups),
    None,
    lambda h, _y, x, unfolded, _g, grid, groups: convolution(x, unfolded, h, grid, groups),
)
derivative(
    transposed_convolution,
    lambda h, _y, _g, weight, space, grid, groups: convolve(h, weight, grid, groups),
    lambda h, _y, g, _weight, space, grid, groups: weight_gradient(
        h, unfold(stop_gradient(h), grid, groups), g, grid, groups
    ),
)


@tuned(plain.add_channels)
@primitive(elementwise=True, opens=True)
def add_channels(x: Any, bias: Any, out: Any = None) -> Any:
    """Add a number to each channel: (N, C, *space), (C,) -> (N, C, *space). Its adjoint is `channel_sums`."""
    return np.add(x, np.reshape(bias, (-1, *[1] * (x.ndim - 2))), out=out)


@primitive
def channel_sums(x: Any, out: Any = None) -> Any:
    """The sum of each channel, (N, C, *space) -> (C,): five to ten times as fast as `np.sum`, as `sums.py` says."""
    shape = (1, x.shape[1], *[1] * (x.ndim - 2))
    out = np.empty(x.shape[1], x.dtype) if out is None else out
    sum_to(x, shape, out.reshape(shape))
    return out


@primitive
def like_channels(sums: Any, shape: tuple) -> Any:
    """Each channel's number everywhere, (C,) -> (N, C, *space): the adjoint of `channel_sums`."""
    return np.broadcast_to(np.reshape(sums, (-1, *[1] * (len(shape) - 2))), shape)


derivative(add_channels, lambda g, _y, _x, _bias: g, lambda g, _y, _x, _bias: channel_sums(g))
derivative(channel_sums, lambda g, _y, _x: like_channels(g, _x.shape))
derivative(like_channels, lambda g, _y, _sums, shape: channel_sums(g))


# --- matrices


def as_matrices(x: Any, groups: int) -> Any:
    """(rows, C, *columns, N) -> (rows, G, C/G, columns * N)."""
    return np.reshape(x, (x.shape[0], groups, x.shape[1] // groups, math.prod(x.shape[2:])))


def multiply(filters: Any, matrices: Any, out: Any) -> None:
    """filters @ matrices, 128 columns at a time if BLAS then counts the product as small.

    Of large ones it copies the matrices first, so that they lie as it likes. With few filters that takes longer than
    the product: 16 filters of 16x3x3 on 32x32 images take half of the time.
    """
    work, columns = filters.shape[-2] * filters.shape[-1], matrices.shape[-1]
    step = 128 if work * 128 < 10**6 < work * columns else max(columns, 1)
    for first in range(0, columns, step):
        part = slice(first, first + step)
        np.matmul(filters, matrices[..., part], out=out[..., part])


def rows_at_a_time(rows: Any) -> int:
    """How many rows of images fit into the cache if the batch must be moved to the end; all, if it is there already."""
    right = rows.strides[-1] == rows.itemsize
    return max(1, rows.shape[0] if right else 2**19 // max(rows[:1].nbytes, 1))


def batch_last(rows: Any) -> Any:
    """The rows with a contiguous batch: the same array, or a copy.

    It copies blocks of 32 images, which for 500 images is 2.5 times as fast as all at once: numbers that lie a power of
    two apart displace each other in the cache before their neighbours are read.
    """
    if rows.strides[-1] == rows.itemsize:
        return rows
    copy = np.empty(rows.shape, rows.dtype)
    for i in range(0, rows.shape[-1], 32):
        copy[..., i : i + 32] = rows[..., i : i + 32]
    return copy


def row_matrices(x: Any, grid: Grid, groups: int, rows: int) -> Any:
    """The windows in `unfold`, a matrix for each row of results: (rows, G, KH * C/G * KW, columns * N).

    Neighbouring rows of results share most of their windows' rows. Without dilation this is a view.
    """
    kernel, stride, _, dilation = grid
    channels = x.shape[2] * math.prod(kernel[1:])
    x = np.reshape(x, (groups, x.shape[1], channels, math.prod(x.shape[2 + len(kernel) :])))
    group, row, *others = x.strides
    shape = (rows, groups, kernel[0], *x.shape[2:])
    steps = (stride[0] * row, group, dilation[0] * row, *others)
    view = np.lib.stride_tricks.as_strided(x, shape, steps)
    return np.reshape(view, (rows, groups, kernel[0] * channels, x.shape[-1]))


def rows_reversed(weight: Any, groups: int) -> Any:
    """The filters (F, C/G, KH, KW) as (G, C/G * KW, KH, F/G), the last row first: it met the first row of results."""
    count, channels, *kernel = weight.shape
    filters = np.reshape(weight, (groups, count // groups, channels, *kernel))
    filters = np.moveaxis(np.moveaxis(filters, 1, -1), 2, -2)[..., ::-1, :]  # (G, C/G, KW, KH, F/G)
    return np.reshape(filters, (groups, channels * math.prod(kernel[1:]), kernel[0], count // groups))


def rows_met(row: int, count: int, kernel: int, stride: int, dilation: int) -> tuple[list, list]:
    """Which of `count` rows of results have this row of the padded image in their windows; and in which row of the
    filters, counted from the last one.

    >>> rows_met(2, 9, kernel=3, stride=1, dilation=1)
    ([0, 1, 2], [0, 1, 2])
    """
    met = [i for i in range(count) if (row - i * stride) in range(0, dilation * kernel, dilation)]
    return met, [kernel - 1 - (row - i * stride) // dilation for i in met]


def span(indices: list) -> slice:
    """The slice that picks these indices, which ascend in equal steps."""
    step = indices[1] - indices[0] if len(indices) > 1 else 1
    return slice(indices[0], indices[-1] + 1, step)
