"""Layers: the functional forms with Variables of their own.

Each takes the sizes of its input and output, the `dtype` of its Variables (by default float32, the usual choice for
training), and `rng`, a generator for the first values (by default the one that `ntb.random.seed` seeds).

A layer computes in the type of its Variables: the data, of any other precision, integers or bools, are converted to it
on the way in, and gradients with respect to them come back in their own. So float64 data do not turn a float32 model
into float64. Complex data stay complex. The functions of `ntb.nn` convert nothing but integers and bools.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .. import random
from ..errors import InputError
from ..habits import answer_to
from ..ops.layout import flatten
from ..variable import Variable
from . import initializers
from .checks import as_array, checked_groups, checked_shape, floating_type, following
from .conv import conv1d, conv2d, conv3d
from .dropout import dropout, probability
from .embedding import embedding
from .linear import linear
from .module import Module
from .normalization import batch_norm, layer_norm
from .pooling import avg_pool2d, max_pool2d
from .windowing import Padding, Size, per_axis

Initializer = Callable[..., Any]


class Linear(Module):
    """`x @ weight + bias`: (..., inputs) -> (..., outputs). Weight (inputs, outputs), bias (outputs,).

    It computes in the type of its weight, to which data of other floats, integers and bools are converted.

    >>> Linear(3, 2)
    Linear(weight[3, 2], bias[2])
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        *,
        bias: bool = True,
        init: Initializer = initializers.xavier_uniform,
        dtype: Any = np.float32,
        rng: random.Generator | None = None,
    ) -> None:
        dtype = floating_type(dtype)
        self.weight = Variable(init((inputs, outputs), rng=rng, dtype=dtype), name="weight")
        self.bias = Variable(np.zeros(outputs, dtype), name="bias") if bias else None

    def __call__(self, x: Any, train: bool = False) -> Any:
        return linear(following(x, self.weight), self.weight, self.bias)


class _Conv(Module):
    dims = 0
    function: Any = None

    def __init__(
        self,
        channels: int,
        filters: int,
        kernel: Size,
        *,
        stride: Size = 1,
        padding: Padding = 0,
        dilation: Size = 1,
        groups: int = 1,
        bias: bool = True,
        init: Initializer = initializers.he_normal,
        dtype: Any = np.float32,
        rng: random.Generator | None = None,
    ) -> None:
        dtype, groups = floating_type(dtype), checked_groups(groups)
        if channels % groups or filters % groups:
            raise InputError(f"groups={groups} must divide both the {channels} channels and the {filters} filters")
        shape = (filters, channels // groups, *per_axis(kernel, self.dims))
        self.weight = Variable(init(shape, rng=rng, dtype=dtype), name="weight")
        self.bias = Variable(np.zeros(filters, dtype), name="bias") if bias else None
        self.options: dict[str, Any] = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}

    def __call__(self, x: Any, train: bool = False) -> Any:
        return type(self).function(following(x, self.weight), self.weight, self.bias, **self.options)

    def describe(self) -> str:
        unusual = {"stride": 1, "padding": 0, "dilation": 1, "groups": 1}
        return ", ".join([super().describe()] + [f"{k}={v}" for k, v in self.options.items() if v != unusual[k]])


class Conv1d(_Conv):
    """`ntb.nn.conv1d`: (N, channels, W) -> (N, filters, positions). Weight (filters, channels/groups, K).

    It computes in the type of its weight, to which data of other floats, integers and bools are converted.

    >>> Conv1d(8, 16, 3)
    Conv1d(weight[16, 8, 3], bias[16])
    """

    dims, function = 1, conv1d


class Conv2d(_Conv):
    """`ntb.nn.conv2d`: (N, channels, H, W) -> (N, filters, down, across). Weight (filters, channels/groups, KH, KW).

    It computes in the type of its weight, to which data of other floats, integers and bools are converted.

    >>> Conv2d(3, 16, 5, stride=2, padding="same")
    Conv2d(weight[16, 3, 5, 5], bias[16], stride=2, padding=same)
    """

    dims, function = 2, conv2d


