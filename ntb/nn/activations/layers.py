"""Activations as layers, each made of its function: `LeakyReLU(0.2)` is `leaky_relu` with a slope of 0.2.

A function does as well between layers. A layer keeps its options, which it shows, and draws from a generator of its
own. `PReLU` has a Variable.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from ... import random
from ...errors import InputError
from ...habits import answer_to
from ...ops.scores import log_softmax, softmax
from ...ops.special import log_sigmoid, relu, sigmoid, softplus
from ...variable import Variable
from ..checks import floating, floating_type, following, whole_number
from ..module import Module
from . import along_axis, piecewise, smooth


class Activation(Module):
    """A function of an array as a layer. It takes the options of the function, in their order or by name, and arrays of
    the element types and shapes that the function takes.

    Attributes:
        function: what is called.
        options: by name, those that were given.

    >>> from ntb import nn
    >>> nn.Hardtanh(-2, 2), nn.ReLU()
    (Hardtanh(min_val=-2, max_val=2), ReLU())
    """

    function: Callable[..., Any]

    def __init__(self, *args: Any, **options: Any) -> None:
        kind = type(self)
        if not hasattr(kind, "function"):
            advice = answer_to('nn.Activation("relu")')
            raise InputError(f"{kind.__name__} has no function; {advice}")
        try:
            self.options = inspect.signature(kind).bind(*args, **options).arguments
        except TypeError as error:
            raise TypeError(f"{kind.__name__}() {error}") from None

    def __call__(self, x: Any, train: bool = False) -> Any:
        """The function of x. `train` makes no difference."""
        return type(self).function(x, **self.options)

    def describe(self) -> str:
        return ", ".join(f"{name}={value!r}" for name, value in self.options.items())


def _layer_of(function: Callable[..., Any], name: str) -> type[Activation]:
    """The class of the layers that call a function, with its options but those that are functions."""
    options = [
        p
        for p in list(inspect.signature(function).parameters.values())[1:]
        if p.default is p.empty or not callable(p.default)
    ]
    return type(name, (Activation,), {
        "function": staticmethod(function),
        "__module__": __name__,
        "__doc__": f"{(function.__doc__ or '').split('>>>')[0].rstrip()}\n\n    As a layer: see `Activation`.\n    ",
        "__signature__": inspect.Signature(options),
    })  # fmt: skip


CELU = _layer_of(smooth.celu, "CELU")
ELU = _layer_of(smooth.elu, "ELU")
GELU = _layer_of(smooth.gelu, "GELU")
Mish = _layer_of(smooth.mish, "Mish")
SELU = _layer_of(smooth.selu, "SELU")
SiLU = _layer_of(smooth.silu, "SiLU")
Softsign = _layer_of(smooth.softsign, "Softsign")
Tanhshrink = _layer_of(smooth.tanhshrink, "Tanhshrink")
LogSigmoid = _layer_of(log_sigmoid, "LogSigmoid")
ReLU = _layer_of(relu, "ReLU")
Sigmoid = _layer_of(sigmoid, "Sigmoid")
Softplus = _layer_of(softplus, "Softplus")
Hardshrink = _layer_of(piecewise.hardshrink, "Hardshrink")
Hardsigmoid = _layer_of(piecewise.hardsigmoid, "Hardsigmoid")
Hardswish = _layer_of(piecewise.hardswish, "Hardswish")
Hardtanh = _layer_of(piecewise.hardtanh, "Hardtanh")
LeakyReLU = _layer_of(piecewise.leaky_relu, "LeakyReLU")
ReLU6 = _layer_of(piecewise.relu6, "ReLU6")
Softshrink = _layer_of(piecewise.softshrink, "Softshrink")
Threshold = _layer_of(piecewise.threshold, "Threshold")
GLU = _layer_of(along_axis.glu, "GLU")
LogSoftmax = _layer_of(log_softmax, "LogSoftmax")
Maxout = _layer_of(along_axis.maxout, "Maxout")
Softmax = _layer_of(softmax, "Softmax")
Softmin = _layer_of(along_axis.softmin, "Softmin")


class Tanh(Activation):
    """NumPy's tanh, as a layer: see `Activation`.

    x is of numbers of any type and shape; the result has their floating type, float64 for integers.

    >>> float(Tanh()(0.0))
    0.0
    """

    function = staticmethod(lambda x: np.tanh(floating(x)[0]))

    def __init__(self) -> None:
        self.options = {}


class RReLU(Activation):
    """`ntb.nn.rrelu`: slopes below zero that are drawn in training.

    Args:
        lower, upper: the bounds of the slopes.
        rng: the generator that draws them; by default the one that `ntb.random.seed` seeds.

    Shapes:
        Any shape, which stays: real numbers, whose type the result has.

    Raises:
        InputError: a lower bound above the upper one; called, with complex numbers.

    >>> RReLU()(np.array([-48.0, 1.0]))
    array([-11.,   1.])
    """

    function = staticmethod(piecewise.rrelu)

    def __init__(self, lower: float = 1 / 8, upper: float = 1 / 3, *, rng: random.Generator | None = None) -> None:
        self.options = {"lower": lower, "upper": upper}
        self.rng = rng

    def __call__(self, x: Any, train: bool = False) -> Any:
        """x with its negative elements made smaller, by slopes that are drawn if `train`."""
        return piecewise.rrelu(x, **self.options, train=train, rng=self.rng)


class PReLU(Module):
    """`ntb.nn.prelu`: a slope below zero that is learned, for all channels or for each.

    Args:
        channels: how many slopes there are: 1, or one for each channel.
        init: where they begin.
        dtype: of the Variable, a floating-point type; the layer computes in it.

    Shapes:
        (N, C, ...), which stays.

    Variables:
        weight: (channels,).

    Raises:
        InputError: a dtype of integers; called, with complex numbers or other channels.

    >>> PReLU(3)
    PReLU(weight[3])
    """

    def __init__(self, channels: int = 1, *, init: float = 0.25, dtype: Any = np.float32) -> None:
        self.weight = Variable(np.full(whole_number(channels, "channels"), init, floating_type(dtype)))

    def __call__(self, x: Any, train: bool = False) -> Any:
        """x with its negative elements times the slopes. `train` makes no difference."""
        return piecewise.prelu(following(x, self.weight), self.weight)
