"""Learning rates: one that follows what is measured, and what the rate was."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ...errors import InputError
from .callback import Callback, Watching

if TYPE_CHECKING:
    from ..trainer import Trainer


class ScheduleBy(Watching):
    """Tells the optimizer's schedule a number after each epoch: one that has a method `observe`, such as
    `optim.schedules.ReduceOnPlateau`.

    Args:
        watch: the number, such as "val_loss".

    Raises:
        InputError: called, where the learning rate is a number, or a schedule of steps alone.

    >>> from ntb.optim import SGD, schedules
    >>> optimizer = SGD(schedules.ReduceOnPlateau(0.1, patience=2))
    >>> callback = ScheduleBy("val_loss")
    """

    def __init__(self, watch: str) -> None:
        super().__init__(watch)

    def after_epoch(self, trainer: Trainer, report: Mapping[str, float]) -> None:
        schedule = trainer.optimizer.lr
        if not hasattr(schedule, "observe"):
            raise InputError(
                f"the learning rate, {schedule!r}, does not follow what is measured; make the optimizer with a "
                "schedule that does, such as SGD(schedules.ReduceOnPlateau(0.1))"
            )
        schedule.observe(self.watched(report))


class Rate(Callback):
    """Reports the learning rate of the step that comes next, as "rate".

    >>> rate = Rate()
    """

    def after_epoch(self, trainer: Trainer, report: Mapping[str, float]) -> None:
        trainer.report(rate=trainer.optimizer.lr_now)
