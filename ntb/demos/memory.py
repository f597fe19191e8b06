"""What a demo remembers of a run, beside the state of its training: a checkpoint has it, too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ntb.training import Callback, Trainer

if TYPE_CHECKING:
    from .demo import Demo


class Memory(Callback):
    """The losses of all steps, and the options that decide them.

    Attributes:
        losses: one for each step.
        asked: the options, by their names on the command line.
    """

    saved = ("losses", "asked")

    def __init__(self, demo: Demo, asked: dict[str, Any]) -> None:
        self.demo = demo
        self.losses: list[float] = []
        self.asked = asked

    def before_step(self, trainer: Trainer, batch: tuple[Any, ...]) -> None:
        def train_step(x, y):  # by these names it is known in the source of its program
            return trainer.plain_step(x, y)

        self.demo.before_step(train_step, batch)

    def after_step(self, trainer: Trainer, report: Mapping[str, float]) -> None:
        self.losses.append(report["loss"])
