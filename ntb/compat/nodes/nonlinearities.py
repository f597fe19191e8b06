"""Non-linearities, and draws from probabilities."""

from __future__ import annotations

from typing import Any

import numpy as np

from ... import nn
from ...errors import InputError
from ..misc import Shape
from ..node import Node


class Relu(Node):
    """max(x, 0); the derivative at 0 is 0."""

    operation = staticmethod(nn.relu)


class Sigmoid(Node):
    """1 / (1 + exp(-x))."""

    operation = staticmethod(nn.sigmoid)


class Tanh(Node):
    """tanh(x)."""

    operation = staticmethod(np.tanh)


class Softmax(Node):
    """Probabilities along the last axis."""

    operation = staticmethod(nn.softmax)


class Maxout(Node):
    """The maximum over the last axis; equal maxima share the gradient."""

    def infer_shape(self, x: Shape) -> Shape:
        return x[:-1]

    def compute(self, x: Any) -> Any:
        return nn.maxout(x)


class Sample(Node):
    """An index along the last axis, drawn with the probabilities p, whose rows are scaled to sum to one."""

    draws = True

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
