"""Interpolation: sequences, images and volumes of another size, axis by axis."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...errors import InputError
from ...habits import knows_habits
from ...values.creation import in_type
from ..checks import as_array, floating, widened
from ..convolution.windowing import Size, per_axis


@knows_habits
def interpolate(
    x: Any, size: Size | None = None, *, scale: Size | None = None, mode: str = "nearest", align_corners: bool = False
) -> Any:
    """x in another size, (N, C, *space) -> (N, C, *size). Two axes of space and "linear" are known as bilinear.

    An element is a small area: of n elements that become m, the centre of number i lies at `(i + 1/2) n / m - 1/2`.
    What lies outside of the first and last centres takes their value. Nothing is averaged where the size gets smaller;
    `adaptive_avg_pool2d` does that.

    Args:
        x: (N, C, *space), real or complex numbers; N and C may be 0. "nearest" keeps their type, for "linear" integers
            and bools are taken as float64.
        size: of the result, an int or one per axis of space.
        scale: in the place of the size, how many times as large it is: a whole number, or one per axis.
        mode: "nearest" repeats elements, "linear" draws lines between them.
        align_corners: for "linear", whether the elements are points, so that the first and last ones stay: then number
            i lies at `i (n - 1) / (m - 1)`.

    Raises:
        InputError: neither size nor scale or both, a mode that is not known, an x without elements along its axes of
            space.

    >>> x = np.array([[[0.0, 4.0]]])
    >>> interpolate(x, scale=2)
    array([[[0., 0., 4., 4.]]])
    >>> interpolate(x, 4, mode="linear")
    array([[[0., 1., 3., 4.]]])
    """
    x = as_array(x)
    if x.ndim < 3 or not math.prod(x.shape[2:]):
        raise InputError(f"interpolate takes x of shape (N, C, *space) with elements in space, not {x.shape}")
    if (size is None) == (scale is None):
        raise InputError(f"interpolate takes either a size or a scale, not size={size} and scale={scale}")
    if mode not in ("nearest", "linear"):
        raise InputError(f'mode is "nearest" or "linear" (bilinear for two axes of space), not {mode!r}')
    given = per_axis(scale if size is None else size, x.ndim - 2)
    if min(given) < 1:
        raise InputError(f"sizes and scales are 1 or more, not {given}")
    sizes = given if scale is None else tuple([n * times for n, times in zip(x.shape[2:], given)])
    if mode == "nearest":
        for axis, (n, m) in enumerate(zip(x.shape[2:], sizes), 2):
            x = np.take(x, np.arange(m) * n // m, axis=axis) if m % n else np.repeat(x, m // n, axis=axis)
        return x
    (x,) = floating(x)
    y = widened(x)
    for axis, (n, m) in enumerate(zip(x.shape[2:], sizes), 2):
        y = weighted(y, axis, _hats(n, m, align_corners))
    return in_type(y, x.dtype)


def _hats(n: int, m: int, align_corners: bool) -> Any:
    """The parts, (n, m), that n elements have in m elements on the lines between them: a column has two neighbours."""
    places = np.arange(m)
    at = places * ((n - 1) / max(m - 1, 1)) if align_corners else (places + 0.5) * (n / m) - 0.5
    return np.maximum(1 - np.abs(np.clip(at, 0, n - 1) - np.arange(n)[:, None]), 0)


def weighted(x: Any, axis: int, weights: Any) -> Any:
    """Sums of the elements along an axis, weighted by each column of a matrix (n, m): n elements become m.

    >>> weighted(np.array([[1.0, 2.0, 3.0]]), 1, np.array([[0.5, 0.0], [0.5, 0.0], [0.0, 1.0]]))
    array([[1.5, 3. ]])
    """
    return np.moveaxis(np.moveaxis(x, axis, -1) @ weights.astype(np.finfo(x.dtype).dtype), -1, axis)
