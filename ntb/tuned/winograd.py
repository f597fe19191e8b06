"""Convolution with filters of 3x3 in fewer multiplications (Winograd, 1980; Lavin and Gray, 2016).

Two results next to each other, of a filter w of three numbers that meets four numbers x, take four multiplications
rather than six:

    m0 = (x0 - x2) w0                     y0 = m0 + m1 + m2
    m1 = (x1 + x2) (w0 + w1 + w2) / 2     y1 = m1 - m2 + m3
    m2 = (x2 - x1) (w0 - w1 + w2) / 2
    m3 = (x3 - x1) w2

Done along rows and along columns, a tile of 2x2 results takes 16 multiplications rather than 36. Since all of it is
linear, the sums over channels can be taken of the m, before they are added up to results:

    image    --spread_image-->    tiles (4, 4, C, rows, across, N)      rows of tiles, and tiles across
    filters  --spread_filters-->  factors (4, 4, F, C)                  products = factors @ tiles, 16 matrices each
    results  <--gather_results--  products (4, 4, F, rows, across, N)

A result depends on its own window only, and rounding errors are about those of the plain form. An infinity in a window
gives NaN, as it is added and subtracted.

The batch comes last in memory (`layout.py`), and even and odd columns of the image lie apart, so that all sums here
move long contiguous stretches. Some rows of tiles are spread, multiplied and gathered while they are in the cache. No
windows are kept for the gradient, which `convolution.py` keeps three times as large as the image.

Measured with both gradients, one thread, beside `convolution.py`: 0.6 to 0.8 of the time with loops (ntb/looped.py),
0.8 to 1.0 without; 32 images 16x16 of 32 channels to 64 filters, 8x8 of 64, and 4 images 32x32 of 32. With 16 channels
it is no faster.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from ..looped import looped
from ..ops.flops import size
from ..ops.windows import Grid
from ..primitive import primitive
from ..tape.rules import derivative
from .layout import from_rows, laid, to_rows

_OF_THREE = ((1.0, 0.0, 0.0), (0.5, 0.5, 0.5), (0.5, -0.5, 0.5), (0.0, 0.0, 1.0))
_OF_NINE = tuple([tuple([a * b for a in down for b in across]) for down in _OF_THREE for across in _OF_THREE])
"""(16, 9): the factors of 4x4 products, from the numbers of a filter."""
_FEWEST = 32
"""So many channels and filters make the products the larger part of the work."""


def suits(x: Any, weight: Any, grid: Grid, groups: int) -> bool:
    """Whether a convolution is done here. Of sizes only the filters' decide, so that a program serves all images."""
    kernel, stride, padding, dilation = grid
    return (
        (kernel, stride, dilation, groups) == ((3, 3), (1, 1), (1, 1), 1)
        and all(max(border) <= 2 for border in padding)
        and min(weight.shape[:2]) >= _FEWEST
        and x.dtype == weight.dtype
        and x.dtype in (np.float32, np.float64)
    )


def tiled_flops(y: Any, weight: Any) -> int:
    """Four multiplications and additions for each result and channel."""
    return 8 * size(y) * size(weight) // max(9 * (weight.shape or (1,))[0], 1)


@primitive(product=lambda y, x, weight, *_: tiled_flops(y, weight), looped=True)
def tiled_convolution(x: Any, weight: Any, padding: tuple, out: Any = None) -> Any:
    """The convolution of images (N, C, H, W) with filters (F, C, 3, 3), one position apart: (N, F, rows, columns)."""
    count, channels, height, width = x.shape
    shape = (count, weight.shape[0], height + sum(padding[0]) - 2, width + sum(padding[1]) - 2)
    y = np.empty(laid(shape), np.result_type(x, weight)) if out is None else to_rows(out)
    results = y if y.flags.c_contiguous else np.empty(y.shape, y.dtype)
    factors = spread_filters(weight)
    for image, row, part in parts_of(shape, channels, x.itemsize):
        tiles = tiles_of(to_rows(x), image, row, part, padding)
        products = np.empty((4, 4, shape[1], *part), y.dtype)
        np.matmul(factors, tile_matrices(tiles), out=tile_matrices(products))
        gather_results(results, row, image, products)
    if results is not y:
        y[...] = results
    return from_rows(y) if out is None else out


