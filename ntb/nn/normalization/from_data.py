"""Normalisation of the data themselves, by the mean and deviation that they have before training begins."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import InputError
from ...variable import Variable
from ..checks import as_array, checked_shape, floating_type, following, real_numbers
from ..module import Module


class Normalize(Module):
    """Features of data with mean 0 and deviation 1: `(x - mean) / deviation`, found once by `adapt`. As the first layer
    it keeps the numbers in the model's files, so that what the model is given later is treated alike.

    Args:
        features: how many there are.
        axis: where they lie: -1 for tables (N, D), 1 for the channels of images (N, C, H, W).
        dtype: of the Variables, a floating-point type; the layer computes in it.

    Shapes:
        Any shape with `features` along the axis, which stays.

    Variables:
        mean: (features,), not trained, zeros at first.
        deviation: (features,), not trained, ones at first.

    Raises:
        InputError: a dtype of integers; called, with complex numbers or other features; adapted to no data.

    >>> layer = Normalize(2).adapt(np.array([[1.0, 10.0], [3.0, 10.0]]))
    >>> layer(np.array([[3.0, 10.0]]))
    Tensor([[1., 0.]], dtype=float32)
    """

    def __init__(self, features: int, *, axis: int = -1, dtype: Any = np.float32) -> None:
        dtype, size, self.axis = floating_type(dtype), checked_shape(features), axis
        self.mean = Variable(np.zeros(size, dtype), trainable=False)
        self.deviation = Variable(np.ones(size, dtype), trainable=False)

    def adapt(self, data: Any) -> Normalize:
        """Take mean and deviation of data, over all axes but that of the features; the layer itself is returned. A
        constant feature has the deviation 1."""
        data = real_numbers(as_array(data), "data")
        self._along(data)
        if not data.size:
            raise InputError(f"data of shape {data.shape} have no mean; adapt the layer to those of training")
        others = tuple(i for i in range(data.ndim) if i != self.axis % data.ndim)
        wide = data.astype(np.float64)
        deviation = np.std(wide, axis=others)
        self.mean.assign(np.mean(wide, axis=others).astype(self.mean.dtype))
        self.deviation.assign(np.where(deviation > 0, deviation, 1).astype(self.mean.dtype))
        return self

    def __call__(self, x: Any, train: bool = False) -> Any:
        """x with mean 0 and deviation 1, of its shape. `train` makes no difference."""
        x = real_numbers(following(x, self.mean), "data")
        shape = self._along(x)
        return (x - np.reshape(self.mean, shape)) / np.reshape(self.deviation, shape)

    def _along(self, x: Any) -> tuple[int, ...]:
        """The shape of the statistics beside x."""
        if not -x.ndim <= self.axis < x.ndim or x.shape[self.axis] != self.mean.size:
            raise InputError(
                f"this Normalize is for {self.mean.size} features on axis {self.axis}, and x has the shape {x.shape}"
            )
        return (self.mean.size, *[1] * (x.ndim - self.axis % x.ndim - 1))
