"""Callback: what is called while a Trainer trains, and remembers what it needs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import InputError, describe
from ...habits import answer_to, of_class, table
from ...state import State

if TYPE_CHECKING:
    from ..trainer import Trainer


class Callback:
    """The base of callbacks. One of your own defines those of the methods that it needs:

    `begin(trainer)` and `end(trainer)` around each `fit`, `before_step(trainer, batch)`, `check_step(trainer, report)`
    before a step counts, `after_step(trainer, report)`, `after_epoch(trainer, report)`, and `gradients(named)`, which
    is traced with the step and returns numbers to report.

    `trainer.report(name=value)` adds numbers to what is reported of the step or the epoch, `trainer.stop(reason)` ends
    training after it. A function of the trainer and the report is a callback, too, called after each epoch. An error
    of one callback is raised when the others have been called; what was trained until then counts.

    Attributes:
        saved: the names of attributes that belong to the state of training: numbers, strings, None, lists and dicts of
            such, and states of the trainer, `ntb.state.snapshot(trainer.state)`. They are saved and restored with it.
        late: whether it is called after all others, as what saves the trainer is.

    >>> class Ceiling(Callback):
    ...     def __init__(self, loss):
    ...         self.loss = loss
    ...     def after_epoch(self, trainer, report):
    ...         if report["loss"] > self.loss:
    ...             trainer.stop(f"the loss is above {self.loss}")
    """

    __getattr__ = of_class("callback")

    saved: tuple[str, ...] = ()
    late = False

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        for name in vars(cls):
            if name.startswith("on_"):  # as other libraries call their events
                known = f"callback.{name}" in table()
                answer = answer_to(f"callback.{name}") if known else "events are begin, before_step, after_epoch, …"
                raise InputError(f"{cls.__name__}.{name} would never be called; {answer}")

    @property
    def name(self) -> str:
        """By what its state is found in a file."""
        return type(self).__name__

    def begin(self, trainer: Trainer) -> None:
        """Called when `fit` begins."""

    def before_step(self, trainer: Trainer, batch: tuple[Any, ...]) -> None:
        """Called before each step, with the batch that it gets."""

    def check_step(self, trainer: Trainer, report: Mapping[str, float]) -> None:
        """Called when a step was made, with the numbers that it reported, and before it counts: who raises an error
        here puts the state before the step back, too."""

    def after_step(self, trainer: Trainer, report: Mapping[str, float]) -> None:
        """Called after each step, with the numbers that it reported."""

    def after_epoch(self, trainer: Trainer, report: Mapping[str, float]) -> None:
        """Called after each epoch, with its means and what was validated."""

    def end(self, trainer: Trainer) -> None:
        """Called when `fit` ends, after an error or an interrupt, too."""

    def state(self) -> dict[str, Any]:
        """What is saved of it, by name."""
        return {name: getattr(self, name) for name in self.saved}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from what `state` gave."""
        vars(self).update({name: state[name] for name in self.saved if name in state})

    def __repr__(self) -> str:
        shown = [f"{k}={v!r}" for k, v in vars(self).items() if k[0] != "_" and k not in self.saved]
        return f"{type(self).__name__}({', '.join(shown)})"


class _Called(Callback):
    """A function as a callback."""

    def __init__(self, function: Any) -> None:
        self.function = function

    def after_epoch(self, trainer: Trainer, report: Mapping[str, float]) -> None:
        self.function(trainer, report)


def callbacks_of(given: Any) -> list[Callback]:
    """The callbacks that were given, in the order of their calls."""
    if not isinstance(given, (list, tuple)):
        raise InputError(f"callbacks are given in a list, callbacks=[...], not as {describe(given)}")
    for one in given:
        if isinstance(one, type) and issubclass(one, Callback):
            raise InputError(f"{one.__name__} is the class of a callback; make one, {one.__name__}(...)")
        if not isinstance(one, Callback) and not callable(one):
            raise InputError(
                f"a callback is a Callback, or a function of the trainer and the report of an epoch, not {one!r}"
            )
    found = [one if isinstance(one, Callback) else _Called(one) for one in given]
    return sorted(found, key=lambda callback: callback.late)


class Watching(Callback):
    """The base of those that watch one number of an epoch's report.

    Args:
        watch: its name, such as "val_loss".
        mode: whether it is better where it is less, "min", or greater, "max"; by itself the former for a name that ends
            in "loss" or "error", the latter for all others.

    Raises:
        InputError: another mode; or, after an epoch, the number was not reported.
    """

    def __init__(self, watch: str, mode: str | None = None) -> None:
        if mode not in (None, "min", "max"):
            raise InputError(f'mode is "min" or "max", not {mode!r}')
        self.watch = watch
        self.mode = mode or ("min" if watch.endswith(("loss", "error")) else "max")

    @property
    def name(self) -> str:
        return f"{type(self).__name__} of {self.watch}"

    def watched(self, report: Mapping[str, float]) -> float:
        """The number in a report."""
        if self.watch not in report:
            raise InputError(
                f"{type(self).__name__} watches {self.watch!r}, which was not reported; there are {', '.join(report)}. "
                "Names that begin with val_ need fit(..., validation=(x, y))"
            )
        return report[self.watch]

    def better(self, value: float, than: float | None, by: float = 0.0) -> bool:
        """Whether a value is better than another, by more than a difference. Anything is better than NaN or nothing,
        NaN than nothing alone."""
        if than is None or np.isnan(than):
            return than is None or not np.isnan(value)
        return bool(value > than + by if self.mode == "max" else value < than - by)


# --- in files


def divided(callback: Callback) -> tuple[dict[str, Any], dict[str, State]]:
    """A callback's state in two parts, both by the names of attributes: what JSON has, and states of the trainer."""
    state = {name: x.item() if isinstance(x, np.generic) else x for name, x in callback.state().items()}
    states = {name: x for name, x in state.items() if isinstance(x, State)}
    plain = {name: x for name, x in state.items() if name not in states}
    for name, x in plain.items():
        try:
            json.dumps(x)
        except (TypeError, ValueError):
            raise InputError(
                f"{callback!r} is to be saved, and its attribute {name!r} holds {describe(x)}; a file has numbers, "
                "strings, None, lists and dicts of such, and what ntb.state.snapshot(trainer.state) gives"
            ) from None
    return plain, states