@primitive(product=lambda y, x, g, *_: tiled_flops(g, y), looped=True)
def tiled_weight_gradient(x: Any, g: Any, padding: tuple, out: Any = None) -> Any:
    """The adjoint of `tiled_convolution` in the filters, (F, C, 3, 3): its steps backwards."""
    channels, filters = x.shape[1], g.shape[1]
    total, scratch = np.zeros((4, 4, filters, channels), x.dtype), np.empty((4, 4, filters, channels), x.dtype)
    for image, row, part in parts_of(g.shape, channels, x.itemsize):
        tiles = tiles_of(to_rows(x), image, row, part, padding)
        results = np.empty((2 * part[0], 2, filters, *part[1:]), x.dtype)
        part_columns(to_rows(g), image, results, -row, 0)
        products = np.empty((4, 4, filters, *part), x.dtype)
        spread_results(results, products)
        np.matmul(tile_matrices(products), np.swapaxes(tile_matrices(tiles), 2, 3), out=scratch)
        np.add(total, scratch, out=total)
    y = np.empty((filters, channels, 3, 3), x.dtype) if out is None else out
    nine = np.matmul(np.transpose(np.array(_OF_NINE, x.dtype)), np.reshape(total, (16, filters * channels)))
    y[...] = np.transpose(np.reshape(nine, (3, 3, filters, channels)), (2, 3, 0, 1))
    return y


def turned(weight: Any) -> Any:
    """The filters (F, C, *kernel) that take gradients back: mirrored, (C, F, *kernel)."""
    return np.swapaxes(weight, 0, 1)[(..., *[slice(None, None, -1)] * (weight.ndim - 2))]


def _opposite(padding: tuple) -> tuple:
    """The padding with which they give an image of the old size."""
    return tuple([(2 - before, 2 - after) for before, after in padding])


derivative(
    tiled_convolution,
    lambda g, _y, _x, weight, padding: tiled_convolution(g, turned(weight), _opposite(padding)),
    lambda g, _y, x, _weight, padding: tiled_weight_gradient(x, g, padding),
)
derivative(
    tiled_weight_gradient,
    lambda h, _y, _x, g, padding: tiled_convolution(g, turned(h), _opposite(padding)),
    lambda h, _y, x, _g, padding: tiled_convolution(x, h, padding),
)


# --- parts of the work that stay in the cache


