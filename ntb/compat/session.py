"""Session: how a graph runs. A run is a function of the fed values, traced on first use and replayed from then on.

The function evaluates what the fetches need, each node by its eager block, on one open tape. So gradients are those of
the tape, an assigned node is where backpropagation ends, and a gradient is a value like any other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any
from weakref import ref

import numpy as np

from .. import random
from ..replay.function import Function, function
from ..replay.program import Program
from ..tape.listener import traces
from ..tape.tape import Tape
from ..tape.tensor import Tensor
from ..variable import Variable
from .current import GraphError, found
from .misc import shape_matches

if TYPE_CHECKING:
    from .graph import ComputationGraph
    from .node import Node

MAX_STEPS = 64
Order = tuple[tuple["Node", ...], list[tuple["Node", str]]]  # fed nodes in the order they were made, and with names


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
        self.line: Any = None

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
        self.watched = {by for node in self.graph.ancestors(nodes, known=self.fed) for by in node.targets()}
        self.values = {}
        for node, value in self.fed.items():
            self.put(node, value)

    def evaluate(self, node: Node) -> None:
        inputs = [self.values[x] for x in self.graph.inputs[node]]
        before = self.line
        self.describe(node.line)
        try:
            value = self.cast(node.evaluate(self, *node.promote(inputs)))
            same = node in self.watched and any(value is x for x in inputs)  # a value of its own has its own gradient
            self.put(node, np.positive(value) if same else value)
        except GraphError:  # which names its node already
            raise
        except Exception as error:
            raise node.error(error, inputs) from error
        finally:
            self.describe(before)

    def describe(self, line: Any) -> None:
        """Tell traces which line of the user's program describes what is computed now."""
        self.line = line
        for trace in traces():
            trace.described_by = line

    def put(self, node: Node, value: Any) -> None:
        if self.tape is not None and node in self.watched and hasattr(value, "dtype"):
            value = self.tape.watch(value if value.dtype.kind == "f" else value.astype(self.graph.dtype))
        self.values[node] = value

    def cast(self, value: Any) -> Any:
        """Floating-point results in the graph's dtype."""
        if hasattr(value, "dtype") and value.dtype.kind == "f" and value.dtype != self.graph.dtype:
            return value.astype(self.graph.dtype)
        return value

    def gradient(self, scalar: Node, targets: list[Any]) -> list[Any]:
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
    if isinstance(value, Tensor):
        array = value.value
        return array.copy()[()] if isinstance(array, np.ndarray) else array
    return tuple([given(part) for part in value]) if isinstance(value, tuple) else value