class Conv3d(_Conv):
    """`ntb.nn.conv3d`: (N, channels, D, H, W) -> (N, filters, ...). Weight (filters, channels/groups, KD, KH, KW).

    It computes in the type of its weight, to which data of other floats, integers and bools are converted.

    >>> Conv3d(1, 4, 3, bias=False)
    Conv3d(weight[4, 1, 3, 3, 3])
    """

    dims, function = 3, conv3d


class Embedding(Module):
    """A vector for each of `count` symbols: integers (...) -> (..., size). Weight (count, size), normal with std 1.

    >>> Embedding(70, 32)
    Embedding(weight[70, 32])
    """

    def __init__(
        self,
        count: int,
        size: int,
        *,
        init: Initializer = initializers.normal,
        dtype: Any = np.float32,
        rng: random.Generator | None = None,
    ) -> None:
        dtype = floating_type(dtype)
        self.weight = Variable(init((count, size), rng=rng, dtype=dtype), name="weight")

    def __call__(self, x: Any, train: bool = False) -> Any:
        return embedding(x, self.weight)


class BatchNorm(Module):
    """`ntb.nn.batch_norm` with running statistics: any shape with `channels` on `axis` -> the same shape.

    For dense (N, C) and spatial (N, C, H, W) inputs the axis is 1, for sequences (N, T, C) it is -1.

    It computes in the type of its parameters, to which real data of any type are converted; N may be 0 or 1.

    >>> sorted(BatchNorm(4).named_variables())
    ['beta', 'gamma', 'running_mean', 'running_var']
    """

    def __init__(
        self, channels: int, *, axis: int = 1, momentum: float = 0.1, eps: float = 1e-5, dtype: Any = np.float32
    ) -> None:
        dtype, size = floating_type(dtype), checked_shape(channels)
        self.gamma = Variable(np.ones(size, dtype), name="gamma")
        self.beta = Variable(np.zeros(size, dtype), name="beta")
        self.running_mean = Variable(np.zeros(size, dtype), name="running_mean", trainable=False)
        self.running_var = Variable(np.ones(size, dtype), name="running_var", trainable=False)
        self.options: dict[str, Any] = {"axis": axis, "momentum": momentum, "eps": eps}

    def __call__(self, x: Any, train: bool = False) -> Any:
        statistics = self.running_mean, self.running_var
        return batch_norm(following(x, self.gamma), self.gamma, self.beta, *statistics, train=train, **self.options)


class LayerNorm(Module):
    """`ntb.nn.layer_norm` over the last axes, of the sizes `shape`.

    It computes in the type of its parameters, to which real data of any type are converted.

    >>> LayerNorm(8)
    LayerNorm(gamma[8], beta[8])
    """

    def __init__(self, shape: int | Sequence[int], *, eps: float = 1e-5, dtype: Any = np.float32) -> None:
        dtype, shape = floating_type(dtype), checked_shape(shape)
        self.gamma = Variable(np.ones(shape, dtype), name="gamma")
        self.beta = Variable(np.zeros(shape, dtype), name="beta")
        self.eps = eps

    def __call__(self, x: Any, train: bool = False) -> Any:
        axis = tuple(range(-self.gamma.ndim, 0))
        return layer_norm(following(x, self.gamma), self.gamma, self.beta, axis=axis, eps=self.eps)


class Dropout(Module):
    """`ntb.nn.dropout` in training, the identity otherwise. `p` is the probability of dropping an element, in [0, 1].

    x is of floating-point numbers; the result has their type.

    >>> Dropout(0.2)
    Dropout(p=0.2)
    """

    def __init__(self, p: float = 0.5, *, rng: random.Generator | None = None) -> None:
        self.p = probability(p)
        self.rng = rng

    def __call__(self, x: Any, train: bool = False) -> Any:
        return dropout(x, self.p, rng=self.rng) if train else x

    def describe(self) -> str:
        return f"p={self.p}"


