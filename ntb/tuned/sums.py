"""Sums over any axes as products with ones: measured five to ten times as fast as `np.sum` over small axes.

The axes are given by the shape of the result, which has length 1 along the axes that are summed over. In their order in
memory, axes make three groups (A, C, B): A and B are summed over, C stays. The groups are (1, rows, features) for
layer norm, (rows, C, columns N) for the images of `layout.py`, and (N, C, 1) for the rows of a dense layer.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np


def grouping(x: Any, shape: tuple) -> tuple:
    """The order of axes in memory, and the sizes (A, C, B); the order is None if it is 0, 1, 2, …

    The sizes are None if axes that are summed over and axes that stay make more than three groups.
    """
    if x.size == 0:
        return None, (1, math.prod(shape), 0)
    order = None if x.flags.c_contiguous else sorted(range(x.ndim), key=lambda i: -abs(x.strides[i]))
    sizes = [1, 1, 1]
    group = 0
    for i in order or range(x.ndim):
        if x.shape[i] != 1:
            group += (shape[i] != 1) != (group == 1)
            if group == 3:
                return order, None
            sizes[group] *= x.shape[i]
    return order, sizes


def grouped(a: Any, order: Any, sizes: Any) -> Any:
    """The array as (A, C, B): a view, if it lies in memory in that order."""
    return (a if order is None else a.transpose(order)).reshape(sizes)


def delivered(total: Any, order: Any, shape: tuple, out: Any) -> Any:
    """The sums (C,) of (A, C, B) as an array of the given shape."""
    out = np.empty(shape, total.dtype) if out is None else out
    view = out if order is None else out.transpose(order)
    view[...] = total.reshape(view.shape)
    return out


def totals(a: Any) -> Any:
    """The sums of (A, C, B) over A and B, (C,)."""
    count, rows, length = a.shape
    if length != 1:
        a = np.matmul(a.reshape(count * rows, length), np.ones(length, a.dtype))
    a = a.reshape(count, rows)
    return np.matmul(np.ones(count, a.dtype), a) if count != 1 else a[0]


def sum_to(x: Any, shape: tuple, out: Any) -> Any:
    """The sums of x that have a given shape."""
    order, sizes = grouping(x, shape)
    while sizes is None:
        x = _first_summed(x, order or list(range(x.ndim)), shape)
        order, sizes = grouping(x, shape)
    return delivered(totals(grouped(x, order, sizes)), order, shape, out)


def _first_summed(x: Any, order: list, shape: tuple) -> Any:
    """x, summed over those axes that come first in memory; if the first one stays, all that stay are moved there.

    Most of the sum is done then. Where channels are normalised in groups, images that lie as (rows, C, columns, N) are
    summed over rows, some of the channels, and columns.
    """
    count = next(k for k, i in enumerate(order) if x.shape[i] != 1 and shape[i] != 1)
    lengths = [x.shape[i] for i in order]
    first, rest = math.prod(lengths[:count]), lengths[count:]
    if first == 1:
        order = sorted(order, key=lambda i: shape[i] == 1)
        y = np.ascontiguousarray(x.transpose(order))
    else:
        y = totals(grouped(x, order, (first, math.prod(rest), 1))).reshape(*[1] * count, *rest)
    return y.transpose(np.argsort(order))
