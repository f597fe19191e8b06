"""Layers of pooling: the greatest or the mean number of each window of an image."""

from __future__ import annotations

from typing import Any

from ..convolution.windowing import Padding, Size
from ..module import Module
from .pool import avg_pool2d, max_pool2d


class MaxPool2d(Module):
    """`ntb.nn.max_pool2d` as a layer: the greatest number of each window.

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

    def __init__(self, kernel: Size, *, stride: Size | None = None, padding: Padding = 0) -> None:
        self.kernel = kernel
        self.options: dict[str, Any] = {"stride": stride, "padding": padding}

    def __call__(self, x: Any, train: bool = False) -> Any:
        """(N, C, H, W) -> (N, C, down, across). `train` makes no difference."""
        return max_pool2d(x, self.kernel, **self.options)

    def describe(self) -> str:
        return f"{self.kernel}"


class AvgPool2d(Module):
    """`ntb.nn.avg_pool2d` as a layer: the mean of each window.

    Args:
        kernel, stride, padding: as in `MaxPool2d`.
        count_padding: whether the zeros around the image count in the mean.

    Shapes:
        (N, C, H, W) -> (N, C, down, across): numbers of any type; integers and bools are taken as float64.

    Raises:
        InputError: called, with an x that has not four axes, or is smaller than a window.

    >>> import numpy as np
    >>> AvgPool2d(2)(np.ones((1, 3, 8, 8))).shape
    (1, 3, 4, 4)
    """

    def __init__(
        self, kernel: Size, *, stride: Size | None = None, padding: Padding = 0, count_padding: bool = True
    ) -> None:
        self.kernel = kernel
        self.options: dict[str, Any] = {"stride": stride, "padding": padding, "count_padding": count_padding}

    def __call__(self, x: Any, train: bool = False) -> Any:
        """(N, C, H, W) -> (N, C, down, across). `train` makes no difference."""
        return avg_pool2d(x, self.kernel, **self.options)

    def describe(self) -> str:
        return f"{self.kernel}"
