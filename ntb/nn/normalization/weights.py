"""Normalisation of weights in the place of activations: layers around a layer, whose weight they compute anew.

The layer inside stays a Module with its own Variables. In each call a copy of it, which shares all of them, is given
another weight: a tensor that is computed from the Variable, through which the gradient flows.
"""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from ... import random
from ...errors import InputError
from ...ops.stopping import stop_gradient
from ...values.creation import in_type
from ...variable import Variable
from ..checks import real_numbers, widened
from ..module import Module


class _Reweighted(Module):
    """A layer with a weight in the place of its own; the weight as a matrix has a row for each output."""

    def __init__(self, layer: Any, axis: int | None) -> None:
        own = layer.named_variables() if isinstance(layer, Module) else {}
        if "weight" not in own or own["weight"].ndim < 2:
            raise InputError(
                f"{type(self).__name__} takes a layer with a weight, as Linear and Conv2d are, not a "
                f"{type(layer).__name__}; of a model, wrap the layers"
            )
        dims = layer.weight.ndim
        axis = (1 if dims == 2 else 0) if axis is None else axis
        if not -dims <= axis < dims:
            raise InputError(f"a weight of shape {layer.weight.shape} has no axis {axis} of outputs")
        self.layer, self.axis = layer, axis % dims

    def matrix(self, weight: Any) -> Any:
        """A weight as a matrix, (outputs, all others); half precision as single."""
        rows = np.moveaxis(widened(weight), self.axis, 0)
        return np.reshape(rows, (len(rows), -1))

    def with_weight(self, weight: Any) -> Module:
        """A copy of the layer, with the same Variables but for this weight."""
        layer = copy.copy(self.layer)
        layer._copied_from = self.layer  # so that a summary of the model knows which part is called
        layer.weight = in_type(weight, self.layer.weight.dtype)
        return layer


class WeightNorm(_Reweighted):
    """A layer whose weight is given by its length and its direction, w = g v / |v|, for each output (Salimans and
    Kingma, 2016): often learned faster, and with no regard to the batch.

    Args:
        layer: one with a weight, such as Linear or Conv2d. At first it computes what it did before.
        axis: of the outputs in the weight; by default the last of a matrix, and the first of filters.

    Shapes:
        What the layer takes -> what it gives, of the element type that it has.

    Variables:
        layer.weight: (inputs, outputs), of a dense layer; the direction v.
        layer.bias: (outputs,), and what else the layer has.
        magnitude: (outputs,), the lengths g, at first those of v.

    Raises:
        InputError: a layer without a weight, or an axis that the weight has not; and whatever the layer raises.

    >>> from ntb import nn
    >>> WeightNorm(nn.Linear(3, 2))
    WeightNorm(magnitude[2])
      layer: Linear(weight[3, 2], bias[2])
    """

    def __init__(self, layer: Any, *, axis: int | None = None) -> None:
        super().__init__(layer, axis)
        self.magnitude = Variable(np.linalg.norm(self.matrix(layer.weight.value), axis=1).astype(layer.weight.dtype))

    def __call__(self, x: Any, train: bool = False) -> Any:
        """What the layer makes of x with the weight g v / |v|; `train` is passed on to it."""
        v = widened(self.layer.weight)
        scale = self.magnitude / np.linalg.norm(self.matrix(v), axis=1)
        weight = v * np.reshape(scale, (-1, *[1] * (v.ndim - self.axis - 1)))
        return self.with_weight(weight)(x, train=train)


class SpectralNorm(_Reweighted):
    """A layer whose weight is divided by its greatest singular value, so that it lengthens no vector (Miyato, Kataoka,
    Koyama and Yoshida, 2018): for the discriminators of GANs.

    The value is found by power iteration, of which each step of training makes one: with the weight as a matrix W,
    v = W^T u / |W^T u|, then u = W v / |W v|, and the value is u^T W v. In the gradient u and v count as constants.

    Args:
        layer: one with a weight of real numbers, such as Linear or Conv2d.
        axis: of the outputs in the weight; by default the last of a matrix, and the first of filters.
        rng: the generator that the first u is drawn from.

    Shapes:
        What the layer takes -> what it gives, of the element type that it has.

    Variables:
        layer.weight: (inputs, outputs), of a dense layer; it is divided.
        layer.bias: (outputs,), and what else the layer has.
        u: (outputs,), not trained: `train=True` updates it.

    Raises:
        InputError: a layer without a weight, or with complex numbers, or an axis that the weight has not; and whatever
            the layer raises.

    >>> from ntb import nn
    >>> layer = SpectralNorm(nn.Linear(3, 2, bias=False))
    >>> round(float(np.linalg.norm(layer(np.eye(3)), 2)), 3)
    1.0
    """

    def __init__(self, layer: Any, *, axis: int | None = None, rng: random.Generator | None = None) -> None:
        super().__init__(layer, axis)
        w = real_numbers(self.matrix(layer.weight.value), "weights of a spectral norm")
        u = (rng or random.default()).normal(size=len(w)).astype(w.dtype)
        for _ in range(15):  # so that the first call is already near
            u, _ = _iterated(w, u)
        self.u = Variable(u.astype(layer.weight.dtype), trainable=False)

    def __call__(self, x: Any, train: bool = False) -> Any:
        """What the layer makes of x with the divided weight; if `train`, u is iterated. The layer is told, too."""
        w = self.matrix(self.layer.weight)
        u, v = _iterated(stop_gradient(w), widened(stop_gradient(self.u)))
        if train:
            self.u.assign(in_type(u, self.u.dtype))
        return self.with_weight(widened(self.layer.weight) / (u @ (w @ v)))(x, train=train)


def _iterated(w: Any, u: Any) -> tuple[Any, Any]:
    """A step of power iteration: the next u, and the v on the way."""
    v = _unit(u @ w)
    return _unit(w @ v), v


def _unit(vector: Any) -> Any:
    return vector / np.maximum(np.linalg.norm(vector), 1e-12)
