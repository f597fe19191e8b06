"""A model outside of training: what it predicts, and how good that is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..errors import InputError
from ..metrics.metric import Metric
from ..replay.function import function
from ..tape.tensor import value_of
from ..tree import fill, leaves
from .measures import fresh
from .report import Means, numbers, rows_of
from .source import Source
from .steps import with_target, with_train


class Evaluation:
    """Calls a model with `train=False`, batch by batch.

    Args:
        model: called as `model(*inputs)`; of what cannot be called there is nothing to evaluate.
        loss: of predictions and target, or None.
        metrics: by name.
        traced: whether the model is traced and replayed.
    """

    def __init__(
        self, model: Any, loss: Callable[..., Any] | None, metrics: Mapping[str, Metric], traced: bool
    ) -> None:
        self.loss = loss
        self.metrics = metrics
        called = with_train(model) if callable(model) else None

        def predict(*inputs: Any) -> Any:
            if called is None:
                raise InputError(
                    f"the trainer's model, a {type(model).__name__}, cannot be called, so it predicts nothing"
                )
            return called(*inputs, train=False)

        self._predict = function(predict) if traced else predict

    def predict(self, source: Source) -> Any:
        """The predictions for all batches of inputs, joined along the first axis."""
        parts = [value_of(self._predict(*batch)) for batch in source.epoch(0)[0]]
        if not parts:
            raise InputError("there are no rows to predict from")
        return fill(parts[0], [_joined(arrays) for arrays in zip(*map(leaves, parts))])

    def evaluate(self, source: Source) -> dict[str, float]:
        """Loss and metrics, by name, over all batches of inputs and target."""
        means, metrics = Means(), fresh(self.metrics)
        if not self.loss and not metrics:
            raise InputError("there is nothing to evaluate: the trainer has neither a loss nor metrics={...}")
        for batch in source.epoch(0)[0]:
            *inputs, target = with_target(batch)
            predictions = value_of(self._predict(*inputs))
            if self.loss:
                means.add(numbers(self.loss(predictions, target)), rows_of(batch))
            for metric in metrics.values():
                metric.update(predictions, target)
        return {**means.result(), **numbers({name: metric.result() for name, metric in metrics.items()})}


def _joined(arrays: tuple[Any, ...]) -> np.ndarray:
    if not all(map(np.ndim, arrays)):
        raise InputError("the model gives a number for a whole batch; predictions have a row for each of the inputs")
    return np.concatenate(arrays)
