"""Session: what the runs of a graph have in common.

What is known of the runs that fetch the same nodes and feed the same nodes is worked out once, in a `Plan`. Its
`function` is a run (`run.py`) as a function of the fed values, which is replayed wherever it can be.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from weakref import ref

import numpy as np

from ..replay.many_sizes import ManySizes
from ..tape.tensor import Tensor
from ..variable import Variable
from .current import GraphError, found
from .misc import shape_matches
from .node import Node, NodeType
from .run import Run

if TYPE_CHECKING:
    from .graph import ComputationGraph

_MOST_PLANS = 64


class Plan:
    """What is known of all runs with the same fetches, fed nodes and modes.

    Attributes:
        flags: the modes: the truth of fed values of which it alone is asked, by node.
        watched: the nodes by which something is differentiated; deep: those that may be differentiated twice.
        opaque: the nodes that run as plain Python, so that no program can replay the run.
        function: a run as a function of the fed values, by name.
    """

    def __init__(self, graph: ComputationGraph, fetches: tuple[Node, ...], nodes: tuple[Node, ...], flags: Any) -> None:
        self.fetches = fetches
        self.flags = {node: flag for node, flag in zip(nodes, flags) if flag is not None}
        needed = graph.ancestors(fetches, known=nodes)
        differentiating = [node for node in needed if list(node.targets())]
        self.watched = {by for node in differentiating for by in node.targets()}
        self.deep = set(graph.ancestors([graph.inputs[node][0] for node in differentiating], known=nodes))
        self.opaque = [node for node in needed if node.is_opaque]
        function: Any = _run_of(ref(graph), ref(self), nodes)  # weakly, as the graph keeps this plan and its function
        function.__doc__ = f"The values of {', '.join(node.name for node in fetches)}."
        function.assigned_names = {node.line: node.name for node in needed if graph.names.of_node(node)}
        self.function = ManySizes(function, uniform=all(node.is_uniform for node in needed))


def _run_of(graph: ref[ComputationGraph], plan: ref[Plan], nodes: tuple[Node, ...]) -> Callable[..., tuple[Any, ...]]:
    def run(**fed: Any) -> tuple[Any, ...]:
        values = [fed[node.name] for node in nodes]  # arrays, if listeners are open
        tensors = [Tensor(x) if isinstance(x, np.ndarray) else x for x in values]
        return Run(found(graph), found(plan), dict(zip(nodes, tensors))).fetch()

    return run


class Session:
    """The plans of a graph, by what is fetched and what is fed; and how arrays are fed.

    Attributes:
        tick: an input of nodes that are called in every run, whatever their other inputs are.
    """

    def __init__(self) -> None:
        self.plans: dict[Any, Plan] = {}
        self.tick = Variable(0, trainable=False, name="tick")
        self._feeds: dict[tuple[Any, ...], tuple[Any, Any]] = {}  # fed nodes in the order they were made, their names
        self._accepted: dict[Node, tuple] = {}  # shape and dtype of the array that was fed last

    def forget(self) -> None:
        """Drop what was traced: something that is a constant of programs was replaced."""
        self.plans.clear()

    def prepare(
        self, graph: ComputationGraph, fetches: tuple[Node, ...], assigned: Mapping[Any, Any]
    ) -> tuple[Plan, dict[str, np.ndarray]]:
        """The plan for these fetches and fed nodes, and the fed values by name."""
        keys, accepted, dtype = tuple(assigned), self._accepted, graph.dtype
        nodes, names = self._feeds.get(keys) or self._feeds.setdefault(keys, _ordered(graph, keys))
        fed: dict[str, np.ndarray] = {}
        flags: list[bool | None] = []
        for node, name in zip(nodes, names):
            array = assigned[node]
            if type(array) is not np.ndarray or accepted.get(node) != (array.shape, array.dtype):
                array = _fitting(node, array)
                accepted[node] = array.shape, array.dtype  # like which it is not looked at again
            cast = array.dtype != dtype and array.dtype.kind == "f"
            array = fed[name] = array.astype(dtype) if cast else array.view()  # of its own, as two nodes may be fed one
            flags.append(bool(array.any()) if node.switches else None)
        key = (fetches, nodes, tuple(flags), NodeType.changes)
        plan = self.plans.pop(key, None) or Plan(graph, *key[:3])
        self.plans[key] = plan  # the most recently used is last
        while len(self.plans) > _MOST_PLANS:
            self.plans.pop(next(iter(self.plans)), None)
        return plan, fed


def _ordered(graph: ComputationGraph, given: tuple[Any, ...]) -> tuple[tuple[Node, ...], list[str]]:
    """The fed nodes, in the order in which they were made whatever that in a dict is, and their names."""
    for node in given:
        if node not in graph.nodes:
            raise GraphError(
                f"a value is assigned to {node!r}, which is no node of this graph; the keys of assign_dict are nodes, "
                "made in `with default_graph(g):`"
            )
    nodes = tuple(sorted(given, key=graph.order.__getitem__))
    return nodes, [node.name for node in nodes]


def _fitting(node: Node, value: Any) -> np.ndarray:
    """What is fed to a node as an array that fits it."""
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise GraphError(
            f"the value assigned to {node} is no array of numbers: {str(error).rstrip('.')}; feed a number, an array, "
            "or lists that are equally long: pad short rows"
        ) from None
    if array.dtype.kind not in "biufc":
        raise GraphError(
            f"the value assigned to {node} is no array of numbers, but of dtype {array.dtype}; turn it into numbers "
            "first"
        )
    if not shape_matches(node.shape, array.shape):
        raise GraphError(
            f"the value assigned to {node} has shape {array.shape}; expected {node.shape}, where -1 is any size"
        )
    return array
