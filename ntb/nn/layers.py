"""Layers: the functional forms with Variables of their own.

Each takes the sizes of its input and output, the `dtype` of its Variables (by default float32, the usual choice for
training; input arrays should have the same), and `rng`, a generator for the first values (by default the one that
`ntb.random.seed` seeds).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .. import random
from ..errors import InputError
from ..habits import answer_to
from ..ops.layout import flatten
from ..variable import Variable
from . import initializers
from .checks import as_array
from .conv import Padding, Size, conv1d, conv2d, conv3d, per_axis
from .dropout import dropout
from .embedding import embedding
from .linear import linear
from .module import Module
from .normalization import batch_norm, layer_norm
from .pooling import avg_pool2d, max_pool2d

Initializer = Callable[..., Any]


class Linear(Module):
    """`x @ weight + bias`: (..., inputs) -> (..., outputs). Weight (inputs, outputs), bias (outputs,).

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
        self.weight = Variable(init((inputs, outputs), rng=rng, dtype=dtype), name="weight")
        self.bias = Variable(np.zeros(outputs, dtype), name="bias") if bias else None

    def __call__(self, x: Any, train: bool = False) -> Any:
        return linear(x, self.weight, self.bias)


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
        if channels % groups or filters % groups:
            raise InputError(f"groups={groups} must divide both the {channels} channels and the {filters} filters")
        shape = (filters, channels // groups, *per_axis(kernel, self.dims))
        self.weight = Variable(init(shape, rng=rng, dtype=dtype), name="weight")
        self.bias = Variable(np.zeros(filters, dtype), name="bias") if bias else None
        self.options: dict[str, Any] = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}

    def __call__(self, x: Any, train: bool = False) -> Any:
        return type(self).function(x, self.weight, self.bias, **self.options)

    def describe(self) -> str:
        unusual = {"stride": 1, "padding": 0, "dilation": 1, "groups": 1}
        return ", ".join([super().describe()] + [f"{k}={v}" for k, v in self.options.items() if v != unusual[k]])


class Conv1d(_Conv):
    """`ntb.nn.conv1d`: (N, channels, W) -> (N, filters, positions). Weight (filters, channels/groups, K).

    >>> Conv1d(8, 16, 3)
    Conv1d(weight[16, 8, 3], bias[16])
    """

    dims, function = 1, conv1d


class Conv2d(_Conv):
    """`ntb.nn.conv2d`: (N, channels, H, W) -> (N, filters, down, across). Weight (filters, channels/groups, KH, KW).

    >>> Conv2d(3, 16, 5, stride=2, padding="same")
    Conv2d(weight[16, 3, 5, 5], bias[16], stride=2, padding=same)
    """

    dims, function = 2, conv2d


class Conv3d(_Conv):
    """`ntb.nn.conv3d`: (N, channels, D, H, W) -> (N, filters, ...). Weight (filters, channels/groups, KD, KH, KW).

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
        self.weight = Variable(init((count, size), rng=rng, dtype=dtype), name="weight")

    def __call__(self, x: Any, train: bool = False) -> Any:
        return embedding(x, self.weight)


class BatchNorm(Module):
    """`ntb.nn.batch_norm` with running statistics: any shape with `channels` on `axis` -> the same shape.

    For dense (N, C) and spatial (N, C, H, W) inputs the axis is 1, for sequences (N, T, C) it is -1.

    >>> sorted(BatchNorm(4).named_variables())
    ['beta', 'gamma', 'running_mean', 'running_var']
    """

    def __init__(
        self, channels: int, *, axis: int = 1, momentum: float = 0.1, eps: float = 1e-5, dtype: Any = np.float32
    ) -> None:
        self.gamma = Variable(np.ones(channels, dtype), name="gamma")
        self.beta = Variable(np.zeros(channels, dtype), name="beta")
        self.running_mean = Variable(np.zeros(channels, dtype), name="running_mean", trainable=False)
        self.running_var = Variable(np.ones(channels, dtype), name="running_var", trainable=False)
        self.options: dict[str, Any] = {"axis": axis, "momentum": momentum, "eps": eps}

    def __call__(self, x: Any, train: bool = False) -> Any:
        statistics = self.running_mean, self.running_var
        return batch_norm(x, self.gamma, self.beta, *statistics, train=train, **self.options)


class LayerNorm(Module):
    """`ntb.nn.layer_norm` over the last axes, of the sizes `shape`.

    >>> LayerNorm(8)
    LayerNorm(gamma[8], beta[8])
    """

    def __init__(self, shape: int | Sequence[int], *, eps: float = 1e-5, dtype: Any = np.float32) -> None:
        shape = (shape,) if isinstance(shape, int) else tuple(shape)
        self.gamma = Variable(np.ones(shape, dtype), name="gamma")
        self.beta = Variable(np.zeros(shape, dtype), name="beta")
        self.eps = eps

    def __call__(self, x: Any, train: bool = False) -> Any:
        axis = tuple(range(-self.gamma.ndim, 0))
        return layer_norm(x, self.gamma, self.beta, axis=axis, eps=self.eps)


class Dropout(Module):
    """`ntb.nn.dropout` in training, the identity otherwise. `p` is the probability of dropping an element.

    >>> Dropout(0.2)
    Dropout(p=0.2)
    """

    def __init__(self, p: float = 0.5, *, rng: random.Generator | None = None) -> None:
        self.p = p
        self.rng = rng

    def __call__(self, x: Any, train: bool = False) -> Any:
        return dropout(x, self.p, rng=self.rng) if train else x

    def describe(self) -> str:
        return f"p={self.p}"


class MaxPool2d(Module):
    """`ntb.nn.max_pool2d`: (N, C, H, W) -> (N, C, down, across).

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

    >>> Flatten()(np.ones((2, 3, 4))).shape
    (2, 12)
    """

    def __call__(self, x: Any, train: bool = False) -> Any:
        return flatten(as_array(x))


class Sequential(Module):
    """One part after the other. Parts are Modules, which are told whether this is training, or functions of one array.

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
        for layer in self.layers:
            x = layer(x, train=train) if isinstance(layer, Module) else layer(x)
        return x
