"""ComputationGraph: a description of what depends on what. Nothing is computed here; see `session.py`.

g = ComputationGraph()
with default_graph(g):
    x, w = Placeholder(), Variable(value=2.0)
    y = w * x
y, = g.run([y], {x: 3.0})
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import InputError, NtbError, Program
from .session import Session

if TYPE_CHECKING:
    from .node import Node

HERE = str(Path(__file__).parent)


class GraphError(NtbError, ValueError):
    """A graph that is put together or run in a way that cannot work; the message names the node and its line."""


class ComputationGraph:
    """Nodes and their inputs.

    Args:
        dtype: the floating-point type of all that is computed: float64, or float32, which is kept at every node also
            when integers or float64 arrays are fed.

    Attributes:
        nodes: all nodes; `mutable_nodes`: those with state, in the order in which they were made.
        inputs, outputs: for each node the nodes that it uses, and those that use it.
        bp_subtree: for each scalar the nodes that its backward pass visits.
    """

    def __init__(self, dtype: Any = np.float64) -> None:
        self.dtype = np.dtype(dtype)
        if self.dtype.kind != "f":
            raise InputError(f"a graph computes in a floating-point dtype, not {self.dtype}")
        self.nodes: set[Node] = set()
        self.mutable_nodes: list[Node] = []
        self.inputs: dict[Node, list[Node]] = {}
        self.outputs: dict[Node, list[Node]] = {}
        self.d_nodes: dict[Node, set[Node]] = {}
        self.order: dict[Node, int] = {}
        self.session = Session(self)

    # --- building

    def add_node(self, node: Node, inputs: Sequence[Node] = (), d_inputs: Sequence[Node] = ()) -> None:
        """Register a node; its constructor does so."""
        if node in self.nodes:
            raise GraphError(f"{node} is in the graph already")
        for x in inputs:
            if x not in self.nodes:
                raise GraphError(f"{x} is an input of {node.kind} but belongs to another graph")
            if x.disruptive:
                raise GraphError("Nodes with the 'disruptive' flag cannot serve as inputs to other nodes.")
        node.graph = self
        if node.shape is None:
            node.shape = tuple(node.infer_shape(*(x.shape for x in inputs)))
        self.nodes.add(node)
        self.order[node] = len(self.order)
        self.inputs[node] = list(inputs)
        self.outputs[node] = []
        for x in dict.fromkeys(inputs):
            self.outputs[x].append(node)
        if node.mutable:
            self.mutable_nodes.append(node)

    def set_d_nodes(self, node: Node, d_nodes: Iterable[Node] | None = None) -> None:
        """Choose the nodes for which the backward pass of a scalar computes gradients; by itself the learnable ones."""
        if d_nodes is None:
            self.d_nodes.pop(node, None)
        else:
            self.d_nodes[node] = set(d_nodes)

    def learnable(self, node: Node) -> list[Any]:
        """The learnable nodes that a node depends on, in the order in which they were made."""
        found = [n for n in self.ancestors([node]) if n.learnable]
        return sorted(found, key=self.order.__getitem__)

    @property
    def bp_subtree(self) -> _Subtrees:
        return _Subtrees(self)

    def ancestors(self, nodes: Iterable[Node], known: Iterable[Node] = ()) -> list[Node]:
        """The nodes and all that they depend on, inputs first; without what is known, and what is only behind it."""
        done = set(known)
        found: list[Node] = []
        stack = [(node, False) for node in reversed(list(nodes))]
        while stack:
            node, expanded = stack.pop()
            if node in done:
                continue
            if expanded:
                done.add(node)
                found.append(node)
            else:
                stack.append((node, True))
                stack.extend((x, False) for x in reversed(self.inputs[node]) if x not in done)
        return found

    # --- running

    def run(self, nodes: Iterable[Node], assign_dict: Mapping[Node, Any] | None = None) -> tuple[Any, ...]:
        """Evaluate nodes.

        Args:
            nodes: what to evaluate, from left to right. An `Optim` makes a step; what comes after it sees the new
                parameters, and everything is computed anew.
            assign_dict: values for placeholders, or for any other node: nothing behind it is evaluated then, and
                backpropagation stops there.

        Returns:
            A tuple of NumPy arrays and scalars, the caller's own.

        Raises:
            GraphError: a placeholder has no value, a value has the wrong shape, or a node fails; names the node and the
                line that made it.
        """
        return self.session.run(self._fetches(nodes), assign_dict or {})

    def program(self, nodes: Iterable[Node], assign_dict: Mapping[Node, Any] | None = None) -> Program:
        """The program that `run` replays for these nodes and values; nothing is changed."""
        return self.session.program(self._fetches(nodes), assign_dict or {})

    def _fetches(self, nodes: Any) -> tuple[Node, ...]:
        from .node import Node

        if isinstance(nodes, Node):
            raise GraphError(
                "g.run takes a list of nodes: write g.run([node], ...), which returns a tuple of one value"
            )
        nodes = tuple(nodes)
        for node in nodes:
            if not isinstance(node, Node) or node not in self.nodes:
                raise GraphError(f"{node!r} is asked for, but is no node of this graph")
        return nodes

    # --- state

    def save(self) -> list[Any]:
        """The state of every mutable node, in the order in which they were made."""
        return [node.save_attributes() for node in self.mutable_nodes]

    def load(self, values: Sequence[Any]) -> None:
        """Put back what `save` gave. If anything does not fit, nothing is changed."""
        if len(values) != len(self.mutable_nodes):
            named = ", ".join(str(node) for node in self.mutable_nodes)
            raise GraphError(f"{len(values)} saved values for {len(self.mutable_nodes)} nodes with state: {named}")
        before = self.save()
        try:
            for node, value in zip(self.mutable_nodes, values):
                node.load_attributes(value)
        except BaseException:
            for node, value in zip(self.mutable_nodes, before):
                node.load_attributes(value)
            raise

    def reset(self) -> None:
        """Variables draw again from their initialisers; optimizers and running statistics start anew."""
        for node in self.mutable_nodes:
            node.reset()

    def __str__(self) -> str:
        """A line for each node: its number, kind and shape, what it uses and what uses it."""
        lines = [f"{type(self).__name__} of {len(self.nodes)} nodes, {self.dtype}"]
        for node, number in self.order.items():
            inputs = ", ".join(f"%{self.order[x]}" for x in self.inputs[node])
            users = ", ".join(f"%{self.order[x]}" for x in self.outputs[node])
            lines.append(f"%{number} {node.kind}({inputs}) {list(node.shape)}" + (f"  -> {users}" if users else ""))
        return "\n".join(lines)


class _Subtrees:
    """`graph.bp_subtree[scalar]`: what lies between the scalar and the nodes it is differentiated by."""

    def __init__(self, graph: ComputationGraph) -> None:
        self.graph = graph

    def __getitem__(self, scalar: Node) -> set[Node]:
        graph = self.graph
        targets = graph.d_nodes.get(scalar)
        reached: set[Node] = set()
        for node in graph.ancestors([scalar]):
            wanted = node.learnable if targets is None else node in targets
            if wanted or any(x in reached for x in graph.inputs[node]):
                reached.add(node)
        return reached


_default: ContextVar[ComputationGraph | None] = ContextVar("default_graph", default=None)


@contextmanager
def default_graph(graph: ComputationGraph) -> Iterator[ComputationGraph]:
    """A block in which nodes without input nodes belong to this graph. Blocks nest; each thread has its own."""
    token = _default.set(graph)
    try:
        yield graph
    finally:
        _default.reset(token)


def current_graph() -> ComputationGraph:
    graph = _default.get()
    if graph is None:
        raise GraphError("No graph specified: make nodes inside `with default_graph(g):`, or pass graph=g")
    return graph


def user_line() -> tuple[str, int] | None:
    """File and line of the program that is making a node."""
    frame = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith(HERE):
        frame = frame.f_back  # type: ignore[assignment]
    return (frame.f_code.co_filename, frame.f_lineno) if frame is not None else None
