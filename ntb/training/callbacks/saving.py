"""Keeping states: the last ones, to go on from, and the best one."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ... import io
from ...errors import InputError
from ...habits import knows_habits
from ...state import State, restore, snapshot
from .callback import Callback, Watching

if TYPE_CHECKING:
    from ..trainer import Trainer


class Checkpoint(Callback):
    """Saves the trainer after each epoch, so that a run that is killed goes on from there: `trainer.resume(path)`.

    Args:
        path: the file, .npz or .safetensors, which is replaced at once each time; its folder is made. With "{epoch}" in
            its name, as in "run/{epoch:03}.npz", each epoch has its own.
        steps: also after so many steps within an epoch.
        keep: how many of the files with "{epoch}" are kept, the last ones; all by default.

    Raises:
        InputError: a name that makes no sense, a number that is none.

    >>> Checkpoint("run/{epoch:03}.npz", keep=3)
    Checkpoint(path='run/{epoch:03}.npz', steps=None, keep=3)
    """

    late = True

    @knows_habits
    def __init__(self, path: str | os.PathLike[str], *, steps: int | None = None, keep: int | None = None) -> None:
        for name, count in (("steps", steps), ("keep", keep)):
            if count is not None and (not isinstance(count, int) or count < 1):
                raise InputError(f"{name} is a whole number, 1 or more, not {count!r}")
        if _file_of(path, 1) == _file_of(path, 2) and keep:
            raise InputError(f'there is one file only, so keep={keep} makes no sense: put "{{epoch}}" into {path!r}')
        self.path = path
        self.steps = steps
        self.keep = keep

    def begin(self, trainer: Trainer) -> None:
        self._file(trainer.epoch + 1)

    def after_step(self, trainer: Trainer, report: Mapping[str, float]) -> None:
        if self.steps and trainer.step % self.steps == 0:
            trainer.save(self._file(trainer.epoch + 1))

    def after_epoch(self, trainer: Trainer, report: Mapping[str, float]) -> None:
        trainer.save(self._file(trainer.epoch))
        if self.keep and trainer.epoch > self.keep:
            self._file(trainer.epoch - self.keep).unlink(missing_ok=True)

    def _file(self, epoch: int) -> Path:
        file = _file_of(self.path, epoch)
        file.parent.mkdir(parents=True, exist_ok=True)
        return file


class Best(Watching):
    """Keeps the state of the best epoch, for `restore_best`, and its model in a file, for `ntb.load(path, model)`.

    Args:
        watch, mode: the number by which it is known, such as "val_accuracy"; see `Watching`.
        path: a file, .npz or .safetensors, to which the model of each new best epoch is saved, with what was reported.

    Attributes:
        report: what was reported of the best epoch; None before.

    Raises:
        InputError: a name that makes no sense; after an epoch, the number was not reported.

    >>> best = Best("val_accuracy", path="best.npz")
    """

    saved = ("report", "kept")

    @knows_habits
    def __init__(self, watch: str, *, mode: str | None = None, path: str | os.PathLike[str] | None = None) -> None:
        super().__init__(watch, mode)
        self.path = None if path is None else _file_of(path, 0)
        self.report: dict[str, float] | None = None
        self.kept: State | None = None

    def after_epoch(self, trainer: Trainer, report: Mapping[str, float]) -> None:
        value = self.watched(report)
        if self.better(value, self.report[self.watch] if self.report else None):
            self.kept, self.report = snapshot(trainer.state), dict(report)
            if self.path is not None:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                io.save(self.path, trainer.model, self.report)

    def restore_best(self, trainer: Trainer) -> None:
        """Put the state of the best epoch back: the Variables of model and optimizer. Training would go on from there
        with the epoch after the last one.

        Raises:
            InputError: no epoch has ended yet.
        """
        if self.kept is None:
            raise InputError("no best state is kept yet; the first epoch must have ended")
        restore(trainer.state, self.kept)


def _file_of(path: Any, epoch: int) -> Path:
    """The name of an epoch's file."""
    try:
        name = os.fspath(path).format(epoch=epoch)
    except (KeyError, IndexError, ValueError, TypeError, AttributeError):
        raise InputError(
            f'path= is the name of a file, with "{{epoch}}" where the number is to stand, not {path!r}'
        ) from None
    if not re.search(r"\.(npz|safetensors)$", name):
        raise InputError(f"a checkpoint's name ends in .npz or .safetensors, not as {name!r}")
    return Path(name)
