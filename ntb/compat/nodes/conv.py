"""Convolution and pooling of images (N, C, H, W), and the helpers on arrays by their old names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ... import nn
from ...errors import InputError
from ...ops.windows import unwindows
from ..current import GraphError
from ..misc import Shape, fitted_shape, pair, whole
from ..node import Node

Pads = tuple[tuple[int, int], ...]


def get_pad(H: int, W: int, HH: int, WW: int, stride: int, padding_type: str = "minimal") -> tuple[int, int]:
    """The total padding of height and width for windows (HH, WW) at a stride.

    "minimal" is the least with which the windows fill the image; "same" gives one window more than the image has
    strides: 28 -> 29 at stride 1, 15 at stride 2. (TensorFlow's "SAME" gives 28 and 14.)

    >>> get_pad(28, 28, 5, 5, 2), get_pad(28, 28, 5, 5, 2, "same")
    ((1, 1), (5, 5))
    """
    for name, n in (("HH", HH), ("WW", WW), ("stride", stride)):
        whole(name, n)
    if padding_type == "minimal":
        return (HH - H) % stride, (WW - W) % stride
    if padding_type == "same":
        return HH + -H % stride, WW + -W % stride
    raise GraphError(f'padding is "minimal" or "same", not {padding_type!r}; Conv2d(x, w, b, stride, pad) takes any')


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
    batch, channels, height, width = shape
    rows, across = (height + pad[0] - HH) // stride + 1, (width + pad[1] - WW) // stride + 1
    laid = columns.reshape(channels, HH, WW, batch, rows, across).transpose(0, 1, 2, 4, 5, 3)
    return unwindows(laid, (height, width), (HH, WW), (stride, stride), split_pad(pad), (1, 1))


class Conv2d(Node):
    """Cross-correlation of x (N, C, H, W) with w (F, C, HH, WW), plus b (F,).

    Args:
        stride: for both axes.
        pad: the total padding of the height and of the width, as `get_pad` gives it.
    """

    def init(self, stride: int, pad: Sequence[int], shape: Any = None) -> None:
        self.stride = whole("the stride of Conv2d", stride)
        self.pad = pair("the pad of Conv2d", pad, least=0)

    def infer_shape(self, x: Shape, w: Shape, b: Shape) -> Shape:
        fitted_shape(self.kind, "(N, C, H, W), (F, C, HH, WW), (F,)", x, w, b)
        return (x[0], w[0], *window_counts(x[2:], w[2:], self.stride, self.pad))

    def compute(self, x: Any, w: Any, b: Any) -> Any:
        return nn.conv2d(x, w, b, stride=self.stride, padding=split_pad(self.pad))


class MaxPool(Node):
    """The maximum of each window of x (N, C, H, W).

    Windows that do not overlap are padded with -inf, and equal maxima share the gradient; others are padded with
    zero, and the first maximum has it all. Programs hold numbers that depend on it.
    """

    def init(self, pool_size: Sequence[int], pad: Sequence[int], stride: int | None = None, shape: Any = None) -> None:
        self.pool_size = pair("the pool_size of MaxPool", pool_size)
        self.pad = pair("the pad of MaxPool", pad, least=0)
        self.stride = self.pool_size[0] if stride is None else whole("the stride of MaxPool", stride)

    def infer_shape(self, x: Shape) -> Shape:
        if len(x) != 4 or -1 in x[1:]:
            raise InputError(f"MaxPool: expected x of shape (N, C, H, W) with C, H and W known, not {x}")
        return (*x[:2], *window_counts(x[2:], self.pool_size, self.stride, self.pad))

    def compute(self, x: Any) -> Any:
        if self.pool_size == (self.stride, self.stride):
            return nn.max_pool2d(x, self.pool_size, stride=self.stride, padding=split_pad(self.pad))
        padded = np.pad(x, ((0, 0), (0, 0), *split_pad(self.pad)))
        return nn.max_pool2d(padded, self.pool_size, stride=self.stride, ties="first")


def window_counts(sizes: Sequence[int], window: Sequence[int], stride: int, pad: Sequence[int]) -> tuple[int, int]:
    """How many windows fit along the height and the width."""
    spare = [n + p - k for n, k, p in zip(sizes, window, pad)]
    for name, n in zip(("height", "width"), spare):
        if n < 0 or n % stride:
            raise InputError(
                f"{name} does not work: windows of {tuple(window)} at stride {stride} do not fill {tuple(sizes)} with "
                f"a padding of {tuple(pad)}; get_pad gives one that fits"
            )
    return spare[0] // stride + 1, spare[1] // stride + 1
