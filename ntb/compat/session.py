"""Session: how values are fed to a graph. Runs that fetch the same nodes and feed the same have a `Plan` in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..variable import Variable
from .current import GraphError
from .misc import shape_matches
from .node import Node, NodeType
from .run import Plan

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
        self._feeds: dict[tuple[Any, ...], tuple[tuple[Node, ...], list[str]]] = {}
        self._accepted: dict[Node, tuple] = {}  # shape and dtype of the array that was fed last

    def forget(self) -> None:
        """Drop what was traced: something that is a constant of programs was replaced."""
        self.plans.clear()

    def prepare(
        self, graph: ComputationGraph, fetches: tuple[Node, ...], assigned: Mapping[Any, Any]
    ) -> tuple[Plan, dict[str, np.ndarray]]:
        """The plan for these fetches and fed nodes, and the fed values by name."""
        given, accepted, dtype = tuple(assigned), self._accepted, graph.dtype
        nodes, names = self._feeds.get(given) or self._feeds.setdefault(given, _in_order(graph, given))
        fed: dict[str, np.ndarray] = {}
        modes: list[bool | None] = []
        for node, name in zip(nodes, names):
            try:
                array = np.asarray(assigned[node])
            except ValueError as error:
                raise GraphError(
                    f"the value assigned to {node} is no array of numbers: {str(error).rstrip('.')}; feed a number, an "
                    "array, or lists that are equally long: pad short rows"
                ) from None
            if accepted.get(node) != (array.shape, array.dtype):
                _check(node, array)
                accepted[node] = array.shape, array.dtype  # which are not looked at again
            cast = array.dtype != dtype and array.dtype.kind == "f"
            array = fed[name] = array.astype(dtype) if cast else array.view()  # of its own, as two nodes may be fed one
            modes.append(bool(array.any()) if node.switches else None)
        key = (fetches, nodes, tuple(modes), NodeType.changes)
        self.plans[key] = plan = self.plans.pop(key, None) or Plan(graph, *key[:3])
        while len(self.plans) > _MOST_PLANS:
            self.plans.pop(next(iter(self.plans)), None)
        return plan, fed


def _in_order(graph: ComputationGraph, given: tuple[Any, ...]) -> tuple[tuple[Node, ...], list[str]]:
    """The fed nodes, in the order in which they were made whatever that in a dict is, and their names."""
    nodes = tuple(sorted(graph.own(given, "the keys of assign_dict are"), key=graph.order.__getitem__))
    return nodes, [node.name for node in nodes]


def _check(node: Node, array: np.ndarray) -> None:
    """Complain of an array that cannot be fed to a node."""
    if array.dtype.kind not in "biufc":
        raise GraphError(
            f"the value assigned to {node} is no array of numbers, but of dtype {array.dtype}; turn it into numbers "
            "first"
        )
    if not shape_matches(node.shape, array.shape):
        raise GraphError(
            f"the value assigned to {node} has shape {array.shape}; expected {node.shape}, where -1 is any size"
        )
