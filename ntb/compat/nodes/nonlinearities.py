"""Non-linearities, and draws from probabilities."""

from __future__ import annotations

from typing import Any

import numpy as np

from ... import nn
from ...errors import InputError
from ..misc import Shape
from ..node import Node


class Elementwise(Node):
    """The base of non-linearities."""

    def init(self, shape: Any = None) -> None: ...


class Relu(Elementwise):
    """max(x, 0); the derivative at 0 is 0."""

    def compute(self, x: Any) -> Any:
        return nn.relu(x)


class Sigmoid(Elementwise):
    """1 / (1 + exp(-x))."""

    def compute(self, x: Any) -> Any:
        return nn.sigmoid(x)


class Tanh(Elementwise):
    """tanh(x)."""

    def compute(self, x: Any) -> Any:
        return np.tanh(x)


class Softmax(Elementwise):
    """Probabilities along the last axis."""

    def compute(self, x: Any) -> Any:
        return nn.softmax(x, axis=-1)


class Maxout(Node):
    """The maximum over the last axis; equal maxima share the gradient."""

    def infer_shape(self, x: Shape) -> Shape:
        return x[:-1]

    def compute(self, x: Any) -> Any:
        return nn.maxout(x)


class Sample(Node):
    """An index along the last axis, drawn with the probabilities p, whose rows are scaled to sum to one."""

    def infer_shape(self, p: Shape) -> Shape:
        if len(p) not in (2, 3):
            raise InputError(f"Sample: probabilities have shape (N, K) or (N, T, K), not {p}")
        return p[:-1]

    def compute(self, p: Any) -> Any:
        return self.graph.rng.categorical(p)


def sigmoid(x: Any) -> Any:
    """1 / (1 + exp(-x)) of an array.

    >>> sigmoid(0)
    np.float64(0.5)
    """
    return np.asarray(nn.sigmoid(np.asarray(x)))[()]
