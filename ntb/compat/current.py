"""The graph that nodes are made in, and the error of graphs: what all files about graphs know."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, TypeVar
from weakref import ref

from ..errors import NtbError

if TYPE_CHECKING:
    from .graph import ComputationGraph


Held = TypeVar("Held")


class GraphError(NtbError, ValueError):
    """A graph that is put together or run in a way that cannot work; the message names the node and its line."""


_open: ContextVar[tuple[ComputationGraph, ...]] = ContextVar("open_graphs", default=())


@contextmanager
def default_graph(graph: ComputationGraph) -> Iterator[ComputationGraph]:
    """A block in which nodes without input nodes belong to this graph. Blocks nest; each thread has its own."""
    if not hasattr(graph, "add_node"):
        raise GraphError(f"default_graph takes a ComputationGraph(), not {graph!r:.60}")
    _open.set((*_open.get(), graph))
    try:
        yield graph
    finally:
        # Taken out by identity, as tapes are: a generator may leave its block after its caller has left one around it.
        graphs = list(_open.get())
        at = max((i for i, other in enumerate(graphs) if other is graph), default=len(graphs))
        _open.set((*graphs[:at], *graphs[at + 1 :]))


def current_graph() -> ComputationGraph:
    graphs = _open.get()
    if not graphs:
        raise GraphError("No graph specified: make nodes inside `with default_graph(g):`, or pass graph=g")
    return graphs[-1]


def found(held: ref[Held]) -> Held:
    """The graph or plan that a node or a run refers to, weakly: it keeps them, and nothing that it keeps keeps it."""
    there = held()
    if there is None:
        raise GraphError("the graph of this node is gone, as nothing refers to it any more: keep it in a variable")
    return there
