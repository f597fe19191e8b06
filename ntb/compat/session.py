"""Session: how a graph runs. A run is a function of the fed values, replayed from its trace or walked node by node.

The function evaluates what the fetches need, each node by its eager block, on one open tape. So gradients are those of
the tape, an assigned node is where backpropagation ends, and a gradient is a value like any other. What the same nodes
are fetched from, and fed, is worked out once, in a `Plan`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any
from weakref import ref

import numpy as np

from .. import random
from ..replay.any_size import AnySize
from ..replay.function import Function
from ..replay.program import Program
from ..tape.listener import listeners, traces, unheard
from ..tape.rules import operation_of
from ..tape.tape import Tape
from ..tape.tensor import Tensor, wrap
from ..variable import Variable
from .current import GraphError, found
from .misc import shape_matches
from .node import Node, NodeType

if TYPE_CHECKING:
    from .graph import ComputationGraph

MAX_PLANS = 64
MAX_PROGRAMS = 64
"""Of one plan, for so many combinations of sizes."""
FREE_TRACES = 1
"""So many combinations of sizes are traced when they are met; a last batch is walked once in an epoch."""
RUNS_FOR_A_TRACE, WINDOW = 200, 4000
"""Later one is traced when it was met so often among so many runs without a program of their own."""
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
        self.differentiates = bool(differentiating)
        self.opaque = any(node.is_opaque for node in self.needed)
        self.uniform = all(node.is_uniform for node in self.needed)
        self.draws = any(node.draws for node in self.needed)
        self.single = {node: node.as_single() for node in self.needed}
        self.cells: list[Variable] = list(dict.fromkeys(cell for node in self.needed for cell in node.state()))
        self.programs: dict[Any, Function] = {}
        self.met: Counter[Any] = Counter()
        self.traced = 0
        self.walks = 0
        self.names: Any = None
        self.any_size: AnySize | None = None

    def function(self, sizes: Any) -> Function | None:
        """The traced function for these sizes, or None while they are too rare for it.

        A trace costs as much as a hundred runs, and sizes that vary at random may be met only once. So the first few
        combinations of sizes are traced at once, and later ones when they turn out to be frequent.
        """
        program = self.programs.get(sizes)
        if program is not None or self.opaque:
            return program
        if self.traced >= FREE_TRACES:
            self.met[sizes] += 1
            if self.met[sizes] < RUNS_FOR_A_TRACE:
                self.walks += 1
                if self.walks >= WINDOW:
                    self.met.clear()
                    self.walks = 0
                return None
        if len(self.programs) >= MAX_PROGRAMS:
            self.programs.clear()
            self.met.clear()
        self.traced += 1
        self.programs[sizes] = program = self.make()
        return program

    def make(self, kind: Any = Function) -> Any:
        """A function of the fed values, by name, which is traced when it is called."""
        weakly, plan, fetches, nodes = self._graph, ref(self), self.fetches, self.nodes  # as this plan keeps it

        def run(**fed: Any) -> tuple[Any, ...]:
            graph = found(weakly)
            given = {node: fed[node.name] for node in nodes}  # arrays, if listeners are open
            feeds = {node: Tensor(x) if isinstance(x, np.ndarray) else x for node, x in given.items()}
            return found(plan).run(graph, feeds)

        if self.names is None:
            graph = found(weakly)
            self.names = {node.line: node.name for node in self.needed if graph.names.of_node(node)}
        run.assigned_names = self.names  # type: ignore[attr-defined]
        run.__doc__ = f"The values of {', '.join(node.name for node in fetches)}."
        return kind(run, arrays=True)

    def run(self, graph: ComputationGraph, feeds: dict[Node, Any]) -> tuple[Any, ...]:
        if not self.differentiates:
            return tuple(Run(graph, self, feeds, None).fetch())
        with Tape(persistent=True, watch_variables=False) as tape:
            return tuple(Run(graph, self, feeds, tape).fetch())

    def attempt(self, sizes: Any, fed: dict[str, Any]) -> tuple[Any, ...] | None:
        """The results by the program for any size; None if there is none, or it does not take these sizes."""
        if not self.uniform:
            return None
        if self.any_size is None:
            self.any_size = self.make(AnySize)
        return self.any_size.attempt(sizes, fed)

    def walk(self, graph: ComputationGraph, fed: dict[str, Any]) -> tuple[Any, ...]:
        """Run without a program. An error leaves variables and generators as they were."""
        contents = [cell.get() for cell in self.cells]
        states = [generator.remembered() for generator in (random.of_numpy(), graph.rng)] if self.draws else ()
        kept = [node.save_attributes() for node in self.needed if node.is_opaque and node.mutable]
        try:
            return self.run(graph, {node: Tensor(fed[node.name]) for node in self.nodes})
        except BaseException:
            for cell, content in zip(self.cells, contents):
                cell.set(content)
            for restore in states:
                restore()
            for node, state in zip([node for node in self.needed if node.is_opaque and node.mutable], kept):
                node.load_attributes(state)
            raise


class Run:
    """One evaluation of fetches: the values that are known so far, and the tape that gradients are taken from.

    Attributes:
        values: what each node evaluated to.
    """

    def __init__(self, graph: ComputationGraph, plan: Plan, fed: dict[Node, Any], tape: Tape | None) -> None:
        self.graph = graph
        self.plan = plan
        self.fed = fed
        self.tape = tape
        self.values: dict[Node, Any] = {}
        self.line: Any = None
        self.traces = traces()
        self.alone = listeners.get() == ((tape,) if tape else ())  # nobody else is told of operations

    @property
    def flags(self) -> dict[Node, bool]:
        """For fed nodes that switch a mode, their truth."""
        return self.plan.flags

    def fetch(self) -> list[Any]:
        """Evaluate the fetches from left to right. After one that changes parameters all is computed anew."""
        self.start()
        results = []
        for node, order in zip(self.plan.fetches, self.plan.orders):
            for needed in order:
                if needed not in self.values and not (self.alone and self.quickly(needed)):
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

    def quickly(self, node: Node) -> bool:
        """Evaluate a node that is a variable, or a single operation on numbers of the graph's dtype, and write down for
        the tape what it would be told, without the way through NumPy's protocols. False for another node, and where
        the operation fails, as the node itself knows what to say."""
        single = self.plan.single.get(node)
        if single is None:
            return False
        inputs, operation, constants, options = single
        if operation is None:
            self.put(node, inputs.get())
            return True
        arguments = [self.values[x] for x in inputs]
        arrays = [x.value if type(x) is Tensor else x for x in arguments]
        dtype = self.graph.dtype
        if any([getattr(x, "dtype", dtype) != dtype for x in arrays]):
            return False
        try:
            value = operation.call(*arrays, *constants, **options)
        except Exception:
            return False
        result = Tensor(value) if type(value) is np.ndarray else wrap(value, operation)
        if result.dtype != dtype and result.dtype.kind == "f":
            return False
        if self.tape is not None:
            self.tape.write(operation, (*arguments, *constants), options, result)
        self.put(node, result)
        return True

    def apply(self, function: Any, *arguments: Any) -> Any:
        """A function of NumPy or ntb on tensors, run and written down for the tape as `quickly` does; in NumPy's way
        where others are told of operations too."""
        if not self.alone:
            return function(*arguments)
        operation = operation_of(function)
        value = operation.call(*[x.value if type(x) is Tensor else x for x in arguments])
        result = Tensor(value) if type(value) is np.ndarray else wrap(value, operation)
        if self.tape is not None:
            self.tape.write(operation, arguments, {}, result)
        return result

    def describe(self, line: Any) -> None:
        """Tell traces which part of the user's program describes what is computed now."""
        self.line = line
        for trace in self.traces:
            trace.described_by = line

    def put(self, node: Node, value: Any) -> None:
        if node in self.plan.watched and self.tape is not None and hasattr(value, "dtype"):
            value = self.tape.watch(value if value.dtype.kind == "f" else value.astype(self.graph.dtype))
        self.values[node] = value

    def cast(self, value: Any) -> Any:
        """Floating-point results in the graph's dtype."""
        if hasattr(value, "dtype") and value.dtype.kind == "f" and value.dtype != self.graph.dtype:
            return value.astype(self.graph.dtype)
        return value

    def unheard(self) -> Any:
        """A block that the tape does not hear of: nothing in it is going to be differentiated."""
        return nullcontext() if self.tape is None else unheard(self.tape)

    def gradient(self, scalar: Node, targets: list[Any], deep: bool = False) -> list[Any]:
        """The gradients of an evaluated scalar; zeros where it does not depend on a target.

        The tape records how they are computed if `deep`, so that they can be differentiated again.
        """
        if any(target not in self.values for target in targets):
            for needed in self.graph.ancestors(targets, known=self.values):
                self.evaluate(needed)
        value = self.values[scalar]
        if self.tape is None or not isinstance(value, Tensor):
            return [np.zeros(np.shape(self.values[t]), self.graph.dtype) for t in targets]
        sources = [self.values[t] for t in targets]
        if deep:
            return self.tape.gradient(value, sources, unconnected="zero")
        if not self.alone:
            with self.unheard():
                return self.tape.gradient(value, sources, unconnected="zero")
        with self.unheard():  # what `Tape.gradient` does, for sources that are known to be watched tensors
            found = self.tape.walk({value.id: Tensor(np.ones((), value.dtype))}, [x.id for x in sources])
        return [Tensor(found[x.id]) if x.id in found else Tensor(x.id.zeros()) for x in sources]


def given(value: Any) -> Any:
    """A result as the caller gets it: a NumPy array of his own, or a scalar."""
    if isinstance(value, Tensor):
        array = value.value
        return array.copy()[()] if isinstance(array, np.ndarray) else array
    return tuple([given(part) for part in value]) if isinstance(value, tuple) else value


class Session:
    """The plans of a graph, by what is fetched and what is fed."""

    def __init__(self, graph: ComputationGraph) -> None:
        self._graph = ref(graph)  # which keeps this session
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
        return given(plan.walk(self.graph, fed)) if results is None else results

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
        accepted, dtype = self.accepted, self.graph.dtype
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
