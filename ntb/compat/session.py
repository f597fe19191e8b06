"""Session: how a graph runs. A run is a function of the fed values, traced on first use and replayed from then on.

The function evaluates what the fetches need, each node by its eager block, on one open tape. So gradients are those of
the tape, an assigned node is where backpropagation ends, and a gradient is a value like any other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import Function, Program, Tape, Tensor, function
from .shapes import shape_matches

if TYPE_CHECKING:
    from .graph import ComputationGraph
    from .node import Node

MAX_STEPS = 64


class Run:
    """One evaluation of fetches: the values that are known so far, and the tape that gradients are taken from.

    Attributes:
        values: what each node evaluated to.
        flags: for fed nodes that switch a mode, their truth.
    """

    def __init__(
        self, graph: ComputationGraph, fed: dict[Node, Any], flags: dict[Node, bool], tape: Tape | None
    ) -> None:
        self.graph = graph
        self.fed = fed
        self.flags = flags
        self.tape = tape
        self.watched: set[Node] = set()
        self.values: dict[Node, Any] = {}

    def fetch(self, nodes: Iterable[Node]) -> list[Any]:
        """Evaluate nodes from left to right. After one that changes parameters all is computed anew."""
        self.start(nodes)
        results = []
        for node in nodes:
            for needed in self.graph.ancestors([node], known=self.values):
                self.evaluate(needed)
            results.append(self.values[node])
            if node.disruptive:
                self.start(nodes)
        return results

    def start(self, nodes: Iterable[Node]) -> None:
        self.watched = {target for node in self.graph.ancestors(nodes, known=self.fed) for target in node.targets()}
        self.values = {}
        for node, value in self.fed.items():
            self.put(node, value)

    def evaluate(self, node: Node) -> None:
        inputs = [self.values[x] for x in self.graph.inputs[node]]
        try:
            self.put(node, self.cast(node.evaluate(self, *node.promote(inputs))))
        except Exception as error:
            raise node.error(error, inputs) from error

    def put(self, node: Node, value: Any) -> None:
        if self.tape is not None and node in self.watched and hasattr(value, "dtype"):
            value = self.tape.watch(value if value.dtype.kind == "f" else value.astype(self.graph.dtype))
        self.values[node] = value

    def cast(self, value: Any) -> Any:
        """Floating-point results in the graph's dtype."""
        if hasattr(value, "dtype") and value.dtype.kind == "f" and value.dtype != self.graph.dtype:
            return value.astype(self.graph.dtype)
        return value

    def gradient(self, scalar: Node, targets: list[Node]) -> list[Any]:
        """The gradients of an evaluated scalar; zeros where it does not depend on a target."""
        for needed in self.graph.ancestors(targets, known=self.values):
            self.evaluate(needed)
        value = self.values[scalar]
        if self.tape is None or not isinstance(value, Tensor):
            return [np.zeros(np.shape(self.values[t]), self.graph.dtype) for t in targets]
        sources = [self.values[t] for t in targets]
        return self.tape.gradient(value, sources, unconnected="zero")


def given(value: Any) -> Any:
    """A result as the caller gets it: a NumPy array of his own, or a scalar."""
    return np.array(value.numpy())[()] if isinstance(value, Tensor) else value


class Session:
    """The traced functions of a graph, by what is fetched and what is fed."""

    def __init__(self, graph: ComputationGraph) -> None:
        self.graph = graph
        self.steps: dict[Any, Function] = {}

    def run(self, fetches: tuple[Node, ...], assigned: Mapping[Node, Any]) -> tuple[Any, ...]:
        step, arrays = self.prepare(fetches, assigned)
        return tuple([given(value) for value in step(arrays)])

    def forget(self) -> None:
        """Drop what was traced: a variable's cell was replaced by one of another shape."""
        self.steps.clear()

    def program(self, fetches: tuple[Node, ...], assigned: Mapping[Node, Any]) -> Program:
        step, arrays = self.prepare(fetches, assigned)
        return step.trace(arrays)

    def prepare(self, fetches: tuple[Node, ...], assigned: Mapping[Node, Any]) -> tuple[Function, list[Any]]:
        """The traced function for these fetches, and its argument."""
        arrays = [self.checked(node, value) for node, value in assigned.items()]
        nodes = tuple(assigned)
        flags = tuple([bool(np.any(value)) if node.switches else None for node, value in zip(nodes, arrays)])
        key = (fetches, nodes, flags, len(self.graph.nodes))
        step = self.steps.pop(key, None)
        if step is None:
            step = self.make(fetches, nodes, flags)
            while len(self.steps) >= MAX_STEPS:
                self.steps.pop(next(iter(self.steps)))
        self.steps[key] = step  # the most recently used is last
        return step, arrays

    def make(self, fetches: tuple[Node, ...], nodes: tuple[Node, ...], flags: tuple[bool | None, ...]) -> Function:
        graph = self.graph
        known = {node: flag for node, flag in zip(nodes, flags) if flag is not None}
        differentiates = any(node.targets() for node in graph.ancestors(fetches, known=nodes))

        def graph_run(fed: list[Any]) -> tuple[Any, ...]:
            feeds = dict(zip(nodes, fed))
            if not differentiates:
                return tuple(Run(graph, feeds, known, None).fetch(fetches))
            with Tape(persistent=True, watch_variables=False) as tape:
                return tuple(Run(graph, feeds, known, tape).fetch(fetches))

        return function(graph_run)

    def checked(self, node: Node, value: Any) -> Any:
        """A fed value as an array of the graph's floating-point type, or an error that names the node."""
        from .graph import GraphError
        from .node import Node

        if not isinstance(node, Node) or node not in self.graph.nodes:
            raise GraphError(f"a value is assigned to {node!r}, which is no node of this graph")
        array = np.asarray(value)
        if array.dtype.kind not in "biufc":
            raise GraphError(f"the value assigned to {node} is no array of numbers, but of dtype {array.dtype}")
        if not shape_matches(node.shape, array.shape):
            raise GraphError(f"the value assigned to {node} has shape {array.shape}; expected {node.shape}")
        if array.dtype.kind == "f" and array.dtype != self.graph.dtype and self.graph.dtype != np.float64:
            array = array.astype(self.graph.dtype)
        return array
