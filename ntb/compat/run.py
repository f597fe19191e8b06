"""Run: one evaluation of what is fetched, each node by its eager block, inputs first, on one tape.

So gradients are those of the tape, an assigned node is where backpropagation ends, and a gradient is a value like any
other. The same code makes the trace of a run and walks it without one.
"""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import numpy as np

from ..tape.listener import traces, unheard
from ..tape.tape import Tape
from ..tape.tensor import Tensor
from .current import GraphError
from .node import Node

if TYPE_CHECKING:
    from .graph import ComputationGraph
    from .session import Plan


class Run:
    """One evaluation of fetches: the values that are known so far, and the tape that gradients are taken from.

    Attributes:
        values: what each node evaluated to.
    """

    def __init__(self, graph: ComputationGraph, plan: Plan, fed: dict[Node, Any], tape: Tape) -> None:
        self.graph = graph
        self.plan = plan
        self.fed = fed
        self.tape = tape
        self.values: dict[Node, Any] = {}
        self.line: Any = None
        self.traces = traces()

    def fetch(self) -> list[Any]:
        """Evaluate the fetches from left to right. After one that changes parameters all is computed anew."""
        self.start()
        results = []
        for node, order in zip(self.plan.fetches, self.plan.orders):
            for needed in order:
                if needed not in self.values:
                    self.evaluate(needed)
            results.append(self.values[node])
            if node.disruptive:
                self.start()
        return results

    def start(self) -> None:
        self.values = {}
        for node, value in self.fed.items():
            self.put(node, value)

    def evaluate(self, node: Node) -> None:
        inputs = [self.values[x] for x in self.graph._inputs[node]]
        before = self.line
        if self.traces:
            self.describe(node.line)
        try:
            promoted = inputs if node.integers else node.promote(inputs)
            value = self.cast(node.value_in(self, *promoted))
            same = node in self.plan.watched and any(value is x for x in inputs)  # its gradient is its own
            self.put(node, np.positive(value) if same else value)
        except GraphError:  # which names its node already
            raise
        except Exception as error:
            raise node.error(error, inputs) from error
        finally:
            if self.traces:
                self.describe(before)

    def describe(self, line: Any) -> None:
        """Tell traces which part of the user's program describes what is computed now."""
        self.line = line
        for trace in self.traces:
            trace.described_by = line

    def put(self, node: Node, value: Any) -> None:
        if node in self.plan.watched and hasattr(value, "dtype"):
            value = self.tape.watch(value if value.dtype.kind == "f" else value.astype(self.graph.dtype))
        self.values[node] = value

    def cast(self, value: Any) -> Any:
        """Floating-point results in the graph's dtype."""
        if hasattr(value, "dtype") and value.dtype.kind == "f" and value.dtype != self.graph.dtype:
            return value.astype(self.graph.dtype)
        return value

    def gradient(self, scalar: Node, targets: list[Any], deep: bool = False) -> list[Any]:
        """The gradients of an evaluated scalar; zeros where it does not depend on a target.

        The tape records how they are computed if `deep`, so that they can be differentiated again.
        """
        if any(target not in self.values for target in targets):
            for needed in self.graph.ancestors(targets, known=self.values):
                self.evaluate(needed)
        value = self.values[scalar]
        if not isinstance(value, Tensor):
            return [np.zeros(np.shape(self.values[t]), self.graph.dtype) for t in targets]
        sources = [self.values[t] for t in targets]
        with nullcontext() if deep else unheard(self.tape):
            return self.tape.gradient(value, sources, unconnected="zero")


def given(value: Any) -> Any:
    """A result as the caller gets it: a NumPy array of his own, or a scalar."""
    if isinstance(value, Tensor):
        array = value.value
        return array.copy()[()] if isinstance(array, np.ndarray) else array
    return tuple([given(part) for part in value]) if isinstance(value, tuple) else value
