"""Ending training early: where it gets no better, and where numbers are no numbers any more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ...debug import debug_nans
from ...errors import InputError, NonFiniteError
from ...habits import knows_habits
from ...state import State, named_variables, restore, snapshot
from .callback import Callback, Watching

if TYPE_CHECKING:
    from ..trainer import Trainer


class EarlyStopping(Watching):
    """Ends training when a number has not become better for some epochs (Prechelt, "Early stopping - but when?", 1998).

    Args:
        watch, mode: the number, such as "val_loss"; see `Watching`.
        patience: after how many epochs without a better one.
        least: by how much a value must be better to count.
        restore: whether the state of the best epoch is put back then, and at the end of training.

    Attributes:
        best: the best value; best_epoch: its epoch.

    >>> stopping = EarlyStopping("val_loss", patience=3)
    """

    saved = ("best", "best_epoch", "waited", "kept")

    @knows_habits
    def __init__(
        self, watch: str, patience: int = 5, *, mode: str | None = None, least: float = 0.0, restore: bool = True
    ) -> None:
        super().__init__(watch, mode)
        if not isinstance(patience, int) or patience < 1:
            raise InputError(f"patience is a whole number of epochs, 1 or more, not {patience!r}")
        self.patience = patience
        self.least = least
        self.restores = restore
        self.best: float | None = None
        self.best_epoch = 0
        self.waited = 0
        self.kept: State | None = None

    def after_epoch(self, trainer: Trainer, report: Mapping[str, float]) -> None:
        value = self.watched(report)
        if self.better(value, self.best, self.least):
            self.best, self.best_epoch, self.waited = value, trainer.epoch, 0
            self.kept = snapshot(trainer.state) if self.restores else None
        else:
            self.waited += 1
        if self.waited >= self.patience:
            trainer.stop(f"{self.watch} has not become better for {self.patience} epochs")

    def end(self, trainer: Trainer) -> None:
        if self.kept is not None and trainer.stopped:
            restore(trainer.state, self.kept)


class StopOnNonFinite(Callback):
    """Ends training with an error at the first step whose loss is NaN or infinite, and says which operation made it.

    The step is made again, operation by operation, from the state before it; the state is then left as it was before
    that step. It keeps the arrays that a step replaces, which costs their memory.

    Raises:
        NonFiniteError: see `ntb.debug_nans`.

    >>> guard = StopOnNonFinite()
    """

    def __init__(self) -> None:
        self._before: dict[Any, Any] = {}
        self._batch: tuple[Any, ...] = ()

    def before_step(self, trainer: Trainer, batch: tuple[Any, ...]) -> None:
        self._batch = batch
        self._before = {v: v.value for v in named_variables(trainer.state).values()}

    def after_step(self, trainer: Trainer, report: Mapping[str, float]) -> None:
        wrong = {name: value for name, value in report.items() if not np.isfinite(value)}
        if not wrong:
            return
        self._go_back()
        step = trainer.steps
        try:
            with debug_nans():
                trainer.plain_step(*self._batch)
        except NonFiniteError as error:
            raise NonFiniteError(f"step {step} reported {wrong}:\n{error}") from None
        finally:
            self._go_back()
        raise NonFiniteError(
            f"step {step} reported {wrong}, and made again from the same state it did not; something that it depends "
            "on is not among the trainer's state"
        )

    def _go_back(self) -> None:
        for v, value in self._before.items():
            v.assign(value)

    def end(self, trainer: Trainer) -> None:
        self._before, self._batch = {}, ()
