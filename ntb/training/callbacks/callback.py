"""Callback: what is called while a Trainer trains, and remembers what it needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import InputError
from ...habits import of_class
from ...state import State

if TYPE_CHECKING:
    from ..trainer import Trainer


class Callback:
    """The base of callbacks. One of your own defines those of the methods that it needs:

    `begin(trainer)` and `end(trainer)` around each `fit`, `before_step(trainer, batch)`, `after_step(trainer, report)`,
    `after_epoch(trainer, report)`, and `gradients(named)`, which is traced with the step and returns numbers to report.

    `trainer.report(name=value)` adds numbers to the history, `trainer.stop(reason)` ends training after this epoch or
    step. A function of the trainer and the report is a callback, too, called after each epoch.

    Attributes:
        saved: the names of attributes that belong to the state of training: numbers, strings, None, lists and dicts of
            such, and arrays by name (`ntb.state.snapshot`). They are saved and restored with the trainer.
        late: whether it is called after all others, as what saves the trainer is.

    >>> class Patience(Callback):
    ...     saved = ("waited",)
    ...     waited = 0
    ...     def after_epoch(self, trainer, report):
    ...         self.waited = 0 if report["loss"] < 0.1 else self.waited + 1
    ...         if self.waited == 3:
    ...             trainer.stop("the loss stays above 0.1")
    """

    __getattr__ = of_class("callback")

    saved: tuple[str, ...] = ()
    late = False

    def begin(self, trainer: Trainer) -> None:
        """Called when `fit` begins."""

    def before_step(self, trainer: Trainer, batch: tuple[Any, ...]) -> None:
        """Called before each step, with the batch that it gets."""

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


class Called(Callback):
    """A function as a callback."""

    def __init__(self, function: Any) -> None:
        if not callable(function):
            raise InputError(
                f"a callback is a Callback, or a function of the trainer and the report of an epoch, not {function!r}"
            )
        self.function = function

    def after_epoch(self, trainer: Trainer, report: Mapping[str, float]) -> None:
        self.function(trainer, report)


class Watching(Callback):
    """The base of those that watch one number of an epoch's report.

    Args:
        watch: its name, such as "val_loss".
        mode: whether it is better where it is less, "min", or greater, "max"; by itself the former for a name that ends
            in "loss" or "error", the latter for all others.
    """

    def __init__(self, watch: str, mode: str | None = None) -> None:
        if mode not in (None, "min", "max"):
            raise InputError(f'mode is "min" or "max", not {mode!r}')
        self.watch = watch
        self.mode = mode or ("min" if watch.endswith(("loss", "error")) else "max")

    def watched(self, report: Mapping[str, float]) -> float:
        """The number in a report.

        Raises:
            InputError: it was not reported.
        """
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


def divided(state: Mapping[str, Any]) -> tuple[dict[str, Any], State]:
    """A callback's state as what JSON has, and arrays, whose names begin with that of the attribute."""
    plain, arrays = {}, State()
    for name, value in state.items():
        if isinstance(value, State):
            plain[name] = {"arrays": len(value), "trainable": sorted(value.trainable or ())}
            arrays |= {f"{name}.{path}": array for path, array in value.items()}
        else:
            plain[name] = {"value": value}
    return plain, arrays


def joined(plain: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """What `divided` took apart."""
    found: dict[str, Any] = {}
    for name, kept in plain.items():
        if "arrays" in kept:
            begin = f"{name}."
            values = State((path.removeprefix(begin), x) for path, x in arrays.items() if path.startswith(begin))
            values.trainable = frozenset(kept["trainable"])
            found[name] = values
        else:
            found[name] = kept["value"]
    return found
