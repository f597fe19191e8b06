"""Grad: a node that is a gradient."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ..current import GraphError
from ..misc import Shape
from ..node import Node

if TYPE_CHECKING:
    from ..run import Run


class Grad(Node):
    """dy/dx for a scalar y, of x's shape; zeros where y does not depend on x. It can be differentiated again."""

    def __init__(self, y: Node, x: Node, name: str | None = None) -> None:
        if not isinstance(y, Node) or not isinstance(x, Node):
            raise GraphError(
                f"Grad(y, x) is of two nodes, a scalar and that by which it is differentiated, not {x!r:.60}"
            )
        super().__init__(y, x, name=name)

    def infer_shape(self, y: Shape, x: Shape) -> Shape:
        if y != ():
            raise GraphError(
                f"Node is not a scalar: a gradient is of a node of shape (), not {y}; take its sum or mean"
            )
        return x

    def targets(self) -> Iterable[Node]:
        return (self.graph.inputs[self][1],)

    def evaluate(self, run: Run, *inputs: Any) -> Any:
        y, x = self.graph.inputs[self]
        (gradient,) = run.gradient(y, [x], deep=self in run.plan.deep)
        return gradient
