"""The two styles of a demo: whether their losses agree, and the graphs: how one begins as the eager model does, and how
it is evaluated."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from ntb import compat, random
from ntb.optim import Optimizer
from ntb.state import Keeper, named_variables
from ntb.variable import Variable


def agreement(eager: Sequence[float], graph: Sequence[float]) -> str:
    """What the losses of two styles have in common, after the same number of steps."""
    first, second = np.array(eager), np.array(graph)
    if np.array_equal(first, second):
        return f"graph style: the same {len(first)} losses, to the last bit"
    apart = np.abs(first - second)
    return (
        f"graph style: {np.count_nonzero(apart)} of {len(first)} losses differ, by {np.max(apart):.2g} at most, "
        f"the first of them in step {np.argmax(apart > 0) + 1}"
    )


def new_graph(dtype: Any = np.float32) -> compat.ComputationGraph:
    """A graph that draws from the generator that the eager style draws from."""
    return compat.ComputationGraph(dtype, rng=random.default())


def adopt(graph: compat.ComputationGraph, model: Any) -> dict[str, Any]:
    """Give a graph the weights of an eager model, whose variables were made in the same order.

    Returns:
        What training the graph changes, by the names that the eager style saves it under.
    """
    variables = named_variables(model)
    cells: list[Variable] = []
    state: dict[str, Any] = {}
    for node in graph.mutable_nodes:
        if isinstance(node, compat.Optim):
            state["optimizer"] = _WithoutRate(node.optimizer)
        elif isinstance(node, compat.Batchnorm):
            cells += node.cells
        elif isinstance(node, compat.Variable):
            cells.append(node.cell)
    for variable, cell in zip(variables.values(), cells, strict=True):
        cell.assign(variable.value)
    return {**dict(zip(variables, cells)), **state}


class _WithoutRate(Keeper):
    """The state of an optimizer that is fed its learning rate."""

    def __init__(self, optimizer: Optimizer) -> None:
        self.optimizer = optimizer

    def named_parts(self, names: Mapping[Variable, str]) -> Iterator[tuple[str, Any]]:
        return ((name, part) for name, part in self.optimizer.named_parts(names) if name != "lr")

    def missing(self, names: Iterable[str], variables: Mapping[str, Any]) -> dict[str, tuple[Variable, Any]]:
        return self.optimizer.missing(names, variables)

    def build(self, variables: Any) -> None:
        self.optimizer.build(variables)


@contextmanager
def without_draws(graph: compat.ComputationGraph) -> Iterator[None]:
    """A block whose draws do not count. The dropout of a graph draws also where all is kept; the eager one does not."""
    before = graph.rng.value
    yield
    graph.rng.assign(before)
