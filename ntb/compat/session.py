"""Session: how a graph runs. A run is a function of the fed values (`run.py`), which is replayed wherever it can be.

What is known of the runs that fetch the same nodes and feed the same nodes is worked out once, in a `Plan`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from weakref import ref

import numpy as np

from .. import random
from ..replay.any_size import AnySize
from ..replay.function import Function
from ..replay.program import Program
from ..tape.listener import listeners
from ..tape.tape import Tape
from ..tape.tensor import Tensor
from ..variable import Variable
from .current import GraphError, found
from .misc import shape_matches
from .node import Node, NodeType
from .run import Run, given

if TYPE_CHECKING:
    from .graph import ComputationGraph

MAX_PLANS = 64
MAX_PROGRAMS = 64
"""Of one plan, for so many combinations of sizes."""
RUNS_FOR_A_TRACE, MAX_RARE = 200, 4000
"""A combination of sizes has a program of its own when it was met so often; so many rarer ones are remembered."""
Order = tuple[tuple["Node", ...], list[tuple["Node", str]]]  # fed nodes in the order they were made, and with names


class Plan:
    """What is known of all runs with the same fetches, fed nodes and modes.

    Attributes:
        needed: the nodes that are evaluated, inputs first; orders: for each fetch those that those before it leave.
        watched: the nodes by which something is differentiated; deep: those that may be differentiated twice.
        programs: for each combination of sizes that is replayed its traced function.
    """

    def __init__(self, graph: ComputationGraph, fetches: tuple[Node, ...], nodes: tuple[Node, ...], flags: Any) -> None:
        self._graph = ref(graph)
        self.fetches, self.nodes = fetches, nodes
        self.flags = {node: flag for node, flag in zip(nodes, flags) if flag is not None}
        self.needed = graph.ancestors(fetches, known=nodes)
        self.orders: list[list[Node]] = []
        known = set(nodes)
        for node in fetches:
            self.orders.append(graph.ancestors([node], known=known))
            known = set(nodes) if node.disruptive else known.union(self.orders[-1])
        differentiating = [node for node in self.needed if any(True for _ in node.targets())]
        self.watched = {by for node in differentiating for by in node.targets()}
        self.deep = set(graph.ancestors([graph.inputs[node][0] for node in differentiating], known=nodes))
        self.opaque = any(node.is_opaque for node in self.needed)
        self.uniform = all(node.is_uniform for node in self.needed)
        self.programs: dict[Any, Function] = {}
        self.met: Counter[Any] = Counter()
        self.names: Any = None
        self.any_size: AnySize | None = None

    def function(self, sizes: Any) -> Function | None:
        """The traced function for these sizes, or None while they are too rare for it.

        The first sizes are traced at once, and others when they turn out to be frequent: a trace costs as much as a
        hundred runs, and sizes that vary at random may be met only once.
        """
        program = self.programs.get(sizes)
        if program is not None or self.opaque:
            return program
        if self.programs:
            self.met[sizes] += 1
            if self.met[sizes] < RUNS_FOR_A_TRACE:
                if len(self.met) > MAX_RARE:
                    self.met.clear()
                return None
        if len(self.programs) >= MAX_PROGRAMS:
            self.programs.clear()
        self.programs[sizes] = program = self.make()
        return program

    def make(self, kind: Any = Function) -> Any:
        """A function of the fed values, by name, which is traced when it is called."""
        weakly, plan, fetches, nodes = self._graph, ref(self), self.fetches, self.nodes  # as this plan keeps it

        def run(**fed: Any) -> tuple[Any, ...]:
            given = {node: fed[node.name] for node in nodes}  # arrays, if listeners are open
            feeds = {node: Tensor(x) if isinstance(x, np.ndarray) else x for node, x in given.items()}
            with Tape(persistent=True, watch_variables=False) as tape:
                return tuple(Run(found(weakly), found(plan), feeds, tape).fetch())

        if self.names is None:
            graph = found(weakly)
            self.names = {node.line: node.name for node in self.needed if graph.names.of_node(node)}
        run.assigned_names = self.names  # type: ignore[attr-defined]
        run.__doc__ = f"The values of {', '.join(node.name for node in fetches)}."
        return kind(run, arrays=True)

    def attempt(self, sizes: Any, fed: dict[str, Any]) -> tuple[Any, ...] | None:
        """The results by the program for any size; None if there is none, or it does not take these sizes."""
        if not self.uniform:
            return None
        if self.any_size is None:
            self.any_size = self.make(AnySize)
        return self.any_size.attempt(sizes, fed)

    def walk(self, fed: dict[str, Any]) -> tuple[Any, ...]:
        """Run without a program. An error leaves everything as it was."""
        kept = [(node, node.save_attributes()) for node in self.needed if node.is_opaque and node.mutable]
        try:
            return self.make().run((), fed)[0]
        except BaseException:
            for node, state in kept:
                node.load_attributes(state)
            raise


class Session:
    """The plans of a graph, by what is fetched and what is fed."""

    def __init__(self, graph: ComputationGraph) -> None:
        self._graph = ref(graph)  # which keeps this session
        self.dtype = graph.dtype
        self.plans: dict[Any, Plan] = {}
        self.changes = NodeType.changes
        self.orders: dict[tuple[Node, ...], Order] = {}
        self.accepted: dict[Node, tuple] = {}  # shape and dtype of the array that was fed last
        self.tick = Variable(0, trainable=False, name="tick")  # an input of nodes that are called in every run

    @property
    def graph(self) -> ComputationGraph:
        return found(self._graph)

    def run(self, fetches: tuple[Node, ...], assigned: Mapping[Node, Any]) -> tuple[Any, ...]:
        plan, fed, sizes = self.prepare(fetches, assigned)
        # An open listener is told of each operation, which a traced function sees to.
        step = plan.make() if listeners.get() else plan.function(sizes)
        try:
            results = plan.attempt(sizes, fed) if step is None else step(**fed)
        except Exception as error:
            self.blame(error, plan, fed)
            raise
        return given(plan.walk(fed)) if results is None else results

    def forget(self) -> None:
        """Drop what was traced: something that is a constant of programs was replaced."""
        self.plans.clear()

    def program(self, fetches: tuple[Node, ...], assigned: Mapping[Node, Any]) -> Program:
        plan, fed, _ = self.prepare(fetches, assigned)
        for node in plan.needed:
            if node.is_opaque:
                raise GraphError(
                    f"{node} runs as plain Python, which no program can replay; ask for a program of other nodes"
                )
        before = self.graph.save()
        try:
            return plan.make().trace(**fed)
        except Exception as error:
            self.blame(error, plan, fed)
            raise
        finally:
            self.restore(before)

    def blame(self, error: Exception, plan: Plan, fed: dict[str, Any]) -> None:
        """Raise the error again as one that names the node, found by evaluating node by node, if it comes again."""
        if isinstance(error, GraphError | Warning):
            return
        generators = (random.of_numpy(), self.graph.rng)
        before, states = self.graph.save(), [generator.value for generator in generators]
        try:
            plan.make().function(**fed)
        except GraphError as found:
            raise found from error
        finally:
            self.restore(before)
            for generator, state in zip(generators, states):
                generator.assign(state)

    def restore(self, before: list[Any]) -> None:
        for node, state in zip(self.graph.mutable_nodes, before):
            node.load_attributes(state)

    def prepare(
        self, fetches: tuple[Node, ...], assigned: Mapping[Node, Any]
    ) -> tuple[Plan, dict[str, Any], tuple[Any, ...]]:
        """The plan for these fetches, the fed values by name, and their sizes."""
        if self.changes != NodeType.changes:
            self.changes = NodeType.changes
            self.forget()
        given = tuple(assigned)
        nodes, named = self.orders.get(given) or self.ordered(given)
        accepted, dtype = self.accepted, self.dtype
        flags: list[bool | None] = []
        fed: dict[str, Any] = {}
        sizes: list[Any] = []
        for node, name in named:
            array = assigned[node]
            if type(array) is not np.ndarray:
                array = array_of(node, array)
            size = array.shape, array.dtype
            if accepted.get(node) != size:  # what was accepted last is not looked at again
                self.check(node, array)
            cast = size[1] != dtype and size[1].kind == "f"
            array = fed[name] = array.astype(dtype) if cast else array.view()  # of its own, as two nodes may be fed one
            flags.append(bool(array if array.ndim == 0 else array.any()) if node.switches else None)
            sizes.append(size)
        key = (fetches, nodes, tuple(flags))
        plan = self.plans.pop(key, None)
        if plan is None:
            plan = Plan(self.graph, *key)
            while len(self.plans) >= MAX_PLANS:
                self.plans.pop(next(iter(self.plans)), None)
        self.plans[key] = plan  # the most recently used is last
        return plan, fed, tuple(sizes)

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
    if isinstance(value, Node):
        raise GraphError(
            f"the value assigned to {node} is {value}, a node; feed a number or an array, as g.run gives it"
        )
    try:
        return np.asarray(value)
    except ValueError as error:
        raise GraphError(
            f"the value assigned to {node} is no array of numbers: {error} Pad short rows, so that all are equally long"
        ) from None
