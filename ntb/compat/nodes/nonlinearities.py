"""Non-linearities, and draws from probabilities."""

from __future__ import annotations

from typing import Any

from ...errors import InputError
from ...nn import sigmoid
from ..misc import Shape
from ..node import Node
from .table import Maxout, Relu, Sigmoid, Softmax, Tanh

__all__ = ["Maxout", "Relu", "Sample", "Sigmoid", "Softmax", "Tanh", "sigmoid"]


class Sample(Node):
    """An index along the last axis, drawn with the probabilities p, whose rows are scaled to sum to one."""

    def infer_shape(self, p: Shape) -> Shape:
        if len(p) not in (2, 3):
            raise InputError(f"Sample: probabilities have shape (N, K) or (N, T, K), not {p}")
        return p[:-1]

    def compute(self, p: Any) -> Any:
        return self.graph.rng.categorical(p)
