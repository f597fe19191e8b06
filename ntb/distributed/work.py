"""What a replica computes: the numbers of one shard, and the update by the sums over all shards. No Dask here."""

from __future__ import annotations

import random as python_random
from collections.abc import Callable, Mapping, Sequence
from threading import Lock
from typing import Any, NamedTuple

import numpy as np

from .. import random
from ..errors import InputError
from ..optim.checks import checked
from ..optim.minimizer import loss_and_gradients
from ..replay.function import function
from ..state import State, named_variables, restore, snapshot
from ..tape.tensor import value_of
from ..training.generators import generators_in, remembered
from ..training.report import numbers, rows_of
from ..training.steps import with_train
from ..tree import tree_map
from ..variable import Variable
from .summing import packed, unpacked


class Recipe(NamedTuple):
    """What a Trainer has that every replica needs; it travels pickled, in one piece, as its parts share Variables."""

    model: Any
    loss: Callable[..., Any]
    optimizer: Any
    state: dict[str, Any]
    watchers: Sequence[Callable[..., Any]]
    predicts: bool
    traced: bool


class _Shard(NamedTuple):
    """What comes of a shard.

    Attributes:
        changed: which of the model's statistics its forward pass changed: their numbers among `Work.statistics`.
        vectors: weighted loss, gradients and changed statistics, `packed`.
        rows: how many there were.
        predictions: what the model made of the inputs, and the targets; None where nobody asks.
    """

    changed: tuple[int, ...]
    vectors: list[np.ndarray]
    rows: int
    predictions: tuple[Any, Any] | None


_drawing = Lock()
"""Held while the generators that all of a process share are those of a shard, and while a trace sees that nobody draws:
one replica may still compute when another has taken its place."""


class Work:
    """The model of a Trainer, as one replica trains it.

    A step of training is divided into shards. The loss of the step is the weighted sum of the shards' losses, with the
    weights summing to 1, and so is its gradient. Random numbers follow from the run's seed, the step and the shard.
    What a forward pass changes beside (running means of batch normalisation) begins in every shard as the step before
    left it, and becomes the weighted mean over the shards; of whole numbers it is what shard 0 made.
    """

    def __init__(self, recipe: Recipe) -> None:
        self.tree = {"model": recipe.model, "optimizer": recipe.optimizer, **recipe.state}
        self._predicts = recipe.predicts
        trained = {name: v for name, v in _variables(recipe.model).items() if v.trainable}
        self.parameters = list(trained.values())
        others = _variables({"model": recipe.model, **recipe.state}).values()
        self.statistics = [v for v in others if v not in set(self.parameters)]
        shared = (random.default(), random.of_numpy())
        self._own = {name: g for name, g in generators_in(self.tree).items() if g not in shared}
        wanted = function if recipe.traced else lambda f: f
        self._gradients = wanted(_gradients(recipe, self.parameters))
        self._apply = wanted(_apply(recipe, trained))

    def shard(self, moment: tuple[int, int], number: int, batch: tuple[Any, ...], weight: float) -> _Shard:
        """Loss and gradients of a shard.

        Args:
            moment: the seed of the run, and the number of the step.
            number: of the shard.
            batch: `(*inputs, target)`.
            weight: how much it counts.
        """
        before = [v.get() for v in self.statistics]
        with _drawing:
            back = remembered(self._own)
            self._draw_by([*moment, number], everywhere=True)
            try:
                loss, gradients, predictions = self._gradients(float(weight), *batch)
            finally:
                for call in back:
                    call()
        changed = tuple(i for i, v in enumerate(self.statistics) if v.get() is not before[i])
        after = [_weighted(np.asarray(self.statistics[i].value), weight, number) for i in changed]
        for i in changed:
            self.statistics[i].set(before[i])
        arrays = [np.float64(value_of(loss)), *map(value_of, gradients), *after]
        shown = tree_map(lambda x: np.array(value_of(x)), (predictions, batch[-1])) if self._predicts else None
        return _Shard(changed, packed(arrays), rows_of(batch), shown)

    def update(self, after: tuple[int, int], changed: Sequence[int], vectors: list[np.ndarray]) -> dict[str, float]:
        """Make a step by the sums over all shards; returns its report. `after` is the moment of the next one."""
        statistics = [self.statistics[i] for i in changed]
        loss, *arrays = unpacked(vectors, [np.zeros(()), *self.parameters, *statistics])
        gradients, means = arrays[: len(self.parameters)], arrays[len(self.parameters) :]
        with _drawing:
            watched = self._apply(gradients)
        for v, mean in zip(statistics, means):
            v.assign(mean)
        self._draw_by(after)
        return {"loss": float(loss), **numbers(watched)}

    def state(self) -> State:
        """All that training changes, by name."""
        return snapshot(self.tree)

    def restore(self, values: State) -> None:
        """Put back what `state` gave."""
        restore(self.tree, values)

    def _draw_by(self, words: Sequence[int], everywhere: bool = False) -> None:
        """Let the model's own generators, or all, draw what follows from some whole numbers."""
        for i, generator in enumerate(self._own.values()):
            generator.numpy.bit_generator.state = np.random.PCG64([*words, i]).state
        if everywhere:
            random.default().numpy.bit_generator.state = np.random.PCG64([*words, len(self._own)]).state
            np.random.seed(np.random.SeedSequence(words).generate_state(4))
            python_random.seed(repr(words))


def _gradients(recipe: Recipe, parameters: Sequence[Variable]) -> Callable[..., Any]:
    """A function of a weight and a batch: weighted loss and gradients, and predictions if they are asked for."""
    called = with_train(recipe.model)

    def gradients(weight: Any, *batch: Any) -> tuple[Any, list[Any], Any]:
        if len(batch) < 2:
            raise InputError(f"a shard is a tuple of inputs and a target, (x, y), and this one has {len(batch)} part")
        *inputs, target = batch
        made: list[Any] = []

        def loss_function() -> Any:
            made[:] = [called(*inputs, train=True)]
            return recipe.loss(made[0], target) * weight

        loss, found, _ = loss_and_gradients(loss_function, parameters)
        checked(found, list(parameters))  # which says so if the loss does not depend on one
        return loss, found, made[0] if recipe.predicts else None

    return gradients


def _apply(recipe: Recipe, parameters: Mapping[str, Variable]) -> Callable[..., Any]:
    """A function of the gradients, which makes the step; returns what watchers report."""

    def apply(gradients: list[Any]) -> dict[str, Any]:
        report: dict[str, Any] = {}
        named = dict(zip(parameters, gradients))
        for watcher in recipe.watchers:
            report |= watcher(named)
        recipe.optimizer.apply(gradients, list(parameters.values()))
        return report

    return apply


def _variables(tree: Any) -> dict[str, Variable]:
    """The Variables of a tree, by name."""
    return {name: v for name, v in named_variables(tree).items() if isinstance(v, Variable)}


def _weighted(x: np.ndarray, weight: float, shard: int) -> np.ndarray:
    """A shard's part of the mean; what is no floating-point number comes from shard 0 alone."""
    if x.dtype.kind in "fc":
        return (x * weight).astype(x.dtype)
    return x if shard == 0 else np.zeros_like(x)
