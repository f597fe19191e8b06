"""Solver: the loop around a training step, with progress, history, the best state, and files to go on from.

solver = Solver(
    train_step,                                              # (x, y) -> the loss, or a dict of numbers
    lambda: ntb.data.batches(x, y, size=100, shuffle=True),  # the batches of an epoch
    evaluate=lambda: {"val_accuracy": nn.accuracy(model(x_val), y_val)},
    state={"model": model, "optimizer": optimizer},
    best="val_accuracy",
)
solver.train(epochs=10)
solver.restore_best()
ntb.vis.history(solver.history)
"""

from __future__ import annotations

import os
import random as python_random
import time
from collections.abc import Callable, Iterable, Mapping, Sized
from functools import partial
from typing import Any

import numpy as np

from .. import io, random
from ..atomic import uninterrupted
from ..errors import InputError
from ..habits import of_class
from ..progress import Progress
from ..state import State, compare, restore, snapshot
from .report import numbers


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
        best: the name of the reported number by which the best epoch is known; its state is kept, for `restore_best`.
        mode: whether the best number is the "max" or the "min".
        checkpoint: a file (.npz or .safetensors) to which each new best state is saved, for `ntb.load(path, state)`, or
            for `load`.
        save_each: a file to which each epoch is saved, for `load`; with "{epoch}" in its name each has its own, as
            "run/{epoch:03}.npz", otherwise it is the last one's.
        progress: whether to print a bar on a terminal, a line per epoch elsewhere.

    Attributes:
        history: by name a list with one number per finished epoch: "epoch", "seconds", and all that was reported; a
            step's numbers as means over the epoch, in which each batch counts by its number of rows.
        best: the reported numbers of the best epoch; None before.

    An exception or interrupt in an epoch ends training; history and the best state are those of the epochs before.
    `train` can be called again, and goes on from the state as it is: two epochs and three more are five. So it is after
    `load`, in another process too, bit for bit: state, history, the best state and the default generators are saved,
    ntb's, NumPy's and Python's. A generator of your own belongs into `state`. All is saved before anything is printed.

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
    >>> solver.restore_best()
    """

    __getattr__ = of_class("solver")

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
        save_each: str | os.PathLike[str] | None = None,
        progress: bool = True,
    ) -> None:
        if mode not in ("max", "min"):
            raise InputError(f'mode is "max" or "min", not {mode!r}')
        if any(x is not None for x in (best, checkpoint, save_each)) and state is None:
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
        self.save_each = save_each
        if save_each is not None:
            _for_epoch(save_each, 1)
        self.progress = progress
        self.history: dict[str, list[float]] = {"epoch": [], "seconds": []}
        self.best: dict[str, float] | None = None
        self._best_state: State | None = None
        self._steps: int | None = None  # in an epoch, as far as is known

    def train(self, epochs: int) -> dict[str, list[float]]:
        """Train for so many epochs more, a whole number from 0 on; returns the history."""
        if not isinstance(epochs, (int, np.integer)) or epochs < 0:
            raise InputError(f"the number of epochs is a whole number, 0 or more, not {epochs!r}")
        done = len(self.history["epoch"])
        for epoch in range(done + 1, done + epochs + 1):
            title = f"epoch {epoch}/{done + epochs}"
            self._finish(self._epoch(epoch, title))
        return self.history

    def restore_best(self) -> None:
        """Put the state of the best epoch back.

        Raises:
            InputError: no best state is kept: the Solver was not told by which number, or no epoch has ended yet.
        """
        if self._best_state is None:
            raise InputError(
                'no best state is kept yet: Solver(..., best="val_accuracy") says by which number an epoch is the '
                "best, and the first epoch must have ended"
            )
        restore(self.state, self._best_state)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Save the state as it is, history, best state and the default generators, so that training can go on another
        day."""
        self._write(path, self.history, self.best, self._best_state)

    def load(self, path: str | os.PathLike[str]) -> None:
        """Go on from a file of `save`, `save_each` or `checkpoint`. If it does not fit nothing is changed."""
        arrays, metadata = io.read(path, self._check)
        book = metadata.get("solver", metadata)
        if not isinstance(book, dict) or not {"history", "best"} <= book.keys():
            raise InputError(
                f"{os.fspath(path)}: it was not written by Solver.save, save_each= or checkpoint=; ntb.load reads "
                "files of ntb.save"
            )
        whole = isinstance(arrays, State) and "solver" in metadata  # what checkpoint= wrote is the best state alone
        parts: dict[str, Any] = {"state": arrays, "best": arrays} if whole else _divided(arrays)
        generators = _restoring(book.get("random", {}))
        restore(self._known_state(), parts["state"])
        uninterrupted(again=generators)
        self.history, self.best, self._best_state = book["history"], book["best"], parts["best"] or None

    def _write(self, path: Any, history: dict, best: dict | None, best_state: State | None) -> None:
        states = {"state": snapshot(self._known_state()), "best": best_state or State()}
        arrays = State((f"{part}.{name}", x) for part, state in states.items() for name, x in state.items())
        arrays.trainable = frozenset(f"{part}.{n}" for part, state in states.items() for n in state.trainable or ())
        io.write(path, arrays, {"history": history, "best": best, "random": _generators()})

    def _check(self, kinds: Mapping[str, Any]) -> None:
        """Whether the state and the best state in a file fit; both are known by dtype and shape only."""
        state = self._known_state()
        try:
            compare(state, kinds)
        except InputError:
            if not all(name.startswith(("state.", "best.")) for name in kinds):
                raise
            parts = _divided(kinds)
            compare(state, parts["state"])
            if parts["best"]:
                compare(state, parts["best"])

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
        history = {name: list(values) for name, values in self.history.items()}
        for name, value in report.items():
            history.setdefault(name, []).append(value)
        if self.metric is not None:
            if self.metric not in report:
                raise InputError(f"no number {self.metric!r} was reported, only {sorted(report)}")
            if self._improved(report[self.metric]):
                best_state, best = snapshot(self.state), report
                if self.checkpoint is not None:
                    book = {"history": history, "best": best, "random": _generators()}
                    io.write(self.checkpoint, best_state, {**report, "solver": book})
        if self.save_each is not None:
            self._write(_for_epoch(self.save_each, int(report["epoch"])), history, best, best_state)
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


