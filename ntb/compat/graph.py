"""ComputationGraph: a description of what depends on what. Nothing is computed here; see `run.py`.

g = ComputationGraph()
with default_graph(g):
    x, w = Placeholder(), Variable(value=2.0)
    y = w * x
y, = g.run([y], {x: 3.0})
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from types import MappingProxyType
from typing import Any

import numpy as np

from .. import random
from ..errors import InputError
from ..markup.dot import dot
from ..markup.graph import pictured, shown_numbers, shown_shape
from ..replay.program import Program
from .current import GraphError, default_graph
from .names import Names
from .node import Constant, Node
from .run import Session

__all__ = ["ComputationGraph", "GraphError", "default_graph"]  # where programs of the earlier ntb find them


_INSIDE = {"_eval", "_diff", "_backprop", "_assign", "_flush", "_input_subtree_nodes", "_output_subtree_nodes"}
"""Methods of the earlier ntb's graphs that are called no more."""


class ComputationGraph:
    """Nodes and their inputs.

    Args:
        dtype: the floating-point type of all that is computed: float64, or float32, which is kept at every node also
            when integers or float64 arrays are fed.
        rng: the generator that dropout and samples draw from; by itself that of `np.random.seed`.

    Attributes:
        mutable_nodes: those with state, in the order in which they were made.
        nodes, order: all of them, and for each its place in this order.
        inputs: for each node those that it uses. They stay: make another node for other inputs.
    """

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if hooks := sorted(_INSIDE & vars(cls).keys()):
            met = f"class {cls.__name__} overrides {hooks[0]}, which nothing calls here"
            raise GraphError(f"{met}; a node of your own, class Mine(ntb.Node), says what is computed")

    def __init__(self, dtype: Any = np.float64, rng: random.Generator | None = None) -> None:
        self._dtype = np.dtype(dtype)
        self.rng = rng or random.of_numpy()
        if self.dtype.kind != "f":
            raise InputError(f"a graph computes in a floating-point dtype, np.float32 or np.float64, not {self.dtype}")
        self.mutable_nodes: list[Node] = []
        self.order: dict[Node, int] = {}
        self.nodes = self.order.keys()
        self._inputs: dict[Node, tuple[Node, ...]] = {}
        self.inputs: Mapping[Node, tuple[Node, ...]] = MappingProxyType(self._inputs)
        self.d_nodes: dict[Node, set[Node]] = {}
        self.names = Names()
        self.session = Session()

    # --- building

    def add_node(self, node: Node, inputs: Sequence[Node] = (), d_inputs: Sequence[Node] = ()) -> None:
        """Register a node; its constructor does so."""
        if node in self.order:
            raise GraphError(f"{node} is in the graph already; its constructor calls add_node by itself")
        for x in self.own((*inputs, *d_inputs), node.kind):
            if x.disruptive:
                met = "Nodes with the 'disruptive' flag cannot serve as inputs to other nodes"
                raise GraphError(f"{met}: {x} is one, which is only asked for, g.run([{x.name}])")
        node.graph = self
        if node.shape is None:
            shape = node.infer_shape(*(x.shape for x in inputs))
            if shape is None:
                raise GraphError(f"{node.kind} gave no shape; infer_shape returns a tuple, with -1 for unknown sizes")
            node.shape = tuple(shape)
        node._made = True
        self.order[node] = len(self.order)
        self._inputs[node] = tuple(inputs)
        if node.mutable:
            self.mutable_nodes.append(node)

    def set_d_nodes(self, node: Node, d_nodes: Iterable[Node] | None = None) -> None:
        """Choose the nodes for which the backward pass of a scalar computes gradients; by itself the learnable ones.

        Optimizers and penalties made afterwards keep to them. `Grad` needs no such call.
        """
        if d_nodes is None:
            self.d_nodes.pop(node, None)
        else:
            self.d_nodes[node] = set(self.own(d_nodes, "g.set_d_nodes"))

    def learnable(self, node: Node) -> list[Any]:
        """The learnable nodes that the backward pass of a scalar visits, in the order in which they were made."""
        return [n for n in self._visited(node) if n.learnable and n.mutable]

    @property
    def dtype(self) -> np.dtype:
        return self._dtype

    @property
    def outputs(self) -> dict[Node, tuple[Node, ...]]:
        """For each node those that use it."""
        users: dict[Node, dict[Node, None]] = {node: {} for node in self.order}
        for node, inputs in self.inputs.items():
            for x in inputs:
                users[x][node] = None
        return {node: tuple(found) for node, found in users.items()}

    @property
    def d_inputs(self) -> dict[Node, list[Node]]:
        """For each node those that it differentiates by."""
        return {node: list(node.targets()) for node in self.order}

    @property
    def bp_subtree(self) -> dict[Node, frozenset[Node]]:
        """For each scalar the nodes that its backward pass visits."""
        return {node: frozenset(self._visited(node)) for node in self.order if node.shape == ()}

    def _visited(self, scalar: Node) -> list[Any]:
        """What lies between a scalar and the nodes that it is differentiated by, in the order in which it was made."""
        targets = self.d_nodes.get(scalar)
        reached: dict[Node, None] = {}
        for node in sorted(self.ancestors([scalar]), key=self.order.__getitem__):
            wanted = node.learnable if targets is None else node in targets
            if wanted or any(x in reached for x in self.inputs[node]):
                reached[node] = None
        return list(reached)

    def ancestors(self, nodes: Iterable[Node], known: Collection[Node] = ()) -> list[Node]:
        """The nodes and all that they depend on, inputs first; without what is known, and what is only behind it."""
        found: dict[Node, None] = {}
        stack = [node for node in nodes if node not in known][::-1]
        while stack:
            missing = [x for x in self._inputs[stack[-1]] if x not in found and x not in known]
            if missing:
                stack += reversed(missing)
            else:
                found[stack.pop()] = None
        return list(found)

    # --- running

    def run(self, nodes: Iterable[Node], assign_dict: Mapping[Any, Any] | None = None) -> tuple[Any, ...]:
        """Evaluate nodes from left to right. After an `Optim`, which makes a step, everything is computed anew.

        Args:
            assign_dict: values for placeholders, or for any other node: nothing behind it is evaluated then, and
                backpropagation stops there.

        Returns:
            A tuple of NumPy arrays and scalars, the caller's own.

        Raises:
            GraphError: a placeholder has no value, a value has the wrong shape, or a node fails; names node and line.
        """
        plan, fed = self.session.prepare(self, self.own(nodes, "g.run"), assign_dict or {})
        if not plan.opaque:
            return plan.function(**fed)
        with self._put_back(plan.opaque) as undo:
            results = plan.function.plain(**fed)
            undo.pop_all()
        return results

    def program(self, nodes: Iterable[Node], assign_dict: Mapping[Any, Any] | None = None) -> Program:
        """The program that `run` replays for these nodes and values; nothing is changed."""
        plan, fed = self.session.prepare(self, self.own(nodes, "g.program"), assign_dict or {})
        if plan.opaque:
            raise GraphError(f"{plan.opaque[0]} runs as plain Python, which no program can replay; ask for other nodes")
        with self._put_back(self.mutable_nodes):
            return plan.function.trace(**fed)

    def _put_back(self, nodes: Iterable[Node]) -> ExitStack:
        """A block at whose end these nodes get their present state back, unless it calls `pop_all()` of what it is."""
        undo = ExitStack()
        for node in nodes:
            undo.callback(node.load_attributes, node.save_attributes())
        return undo

    def own(self, nodes: Any, call: str) -> tuple[Any, ...]:
        """These nodes, if they are of this graph; `call` is what takes them, for errors."""
        if isinstance(nodes, Node):
            raise GraphError(f"{call} takes a list of nodes: write [{nodes.name}], not {nodes.name}")
        nodes = tuple(nodes)
        for node in nodes:
            if not isinstance(node, Node) or node not in self.order:
                raise GraphError(f"{node!r} is no node of this graph; {call} takes nodes made in its default_graph(g)")
        return nodes

    def __getattr__(self, name: str) -> Any:
        if name in ("fp_eval", "fp_cache", "d", "bp_done"):
            met = f"a graph keeps no values between runs, so there is no graph.{name}"
            raise GraphError(f"{met}: ask for a value by g.run([node]), for a gradient by g.run([Grad(scalar, node)])")
        raise AttributeError(f"a {type(self).__name__} has no attribute {name!r}; it runs by run(nodes, assign_dict)")

    # --- state

    def save(self, nodes: Iterable[Any] | None = None) -> list[Any]:
        """The state of every mutable node, in the order in which they were made; or of these nodes, in theirs."""
        return [node.save_attributes() for node in self._with_state(nodes)]

    def load(self, values: Sequence[Any], nodes: Iterable[Any] | None = None) -> None:
        """Put back what `save` gave, of all nodes or of these. If anything does not fit, nothing is changed.

        Raises:
            GraphError: the number of values, or the form or shape of one, is not that of the nodes, which it names.
        """
        chosen = self._with_state(nodes)
        if not isinstance(values, list | tuple) or len(values) != len(chosen):
            met = f"{len(values)} saved values" if isinstance(values, list | tuple) else f"a {type(values).__name__}"
            named = ", ".join(node.name for node in chosen)
            raise GraphError(f"{met} for {len(chosen)} nodes with state: {named}; g.save() gives one for each")
        with self._put_back(chosen) as undo:
            for i, (node, value) in enumerate(zip(chosen, values)):
                try:
                    node.load_attributes(value)
                except Exception as error:
                    raise GraphError(f"saved value {i} does not fit {node}; nothing was changed: {error}") from error
            undo.pop_all()

    def _with_state(self, nodes: Iterable[Any] | None) -> list[Node]:
        """These nodes, if they have a state; by itself all that have one."""
        chosen = self.mutable_nodes if nodes is None else list(self.own(nodes, "g.save"))
        for node in chosen:
            if not node.mutable:
                raise GraphError(f"{node} has no state to be saved; variables, optimizers and batch norms have one")
        return chosen

    def reset(self) -> None:
        """Variables draw again from their initialisers; optimizers and running statistics start anew."""
        for node in self.mutable_nodes:
            node.reset()

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise GraphError("a graph is not copied or pickled: build it anew, and load what g.save() gave")

    # --- showing itself

    def __str__(self) -> str:
        """A line for each node: its name, kind and shape, what it uses and what uses it."""
        lines = [f"{type(self).__name__} of {len(self.order)} nodes, {self.dtype}"]
        for node, found in self.outputs.items():
            inputs = ", ".join(x.name for x in self.inputs[node])
            users = ", ".join(x.name for x in found)
            lines.append(f"{node.name} = {node.kind}({inputs}) {list(node.shape)}" + (f"  -> {users}" if users else ""))
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        return pictured(type(self).__name__, self.boxes(), str(self).split("\n"))

    def boxes(self) -> Iterator[tuple[list[str], str, list[int]]]:
        """What `ntb.vis.graph` draws: for each node its lines of text, its section, and the numbers of its inputs."""
        for node, inputs in self.inputs.items():
            section = "update" if node.disruptive else "backward" if list(node.targets()) else "forward"
            number = shown_numbers([node.value] if isinstance(node, Constant) else ())
            lines = [node.name, " ".join([node.kind, *number, *shown_shape(node.shape)])]
            yield lines, section if inputs else "input", [self.order[x] for x in dict.fromkeys(inputs)]

    def to_dot(self) -> str:
        """The graph in the DOT language."""
        return dot(self.boxes())
