"""Solver: a loop that trains a Model on random batches."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..errors import InputError
from .misc import whole
from .model import Model, Report


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

    def __init__(
        self,
        data: Mapping[str, Any],
        model: Model,
        metric: str | None = None,
        bigger_is_better: bool = True,
        batch_size: int = 100,
        train_subsample_size: int = 1000,
        batch_report_every: int = 10,
        verbose: bool = True,
    ) -> None:
        missing = {"X_train", "y_train", "X_val", "y_val"} - set(data)
        if missing:
            raise InputError(
                f"the data of a Solver lack {', '.join(sorted(missing))}; they are a dict of X_train, y_train, X_val, "
                "y_val"
            )
        for name, size in (("batch_size", batch_size), ("train_subsample_size", train_subsample_size),
                           ("batch_report_every", batch_report_every)):  # fmt: skip
            whole(name, size)
        parts = ("X_train", "y_train", "X_val", "y_val")
        self.X_train, self.y_train, self.X_val, self.y_val = (
            data[k] if isinstance(data[k], np.ndarray) else np.asarray(data[k]) for k in parts
        )
        if len(self.X_train) != len(self.y_train) or not len(self.X_train):
            raise InputError(
                f"{len(self.X_train)} rows of X_train and {len(self.y_train)} of y_train; there must be as many, and "
                "at least one"
            )
        self.model = model
        self.metric = metric
        self.bigger_is_better = bigger_is_better
        self.batch_size = batch_size
        self.train_subsample_size = train_subsample_size
        self.batch_report_every = batch_report_every
        self.verbose = verbose
        self.iterations_per_epoch = max(len(self.X_train) // batch_size, 1)
        self._forget()

    def _forget(self) -> None:
        self.history: dict[str, list[float]] = {}
        self.best_result: dict[str, float] | None = None
        self.best_settings: Any = None

    def reset(self) -> None:
        """The model, the history and the best as at the beginning."""
        self.model.reset()
        self._forget()

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
        deque(map(list.append, lists, [value for _, value in report]), 0)  # in one call, which an interrupt cannot tear
        if self.verbose:
            print(title, _listed(report))
        if self.metric is None:
            return
        result = dict(report)
        if self.metric not in result:
            raise InputError(f"no number {self.metric!r} was reported by epoch_step, only {sorted(result)}")
        value = result[self.metric]
        best = value if self.best_result is None else self.best_result[self.metric]
        if value >= best if self.bigger_is_better else value <= best:
            self.best_result, self.best_settings = result, self.model.save()
            print(f"Improved {self.metric}: {round(float(value), 4)}")

    def _sample(self, X: Any, y: Any, size: int) -> tuple[Any, Any]:
        rows = np.random.choice(len(X), size)
        return X[rows], y[rows]


def _listed(report: Report) -> str:
    return ", ".join(f"{name}:{round(float(value), 4)}" for name, value in report)
