"""What the ntb versions of the workloads share: training steps in the eager and in the graph style."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import ntb
from ntb import compat

from .problem import Problem, Step

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]
"""`ntb.function`, or `eagerly`."""


def eagerly(f: Callable[..., Any]) -> Callable[..., Any]:
    """The function itself."""
    return f


def begin(model: Any, problem: Problem) -> Any:
    """The model, with the problem's weights, which are in the order of its layers."""
    for variable, value in zip(model.trainable_variables(), problem.parameters.values(), strict=True):
        variable.assign(value)
    return model


def variables(problem: Problem) -> dict[str, ntb.Variable]:
    """The problem's weights as variables."""
    return {name: ntb.Variable(value, name=name) for name, value in problem.parameters.items()}


def trainer(
    function: Decorator,
    loss_of: Callable[..., Any],
    parameters: Sequence[ntb.Variable],
    optimizer: ntb.optim.Optimizer,
    problem: Problem,
) -> Step:
    """A step of training on the problem's batch, where `loss_of(*batch)` is the loss."""

    @function
    def step(*batch):
        with ntb.Tape() as tape:
            loss = loss_of(*batch)
        optimizer.apply(tape.gradient(loss, parameters), parameters)
        return loss

    batch = [ntb.tensor(array) for array in problem.batch]  # as peers have theirs; a tape would copy bare arrays
    return lambda: step(*batch)


class GraphStep:
    """A step of training in the graph style: `g.run([loss, optim], fed)`.

    `program()` makes the same step by the program alone that `g.run` replays, to tell what `g.run` adds.
    """

    def __init__(self, graph: compat.ComputationGraph, loss: Any, optim: Any, fed: dict[Any, Any]) -> None:
        self.graph = graph
        self.fetches = [loss, optim]
        self.fed = fed

    def __call__(self) -> Any:
        return self.graph.run(self.fetches, self.fed)[0]

    def program(self) -> Step:
        program = self.graph.program(self.fetches, self.fed)
        fed = {node.name: np.asarray(value) for node, value in self.fed.items()}
        fed = {name: x.astype(self.graph.dtype) if x.dtype.kind == "f" else x for name, x in fed.items()}
        return lambda: program(**fed)


def graph(problem: Problem) -> compat.ComputationGraph:
    """A graph of the problem's dtype."""
    ntb.random.seed(0)
    return compat.ComputationGraph(problem.dtype, rng=ntb.random.default())


def begin_graph(g: compat.ComputationGraph, problem: Problem) -> None:
    """Give a graph the problem's weights, which are in the order in which its variables were made."""
    learnable = [node for node in g.mutable_nodes if node.learnable]
    for node, value in zip(learnable, problem.parameters.values(), strict=True):
        node.value = value


def dropout_graph(problem: Problem, layers: Callable[..., Any], lr: float) -> GraphStep:
    """A step by Adam of a demo's network: `layers(images, training, kept)` gives the scores."""
    g = graph(problem)
    images, labels = problem.batch
    with compat.default_graph(g):
        x = compat.Placeholder((-1, *images.shape[1:]))
        y = compat.Placeholder((-1,))
        training = compat.Placeholder()
        kept = compat.Placeholder()
        loss = compat.CrossEntropyLogits(layers(x, training, kept), y)
        step = compat.Optim(loss, lr=lr, update_rule="adam")
    begin_graph(g, problem)
    return GraphStep(g, loss, step, {x: images, y: labels, training: True, kept: problem.keep})
