"""Layers of average pooling, the mean of each window, and of Lp pooling, its norm."""

from __future__ import annotations

from typing import Any

from ..convolution.windowing import Padding, Size
from ..module import Module, unusual
from .average import avg_pool1d, avg_pool2d, avg_pool3d, lp_pool1d, lp_pool2d


class _AvgPool(Module):
    """What the layers have in common: where the windows lie, and whether padding counts."""

    def __init__(
        self, kernel: Size, stride: Size | None = None, padding: Padding = 0, *, count_padding: bool = True
    ) -> None:
        self.kernel = kernel
        self.options: dict[str, Any] = {"stride": stride, "padding": padding, "count_padding": count_padding}

    def describe(self) -> str:
        usual = {"stride": None, "padding": 0, "count_padding": True}
        return ", ".join([f"{self.kernel}", *unusual(self.options, usual)])


class AvgPool1d(_AvgPool):
    """`ntb.nn.avg_pool1d` as a layer: the mean of each window of sequences. It makes them smaller without a preference
    for any element.

    Args:
        kernel, stride, padding: as in `MaxPool1d`.
        count_padding: whether the zeros around a sequence count in the mean.

    Shapes:
        (N, C, W) -> (N, C, positions): numbers of any type; integers and bools are taken as float64.

    Raises:
        InputError: called, with an x that has not three axes, or is smaller than a window.

    >>> import numpy as np
    >>> AvgPool1d(2)(np.ones((1, 3, 8))).shape
    (1, 3, 4)
    """

    def __call__(self, x: Any, train: bool = False) -> Any:
        """(N, C, W) -> (N, C, positions). `train` makes no difference."""
        return avg_pool1d(x, self.kernel, **self.options)


class AvgPool2d(_AvgPool):
    """`ntb.nn.avg_pool2d` as a layer: the mean of each window of images. It makes them smaller without a preference
    for any element.

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

    def __call__(self, x: Any, train: bool = False) -> Any:
        """(N, C, H, W) -> (N, C, down, across). `train` makes no difference."""
        return avg_pool2d(x, self.kernel, **self.options)


class AvgPool3d(_AvgPool):
    """`ntb.nn.avg_pool3d` as a layer: the mean of each window of volumes. It makes them smaller without a preference
    for any element.

    Args:
        kernel, stride, padding: as in `MaxPool3d`.
        count_padding: whether the zeros around a volume count in the mean.

    Shapes:
        (N, C, D, H, W) -> (N, C, deep, down, across): numbers of any type; integers and bools are taken as float64.

    Raises:
        InputError: called, with an x that has not five axes, or is smaller than a window.

    >>> import numpy as np
    >>> AvgPool3d(2)(np.ones((1, 3, 8, 8, 8))).shape
    (1, 3, 4, 4, 4)
    """

    def __call__(self, x: Any, train: bool = False) -> Any:
        """(N, C, D, H, W) -> (N, C, deep, down, across). `train` makes no difference."""
        return avg_pool3d(x, self.kernel, **self.options)


class _LPPool(Module):
    """What the layers have in common: the norm, and where the windows lie."""

    def __init__(self, p: float, kernel: Size, stride: Size | None = None) -> None:
        self.p, self.kernel, self.stride = p, kernel, stride

    def describe(self) -> str:
        return ", ".join([f"{self.p}, {self.kernel}", *unusual({"stride": self.stride}, {"stride": None})])


class LPPool1d(_LPPool):
    """`ntb.nn.lp_pool1d` as a layer: the p-norm of each window of sequences, for something between the mean and the
    maximum.

    Args:
        p: of the norm, a number of 1 or more: 1 gives the sums of sizes, greater ones come near to the maxima.
        kernel, stride: as in `MaxPool1d`.

    Shapes:
        (N, C, W) -> (N, C, positions): numbers of any type; integers and bools are taken as float64.

    Raises:
        InputError: called, with an x that has not three axes, or is smaller than a window; a p below 1.

    >>> import numpy as np
    >>> LPPool1d(2, 2)(np.ones((1, 3, 8))).shape
    (1, 3, 4)
    """

    def __call__(self, x: Any, train: bool = False) -> Any:
        """(N, C, W) -> (N, C, positions). `train` makes no difference."""
        return lp_pool1d(x, self.p, self.kernel, stride=self.stride)


class LPPool2d(_LPPool):
    """`ntb.nn.lp_pool2d` as a layer: the p-norm of each window of images, for something between the mean and the
    maximum.

    Args:
        p: of the norm, a number of 1 or more: 1 gives the sums of sizes, greater ones come near to the maxima.
        kernel, stride: as in `MaxPool2d`.

    Shapes:
        (N, C, H, W) -> (N, C, down, across): numbers of any type; integers and bools are taken as float64.

    Raises:
        InputError: called, with an x that has not four axes, or is smaller than a window; a p below 1.

    >>> import numpy as np
    >>> LPPool2d(2, 2)(np.ones((1, 3, 8, 8))).shape
    (1, 3, 4, 4)
    """

    def __call__(self, x: Any, train: bool = False) -> Any:
        """(N, C, H, W) -> (N, C, down, across). `train` makes no difference."""
        return lp_pool2d(x, self.p, self.kernel, stride=self.stride)
