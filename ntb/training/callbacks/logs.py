"""Telling more of training, and telling it to other programs."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import InputError
from ...optim.sizes import norm
from ..history import write_csv
from .callback import Callback

if TYPE_CHECKING:
    from ..trainer import Trainer


class GradientNorms(Callback):
    """Reports the 2-norm of the gradient of all parameters together, "gradient_norm", and with `each` of every one.

    >>> GradientNorms(each=True)
    GradientNorms(each=True)
    """

    def __init__(self, *, each: bool = False) -> None:
        self.each = each

    def gradients(self, named: Mapping[str, Any]) -> dict[str, Any]:
        """The norms, traced with the step."""
        norms = {name: norm(g) for name, g in named.items()}
        own = {f"gradient_norm of {name}": size for name, size in norms.items()} if self.each else {}
        return {"gradient_norm": np.sqrt(sum(np.square(size) for size in norms.values())), **own}


class CSV(Callback):
    """Writes the history to a file of comma-separated values after each epoch: a row an epoch, a column a name.

    Args:
        path: the file, which is written anew each time, so that a run that goes on has all of its epochs there.

    Raises:
        OSError: after an epoch, where the file cannot be written.

    >>> CSV("run.csv")
    CSV(path='run.csv')
    """

    late = True

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = path

    def after_epoch(self, trainer: Trainer, report: Mapping[str, float]) -> None:
        write_csv(trainer.history, self.path)


class TensorBoard(Callback):
    """Writes event files for TensorBoard, by the library tensorboardX: the numbers of each epoch, and those of every so
    many steps, whose names then begin with "step/". Their horizontal axis is the number of steps.

    Args:
        folder: where to write; `tensorboard --logdir folder` shows it. A run that goes on adds a file, and hides what
            was written of steps that are made again.
        steps: how often numbers of steps are written; never by default.

    Raises:
        InputError: tensorboardX is not installed.
    """

    def __init__(self, folder: str | os.PathLike[str], *, steps: int | None = None) -> None:
        try:
            from tensorboardX import SummaryWriter
        except ImportError:
            raise InputError('event files are written by tensorboardX: pip install "ntb[tensorboard]"') from None
        self.folder = os.fspath(folder)
        self.steps = steps
        self._open = SummaryWriter
        self._writer: Any = None

    def begin(self, trainer: Trainer) -> None:
        self._writer = self._open(self.folder, purge_step=trainer.steps + 1, filename_suffix=f".{trainer.steps}")

    def after_step(self, trainer: Trainer, report: Mapping[str, float]) -> None:
        if self.steps and trainer.steps % self.steps == 0:
            self._write(report, trainer.steps, "step/")

    def after_epoch(self, trainer: Trainer, report: Mapping[str, float]) -> None:
        self._write(report, trainer.steps, "")

    def _write(self, report: Mapping[str, float], at: int, before: str) -> None:
        for name, value in report.items():
            self._writer.add_scalar(before + name, value, at)

    def end(self, trainer: Trainer) -> None:
        if self._writer:
            self._writer.close()
