"""Convolution and pooling of images (N, C, H, W), and the helpers on arrays by their old names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ... import nn
from ...errors import InputError
from ...ops.windows import Grid, positions_of, unwindows, windows
from ..current import GraphError
from ..misc import Shape, whole
from ..node import Node
from .table import REQUIRED, one_call

Pads = tuple[tuple[int, int], ...]


def get_pad(H: int, W: int, HH: int, WW: int, stride: int, padding_type: str = "minimal") -> tuple[int, int]:
    """The total padding of height and width for windows (HH, WW) at a stride.

    "minimal" is the least with which the windows fill the image; "same" gives one window more than the image has
    strides: 28 -> 29 at stride 1, 15 at stride 2. (TensorFlow's "SAME" gives 28 and 14.)

    >>> get_pad(28, 28, 5, 5, 2), get_pad(28, 28, 5, 5, 2, "same")
    ((1, 1), (5, 5))
    """
    whole("stride", stride)
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
    """All windows of padded images: (N, C, HH, WW, rows, columns)."""
    return np.moveaxis(windows(x, *_grid(HH, WW, (0, 0), stride)), -1, 0)


def im2col_aux(x: np.ndarray, HH: int, WW: int, stride: int) -> np.ndarray:
    """The windows of padded images as columns: (C * HH * WW, N * rows * columns)."""
    return im2col(x, HH, WW, (0, 0), stride)


def im2col(x: np.ndarray, HH: int, WW: int, pad: Sequence[int], stride: int) -> np.ndarray:
    """`im2col_aux` of the images padded with zeros."""
    columns = np.moveaxis(windows(x, *_grid(HH, WW, pad, stride)), -1, 3)  # (C, HH, WW, N, rows, columns)
    return columns.reshape(x.shape[1] * HH * WW, -1)


def col2im(columns: np.ndarray, shape: Sequence[int], HH: int, WW: int, pad: Sequence[int], stride: int) -> np.ndarray:
    """The adjoint of `im2col`: add the columns up to images of a shape (N, C, H, W)."""
    (batch, channels, *space), grid = shape, _grid(HH, WW, pad, stride)
    columns = columns.reshape(channels, HH, WW, batch, *positions_of(tuple(space), *grid))
    return unwindows(np.moveaxis(columns, 3, -1), tuple(space), *grid)


def _grid(HH: int, WW: int, pad: Sequence[int], stride: int) -> Grid:
    return Grid((HH, WW), (stride, stride), split_pad(pad), (1, 1))


class Windowed(Node):
    """The base of nodes whose windows fill images (N, C, H, W)."""

    stride: Any
    pad: Any
    pool_size: Any

    def infer_shape(self, x: Shape, *weights: Shape) -> Shape:
        if len(x) != 4 or -1 in x[1:]:
            raise InputError(f"{self.kind}: expected x of shape (N, C, H, W) with C, H and W known, not {x}")
        window = weights[0][2:] if weights else self.pool_size
        for pair in (self.pad, window):
            if np.shape(pair) != (2,):
                raise InputError(f"windows and their pad are pairs, of the height and of the width, not {pair!r:.60}")
        self.stride = whole("the stride", window[0] if self.stride is None else self.stride)
        for name, n, k, p in zip(("height", "width"), x[2:], window, self.pad):
            if n + p < k or (n + p - k) % self.stride:
                met = f"{name} does not work: windows of {tuple(window)} at stride {self.stride} do not fill {x[2:]}"
                raise InputError(f"{met} with a padding of {tuple(self.pad)}; get_pad gives one that fits")
        return super().infer_shape(x, *weights)


def max_pool(x: Any, pool_size: Sequence[int], pad: Sequence[int], stride: int) -> Any:
    if tuple(pool_size) == (stride, stride):
        return nn.max_pool2d(x, stride, padding=split_pad(pad))
    return nn.max_pool2d(pad_4d(x, pad), pool_size, stride=stride, ties="first")


Conv2d = one_call(
    "Conv2d", lambda x, w, b, stride, pad: nn.conv2d(x, w, b, stride=stride, padding=split_pad(pad)),
    """Cross-correlation of x (N, C, H, W) with w (F, C, HH, WW), plus b (F,).

    Args:
        stride: for both axes.
        pad: the total padding of the height and of the width, as `get_pad` gives it.
    """,
    base=Windowed, arity=3, stride=REQUIRED, pad=REQUIRED,
)  # fmt: skip
MaxPool = one_call(
    "MaxPool", max_pool,
    """The maximum of each window of x (N, C, H, W); the stride is by itself the height of the windows.

    Windows that do not overlap are padded with -inf, and equal maxima share the gradient; others are padded with
    zero, and the first maximum has it all. Programs hold numbers that depend on it.
    """,
    base=Windowed, pool_size=REQUIRED, pad=REQUIRED, stride=None,
)  # fmt: skip