class MaxPool2d(Module):
    """`ntb.nn.max_pool2d`: (N, C, H, W) -> (N, C, down, across).

    x is of real numbers of any type, which the result keeps.

    >>> MaxPool2d(2)(np.ones((1, 3, 8, 8))).shape
    (1, 3, 4, 4)
    """

    def __init__(self, kernel: Size, *, stride: Size | None = None, padding: Padding = 0) -> None:
        self.kernel = kernel
        self.options: dict[str, Any] = {"stride": stride, "padding": padding}

    def __call__(self, x: Any, train: bool = False) -> Any:
        return max_pool2d(x, self.kernel, **self.options)

    def describe(self) -> str:
        return f"{self.kernel}"


class AvgPool2d(Module):
    """`ntb.nn.avg_pool2d`: (N, C, H, W) -> (N, C, down, across).

    x is of numbers of any type; integers and bools are taken as float64.

    >>> AvgPool2d(2)(np.ones((1, 3, 8, 8))).shape
    (1, 3, 4, 4)
    """

    def __init__(
        self, kernel: Size, *, stride: Size | None = None, padding: Padding = 0, count_padding: bool = True
    ) -> None:
        self.kernel = kernel
        self.options: dict[str, Any] = {"stride": stride, "padding": padding, "count_padding": count_padding}

    def __call__(self, x: Any, train: bool = False) -> Any:
        return avg_pool2d(x, self.kernel, **self.options)

    def describe(self) -> str:
        return f"{self.kernel}"


class Flatten(Module):
    """All axes but the first made one: (N, ...) -> (N, D).

    x is of numbers of any type, which the result keeps; N may be 0.

    >>> Flatten()(np.ones((2, 3, 4))).shape
    (2, 12)
    """

    def __call__(self, x: Any, train: bool = False) -> Any:
        x = as_array(x)
        if not x.ndim:
            raise InputError("Flatten takes a batch, (N, ...), not a single number; np.reshape(x, (1, 1)) makes one")
        return flatten(x)


class Sequential(Module):
    """One part after the other. Parts are Modules, which are told whether this is training, or functions of one array.

    Layers convert what they are given to the type of their parameters; a layer that gives a tuple, as a recurrent one
    does, is followed by a function that picks an array from it.

    >>> from ntb import nn
    >>> Sequential(Linear(784, 50), nn.relu, Dropout(0.2), Linear(50, 10))
    Sequential()
      layers.0: Linear(weight[784, 50], bias[50])
      layers.1: relu
      layers.2: Dropout(p=0.2)
      layers.3: Linear(weight[50, 10], bias[10])
    """

    def __init__(self, *layers: Callable[..., Any]) -> None:
        for i, layer in enumerate(layers):
            if not callable(layer):
                raise InputError(
                    f"Sequential takes layers and functions one by one, Sequential(a, b, c); number {i} is a "
                    f"{type(layer).__name__} (of a list: Sequential(*layers))"
                )
        self.layers = list(layers)

    def __getitem__(self, index: Any) -> Any:
        raise TypeError(f"a Sequential has no items; {answer_to('model[0]')}")

    def __call__(self, x: Any, train: bool = False) -> Any:
        for i, layer in enumerate(self.layers):
            if isinstance(x, tuple) and _takes_one_array(layer):
                giver = f"layer {i - 1} ({_name(self.layers[i - 1])})" if i else "what is before this Sequential"
                raise InputError(
                    f"{giver} gave a tuple of {len(x)}, and layer {i} ({_name(layer)}) "
                    "takes one array. A recurrent layer gives all states and the last: put lambda out: out[0] between "
                    "them for the states, lambda out: out[0][:, -1] for the state after the last step"
                )
            x = layer(x, train=train) if isinstance(layer, Module) else layer(x)
        return x


def _takes_one_array(layer: Any) -> bool:
    """Whether it is of ntb's own, all of which do; a Sequential takes what its first layer does."""
    if isinstance(layer, Sequential):
        return False
    home = getattr(layer if inspect.isfunction(layer) else type(layer), "__module__", "")
    return home.startswith("ntb.")


def _name(layer: Any) -> str:
    return getattr(layer, "__name__", type(layer).__name__)