def _divided(named: Mapping[str, Any]) -> dict[str, State]:
    """What `Solver.save` wrote of the state, and of the best state, by the names that they have in the state."""
    parts = {"state": State(), "best": State()}
    for name, value in named.items():
        part, _, below = name.partition(".")
        parts[part][below] = value
    trainable = getattr(named, "trainable", None)
    for part, state in parts.items():
        if trainable is not None:
            begin = f"{part}."
            state.trainable = frozenset(name.removeprefix(begin) for name in trainable if name.startswith(begin))
    return parts


def _generators() -> dict[str, Any]:
    """The states of the default generators, which are nobody's, and which dropout, shuffles and users draw from."""
    _, words, gauss = python_random.getstate()
    return {
        "ntb": random.default().value.tolist(),
        "numpy": random.of_numpy().value.tolist(),
        "python": [*words, gauss],
    }


def _restoring(saved: Any) -> list[partial]:
    """Calls that restore what `_generators` gave; they do not fail."""
    if not saved:
        return []  # a file from before they were saved
    try:
        *words, gauss = saved["python"]
        python_random.Random().setstate((3, tuple(words), gauss))
        generators = {"ntb": random.default(), "numpy": random.of_numpy()}
        calls = [g.restoring(np.array(saved[name], np.uint64)) for name, g in generators.items()]
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise InputError(f"the file has states of generators that are none ({error}); save it again") from None
    return [*calls, partial(python_random.setstate, (3, tuple(words), gauss))]


def _for_epoch(path: str | os.PathLike[str], epoch: int) -> str:
    """The name of an epoch's file."""
    try:
        return os.fspath(path).format(epoch=epoch)
    except (KeyError, IndexError, ValueError, TypeError, AttributeError):
        raise InputError(
            f'save_each is the name of a file, with "{{epoch}}" where the number is to stand, not {path!r}'
        ) from None