def parts_of(shape: tuple, channels: int, itemsize: int) -> Iterator[tuple]:
    """The parts of results (N, F, rows, columns): tiles and products of one take a megabyte.

    Yields:
        The first image and the first row of results, and how many tiles there are: (down, across, N).
    """
    count, filters, rows, columns = shape
    most = 2**20 // (16 * (channels + filters) * itemsize)  # tiles at once
    down, across = -(-rows // 2), -(-columns // 2)
    images = max(32, most // max(across, 1))
    for image in range(0, count, images):
        together = min(images, count - image)
        step = max(1, most // max(across * together, 1))
        for row in range(0, down, step):
            yield image, 2 * row, (min(step, down - row), across, together)


def tiles_of(image: Any, start: int, row: int, part: tuple, padding: tuple) -> Any:
    """The tiles of a part of the padded image (rows, C, columns, N), from an image and a row on."""
    (above, _), (left, _) = padding
    down, across, count = part
    planes = np.empty((2 * down + 2, 2, image.shape[1], across + 1, count), image.dtype)
    part_columns(image, start, planes, above - row, left)
    tiles = np.empty((4, 4, image.shape[1], *part), image.dtype)
    spread_image(planes, tiles)
    return tiles


def _part_columns_loop(image: Any, start: int, planes: Any, above: int, left: int) -> None:
    rows, _, channels, columns, count = planes.shape
    zero = image.dtype.type(0)
    for r in range(rows):
        for odd in range(2):
            for c in range(channels):
                for k in range(columns):
                    row, column = r - above, 2 * k + odd - left
                    if 0 <= row < image.shape[0] and 0 <= column < image.shape[2]:
                        taken = image[row, c, column, start:]
                        for n in range(count):
                            planes[r, odd, c, k, n] = taken[n]
                    else:
                        for n in range(count):
                            planes[r, odd, c, k, n] = zero


@looped(_part_columns_loop)
def part_columns(image: Any, start: int, planes: Any, above: int, left: int) -> None:
    """Images (rows, C, columns, N), from the one at `start` on, with zeros around them, to planes (rows, 2, C, columns,
    N): even columns, and odd ones. So many rows of zeros are above; if it is negative, so many rows are left out.
    """
    top = max(above, 0)
    image = image[max(-above, 0) : max(planes.shape[0] - above, 0), :, :, start : start + planes.shape[-1]]
    planes[:top] = 0
    planes[top + len(image) :] = 0
    for odd in range(2):
        first = (left - odd + 1) // 2  # the first column that is in the image
        inside, taken = planes[top : top + len(image), odd], image[:, :, 2 * first + odd - left :: 2]
        last = first + taken.shape[2]
        inside[:, :, :first] = 0
        inside[:, :, first:last] = taken
        inside[:, :, last:] = 0


def tile_matrices(tiles: Any) -> Any:
    """(4, 4, C, rows, across, N) -> (4, 4, C, tiles)."""
    return np.reshape(tiles, (*tiles.shape[:3], math.prod(tiles.shape[3:])))


# --- from images and filters to factors, and from products to results


def spread_filters(weight: Any) -> Any:
    """(F, C, 3, 3) -> (4, 4, F, C)."""
    filters, channels = weight.shape[:2]
    nine = np.reshape(np.transpose(weight, (2, 3, 0, 1)), (9, filters * channels))
    return np.reshape(np.matmul(np.array(_OF_NINE, weight.dtype), nine), (4, 4, filters, channels))


def spread_four(a: Any, b: Any, c: Any, d: Any, out: Any) -> None:
    """The factors of four products, from four neighbours."""
    np.subtract(a, c, out[0])
    np.add(b, c, out[1])
    np.subtract(c, b, out[2])
    np.subtract(d, b, out[3])


def _spread_image_loop(rows: Any, tiles: Any) -> None:
    channels, down, across, count = tiles.shape[2:]
    length = across * count
    x = rows.reshape((len(rows), 2, channels, length + count))
    y = tiles.reshape((4, 4, channels, down, length))
    line = np.empty((4, 2, length + count), rows.dtype)
    for row in range(down):
        for k in range(channels):
            for odd in range(2):
                a, b = x[2 * row, odd, k], x[2 * row + 1, odd, k]
                c, d = x[2 * row + 2, odd, k], x[2 * row + 3, odd, k]
                for n in range(length + count):
                    line[0, odd, n] = a[n] - c[n]
                    line[1, odd, n] = b[n] + c[n]
                    line[2, odd, n] = c[n] - b[n]
                    line[3, odd, n] = d[n] - b[n]
            for i in range(4):
                a, b, c, d = line[i, 0], line[i, 1], line[i, 0, count:], line[i, 1, count:]
                for n in range(length):
                    y[i, 0, k, row, n] = a[n] - c[n]
                    y[i, 1, k, row, n] = b[n] + c[n]
                    y[i, 2, k, row, n] = c[n] - b[n]
                    y[i, 3, k, row, n] = d[n] - b[n]


@looped(_spread_image_loop)
def spread_image(rows: Any, tiles: Any) -> None:
    """Rows of an image, even and odd columns apart, to tiles (4, 4, C, rows, across, N)."""
    down = tiles.shape[3]
    lines = np.empty((4, down, *rows.shape[1:]), rows.dtype)
    a, b, c, d = [rows[i : i + 2 * down : 2] for i in range(4)]
    spread_four(a, b, c, d, lines)
    lines = np.moveaxis(lines, 1, 3)  # (4, 2, C, rows, across + 1, N)
    now, later = lines[:, :, :, :, :-1], lines[:, :, :, :, 1:]
    spread_four(now[:, 0], now[:, 1], later[:, 0], later[:, 1], np.swapaxes(tiles, 0, 1))


def gather_two(m: Any, even: Any, odd: Any) -> None:
    """Two results next to each other, from four products; these are scratch afterwards."""
    columns = odd.shape[-2]  # where their number is odd, the last result is left out
    np.add(m[0], m[1], m[0])
    np.add(m[0], m[2], even)
    np.subtract(m[1], m[2], m[1])
    np.add(m[1, ..., :columns, :], m[3, ..., :columns, :], odd)


def _gather_results_loop(y: Any, row: int, image: int, products: Any) -> None:
    filters, down, across, count = products.shape[2:]
    m = products.reshape((4, 4, filters, down, across * count))
    line = np.empty((2, 4, across * count), products.dtype)
    parts = line.reshape((2, 4, across, count))
    for i in range(down):
        for f in range(filters):
            for k in range(4):
                for n in range(across * count):
                    line[0, k, n] = m[0, k, f, i, n] + m[1, k, f, i, n] + m[2, k, f, i, n]
                for n in range(across * count):
                    line[1, k, n] = m[1, k, f, i, n] - m[2, k, f, i, n] + m[3, k, f, i, n]
            for r in range(min(2, y.shape[0] - row - 2 * i)):
                for t in range(across):
                    out = y[row + 2 * i + r, f, 2 * t, image:]
                    for n in range(count):
                        out[n] = parts[r, 0, t, n] + parts[r, 1, t, n] + parts[r, 2, t, n]
                for t in range(y.shape[2] // 2):
                    out = y[row + 2 * i + r, f, 2 * t + 1, image:]
                    for n in range(count):
                        out[n] = parts[r, 1, t, n] - parts[r, 2, t, n] + parts[r, 3, t, n]


@looped(_gather_results_loop, scratch=1)
def gather_results(y: Any, row: int, image: int, products: Any) -> None:
    """Products (4, 4, F, rows, across, N) to results y (rows, F, columns, N), from a row and an image on."""
    down = products.shape[3]
    sums = np.empty((2, *products.shape[1:]), products.dtype)
    gather_two(products, *sums)
    for i, m in enumerate(sums):
        target = np.swapaxes(y[row + i : row + 2 * down : 2, :, :, image : image + products.shape[-1]], 0, 1)
        gather_two(m[:, :, : target.shape[1]], target[:, :, 0::2], target[:, :, 1::2])


def spread_two(a: Any, b: Any, out: Any) -> None:
    """The adjoint of `gather_two`."""
    np.copyto(out[0], a)
    np.add(a, b, out[1])
    np.subtract(a, b, out[2])
    np.copyto(out[3], b)


def _spread_results_loop(rows: Any, tiles: Any) -> None:
    filters, down, across, count = tiles.shape[2:]
    x = rows.reshape((len(rows), 2, filters, across * count))
    y = tiles.reshape((4, 4, filters, down, across * count))
    line = np.empty((4, 2, across * count), rows.dtype)
    for row in range(down):
        for f in range(filters):
            for odd in range(2):
                for n in range(across * count):
                    a, b = x[2 * row, odd, f, n], x[2 * row + 1, odd, f, n]
                    line[0, odd, n], line[1, odd, n], line[2, odd, n], line[3, odd, n] = a, a + b, a - b, b
            for i in range(4):
                for n in range(across * count):
                    a, b = line[i, 0, n], line[i, 1, n]
                    y[i, 0, f, row, n], y[i, 1, f, row, n] = a, a + b
                    y[i, 2, f, row, n], y[i, 3, f, row, n] = a - b, b


@looped(_spread_results_loop)
def spread_results(rows: Any, tiles: Any) -> None:
    """The adjoint of `gather_results`: rows of results, even and odd columns apart, to (4, 4, F, rows, across, N)."""
    lines = np.empty((4, tiles.shape[3], *rows.shape[1:]), rows.dtype)
    spread_two(rows[0::2], rows[1::2], lines)
    lines = np.moveaxis(lines, 1, 3)  # (4, 2, F, rows, across, N)
    spread_two(lines[:, 0], lines[:, 1], np.swapaxes(tiles, 0, 1))
