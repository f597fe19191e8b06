"""Layers of maximum pooling: the greatest number of each window, which makes images smaller and finds what is in them
wherever it is."""

from __future__ import annotations

from typing import Any

from ..convolution.windowing import Padding, Size
from ..module import Module, unusual
from .pool import max_pool1d, max_pool2d, max_pool3d


class _MaxPool(Module):
    """What the layers have in common: where the windows lie."""

    def __init__(self, kernel: Size, stride: Size | None = None, padding: Padding = 0) -> None:
        self.kernel = kernel
        self.options: dict[str, Any] = {"stride": stride, "padding": padding}

    def describe(self) -> str:
        return ", ".join([f"{self.kernel}", *unusual(self.options, {"stride": None, "padding": 0})])


class MaxPool1d(_MaxPool):
    """`ntb.nn.max_pool1d` as a layer: the greatest number of each window of sequences. Between convolutions it halves
    the size and keeps what was found.

    Args:
        kernel: the size of a window.
        stride: the way from one window to the next; by default their size, so that they lie side by side.
        padding: as in `ntb.nn.max_pool1d`.

    Shapes:
        (N, C, W) -> (N, C, positions): real numbers of any type, which the result keeps.

    Raises:
        InputError: called, with an x that has not three axes, or is smaller than a window.

    >>> import numpy as np
    >>> MaxPool1d(2)(np.ones((1, 3, 8))).shape
    (1, 3, 4)
    """

    def __call__(self, x: Any, train: bool = False) -> Any:
        """(N, C, W) -> (N, C, positions). `train` makes no difference."""
        return max_pool1d(x, self.kernel, **self.options)


class MaxPool2d(_MaxPool):
    """`ntb.nn.max_pool2d` as a layer: the greatest number of each window of images. Between convolutions it halves
    the size and keeps what was found.

    Args:
        kernel: the size of a window: one number for both axes, or (KH, KW).
        stride: the way from one window to the next; by default their size, so that they lie side by side.
        padding: as in `ntb.nn.max_pool2d`.

    Shapes:
        (N, C, H, W) -> (N, C, down, across): real numbers of any type, which the result keeps.

    Raises:
        InputError: called, with an x that has not four axes, or is smaller than a window.

    >>> import numpy as np
    >>> MaxPool2d(2)(np.ones((1, 3, 8, 8))).shape
    (1, 3, 4, 4)
    """

    def __call__(self, x: Any, train: bool = False) -> Any:
        """(N, C, H, W) -> (N, C, down, across). `train` makes no difference."""
        return max_pool2d(x, self.kernel, **self.options)


class MaxPool3d(_MaxPool):
    """`ntb.nn.max_pool3d` as a layer: the greatest number of each window of volumes. Between convolutions it halves
    the size and keeps what was found.

    Args:
        kernel: the size of a window: one number for all axes, or (KD, KH, KW).
        stride: the way from one window to the next; by default their size, so that they lie side by side.
        padding: as in `ntb.nn.max_pool3d`.

    Shapes:
        (N, C, D, H, W) -> (N, C, deep, down, across): real numbers of any type, which the result keeps.

    Raises:
        InputError: called, with an x that has not five axes, or is smaller than a window.

    >>> import numpy as np
    >>> MaxPool3d(2)(np.ones((1, 3, 8, 8, 8))).shape
    (1, 3, 4, 4, 4)
    """

    def __call__(self, x: Any, train: bool = False) -> Any:
        """(N, C, D, H, W) -> (N, C, deep, down, across). `train` makes no difference."""
        return max_pool3d(x, self.kernel, **self.options)
