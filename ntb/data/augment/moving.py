"""Where things are in images: mirrored, cut, turned, moved, zoomed."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ...errors import InputError
from .images import as_floats, checked, each, like


def flip(x: Any, rng: np.random.Generator, p: float = 0.5, axis: int = -1) -> np.ndarray:
    """Mirror images: (N, C, H, W) -> the same shape and type.

    Args:
        p: the probability of each image to be mirrored.
        axis: -1 swaps left and right, -2 top and bottom.

    Raises:
        InputError: no images, a probability outside of [0, 1], another axis.

    >>> flip(np.arange(3).reshape(1, 1, 1, 3), np.random.default_rng(0), p=1)
    array([[[[2, 1, 0]]]])
    """
    x = checked(x, rng)
    if axis not in (-1, -2, 2, 3):
        raise InputError(f"images are mirrored along axis -1, left and right, or -2, top and bottom, not {axis!r}")
    if not 0 <= p <= 1:
        raise InputError(f"the probability to mirror an image lies between 0 and 1, it is not {p}")
    return np.where(each(rng.random(len(x)) < p), np.flip(x, axis), x)


def crop(
    x: Any, rng: np.random.Generator, padding: int = 4, size: int | tuple[int, int] | None = None,
    mode: str = "constant",
) -> np.ndarray:  # fmt: skip
    """Pad images, and cut a window out of each at a random place: (N, C, H, W) -> (N, C, *size), of the same type.

    In its own size an image is thereby shifted by up to `padding` pixels (He, Zhang, Ren and Sun, "Deep residual
    learning for image recognition", 2016).

    Args:
        padding: how many pixels are put around, 0 or more.
        size: of the windows, height and width or one number for both; by itself that of the images.
        mode: what is put around, as for `np.pad`: "constant" (zeros), "edge", "reflect", …

    Raises:
        InputError: no images, a negative padding, or a window that is larger than the padded image.

    >>> crop(np.arange(9).reshape(1, 1, 3, 3), np.random.default_rng(1), padding=1)
    array([[[[0, 1, 2],
             [3, 4, 5],
             [6, 7, 8]]]])
    """
    x = checked(x, rng)
    if not isinstance(padding, (int, np.integer)) or padding < 0:
        raise InputError(f"padding= is a whole number of pixels, 0 or more, not {padding!r}")
    padded = np.pad(x, [(0, 0), (0, 0), (padding, padding), (padding, padding)], mode)  # type: ignore[call-overload]
    height, width = x.shape[2:] if size is None else (size, size) if isinstance(size, int) else size
    places = padded.shape[2] - height + 1, padded.shape[3] - width + 1
    if min(places) < 1 or min(height, width) < 0:
        raise InputError(f"no window of {(height, width)} fits into padded images of {padded.shape[2:]}")
    top, left = (rng.integers(0, n, len(x)) for n in places)
    windows = sliding_window_view(padded, (height, width), axis=(2, 3))
    return windows[np.arange(len(x)), :, top, left]


def affine(
    x: Any, rng: np.random.Generator, *, degrees: float = 0, shift: float = 0, zoom: float = 0, shear: float = 0,
    fill: float = 0,
) -> np.ndarray:  # fmt: skip
    """Turn, move, zoom and shear images around their centres: (N, C, H, W) -> the same shape and type.

    A pixel of the result is interpolated between the four nearest ones (bilinearly) at the place from which it comes.

    Args:
        degrees: of the angle, which is drawn from [-degrees, degrees] for each image.
        shift: the most pixels by which an image is moved along each axis.
        zoom: 0.25 draws factors between 1 / 1.25 and 1.25, as often larger as smaller ones.
        shear: 0.25 moves rows sidewards by up to a quarter of their distance from the centre.
        fill: what lies outside of the images.

    Raises:
        InputError: no images, or a negative limit.

    >>> image = np.zeros((1, 1, 3, 3)); image[..., 1, 1] = 1
    >>> affine(image, np.random.default_rng(0), degrees=45).round(2)[0, 0, 1]
    array([0.02, 1.  , 0.02])
    """
    x = checked(x, rng)
    if min(degrees, shift, zoom, shear) < 0:
        raise InputError(f"limits are 0 or more, not {degrees=}, {shift=}, {zoom=}, {shear=}")
    n, _, height, width = x.shape
    # All are drawn, also those that are 0, so that the angles stay what they are when zoom is added.
    angle, factor, slant, down, right = rng.uniform(-1, 1, (5, n, 1, 1))
    angle, factor = np.deg2rad(degrees * angle), np.exp(-np.log1p(zoom) * factor)
    rows = np.arange(height)[:, None] - (height - 1) / 2 - shift * down  # (N, H, 1), from the centre
    across = np.arange(width) - (width - 1) / 2 - shift * right + shear * slant * rows
    from_row = factor * (np.cos(angle) * rows - np.sin(angle) * across) + (height - 1) / 2
    from_column = factor * (np.sin(angle) * rows + np.cos(angle) * across) + (width - 1) / 2
    return like(_interpolated(as_floats(x), from_row, from_column, fill), x)


def _interpolated(x: np.ndarray, rows: np.ndarray, columns: np.ndarray, fill: float) -> np.ndarray:
    """The values of images at places (N, H, W) between their pixels; what is further off than a pixel is filled."""
    (n, _, height, width), ring = x.shape, 1
    x = np.pad(x, [(0, 0), (0, 0), (ring, ring), (ring, ring)], constant_values=fill)
    rows, columns = np.clip(rows + ring, 0, height + ring), np.clip(columns + ring, 0, width + ring)
    top, left = np.floor(rows).astype(int).clip(max=height), np.floor(columns).astype(int).clip(max=width)
    below, beside = (rows - top)[..., None].astype(x.dtype), (columns - left)[..., None].astype(x.dtype)
    image = np.arange(n)[:, None, None]
    pixels = np.moveaxis(x, 1, -1)
    upper = (1 - beside) * pixels[image, top, left] + beside * pixels[image, top, left + 1]
    lower = (1 - beside) * pixels[image, top + 1, left] + beside * pixels[image, top + 1, left + 1]
    return np.moveaxis((1 - below) * upper + below * lower, -1, 1)
