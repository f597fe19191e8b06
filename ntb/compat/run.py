"""How a graph runs: a Session takes what is fed, and finds the Plan of the runs that fetch and feed the same nodes. Its
function is replayed wherever it can be. A Run is one evaluation: each node by its eager block, inputs first, on a tape.

So gradients are those of the tape, an assigned node is where backpropagation ends, and a gradient is a value like any
other. The same code makes the trace of a run and walks it without one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any
from weakref import ref

import numpy as np

from ..replay.many_sizes import ManySizes
from ..tape.listener import traces, unheard
from ..tape.tape import Tape
from ..tape.tensor import Tensor
from ..variable import Variable
from .current import GraphError, found
from .misc import shape_matches
from .node import Node, NodeType

if TYPE_CHECKING:
    from .graph import ComputationGraph

_MOST_PLANS = 64


class Session:
    """The plans of a graph.

    Attributes:
        plans: by fetches, fed nodes and modes; the most recently used is last.
        tick: an input of nodes that are called in every run, whatever their other inputs are.
    """

    def __init__(self) -> None:
        self.plans: dict[Any, Plan] = {}
        self.tick = Variable(0, trainable=False, name="tick")
        self._feeds: dict[tuple[Node, ...], tuple[tuple[Node, ...], list[str]]] = {}  # as they were made, and names
        self._accepted: dict[Node, tuple] = {}  # shape and dtype of the array that was fed last

    def forget(self) -> None:
        """Drop what was traced: something that is a constant of programs was replaced."""
        self.plans.clear()

    def prepare(
        self, graph: ComputationGraph, fetches: tuple[Node, ...], assigned: Mapping[Any, Any]
    ) -> tuple[Plan, dict[str, np.ndarray]]:
        """The plan for these fetches and fed nodes, and the fed values by name."""
        given, accepted, dtype = tuple(assigned), self._accepted, graph.dtype
        if given not in self._feeds:
            nodes = tuple(sorted(graph.own(given, "assign_dict"), key=graph.order.__getitem__))
            self._feeds[given] = nodes, [node.name for node in nodes]
        nodes, names = self._feeds[given]
        fed: dict[str, np.ndarray] = {}
        flags: dict[Node, bool] = {}
        for node, name in zip(nodes, names):
            try:
                array = np.asarray(assigned[node])
            except ValueError as error:
                met = f"the value assigned to {node} is no array of numbers: {str(error).rstrip('.')}"
                raise GraphError(f"{met}; feed a number, an array, or lists whose rows are equally long") from None
            if accepted.get(node) != (array.shape, array.dtype):
                if array.dtype.kind not in "biufc" or not shape_matches(node.shape, array.shape):
                    met = f"the value assigned to {node} is of dtype {array.dtype} and shape {array.shape}"
                    raise GraphError(f"{met}; expected numbers of shape {node.shape}, where -1 is any size")
                accepted[node] = array.shape, array.dtype  # which are not looked at again
            cast = array.dtype != dtype and array.dtype.kind == "f"
            array = fed[name] = array.astype(dtype) if cast else array.view()  # of its own, as two nodes may be fed one
            if node.switches:
                flags[node] = bool(array.any())
        key = (fetches, nodes, tuple(flags.values()), NodeType.changes)
        self.plans[key] = plan = self.plans.pop(key, None) or Plan(graph, fetches, nodes, flags)
        while len(self.plans) > _MOST_PLANS:
            self.plans.pop(next(iter(self.plans)), None)
        return plan, fed


class Plan:
    """What is known of all runs with the same fetches, fed nodes and modes.

    Attributes:
        flags: for the fed nodes that are only asked for their truth what it is: the modes.
        watched: the nodes by which something is differentiated; deep: those that may be differentiated twice.
        opaque: the nodes that run as plain Python, so that no program can replay the run.
        function: a run as a function of the fed values, by name.
    """

    def __init__(
        self, graph: ComputationGraph, fetches: tuple[Node, ...], nodes: tuple[Node, ...], flags: dict[Node, bool]
    ) -> None:
        self.fetches, self.nodes, self.flags = fetches, nodes, flags
        needed = graph.ancestors(fetches, known=nodes)
        differentiating = [node for node in needed if list(node.targets())]
        self.watched = {by for node in differentiating for by in node.targets()}
        self.deep = set(graph.ancestors([graph.inputs[node][0] for node in differentiating], known=nodes))
        self.opaque = [node for node in needed if node.is_opaque]
        held, plan = ref(graph), ref(self)  # as the graph keeps the plan, which keeps the function

        def run(**fed: Any) -> tuple[Any, ...]:
            return Run(found(held), found(plan), fed).fetch()

        run.__doc__ = f"The values of {', '.join(node.name for node in fetches)}."
        vars(run)["assigned_names"] = {node.line: node.name for node in needed if graph.names.of_node(node)}
        self.function = ManySizes(run, uniform=all(node.is_uniform for node in needed))


class Run:
    """One evaluation of fetches.

    Attributes:
        values: what is known so far, by node; tape: what gradients are taken from.
    """

    def __init__(self, graph: ComputationGraph, plan: Plan, fed: Mapping[str, Any]) -> None:
        self.graph, self.plan, self.fed, self.dtype = graph, plan, fed, graph.dtype
        self.tape = Tape(persistent=True, watch_variables=False)
        self.values: dict[Node, Any] = {}
        self.line: Any = None
        self.traces = traces()

    def fetch(self) -> tuple[Any, ...]:
        """Evaluate the fetches from left to right. After one that changes parameters all is computed anew."""
        results = []
        with self.tape:
            self.start()
            for node in self.plan.fetches:
                results += self.values_of([node])
                if node.disruptive:
                    self.start()
        return tuple(results)

    def start(self) -> None:
        """Begin with what is fed, of which traces follow tensors; it is arrays if listeners are open."""
        self.values = {}
        for node in self.plan.nodes:
            value = self.fed[node.name]
            self.put(node, Tensor(value) if isinstance(value, np.ndarray) else value)

    def values_of(self, nodes: Iterable[Node]) -> list[Any]:
        """The values of nodes, after evaluating what is needed for them and not known yet."""
        for node in self.graph.ancestors(nodes, known=self.values):
            self.evaluate(node)
        return [self.values[node] for node in nodes]

    def evaluate(self, node: Node) -> None:
        inputs = [self.values[x] for x in self.graph.inputs[node]]
        before = self.describe(node.line) if self.traces else None
        try:
            value = node.value_in(self, *(inputs if node.integers else node.promote(inputs)))
            if node in self.plan.watched and any(value is x for x in inputs):
                value = np.positive(value)  # whose gradient is its own
            self.put(node, value)
        except GraphError:  # which names its node already
            raise
        except Exception as error:
            raise node.error(error, inputs) from error
        finally:
            if self.traces:
                self.describe(before)

    def describe(self, line: Any) -> Any:
        """Tell traces which line of the user's program describes what is computed now; gives that from before."""
        before, self.line = self.line, line
        for trace in self.traces:
            trace.described_by = line
        return before

    def put(self, node: Node, value: Any) -> None:
        """Keep a value: floats in the graph's dtype, and watched if something is differentiated by it."""
        dtype, watched = getattr(value, "dtype", None), node in self.plan.watched
        if dtype is not None:
            if dtype != self.dtype and (dtype.kind == "f" or watched):
                value = value.astype(self.dtype)
            value = self.tape.watch(value) if watched else value
        self.values[node] = value

    def gradient(self, scalar: Node, targets: list[Any], deep: bool = False) -> list[Any]:
        """The gradients of an evaluated scalar; zeros where it does not depend on a target.

        The tape records how they are computed if `deep`, so that they can be differentiated again.
        """
        value, sources = self.values[scalar], self.values_of(targets)
        if not isinstance(value, Tensor):
            return [np.zeros(np.shape(source), self.dtype) for source in sources]
        with nullcontext() if deep else unheard(self.tape):
            return self.tape.gradient(value, sources, unconnected="zero")
