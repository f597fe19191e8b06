"""The maximum of windows, and how its gradient is shared, without laying the windows out.

Everything goes through the offsets inside a window: the elements that the windows have at one offset are one strided
slice of the image, and an operation on it moves contiguous stretches of the batch (convolution.py has the layout).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..tape.rules import derivative, primitive
from ..tape.tape import stop_gradient
from .windows import offsets, positions_of


@primitive
def window_max(x: Any, kernel: tuple, stride: tuple, padding: tuple, ties: str = "split", out: Any = None) -> Any:
    """The maximum of each window of an image.

    Args:
        x: (N, C, *space).
        kernel, stride: the windows' sizes and distances, per axis of space.
        padding: a pair (before, after) per axis; what is padded never is a maximum.
        ties: "split" shares the gradient equally among equal maxima, "first" gives it to the first in reading order.

    Returns:
        (N, C, *positions).

    >>> window_max(np.array([[[1.0, 3.0, 2.0, 2.0]]]), (2,), (2,), ((0, 0),))
    array([[[3., 2.]]])
    """
    positions = positions_of(x.shape[2:], kernel, stride, padding, (1,) * len(kernel))
    y = np.empty_like(x, shape=(*x.shape[:2], *positions)) if out is None else out
    pieces = pieces_of(x, y, kernel, stride, padding)
    start = next((i for i, (at, _) in enumerate(pieces) if y[at].shape == y.shape), None)
    if start is None:
        y.fill(-math.inf if x.dtype.kind == "f" else np.iinfo(x.dtype).min)
    else:
        np.copyto(y, x[pieces.pop(start)[1]])
    for at, place in pieces:
        np.maximum(y[at], x[place], out=y[at])
    return y


@primitive
def window_share(
    g: Any, x: Any, y: Any, kernel: tuple, stride: tuple, padding: tuple, ties: str, out: Any = None
) -> Any:
    """The adjoint of taking the maxima y of x: each number of g goes to the elements of x that were the maximum."""
    image = np.empty_like(x, g.dtype) if out is None else out
    pieces = pieces_of(x, y, kernel, stride, padding)
    apart = all(s >= k for s, k in zip(stride, kernel))  # then each element has one window, and nothing adds up
    if not apart or sum(y[0, 0][at[2:]].size for at, _ in pieces) < math.prod(x.shape[2:]):
        image.fill(0)
    hits, count = maxima(x, y, pieces, ties)
    share = g if count is None else np.divide(g, count.astype(g.dtype))
    for (at, place), hit in zip(pieces, hits):
        if apart:
            np.multiply(share[at], hit, out=image[place])
        else:
            image[place] += share[at] * hit
    return image


@primitive
def window_pick(h: Any, x: Any, y: Any, kernel: tuple, stride: tuple, padding: tuple, ties: str) -> Any:
    """The elements of h where x has the maxima y of its windows; of several equal ones the mean, or the first."""
    pieces = pieces_of(x, y, kernel, stride, padding)
    hits, count = maxima(x, y, pieces, ties)
    total = np.zeros_like(y, h.dtype)
    for (at, place), hit in zip(pieces, hits):
        total[at] += h[place] * hit
    return total if count is None else np.divide(total, count.astype(h.dtype), out=total)


derivative(
    window_max,
    lambda g, y, x, kernel, stride, padding, ties="split": window_share(
        g, stop_gradient(x), stop_gradient(y), kernel, stride, padding, ties
    ),
)
derivative(
    window_share,
    lambda h, _z, _g, x, y, kernel, stride, padding, ties: window_pick(h, x, y, kernel, stride, padding, ties),
)
derivative(
    window_pick,
    lambda g, _z, _h, x, y, kernel, stride, padding, ties: window_share(g, x, y, kernel, stride, padding, ties),
)


def maxima(x: Any, y: Any, pieces: list, ties: str) -> tuple[list, Any]:
    """Where the slices of x are the maximum y of their window; and of how many, or None if of one everywhere."""
    hits = [np.equal(x[place], y[at]) for at, place in pieces]
    count = counted(hits, y, pieces)
    if not count.all():  # a window with a NaN has the maximum NaN, which equals nothing
        hits = [np.logical_or(hit, np.isnan(x[place])) for hit, (_, place) in zip(hits, pieces)]
        count = counted(hits, y, pieces)
    if count.size == 0 or count.max() == 1:
        return hits, None
    if ties == "split":
        return hits, count
    free = np.ones_like(y, bool)
    for hit, (at, _) in zip(hits, pieces):
        np.logical_and(hit, free[at], out=hit)
        np.logical_xor(free[at], hit, out=free[at])
    return hits, None


def pieces_of(x: Any, y: Any, kernel: tuple, stride: tuple, padding: tuple) -> list:
    """For each offset inside a window the indices of its elements in y and in x."""
    found = offsets(x.shape[2:], y.shape[2:], kernel, stride, padding, (1,) * len(kernel))
    return [((slice(None), slice(None), *at), (slice(None), slice(None), *place)) for _, at, place in found]


def counted(hits: list, y: Any, pieces: list) -> Any:
    """How many elements of each window are hit."""
    count = np.zeros_like(y, np.min_scalar_type(len(hits)))
    for hit, (at, _) in zip(hits, pieces):
        np.add(count[at], hit.view(np.uint8), out=count[at])
    return count
