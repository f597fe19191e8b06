"""Helpers on arrays of images (N, C, H, W), by their old names: padding, and windows as columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

Pads = tuple[tuple[int, int], ...]


def get_pad(H: int, W: int, HH: int, WW: int, stride: int, padding_type: str = "minimal") -> tuple[int, int]:
    """The total padding of height and width for windows (HH, WW) at a stride.

    "minimal" is the least with which the windows fill the image; "same", or any other word, gives one window more than
    the image has strides: 28 -> 29 at stride 1, 15 at stride 2. (TensorFlow's "SAME" gives 28 and 14.)

    >>> get_pad(28, 28, 5, 5, 2), get_pad(28, 28, 5, 5, 2, "same")
    ((1, 1), (5, 5))
    """
    if padding_type == "minimal":
        return (HH - H) % stride, (WW - W) % stride
    return HH + -H % stride, WW + -W % stride


def split_pad(pad: Sequence[int]) -> Pads:
    """Total paddings as pairs (before, after), the greater half after.

    >>> split_pad((5, 2))
    ((2, 3), (1, 1))
    """
    return tuple((p // 2, (p + 1) // 2) for p in pad)


def pad_4d(x: np.ndarray, pad: Sequence[int], c: float = 0) -> np.ndarray:
    """Put the value c around the images; `pad` is the total for height and width."""
    return np.pad(x, ((0, 0), (0, 0), *split_pad(pad)), constant_values=c)


def unpad_4d(x: np.ndarray, pad: Sequence[int]) -> np.ndarray:
    """Cut off what `pad_4d` put around."""
    (top, bottom), (left, right) = split_pad(pad)
    return x[:, :, top : x.shape[2] - bottom, left : x.shape[3] - right]


def as_strided(x: np.ndarray, HH: int, WW: int, stride: int) -> np.ndarray:
    """A view of all windows of padded images: (N, C, HH, WW, rows, columns)."""
    view = np.lib.stride_tricks.sliding_window_view(x, (HH, WW), axis=(2, 3))[:, :, ::stride, ::stride]
    return np.transpose(view, (0, 1, 4, 5, 2, 3))


def im2col_aux(x: np.ndarray, HH: int, WW: int, stride: int) -> np.ndarray:
    """The windows of padded images as columns: (C * HH * WW, N * rows * columns)."""
    windows = as_strided(x, HH, WW, stride)
    return np.transpose(windows, (1, 2, 3, 0, 4, 5)).reshape(x.shape[1] * HH * WW, -1)


def im2col(x: np.ndarray, HH: int, WW: int, pad: Sequence[int], stride: int) -> np.ndarray:
    """`im2col_aux` of the images padded with zeros."""
    return im2col_aux(pad_4d(x, pad), HH, WW, stride)


def col2im(columns: np.ndarray, shape: Sequence[int], HH: int, WW: int, pad: Sequence[int], stride: int) -> np.ndarray:
    """The adjoint of `im2col`: add the columns up to images of a shape (N, C, H, W)."""
    from ..ops.windows import unwindows

    batch, channels, height, width = shape
    rows, across = (height + pad[0] - HH) // stride + 1, (width + pad[1] - WW) // stride + 1
    laid = columns.reshape(channels, HH, WW, batch, rows, across).transpose(0, 1, 2, 4, 5, 3)
    return unwindows(laid, (height, width), (HH, WW), (stride, stride), split_pad(pad), (1, 1))


def sum_to_match(g: Any, shape: Sequence[int]) -> Any:
    """Sum an array over the axes along which an operand of this shape was broadcast."""
    from ..tape.gradient import unbroadcast

    return unbroadcast(np.asarray(g), tuple(shape))
