"""Layers of normalisation: mean 0 and variance 1, then a scale and a shift that are learned.

Whatever the type of the real data, they compute in that of their Variables (see `layers.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...habits import knows_habits
from ...variable import Variable
from ..checks import checked_shape, floating_type, following
from ..module import Module
from .normalize import batch_norm, layer_norm


class BatchNorm(Module):
    """`ntb.nn.batch_norm`: each channel normalised over the batch, or, outside of training, by running statistics.

    On a cluster (`ntb.distributed`) the batch is a shard: each is normalised by itself, and the running statistics are
    the means of what the shards have made of them, the same for any number of workers.

    Args:
        channels: how many there are; None to take it from the first call.
        axis: where they lie: 1 for vectors (N, C) and images (N, C, H, W), -1 for sequences (N, T, C).
        momentum: the part of the running statistics that each step of training replaces, from 0 to 1.
        eps: keeps constant channels finite; not negative.
        dtype: of the Variables, a floating-point type; the layer computes in it.

    Shapes:
        Any shape with `channels` along the axis, which stays; N may be 0 or 1.

    Variables:
        gamma: (channels,), the scale, ones at first.
        beta: (channels,), the shift, zeros at first.
        running_mean: (channels,), not trained: `train=True` updates it.
        running_var: (channels,), not trained either.

    Raises:
        InputError: a dtype of integers; called, with complex numbers, with other channels, or a momentum or eps that
            is out of range.

    >>> sorted(BatchNorm(4).named_variables())
    ['beta', 'gamma', 'running_mean', 'running_var']
    """

    size_axis = "axis"

    def __init__(
        self, channels: int | None, *, axis: int = 1, momentum: float = 0.1, eps: float = 1e-5, dtype: Any = np.float32
    ) -> None:
        dtype, size = floating_type(dtype), checked_shape(channels)
        self.gamma = Variable(np.ones(size, dtype))
        self.beta = Variable(np.zeros(size, dtype))
        self.running_mean = Variable(np.zeros(size, dtype), trainable=False)
        self.running_var = Variable(np.ones(size, dtype), trainable=False)
        self.options: dict[str, Any] = {"axis": axis, "momentum": momentum, "eps": eps}

    @knows_habits
    def __call__(self, x: Any, train: bool = False) -> Any:
        """x normalised, of its shape: if `train` by the batch's own statistics, which the running ones take in."""
        statistics = self.running_mean, self.running_var
        return batch_norm(following(x, self.gamma), self.gamma, self.beta, *statistics, train=train, **self.options)


class LayerNorm(Module):
    """`ntb.nn.layer_norm`: each example normalised over its last axes.

    Args:
        shape: the sizes of these axes; a number if it is one; None for the last axis of the first call.
        eps: keeps constant examples finite; not negative.
        dtype: of the Variables, a floating-point type; the layer computes in it.

    Shapes:
        (..., *shape), which stays.

    Variables:
        gamma: shape, the scale, ones at first.
        beta: shape, the shift, zeros at first.

    Raises:
        InputError: a dtype of integers; called, with complex numbers or other last axes.

    >>> LayerNorm(8)
    LayerNorm(gamma[8], beta[8])
    """

    size_axis = -1

    def __init__(self, shape: int | Sequence[int] | None, *, eps: float = 1e-5, dtype: Any = np.float32) -> None:
        dtype, shape = floating_type(dtype), checked_shape(shape)
        self.gamma = Variable(np.ones(shape, dtype))
        self.beta = Variable(np.zeros(shape, dtype))
        self.eps = eps

    def __call__(self, x: Any, train: bool = False) -> Any:
        """x normalised, of its shape. `train` makes no difference."""
        axis = tuple(range(-self.gamma.ndim, 0))
        return layer_norm(following(x, self.gamma), self.gamma, self.beta, axis=axis, eps=self.eps)