class Session:
    """The traced functions of a graph, by what is fetched and what is fed."""

    def __init__(self, graph: ComputationGraph) -> None:
        self._graph = ref(graph)  # which keeps this session
        self.steps: dict[Any, Function] = {}
        self.orders: dict[tuple[Node, ...], Order] = {}
        self.accepted: dict[Node, tuple] = {}  # shape and dtype of the array that was fed last
        self.tick = Variable(0, trainable=False, name="tick")  # an input of nodes that are called in every run

    @property
    def graph(self) -> ComputationGraph:
        return found(self._graph)

    def run(self, fetches: tuple[Node, ...], assigned: Mapping[Node, Any]) -> tuple[Any, ...]:
        step, fed = self.prepare(fetches, assigned)
        try:
            results = step(**fed)
        except Exception as error:
            self.blame(error, step.function, fed)
            raise
        return tuple([given(value) for value in results])

    def forget(self) -> None:
        """Drop what was traced: a variable's cell was replaced by one of another shape."""
        self.steps.clear()

    def program(self, fetches: tuple[Node, ...], assigned: Mapping[Node, Any]) -> Program:
        step, fed = self.prepare(fetches, assigned)
        before = self.graph.save()
        try:
            return step.trace(**fed)
        except Exception as error:
            self.blame(error, step.function, fed)
            raise
        finally:
            self.restore(before)

    def blame(self, error: Exception, run: Any, fed: dict[str, Any]) -> None:
        """Raise the error again as one that names the node, found by evaluating node by node, if it comes again."""
        if isinstance(error, GraphError | Warning):
            return
        generators = (random.of_numpy(), self.graph.rng)
        before, states = self.graph.save(), [generator.value for generator in generators]
        try:
            run(**fed)
        except GraphError as found:
            raise found from error
        finally:
            self.restore(before)
            for generator, state in zip(generators, states):
                generator.assign(state)

    def restore(self, before: list[Any]) -> None:
        for node, state in zip(self.graph.mutable_nodes, before):
            node.load_attributes(state)

    def prepare(self, fetches: tuple[Node, ...], assigned: Mapping[Node, Any]) -> tuple[Function, dict[str, Any]]:
        """The traced function for these fetches, and its arguments."""
        given = tuple(assigned)
        nodes, named = self.orders.get(given) or self.ordered(given)
        accepted, dtype = self.accepted, self.graph.dtype
        flags: list[bool | None] = []
        fed: dict[str, Any] = {}
        for node, name in named:
            array = assigned[node]
            if type(array) is not np.ndarray:
                array = array_of(node, array)
            if accepted.get(node) != (array.shape, array.dtype):  # what was accepted last is not looked at again
                self.check(node, array)
            cast = array.dtype != dtype and array.dtype.kind == "f"
            array = fed[name] = array.astype(dtype) if cast else array.view()  # of its own, as two nodes may be fed one
            flags.append(bool(array if array.ndim == 0 else array.any()) if node.switches else None)
        key = (fetches, nodes, tuple(flags))
        step = self.steps.pop(key, None)
        if step is None:
            step = self.make(fetches, nodes, tuple(flags))
            while len(self.steps) >= MAX_STEPS:
                self.steps.pop(next(iter(self.steps)), None)
        self.steps[key] = step  # the most recently used is last
        return step, fed

    def ordered(self, given: tuple[Node, ...]) -> Order:
        """The fed nodes in the order in which they were made, so that the order in a dict makes no difference."""
        for node in given:
            if node not in self.graph.nodes:
                raise GraphError(
                    f"a value is assigned to {node!r}, which is no node of this graph; the keys of assign_dict are "
                    "nodes, made in `with default_graph(g):`"
                )
        nodes = tuple(sorted(given, key=self.graph.order.__getitem__))
        self.orders[given] = nodes, [(node, node.name) for node in nodes]
        return self.orders[given]

    def make(self, fetches: tuple[Node, ...], nodes: tuple[Node, ...], flags: tuple[bool | None, ...]) -> Function:
        graph, weakly = self.graph, self._graph
        known = {node: flag for node, flag in zip(nodes, flags) if flag is not None}
        needed = graph.ancestors(fetches, known=nodes)
        differentiates = any(True for node in needed for _ in node.targets())

        def run(**fed: Any) -> tuple[Any, ...]:
            graph = found(weakly)
            feeds = {node: fed[node.name] for node in nodes}
            if not differentiates:
                return tuple(Run(graph, feeds, known, None).fetch(fetches))
            with Tape(persistent=True, watch_variables=False) as tape:
                return tuple(Run(graph, feeds, known, tape).fetch(fetches))

        names: Any = {node.line: node.name for node in needed if graph.names.of_line(node)}
        run.assigned_names = names  # type: ignore[attr-defined]
        return function(run)

    def check(self, node: Node, array: np.ndarray) -> None:
        """Complain of an array that cannot be fed to a node."""
        if array.dtype.kind not in "biufc":
            raise GraphError(
                f"the value assigned to {node} is no array of numbers, but of dtype {array.dtype}; turn it into "
                "numbers first"
            )
        if not shape_matches(node.shape, array.shape):
            raise GraphError(
                f"the value assigned to {node} has shape {array.shape}; expected {node.shape}, where -1 is any size"
            )
        self.accepted[node] = array.shape, array.dtype


def array_of(node: Node, value: Any) -> np.ndarray:
    """A fed list or number as an array."""
    try:
        return np.asarray(value)
    except ValueError as error:
        raise GraphError(
            f"the value assigned to {node} is no array of numbers: {error} Pad short rows, so that all are equally long"
        ) from None
