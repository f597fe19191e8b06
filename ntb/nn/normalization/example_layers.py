"""Layers of normalisation that treat each example by itself, so that training and evaluation are the same.

Whatever the type of the real data, those with Variables compute in that of these.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...errors import InputError
from ...variable import Variable
from ..checks import checked_shape, floating_type, following, whole_number
from ..module import Module
from .groups import group_norm, instance_norm
from .scaling import local_response_norm, rms_norm, unit_norm


class GroupNorm(Module):
    """`ntb.nn.group_norm` with scale and shift: in the place of batch norm where batches are small, as in U-Nets.

    Args:
        groups: of channels; they divide the channels.
        channels: how many there are.
        eps: keeps constant groups finite; not negative.
        dtype: of the Variables, a floating-point type; the layer computes in it.

    Shapes:
        (N, channels, ...), which stays; N may be 0 or 1.

    Variables:
        gamma: (channels,), the scale, ones at first.
        beta: (channels,), the shift, zeros at first.

    Raises:
        InputError: a dtype of integers; groups that do not divide the channels; called, with complex numbers or other
            channels.

    >>> GroupNorm(4, 32)
    GroupNorm(4, gamma[32], beta[32])
    """

    def __init__(self, groups: int, channels: int, *, eps: float = 1e-5, dtype: Any = np.float32) -> None:
        dtype, self.groups, self.eps = floating_type(dtype), whole_number(groups, "groups"), eps
        if whole_number(channels, "channels") % groups:
            raise InputError(f"groups={groups} must divide the {channels} channels")
        self.gamma = Variable(np.ones(channels, dtype))
        self.beta = Variable(np.zeros(channels, dtype))

    def __call__(self, x: Any, train: bool = False) -> Any:
        """x normalised, of its shape. `train` makes no difference."""
        return group_norm(following(x, self.gamma), self.groups, self.gamma, self.beta, eps=self.eps)

    def describe(self) -> str:
        return f"{self.groups}, {super().describe()}"


class InstanceNorm(Module):
    """`ntb.nn.instance_norm` with scale and shift, of sequences, images or volumes: for the transfer of style.

    Args:
        channels: how many there are; None to take it from the first call.
        eps: keeps constant channels finite; not negative.
        dtype: of the Variables, a floating-point type; the layer computes in it.

    Shapes:
        (N, channels, ...), which stays; N may be 0 or 1.

    Variables:
        gamma: (channels,), the scale, ones at first.
        beta: (channels,), the shift, zeros at first.

    Raises:
        InputError: a dtype of integers; called, with complex numbers or other channels.

    >>> InstanceNorm(3)
    InstanceNorm(gamma[3], beta[3])
    """

    size_axis = 1

    def __init__(self, channels: int | None, *, eps: float = 1e-5, dtype: Any = np.float32) -> None:
        dtype, size, self.eps = floating_type(dtype), checked_shape(channels), eps
        self.gamma = Variable(np.ones(size, dtype))
        self.beta = Variable(np.zeros(size, dtype))

    def __call__(self, x: Any, train: bool = False) -> Any:
        """x normalised, of its shape. `train` makes no difference."""
        return instance_norm(following(x, self.gamma), self.gamma, self.beta, eps=self.eps)


class RMSNorm(Module):
    """`ntb.nn.rms_norm` with a scale: in the place of `LayerNorm` in transformers.

    Args:
        shape: the sizes of the last axes, over which the mean is taken; a number if it is one; None for the last axis
            of the first call.
        eps: keeps zeros finite; not negative.
        dtype: of the Variable, a floating-point type; the layer computes in it.

    Shapes:
        (..., *shape), which stays.

    Variables:
        gamma: shape, the scale, ones at first.

    Raises:
        InputError: a dtype of integers; called, with complex numbers or other last axes.

    >>> RMSNorm(8)
    RMSNorm(gamma[8])
    """

    size_axis = -1

    def __init__(self, shape: int | Sequence[int] | None, *, eps: float = 1e-6, dtype: Any = np.float32) -> None:
        dtype, self.eps = floating_type(dtype), eps
        self.gamma = Variable(np.ones(checked_shape(shape), dtype))

    def __call__(self, x: Any, train: bool = False) -> Any:
        """x divided by the root of its mean square, of its shape. `train` makes no difference."""
        axis = tuple(range(-self.gamma.ndim, 0))
        return rms_norm(following(x, self.gamma), self.gamma, axis=axis, eps=self.eps)


class UnitNorm(Module):
    """`ntb.nn.unit_norm` as a layer: vectors of length 1, to compare what images or texts were embedded as.

    Args:
        axis: along which the vectors lie.

    Shapes:
        Any shape with that axis, which stays: numbers of any type; integers and bools are taken as float64.

    Raises:
        InputError: called, with an x that has not this axis.

    >>> UnitNorm()(np.array([[3.0, 4.0]]))
    array([[0.6, 0.8]])
    """

    def __init__(self, axis: int = -1) -> None:
        self.axis = axis

    def __call__(self, x: Any, train: bool = False) -> Any:
        """x with vectors of length 1, of its shape. `train` makes no difference."""
        return unit_norm(x, self.axis)


class LocalResponseNorm(Module):
    """`ntb.nn.local_response_norm` as a layer, as AlexNet has it; newer models use batch or group norm.

    Args:
        size: how many neighbouring channels count.
        alpha, beta, k: as in `ntb.nn.local_response_norm`.

    Shapes:
        (N, C, ...), which stays: real numbers of any type; integers and bools are taken as float64.

    Raises:
        InputError: a size below 1; called, with complex numbers or an x without channels.

    >>> LocalResponseNorm(5)(np.ones((2, 8, 4, 4))).shape
    (2, 8, 4, 4)
    """

    def __init__(self, size: int, *, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> None:
        self.size = whole_number(size, "size")
        self.options: dict[str, Any] = {"alpha": alpha, "beta": beta, "k": k}

    def __call__(self, x: Any, train: bool = False) -> Any:
        """x divided by what its neighbouring channels have, of its shape. `train` makes no difference."""
        return local_response_norm(x, self.size, **self.options)

    def describe(self) -> str:
        return f"{self.size}"
