"""Convolutional layers: batches of channels along one, two or three axes of space.

Whatever the type of the data, they compute in that of their Variables (see `layers.py`).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ... import random
from ...errors import InputError
from ...variable import Variable
from ..checks import floating_type, following, whole_number
from ..initializers import Initializer, he_normal
from ..module import Module, unusual
from .conv import conv1d, conv2d, conv3d
from .windowing import Padding, Size, per_axis


class Convolution(Module):
    """The filters of a convolution along `dims` axes."""

    dims = 0
    size_axis = 1

    def __init__(
        self,
        channels: Any,
        filters: int,
        kernel: Size,
        stride: Size = 1,
        padding: Padding = 0,
        *,
        dilation: Size = 1,
        groups: int = 1,
        bias: bool = True,
        init: Initializer = he_normal,
        dtype: Any = np.float32,
        rng: random.Generator | None = None,
    ) -> None:
        dtype, groups = floating_type(dtype), whole_number(groups, "groups")
        if channels % groups or filters % groups:
            raise InputError(f"groups={groups} must divide both the {channels} channels and the {filters} filters")
        shape = (filters, channels // groups, *per_axis(kernel, self.dims))
        self.weight = Variable(init(shape, rng=rng, dtype=dtype))
        self.bias = Variable(np.zeros(filters, dtype)) if bias else None
        self.options: dict[str, Any] = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}

    def describe(self) -> str:
        usual = {"stride": 1, "padding": 0, "dilation": 1, "groups": 1, "output_padding": 0}
        return ", ".join([super().describe(), *unusual(self.options, usual)])


class Conv1d(Convolution):
    """`ntb.nn.conv1d` with filters of its own, for sequences and signals.

    Args:
        channels, filters: how many channels come in (None to take it from the first call), and how many go out.
        kernel: the width of a filter.
        stride, padding, dilation, groups, bias, init, dtype, rng: as in `Conv2d`.

    Shapes:
        (N, channels, W) -> (N, filters, positions).

    Variables:
        weight: (filters, channels // groups, kernel).
        bias: (filters,), zeros at first; None without a bias.

    Raises:
        InputError: as for `Conv2d`.

    >>> Conv1d(8, 16, 3)
    Conv1d(weight[16, 8, 3], bias[16])
    """

    dims = 1

    def __call__(self, x: Any, train: bool = False) -> Any:
        """(N, channels, W) -> (N, filters, positions). `train` makes no difference."""
        return conv1d(following(x, self.weight), self.weight, self.bias, **self.options)


class Conv2d(Convolution):
    """`ntb.nn.conv2d` with filters of its own, for images.

    Args:
        channels, filters: how many channels come in (None to take it from the first call), and how many go out.
        kernel: the size of a filter: one number for both axes, or (KH, KW).
        stride, padding, dilation, groups: as in `ntb.nn.conv2d`.
        bias: whether something is added to each filter's output.
        init: makes the first weight, from its shape.
        dtype: of the Variables, a floating-point type; the layer computes in it.
        rng: the generator that `init` draws from.

    Shapes:
        (N, channels, H, W) -> (N, filters, down, across).

    Variables:
        weight: (filters, channels // groups, KH, KW).
        bias: (filters,), zeros at first; None without a bias.

    Raises:
        InputError: a dtype of integers; groups that divide channels or filters into unequal parts; a kernel of another
            number of axes; called, an x with other channels, or that is smaller than a filter.

    >>> Conv2d(3, 16, 5, stride=2, padding="same")
    Conv2d(weight[16, 3, 5, 5], bias[16], stride=2, padding=same)
    """

    dims = 2

    def __call__(self, x: Any, train: bool = False) -> Any:
        """(N, channels, H, W) -> (N, filters, down, across). `train` makes no difference."""
        return conv2d(following(x, self.weight), self.weight, self.bias, **self.options)


class Conv3d(Convolution):
    """`ntb.nn.conv3d` with filters of its own, for volumes and films.

    Args:
        channels, filters: how many channels come in (None to take it from the first call), and how many go out.
        kernel: the size of a filter: one number for all axes, or (KD, KH, KW).
        stride, padding, dilation, groups, bias, init, dtype, rng: as in `Conv2d`.

    Shapes:
        (N, channels, D, H, W) -> (N, filters, deep, down, across).

    Variables:
        weight: (filters, channels // groups, KD, KH, KW).
        bias: (filters,), zeros at first; None without a bias.

    Raises:
        InputError: as for `Conv2d`.

    >>> Conv3d(1, 4, 3, bias=False)
    Conv3d(weight[4, 1, 3, 3, 3])
    """

    dims = 3

    def __call__(self, x: Any, train: bool = False) -> Any:
        """(N, channels, D, H, W) -> (N, filters, deep, down, across). `train` makes no difference."""
        return conv3d(following(x, self.weight), self.weight, self.bias, **self.options)
