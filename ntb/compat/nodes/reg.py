"""Regularisation: penalties on weights, and dropout."""

from __future__ import annotations

from typing import Any

import numpy as np

from ... import nn
from ...nn.ranges import probability
from ..current import GraphError
from ..misc import Shape, number
from ..node import Node
from .table import L1, L2

__all__ = ["L1", "L2", "Dropout", "weight_decay"]


def weight_decay(loss_node: Node, decay_class: type[Node] = L2) -> Node:
    """A penalty on all learnable variables of rank 2 and more of a loss: `loss + reg * weight_decay(loss)`."""
    weights = [v for v in loss_node.graph.learnable(loss_node) if len(v.shape) > 1]
    if not weights:
        raise GraphError(
            f"{loss_node} depends on no learnable variable of rank 2 or more, so there is nothing to decay; leave "
            "weight_decay out, or name nodes by L2(w)"
        )
    return decay_class(*weights)


class Dropout(Node):
    """Keep each element of x with probability p, a scalar node, and divide it by p; others become zero.

    There is no switch for evaluation: feed p = 1. With p = 0 the result is zero. A p beyond these is a GraphError.
    """

    def __init__(self, x: Node, p: Any, name: str | None = None) -> None:
        if not isinstance(p, Node) and not 0 <= number("p", p) <= 1:
            raise GraphError(f"Dropout: p is the probability to keep an element, between 0 and 1, not {p}")
        super().__init__(x, p, name=name)

    def infer_shape(self, x: Shape, p: Shape) -> Shape:
        if p != ():
            raise GraphError(f"Dropout: p is a scalar, the probability to keep an element; it has the shape {p}")
        return x

    def compute(self, x: Any, p: Any) -> Any:
        return nn.dropout(x, np.subtract(1, probability(p)), rng=self.graph.rng)
