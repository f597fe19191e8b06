"""Pooling that does not depend on the size of the image: to a given size, or to one number for each channel."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...errors import InputError
from ...values.creation import in_type
from ..checks import as_array, floating, real_numbers, widened
from ..convolution.windowing import Size, per_axis
from ..resizing.interpolate import weighted


def global_avg_pool(x: Any) -> Any:
    """The mean of each channel: (N, C, *space) -> (N, C). Integers and bools are taken as float64.

    Raises:
        InputError: x has fewer than two axes, or no element in a channel.

    >>> global_avg_pool(np.arange(8.0).reshape(1, 2, 2, 2))
    array([[1.5, 5.5]])
    """
    (x,) = floating(x)
    return np.mean(x, axis=_space(x))


def global_max_pool(x: Any) -> Any:
    """The maximum of each channel: (N, C, *space) -> (N, C), for real numbers.

    Raises:
        InputError: x has fewer than two axes, or no element in a channel.

    >>> global_max_pool(np.arange(8.0).reshape(1, 2, 2, 2))
    array([[3., 7.]])
    """
    x = real_numbers(as_array(x), "maxima")
    return np.max(x, axis=_space(x))


def _space(x: Any) -> tuple[int, ...]:
    """The axes of space."""
    if x.ndim < 2 or not math.prod(x.shape[2:]):
        raise InputError(f"pooling of channels takes x (N, C, *space) with an element in each channel, not {x.shape}")
    return tuple(range(2, x.ndim))


# --- to a given size


def adaptive_avg_pool1d(x: Any, size: Size) -> Any:
    """The means of `size` parts of each sequence, (N, C, W) -> (N, C, size). As `adaptive_avg_pool2d`, of any numbers.

    >>> adaptive_avg_pool1d(np.array([[[1.0, 3.0, 5.0]]]), 2)
    array([[[2., 4.]]])
    """
    return _means(1, x, size)


def adaptive_avg_pool2d(x: Any, size: Size) -> Any:
    """The means of parts of each image, as many as are asked for: (N, C, H, W) -> (N, C, *size).

    Along an axis of n elements, part i of m reaches from `floor(i n / m)` to `ceil((i + 1) n / m)`, as in PyTorch: the
    parts cover all, and neighbours overlap by one element where m does not divide n.

    Args:
        x: (N, C, H, W), real or complex numbers; N and C may be 0. Integers and bools are taken as float64.
        size: how many parts there are, an int or (down, across); it may be more than x has elements.

    Returns:
        (N, C, down, across), of the floating type of x.

    Raises:
        InputError: an x that is no images, or has no pixels; a size of 0.

    >>> adaptive_avg_pool2d(np.arange(12.0).reshape(1, 1, 3, 4), (1, 2))
    array([[[[4.5, 6.5]]]])
    """
    return _means(2, x, size)


def adaptive_avg_pool3d(x: Any, size: Size) -> Any:
    """The means of parts of each volume, (N, C, D, H, W) -> (N, C, *size). As `adaptive_avg_pool2d`, of any numbers.

    >>> adaptive_avg_pool3d(np.arange(8.0).reshape(1, 1, 2, 2, 2), (2, 1, 1)).ravel()
    array([1.5, 5.5])
    """
    return _means(3, x, size)


def adaptive_max_pool1d(x: Any, size: Size) -> Any:
    """The maxima of `size` parts of each sequence, (N, C, W) -> (N, C, size). As `adaptive_max_pool2d`.

    x is of real numbers of any type, which the result keeps.

    >>> adaptive_max_pool1d(np.array([[[1.0, 3.0, 2.0]]]), 3)
    array([[[1., 3., 2.]]])
    """
    return _maxima(1, x, size)


def adaptive_max_pool2d(x: Any, size: Size) -> Any:
    """The maxima of parts of each image: (N, C, H, W) -> (N, C, *size), with the parts of `adaptive_avg_pool2d`.

    Args:
        x: (N, C, H, W), real numbers of any type, which the result keeps. Equal maxima share the gradient, first those
            of a column.
        size: how many parts there are, an int or (down, across).

    Raises:
        InputError: an x that is no images, or has no pixels; complex numbers; a size of 0.

    >>> adaptive_max_pool2d(np.arange(12.0).reshape(1, 1, 3, 4), (1, 2))
    array([[[[ 9., 11.]]]])
    """
    return _maxima(2, x, size)


def adaptive_max_pool3d(x: Any, size: Size) -> Any:
    """The maxima of parts of each volume, (N, C, D, H, W) -> (N, C, *size). As `adaptive_max_pool2d`.

    x is of real numbers of any type, which the result keeps.

    >>> adaptive_max_pool3d(np.arange(8.0).reshape(1, 1, 2, 2, 2), (2, 1, 1)).ravel()
    array([3., 7.])
    """
    return _maxima(3, x, size)


def _means(dims: int, x: Any, size: Size) -> Any:
    (x,) = floating(x)
    y = widened(x)
    for axis, (start, stop) in enumerate(_parts(dims, x, size), 2):
        elements = np.arange(x.shape[axis])[:, None]
        y = weighted(y, axis, ((start <= elements) & (elements < stop)) / (stop - start))
    return in_type(y, x.dtype)


def _maxima(dims: int, x: Any, size: Size) -> Any:
    """Maxima along one axis after the other. Shorter parts are filled up with the lowest number that there is."""
    x = real_numbers(as_array(x), "maxima")
    x = floating(x)[0] if x.dtype == bool else x
    lowest = -math.inf if x.dtype.kind == "f" else np.iinfo(x.dtype).min
    for axis, (start, stop) in enumerate(_parts(dims, x, size), 2):
        index = start + np.arange(max(stop - start))[:, None]  # (elements, parts)
        inside = np.reshape(index < stop, (*index.shape, *[1] * (x.ndim - axis - 1)))
        elements = np.take(x, np.minimum(index, x.shape[axis] - 1), axis=axis)
        x = np.max(np.where(inside, elements, lowest), axis=axis)
    return x


def _parts(dims: int, x: Any, size: Size) -> list[tuple[Any, Any]]:
    """For each axis of space, where its parts begin and end."""
    sizes = per_axis(size, dims)
    if x.ndim != dims + 2 or not math.prod(x.shape[2:]) or min(sizes) < 1:
        raise InputError(
            f"adaptive pooling takes x of shape (N, C, *space) with {dims} axes of space, none of them empty, and "
            f"sizes of 1 or more; not x of shape {x.shape} and {size}"
        )
    return [(np.arange(m) * n // m, -(-np.arange(1, m + 1) * n // m)) for n, m in zip(x.shape[2:], sizes)]
