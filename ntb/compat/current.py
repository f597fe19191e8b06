"""The graph that nodes are made in, and the error of graphs: what all files about graphs know."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from weakref import ref

from ..errors import NtbError

_open: ContextVar[tuple[list[Any], ...]] = ContextVar("open_graphs", default=())  # for each block its graph, in a list


class GraphError(NtbError, ValueError):
    """A graph that is put together or run in a way that cannot work; the message names the node and its line."""


@contextmanager
def default_graph(graph: Any) -> Iterator[Any]:
    """A block in which nodes without input nodes belong to this graph. Blocks nest; each thread has its own."""
    if not hasattr(graph, "add_node"):
        raise GraphError(f"default_graph takes a ComputationGraph(), not {graph!r:.60}")
    block = [graph]
    _open.set((*_open.get(), block))
    try:
        yield graph
    finally:
        # Taken out by identity, as tapes are: a generator may leave its block after its caller has left one around it.
        _open.set(tuple([other for other in _open.get() if other is not block]))


def current_graph() -> Any:
    if not _open.get():
        raise GraphError("No graph specified: make nodes inside `with default_graph(g):`, or pass graph=g")
    return _open.get()[-1][0]


def found(held: ref[Any]) -> Any:
    """The graph or plan that a node or a run refers to, weakly: it keeps them, and nothing that it keeps keeps it."""
    there = held()
    if there is None:
        raise GraphError("the graph of this node is gone, as nothing refers to it any more: keep it in a variable")
    return there
