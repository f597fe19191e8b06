"""Layers of transposed convolution, which make small images large: for decoders, generators and U-Nets.

Whatever the type of the data, they compute in that of their Variables.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ... import random
from ...variable import Variable
from ..checks import following
from ..initializers import Initializer, he_normal
from .layers import Convolution
from .transposed import Borders, conv_transpose1d, conv_transpose2d, conv_transpose3d
from .windowing import Size


class _ConvTranspose(Convolution):
    """The filters of the convolution whose transpose it is: that one takes `filters` channels and gives `channels`."""

    def __init__(
        self,
        channels: Any,
        filters: int,
        kernel: Size,
        stride: Size = 1,
        padding: Borders = 0,
        output_padding: Size = 0,
        *,
        dilation: Size = 1,
        groups: int = 1,
        bias: bool = True,
        init: Initializer = he_normal,
        dtype: Any = np.float32,
        rng: random.Generator | None = None,
    ) -> None:
        options: dict[str, Any] = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
        super().__init__(filters, channels, kernel, **options, bias=False, init=init, dtype=dtype, rng=rng)
        self.bias = Variable(np.zeros(filters, dtype)) if bias else None
        self.options["output_padding"] = output_padding


class ConvTranspose1d(_ConvTranspose):
    """`ntb.nn.conv_transpose1d` with filters of its own, for sequences and signals: to generate sound, say.

    Args:
        channels, filters: how many channels come in (None to take it from the first call), and how many go out.
        kernel: the width of a filter.
        stride, padding, output_padding, dilation, groups: as in `ntb.nn.conv_transpose1d`.
        bias, init, dtype, rng: as in `ConvTranspose2d`.

    Shapes:
        (N, channels, W) -> (N, filters, wide).

    Variables:
        weight: (channels, filters // groups, kernel).
        bias: (filters,), zeros at first; None without a bias.

    Raises:
        InputError: as for `ConvTranspose2d`.

    >>> ConvTranspose1d(16, 8, 4, stride=2)
    ConvTranspose1d(weight[16, 8, 4], bias[8], stride=2)
    """

    dims = 1

    def __call__(self, x: Any, train: bool = False) -> Any:
        """(N, channels, W) -> (N, filters, wide). `train` makes no difference."""
        return conv_transpose1d(following(x, self.weight), self.weight, self.bias, **self.options)


class ConvTranspose2d(_ConvTranspose):
    """`ntb.nn.conv_transpose2d` with filters of its own, for images: with stride 2 it doubles their size.

    Args:
        channels, filters: how many channels come in (None to take it from the first call), and how many go out.
        kernel: the size of a filter: one number for both axes, or (KH, KW).
        stride, padding, output_padding, dilation, groups: as in `ntb.nn.conv_transpose2d`.
        bias: whether something is added to each filter's output.
        init: makes the first weight, from its shape.
        dtype: of the Variables, a floating-point type; the layer computes in it.
        rng: the generator that `init` draws from.

    Shapes:
        (N, channels, H, W) -> (N, filters, down, across).

    Variables:
        weight: (channels, filters // groups, KH, KW).
        bias: (filters,), zeros at first; None without a bias.

    Raises:
        InputError: a dtype of integers; groups that divide channels or filters into unequal parts; a kernel of another
            number of axes; called, an x with other channels, or padding that cuts off more than there is.

    >>> up = ConvTranspose2d(16, 8, 4, stride=2, padding=1)
    >>> up(np.ones((1, 16, 5, 6))).shape
    (1, 8, 10, 12)
    """

    dims = 2

    def __call__(self, x: Any, train: bool = False) -> Any:
        """(N, channels, H, W) -> (N, filters, down, across). `train` makes no difference."""
        return conv_transpose2d(following(x, self.weight), self.weight, self.bias, **self.options)


class ConvTranspose3d(_ConvTranspose):
    """`ntb.nn.conv_transpose3d` with filters of its own, for volumes and films.

    Args:
        channels, filters: how many channels come in (None to take it from the first call), and how many go out.
        kernel: the size of a filter: one number for all axes, or (KD, KH, KW).
        stride, padding, output_padding, dilation, groups: as in `ntb.nn.conv_transpose3d`.
        bias, init, dtype, rng: as in `ConvTranspose2d`.

    Shapes:
        (N, channels, D, H, W) -> (N, filters, deep, down, across).

    Variables:
        weight: (channels, filters // groups, KD, KH, KW).
        bias: (filters,), zeros at first; None without a bias.

    Raises:
        InputError: as for `ConvTranspose2d`.

    >>> ConvTranspose3d(4, 1, 2, stride=2, bias=False)
    ConvTranspose3d(weight[4, 1, 2, 2, 2], stride=2)
    """

    dims = 3

    def __call__(self, x: Any, train: bool = False) -> Any:
        """(N, channels, D, H, W) -> (N, filters, deep, down, across). `train` makes no difference."""
        return conv_transpose3d(following(x, self.weight), self.weight, self.bias, **self.options)
