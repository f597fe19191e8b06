"""Learning rates: one that follows what is measured, and what the rate was."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ...errors import InputError
from .callback import Callback, Watching

if TYPE_CHECKING:
    from ..trainer import Trainer


class ScheduleBy(Watching):
    """Tells the optimizer's schedule a number after each epoch: one that has a method `observe`, such as
    `optim.schedules.ReduceOnPlateau`.

    Args:
        watch: the number, such as "val_loss".
        optimizer: whose schedule; the trainer's by default. Needed with a step of your own.

    Raises:
        InputError: after an epoch, where the learning rate is a number, or a schedule of steps alone.

    >>> from ntb.optim import SGD, schedules
    >>> optimizer = SGD(schedules.ReduceOnPlateau(0.1, patience=2))
    >>> callback = ScheduleBy("val_loss")
    """

    def __init__(self, watch: str, *, optimizer: Any = None) -> None:
        super().__init__(watch)
        self.optimizer = optimizer

    def after_epoch(self, trainer: Trainer, report: Mapping[str, float]) -> None:
        schedule = _optimizer(self, trainer).lr
        if not hasattr(schedule, "observe"):
            raise InputError(
                f"the learning rate, {schedule!r}, does not follow what is measured; make the optimizer with a "
                "schedule that does, such as SGD(schedules.ReduceOnPlateau(0.1))"
            )
        schedule.observe(self.watched(report))


class Rate(Callback):
    """Reports the learning rate of the step that comes next, as "rate".

    Args:
        optimizer: whose rate; the trainer's by default. Needed with a step of your own.

    >>> rate = Rate()
    """

    def __init__(self, *, optimizer: Any = None) -> None:
        self.optimizer = optimizer

    def after_epoch(self, trainer: Trainer, report: Mapping[str, float]) -> None:
        trainer.report(rate=_optimizer(self, trainer).lr_now)


def _optimizer(callback: ScheduleBy | Rate, trainer: Trainer) -> Any:
    found = callback.optimizer or trainer.optimizer
    if found is None:
        kind = type(callback).__name__
        raise InputError(f"the trainer has a step of its own and no optimizer; say which, {kind}(..., optimizer=...)")
    return found
