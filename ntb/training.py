"""Solver: the loop around a training step, with progress, history and the best state.

solver = Solver(
    train_step,                                              # (x, y) -> the loss, or a dict of numbers
    lambda: ntb.data.batches(x, y, size=100, shuffle=True),  # the batches of an epoch
    evaluate=lambda: {"val_accuracy": nn.accuracy(model(x_val), y_val)},
    state={"model": model, "optimizer": optimizer},
    best="val_accuracy",
)
solver.train(epochs=10)
ntb.vis.history(solver.history)
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping, Sized
from typing import Any

import numpy as np

from . import io
from .atomic import uninterrupted
from .errors import InputError, describe
from .progress import Progress
from .state import compare, restore, snapshot
from .tape.tensor import ArrayLike


class Solver:
    """Trains epoch by epoch.

    Args:
        train_step: called with the parts of each batch, makes one step of training; returns the loss, or a dict of
            numbers to report. Usually an `@ntb.function`.
        batches: the batches of an epoch: a function that returns an iterable, called anew for each epoch, or something
            that can be iterated again and again. A batch is a tuple (or list) of arguments, or one argument.
        evaluate: called after each epoch; returns a dict of numbers.
        state: what training changes: models, optimizers, generators, in a dict, list or object (see
            `ntb.state.named_variables`). Needed for `best`, `save` and `load`.
        best: the name of the reported number by which the best epoch is known; its state is kept, and put back when
            `train` ends.
        mode: whether the best number is the "max" or the "min".
        checkpoint: a file (.npz or .safetensors) to which each new best state is saved, for `ntb.load(path, state)`.
        progress: whether to print a bar on a terminal, a line per epoch elsewhere.

    Attributes:
        history: by name a list with one number per finished epoch: "epoch", "seconds", and all that was reported; a
            step's numbers as means over the epoch, in which each batch counts by its number of rows.
        best: the reported numbers of the best epoch; None before.

    An exception or interrupt in an epoch ends training; history and the best state are those of the epochs before.
    `train` can be called again, and goes on from the state as it is: after a finished call that is the best one.

    >>> import ntb
    >>> w = ntb.Variable(8.0)
    >>> def step(x):
    ...     w.assign(w * 0.5)
    ...     return w * x
    >>> solver = Solver(step, [1.0], state=w, best="loss", mode="min")
    >>> _ = solver.train(epochs=2)
    epoch 1/2  loss 4
    epoch 2/2  loss 2
    >>> solver.history["loss"], solver.best["epoch"]
    ([4.0, 2.0], 2)
    """

    def __init__(
        self,
        train_step: Callable[..., Any],
        batches: Callable[[], Iterable[Any]] | Iterable[Any],
        *,
        evaluate: Callable[[], Mapping[str, Any]] | None = None,
        state: Any = None,
        best: str | None = None,
        mode: str = "max",
        checkpoint: str | os.PathLike[str] | None = None,
        progress: bool = True,
    ) -> None:
        if mode not in ("max", "min"):
            raise InputError(f'mode is "max" or "min", not {mode!r}')
        if (best is not None or checkpoint is not None) and state is None:
            raise InputError(
                "to keep the best state, Solver must know it: state={'model': model, 'optimizer': optimizer}"
            )
        if checkpoint is not None and best is None:
            raise InputError('checkpoint= saves the best epoch; say by which number: best="val_accuracy"')
        self.train_step = train_step
        self.batches = batches
        self.evaluate = evaluate
        self.state = state
        self.metric = best
        self.mode = mode
        self.checkpoint = checkpoint
        self.progress = progress
        self.history: dict[str, list[float]] = {"epoch": [], "seconds": []}
        self.best: dict[str, float] | None = None
        self._best_state: dict[str, np.ndarray] | None = None
        self._steps: int | None = None  # in an epoch, as far as is known

    def train(self, epochs: int) -> dict[str, list[float]]:
        """Train for so many epochs more, a whole number from 0 on; returns the history."""
        if not isinstance(epochs, (int, np.integer)) or epochs < 0:
            raise InputError(f"the number of epochs is a whole number, 0 or more, not {epochs!r}")
        done = len(self.history["epoch"])
        for epoch in range(done + 1, done + epochs + 1):
            title = f"epoch {epoch}/{done + epochs}"
            self._finish(self._epoch(epoch, title))
        self.restore_best()
        return self.history

    def restore_best(self) -> None:
        """Put the state of the best epoch back."""
        if self._best_state is not None:
            restore(self.state, self._best_state)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Save state, history and best state, so that training can go on another day."""
        arrays = {f"state.{name}": value for name, value in snapshot(self._known_state()).items()}
        arrays.update({f"best.{name}": value for name, value in (self._best_state or {}).items()})
        io.write(path, arrays, {"history": self.history, "best": self.best})

    def load(self, path: str | os.PathLike[str]) -> None:
        """Go on from what `save` wrote. If it does not fit nothing is changed."""
        arrays, metadata = io.read(path, self._check)
        if not {"history", "best"} <= metadata.keys():
            raise InputError(f"{os.fspath(path)} was not written by Solver.save; ntb.load reads files of ntb.save")
        parts = _divided(arrays)
        restore(self._known_state(), parts["state"])
        self.history, self.best, self._best_state = metadata["history"], metadata["best"], parts["best"] or None

    def _check(self, kinds: Mapping[str, Any]) -> None:
        """Whether the state and the best state in a file fit; both are known by dtype and shape only."""
        parts = _divided(kinds)
        compare(self._known_state(), parts["state"])
        if parts["best"]:
            compare(self._known_state(), parts["best"])

    def _epoch(self, epoch: int, title: str) -> tuple[Progress | None, dict[str, float]]:
        began = time.perf_counter()
        batches: Any = self.batches() if callable(self.batches) else self.batches
        total = len(batches) if isinstance(batches, Sized) else self._steps
        bar = Progress(title, total) if self.progress else None
        sums: dict[str, float] = {}
        rows = step = 0
        for step, batch in enumerate(batches, 1):
            batch = tuple(batch) if isinstance(batch, (tuple, list)) else (batch,)
            size = np.shape(batch[0])[0] if np.ndim(batch[0]) else 1
            values = numbers(self.train_step(*batch))
            rows += size
            for name, value in values.items():
                sums[name] = sums.get(name, 0.0) + value * size
            if bar:
                bar.update(step, {name: total / max(rows, 1) for name, total in sums.items()})
        if not step:
            raise InputError("an epoch had no batches; an iterator serves only once, so pass a function that makes one")
        self._steps = step
        report = {name: total / max(rows, 1) for name, total in sums.items()}
        report.update(numbers(self.evaluate()) if self.evaluate else {})
        return bar, {"epoch": epoch, "seconds": time.perf_counter() - began, **report}

    def _finish(self, outcome: tuple[Progress | None, dict[str, float]]) -> None:
        bar, report = outcome
        best_state, best = self._best_state, self.best
        if self.metric is not None:
            if self.metric not in report:
                raise InputError(f"no number {self.metric!r} was reported, only {sorted(report)}")
            if self._improved(report[self.metric]):
                state = snapshot(self.state)
                if self.checkpoint is not None:
                    io.write(self.checkpoint, state, report)
                best_state, best = state, report
        lists = [self.history.setdefault(name, []) for name in report]
        growth = map(list.append, lists, report.values())
        keep = map(vars(self).update, [{"best": best, "_best_state": best_state}])
        uninterrupted(growth, keep)
        if bar:
            bar.done({name: value for name, value in report.items() if name not in ("epoch", "seconds")})

    def _improved(self, value: float) -> bool:
        if self.best is None or self.metric is None:
            return True
        before = self.best[self.metric]
        return bool(np.isnan(before)) or (value > before if self.mode == "max" else value < before)

    def _known_state(self) -> Any:
        if self.state is None:
            raise InputError("Solver was not told what its state is: state={'model': model, 'optimizer': optimizer}")
        return self.state


def _divided(named: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """What `Solver.save` wrote of the state, and of the best state, by the names that they have in the state."""
    parts: dict[str, dict[str, Any]] = {"state": {}, "best": {}}
    for name, value in named.items():
        part, _, below = name.partition(".")
        if part not in parts:
            raise InputError("it was not written by Solver.save; ntb.load reads files of ntb.save")
        parts[part][below] = value
    return parts


def numbers(report: Any) -> dict[str, float]:
    """What a step or an evaluation reported, as Python numbers; a single number is the loss."""
    if report is None:
        return {}
    named = report if isinstance(report, Mapping) else {"loss": report}
    found = {}
    for name, value in named.items():
        value = value.numpy() if isinstance(value, ArrayLike) else value
        if np.ndim(value) or np.asarray(value).dtype.kind not in "fiub":
            raise InputError(
                f"{name!r} was reported as {describe(value)}; a step reports numbers: take the mean, or one element"
            )
        found[name] = float(value)
    return found
