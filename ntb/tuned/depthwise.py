"""Depthwise convolution of images: each channel has one filter, so that there are no matrices to multiply.

For each offset inside a window the numbers that the windows have there, which are a slice of the image, are multiplied
by the filter's number and added up. That is done for one row of results at a time, which stays in the cache, and has a
loop (ntb/looped.py).

Measured with all gradients in a traced function (float32, one thread, 3x3 filters on 32 images 32 x 32 x 32): by the
products of matrices of `convolution.py` 33 ms, here 22, with loops 7.

Arrays are (N, C, rows, columns) to the caller, and lie in memory as (rows, C, columns, N), as `layout.py` tells.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..looped import looped
from ..ops.flops import size
from ..ops.windows import Grid, positions_of
from ..primitive import primitive
from ..tape.rules import derivative
from .layout import from_rows, laid, to_rows
from .windows import offsets


def suits(x: Any, weight: Any, groups: int) -> bool:
    """Whether a convolution is done here: of images, with one filter for each channel."""
    return x.ndim == 4 and weight.shape[:2] == (groups, 1) and groups > 1 and x.dtype != np.float16


def convolve(x: Any, weight: Any, grid: Grid) -> Any:
    """The convolution of x (N, C, H, W), each channel with its own filter, (C, 1, KH, KW): (N, C, *positions)."""
    return depthwise(with_batch_last(x), weight, grid)


@primitive(moves=True)
def with_batch_last(x: Any) -> Any:
    """The same images, with the batch last in memory: a view if it is there already, else a copy."""
    return from_rows(np.ascontiguousarray(to_rows(x)))


def _flops(_y: Any, g: Any, weight: Any, *_: Any) -> int:
    """A multiplication and an addition for each window and each number of its filter."""
    return 2 * size(g) * size(weight) // max((weight.shape or (1,))[0], 1)


@primitive(product=lambda y, x, weight, *_: _flops(y, y, weight), looped=True)
def depthwise(x: Any, weight: Any, grid: Grid, out: Any = None) -> Any:
    """`convolve`, of images with the batch last in memory.

    >>> pairs = Grid((1, 2), (1, 1), ((0, 0), (0, 0)), (1, 1))
    >>> depthwise(np.ones((1, 2, 1, 3)), np.array([[[[1.0, 1.0]]], [[[3.0, 3.0]]]]), pairs).ravel()
    array([2., 2., 6., 6.])
    """
    y = _rows_of((*x.shape[:2], *positions_of(x.shape[2:], *grid)), np.result_type(x, weight), out)
    _add_windows(to_rows(x), weight[:, 0], y, *grid[1:], 0)
    return from_rows(y) if out is None else out


@primitive(product=_flops, looped=True)
def transposed_depthwise(g: Any, weight: Any, space: tuple, grid: Grid, out: Any = None) -> Any:
    """The adjoint of `depthwise` in the image: each number of g adds its multiple of the filter, (N, C, *space)."""
    image = _rows_of((*g.shape[:2], *space), np.result_type(g, weight), out)
    _add_windows(to_rows(g), weight[:, 0], image, *grid[1:], 1)
    return from_rows(image) if out is None else out


@primitive(product=lambda y, x, g, *_: _flops(y, g, y), looped=True)
def depthwise_weight_gradient(x: Any, g: Any, grid: Grid) -> Any:
    """The adjoint of `depthwise` in the filters, (C, 1, KH, KW): the sum of the windows, each times its g."""
    rows = to_rows(g)
    total = np.empty((x.shape[1], *grid[0], *rows.shape[2:]), np.result_type(x, g))
    _add_products(to_rows(x), rows, total, *grid[1:])
    return np.expand_dims(np.sum(total, axis=(3, 4)), 1)


def _image_rule(g: Any, _y: Any, _x: Any, weight: Any, grid: Grid) -> Any:
    return transposed_depthwise(with_batch_last(g), weight, _x.shape[2:], grid)


derivative(with_batch_last, lambda g, _y, _x: g)
derivative(depthwise, _image_rule, lambda g, _y, x, _w, grid: depthwise_weight_gradient(x, with_batch_last(g), grid))
derivative(
    transposed_depthwise,
    lambda h, _y, _g, weight, space, grid: convolve(h, weight, grid),
    lambda h, _y, g, _weight, space, grid: depthwise_weight_gradient(with_batch_last(h), g, grid),
)
derivative(
    depthwise_weight_gradient,
    lambda h, _y, _x, g, grid: transposed_depthwise(g, h, _x.shape[2:], grid),
    lambda h, _y, x, _g, grid: depthwise(x, h, grid),
)


def _rows_of(shape: tuple, dtype: Any, out: Any) -> Any:
    """An array for a result of a shape (N, C, *space), as rows."""
    return np.empty(laid(shape), dtype) if out is None else to_rows(out)


# --- one row of results after the other. Arrays are (rows, C, columns, N), filters (C, KH, KW)


def _add_windows_loop(
    source: Any, weight: Any, target: Any, stride: tuple, padding: tuple, dilation: tuple, back: int
) -> None:
    rows, channels, columns, batch = target.shape
    height, others = source.shape[0], source.shape[2]
    positions, width = (others, columns) if back else (columns, others)
    x = source.reshape((height, channels, others * batch))
    y = target.reshape((rows, channels, columns * batch))
    for row in range(rows):
        for c in range(channels):
            y[row, c, :] = 0
            for i in range(weight.shape[1]):
                shift = i * dilation[0] - padding[0][0]
                at = row - shift if back else row * stride[0] + shift
                if back and at % stride[0] != 0:
                    continue
                at = at // stride[0] if back else at
                if at < 0 or at >= height:
                    continue
                for j in range(weight.shape[2]):
                    w, shift = weight[c, i, j], j * dilation[1] - padding[1][0]
                    first = max(-(shift // stride[1]), 0)
                    last = min((width - 1 - shift) // stride[1], positions - 1)
                    together = max(last - first + 1, 1) if stride[1] == 1 else 1  # neighbours in both
                    for p in range(first, last + 1, together):
                        place = p * stride[1] + shift
                        u = x[at, c, (p if back else place) * batch :]
                        v = y[row, c, (place if back else p) * batch :]
                        for k in range(together * batch):
                            v[k] += w * u[k]


@looped(_add_windows_loop)
def _add_windows(
    source: Any, weight: Any, target: Any, stride: tuple, padding: tuple, dilation: tuple, back: int
) -> None:
    """The convolution of a source, or its adjoint (`back`), written into the target."""
    kernel = weight.shape[1:]
    widths = (target.shape[2], source.shape[2]) if back else (source.shape[2], target.shape[2])
    across = _across(*widths, kernel, stride, padding, dilation)
    for row, line in enumerate(target):
        line[...] = 0
        for i in range(kernel[0]):
            shift = i * dilation[0] - padding[0][0]
            at, left = divmod(row - shift, stride[0]) if back else (row * stride[0] + shift, 0)
            if left or not 0 <= at < len(source):
                continue
            for j, (met, seen) in enumerate(across):
                to, of = (seen, met) if back else (met, seen)
                line[:, to] += weight[:, i, j, None, None] * source[at, :, of]


def _add_products_loop(x: Any, g: Any, total: Any, stride: tuple, padding: tuple, dilation: tuple) -> None:
    rows, channels, columns, batch = g.shape
    height, width = x.shape[0], x.shape[2]
    windows = x.reshape((height, channels, width * batch))
    numbers = g.reshape((rows, channels, columns * batch))
    sums = total.reshape((channels, total.shape[1], total.shape[2], columns * batch))
    for c in range(channels):
        sums[c] = 0
        for row in range(rows):
            for i in range(total.shape[1]):
                at = row * stride[0] + i * dilation[0] - padding[0][0]
                if at < 0 or at >= height:
                    continue
                for j in range(total.shape[2]):
                    shift = j * dilation[1] - padding[1][0]
                    first = max(-(shift // stride[1]), 0)
                    last = min((width - 1 - shift) // stride[1], columns - 1)
                    together = max(last - first + 1, 1) if stride[1] == 1 else 1
                    for p in range(first, last + 1, together):
                        u = windows[at, c, (p * stride[1] + shift) * batch :]
                        v = numbers[row, c, p * batch :]
                        s = sums[c, i, j, p * batch :]
                        for k in range(together * batch):
                            s[k] += u[k] * v[k]


@looped(_add_products_loop)
def _add_products(x: Any, g: Any, total: Any, stride: tuple, padding: tuple, dilation: tuple) -> None:
    """For each number of the filters, the products of what windows have there with g, added up along the rows alone.

    The total is (C, KH, KW, columns, N).
    """
    kernel = total.shape[1:3]
    across = _across(x.shape[2], g.shape[2], kernel, stride, padding, dilation)
    total[...] = 0
    for row, numbers in enumerate(g):
        for i in range(kernel[0]):
            at = row * stride[0] + i * dilation[0] - padding[0][0]
            if 0 <= at < len(x):
                for j, (met, seen) in enumerate(across):
                    total[:, i, j, met] += x[at, :, seen] * numbers[:, met]


def _across(width: int, positions: int, kernel: tuple, stride: tuple, padding: tuple, dilation: tuple) -> list:
    """For each column of a filter, which windows of a row have an element of the image there, and which elements."""
    found = offsets((width,), (positions,), kernel[1:], stride[1:], padding[1:], dilation[1:])
    return [(at, place) for _, (at,), (place,) in found]
