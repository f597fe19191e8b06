"""Solver: a loop that trains a Model on random batches. A Model is what it needs to know, as callables in a box."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import InitVar, dataclass, field
from typing import Any

import numpy as np

from ..atomic import uninterrupted
from ..errors import InputError
from .misc import whole

Report = Iterable[tuple[str, Any]]
_PARTS = ("X_train", "y_train", "X_val", "y_val")


@dataclass(eq=False)
class Model:
    """What a Solver needs to know of a model. Each step reports (name, value) pairs.

    Args:
        train_step: (X, y, **kwargs), makes one step; epoch_step: (X_train_sample, y_train_sample, X_val, y_val).
        predict: X -> predictions. reset, save, load: of the state; usually those of the graph.
    """

    train_step: Callable[..., Report]
    epoch_step: Callable[..., Report]
    predict: Callable[[Any], Any]
    reset: Callable[[], None]
    save: Callable[[], Any]
    load: Callable[[Any], None]


@dataclass(eq=False, repr=False)
class Solver:
    """Trains a Model on batches drawn with replacement.

    Args:
        data: a dict with X_train, y_train, X_val, y_val.
        metric: the name of the reported number by which the best state is known, which is put back after training.
        bigger_is_better: for the metric; an equal one counts as better.
        batch_size, train_subsample_size: of the batches, and of the training sample that an epoch is judged on.
        batch_report_every: print a line so often; `verbose=False` prints only improvements.

    Attributes:
        history: name to a list, one number at the beginning and one for each epoch.
        best_result, best_settings: the numbers and the state of the best epoch.
    """

    data: InitVar[Mapping[str, Any]]
    model: Model
    metric: str | None = None
    bigger_is_better: bool = True
    batch_size: int = 100
    train_subsample_size: int = 1000
    batch_report_every: int = 10
    verbose: bool = True
    history: dict[str, list[float]] = field(init=False, default_factory=dict)
    best_result: dict[str, float] | None = field(init=False, default=None)
    best_settings: Any = field(init=False, default=None)

    def __post_init__(self, data: Mapping[str, Any]) -> None:
        if missing := sorted(set(_PARTS) - set(data)):
            raise InputError(f"the data of a Solver lack {', '.join(missing)}; they are a dict of {', '.join(_PARTS)}")
        for name in ("batch_size", "train_subsample_size", "batch_report_every"):
            whole(name, getattr(self, name))
        self.X_train, self.y_train, self.X_val, self.y_val = [np.asanyarray(data[part]) for part in _PARTS]
        rows, labels = len(self.X_train), len(self.y_train)
        if rows != labels or not rows:
            raise InputError(f"{rows} rows of X_train and {labels} of y_train; there must be as many, and at least one")
        self.iterations_per_epoch = max(rows // self.batch_size, 1)

    def reset(self) -> None:
        """The model, the history and the best as at the beginning."""
        self.model.reset()
        self.history, self.best_result, self.best_settings = {}, None, None

    def train(self, num_epochs: int = 10, **kwargs: Any) -> None:
        """Train for `num_epochs` epochs and one step; `kwargs` go to `train_step`. History goes on."""
        total = num_epochs * self.iterations_per_epoch
        for i in range(total + 1):
            batch = self._sample(self.X_train, self.y_train, self.batch_size)
            report = list(self.model.train_step(*batch, **kwargs))
            if self.verbose and i % self.batch_report_every == 0:
                print(f"(Iteration {i}/{total}) {_listed(report)}")
            if i % self.iterations_per_epoch == 0:
                self._finish_epoch(f"(Epoch {i // self.iterations_per_epoch}/{num_epochs})")
        if self.best_result is not None:
            self.model.load(self.best_settings)
            for name, value in self.best_result.items():
                self.history[name][-1] = value

    def _finish_epoch(self, title: str) -> None:
        sample = self._sample(self.X_train, self.y_train, self.train_subsample_size)
        report = list(self.model.epoch_step(*sample, self.X_val, self.y_val))
        lists = [self.history.setdefault(name, []) for name, _ in report]
        uninterrupted(map(list.append, lists, [value for _, value in report]))
        if self.verbose:
            print(title, _listed(report))
        if self.metric is None:
            return
        result = dict(report)
        if self.metric not in result:
            raise InputError(f"no number {self.metric!r} was reported by epoch_step, only {sorted(result)}")
        value, best = result[self.metric], (self.best_result or result)[self.metric]
        if value >= best if self.bigger_is_better else value <= best:
            self.best_result, self.best_settings = result, self.model.save()
            print(f"Improved {self.metric}: {round(float(value), 4)}")

    def _sample(self, X: Any, y: Any, size: int) -> tuple[Any, Any]:
        rows = np.random.choice(len(X), size)
        return X[rows], y[rows]


def _listed(report: Report) -> str:
    return ", ".join(f"{name}:{round(float(value), 4)}" for name, value in report)
