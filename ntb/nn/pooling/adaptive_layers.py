"""Layers of pooling for images of any size, as stand between convolutions and a dense layer."""

from __future__ import annotations

from typing import Any

from ..convolution.windowing import Size
from ..module import Module
from .adaptive import (
    adaptive_avg_pool1d,
    adaptive_avg_pool2d,
    adaptive_avg_pool3d,
    adaptive_max_pool1d,
    adaptive_max_pool2d,
    adaptive_max_pool3d,
    global_avg_pool,
    global_max_pool,
)


class GlobalAvgPool(Module):
    """`ntb.nn.global_avg_pool` as a layer: the mean of each channel, as in the head of a ResNet.

    Shapes:
        (N, C, ...) -> (N, C): numbers of any type; integers and bools are taken as float64.

    Raises:
        InputError: called, with an x of fewer than two axes, or without an element in a channel.

    >>> import numpy as np
    >>> GlobalAvgPool()(np.ones((2, 3, 8, 8))).shape
    (2, 3)
    """

    def __call__(self, x: Any, train: bool = False) -> Any:
        """(N, C, ...) -> (N, C). `train` makes no difference."""
        return global_avg_pool(x)


class GlobalMaxPool(Module):
    """`ntb.nn.global_max_pool` as a layer: the maximum of each channel, whether something is there at all.

    Shapes:
        (N, C, ...) -> (N, C): real numbers of any type, which the result keeps.

    Raises:
        InputError: called, with complex numbers, an x of fewer than two axes, or without an element in a channel.

    >>> import numpy as np
    >>> GlobalMaxPool()(np.ones((2, 3, 8, 8))).shape
    (2, 3)
    """

    def __call__(self, x: Any, train: bool = False) -> Any:
        """(N, C, ...) -> (N, C). `train` makes no difference."""
        return global_max_pool(x)


class _Adaptive(Module):
    """What the layers have in common: how many parts there are."""

    def __init__(self, size: Size) -> None:
        self.size = size

    def describe(self) -> str:
        return f"{self.size}"


class AdaptiveAvgPool1d(_Adaptive):
    """`ntb.nn.adaptive_avg_pool1d` as a layer: the means of parts of sequences of any size, before a dense layer.

    Args:
        size: how many parts there are.

    Shapes:
        (N, C, W) -> (N, C, size): numbers of any type; integers and bools are taken as float64.

    Raises:
        InputError: called, with an x that has not three axes, or no elements along them; a size of 0.

    >>> import numpy as np
    >>> AdaptiveAvgPool1d(4)(np.ones((1, 3, 8))).shape
    (1, 3, 4)
    """

    def __call__(self, x: Any, train: bool = False) -> Any:
        """(N, C, W) -> (N, C, size). `train` makes no difference."""
        return adaptive_avg_pool1d(x, self.size)


class AdaptiveAvgPool2d(_Adaptive):
    """`ntb.nn.adaptive_avg_pool2d` as a layer: the means of parts of images of any size, before a dense layer.

    Args:
        size: how many parts there are: one number for both axes, or (down, across).

    Shapes:
        (N, C, H, W) -> (N, C, down, across): numbers of any type; integers and bools are taken as float64.

    Raises:
        InputError: called, with an x that has not four axes, or no elements along them; a size of 0.

    >>> import numpy as np
    >>> AdaptiveAvgPool2d((3, 2))(np.ones((1, 3, 8, 8))).shape
    (1, 3, 3, 2)
    """

    def __call__(self, x: Any, train: bool = False) -> Any:
        """(N, C, H, W) -> (N, C, down, across). `train` makes no difference."""
        return adaptive_avg_pool2d(x, self.size)


class AdaptiveAvgPool3d(_Adaptive):
    """`ntb.nn.adaptive_avg_pool3d` as a layer: the means of parts of volumes of any size, before a dense layer.

    Args:
        size: how many parts there are: one number for all axes, or (deep, down, across).

    Shapes:
        (N, C, D, H, W) -> (N, C, deep, down, across): numbers of any type; integers and bools are taken as float64.

    Raises:
        InputError: called, with an x that has not five axes, or no elements along them; a size of 0.

    >>> import numpy as np
    >>> AdaptiveAvgPool3d(4)(np.ones((1, 3, 8, 8, 8))).shape
    (1, 3, 4, 4, 4)
    """

    def __call__(self, x: Any, train: bool = False) -> Any:
        """(N, C, D, H, W) -> (N, C, deep, down, across). `train` makes no difference."""
        return adaptive_avg_pool3d(x, self.size)


class AdaptiveMaxPool1d(_Adaptive):
    """`ntb.nn.adaptive_max_pool1d` as a layer: the maxima of parts of sequences of any size, before a dense layer.

    Args:
        size: how many parts there are.

    Shapes:
        (N, C, W) -> (N, C, size): real numbers of any type, which the result keeps.

    Raises:
        InputError: called, with an x that has not three axes, or no elements along them; a size of 0.

    >>> import numpy as np
    >>> AdaptiveMaxPool1d(4)(np.ones((1, 3, 8))).shape
    (1, 3, 4)
    """

    def __call__(self, x: Any, train: bool = False) -> Any:
        """(N, C, W) -> (N, C, size). `train` makes no difference."""
        return adaptive_max_pool1d(x, self.size)


class AdaptiveMaxPool2d(_Adaptive):
    """`ntb.nn.adaptive_max_pool2d` as a layer: the maxima of parts of images of any size, before a dense layer.

    Args:
        size: how many parts there are: one number for both axes, or (down, across).

    Shapes:
        (N, C, H, W) -> (N, C, down, across): real numbers of any type, which the result keeps.

    Raises:
        InputError: called, with an x that has not four axes, or no elements along them; a size of 0.

    >>> import numpy as np
    >>> AdaptiveMaxPool2d((3, 2))(np.ones((1, 3, 8, 8))).shape
    (1, 3, 3, 2)
    """

    def __call__(self, x: Any, train: bool = False) -> Any:
        """(N, C, H, W) -> (N, C, down, across). `train` makes no difference."""
        return adaptive_max_pool2d(x, self.size)


class AdaptiveMaxPool3d(_Adaptive):
    """`ntb.nn.adaptive_max_pool3d` as a layer: the maxima of parts of volumes of any size, before a dense layer.

    Args:
        size: how many parts there are: one number for all axes, or (deep, down, across).

    Shapes:
        (N, C, D, H, W) -> (N, C, deep, down, across): real numbers of any type, which the result keeps.

    Raises:
        InputError: called, with an x that has not five axes, or no elements along them; a size of 0.

    >>> import numpy as np
    >>> AdaptiveMaxPool3d(4)(np.ones((1, 3, 8, 8, 8))).shape
    (1, 3, 4, 4, 4)
    """

    def __call__(self, x: Any, train: bool = False) -> Any:
        """(N, C, D, H, W) -> (N, C, deep, down, across). `train` makes no difference."""
        return adaptive_max_pool3d(x, self.size)
