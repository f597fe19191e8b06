"""Separable convolution: one filter for each channel, then a mixture of the channels at each place."""

from __future__ import annotations

from typing import Any

import numpy as np

from ... import random
from ..checks import whole_number
from ..initializers import Initializer, he_normal
from ..module import Module
from .layers import Conv2d
from .windowing import Padding, Size


class SeparableConv2d(Module):
    """A convolution in two cheap steps (Chollet, "Xception", 2017), for small and fast models of images.

    A depthwise convolution, `Conv2d` with a group for each channel, looks around; a pointwise one, with filters of one
    pixel, mixes the channels. For C channels, F filters and K pixels that are C (K + F) weights instead of C F K.

    Args:
        channels, filters: how many channels come in (None to take it from the first call), and how many go out.
        kernel: the size of a depthwise filter: one number for both axes, or (KH, KW).
        stride, padding: of the depthwise convolution, as in `ntb.nn.conv2d`.
        multiplier: how many depthwise filters each channel has.
        dilation: as in `ntb.nn.conv2d`.
        bias: whether something is added to each filter's output.
        init: makes the first weights, from their shapes.
        dtype: of the Variables, a floating-point type; the layer computes in it.
        rng: the generator that `init` draws from.

    Shapes:
        (N, channels, H, W) -> (N, filters, down, across).

    Variables:
        depthwise.weight: (channels * multiplier, 1, KH, KW).
        pointwise.weight: (filters, channels * multiplier, 1, 1).
        pointwise.bias: (filters,), zeros at first; None without a bias.

    Raises:
        InputError: a dtype of integers; a multiplier that is no whole number; called, an x with other channels, or that
            is smaller than a filter.

    >>> SeparableConv2d(32, 64, 3, padding="same")
    SeparableConv2d()
      depthwise: Conv2d(weight[32, 1, 3, 3], padding=same, groups=32)
      pointwise: Conv2d(weight[64, 32, 1, 1], bias[64])
    """

    size_axis = 1

    def __init__(
        self,
        channels: Any,
        filters: int,
        kernel: Size,
        stride: Size = 1,
        padding: Padding = 0,
        *,
        multiplier: int = 1,
        dilation: Size = 1,
        bias: bool = True,
        init: Initializer = he_normal,
        dtype: Any = np.float32,
        rng: random.Generator | None = None,
    ) -> None:
        between = channels * whole_number(multiplier, "multiplier")
        windows: dict[str, Any] = {"stride": stride, "padding": padding, "dilation": dilation}
        variables: dict[str, Any] = {"init": init, "dtype": dtype, "rng": rng}
        self.depthwise = Conv2d(channels, between, kernel, groups=channels, bias=False, **windows, **variables)
        self.pointwise = Conv2d(between, filters, 1, bias=bias, **variables)

    def __call__(self, x: Any, train: bool = False) -> Any:
        """(N, channels, H, W) -> (N, filters, down, across). `train` makes no difference."""
        return self.pointwise(self.depthwise(x))
