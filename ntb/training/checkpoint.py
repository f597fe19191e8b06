"""Checkpoints: all that training needs to go on, bit for bit, in one file."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import io
from ..errors import InputError
from ..state import State, compare, snapshot
from ..state import restore as restore_state
from .callbacks.callback import divided, joined
from .generators import generators, restoring
from .history import History
from .report import Means

if TYPE_CHECKING:
    from .trainer import Trainer

_VERSION = 1


def write(trainer: Trainer, path: str | os.PathLike[str]) -> None:
    """Write the state of a trainer."""
    state = snapshot(trainer.state)
    arrays = State((f"state.{name}", x) for name, x in state.items())
    arrays.trainable = frozenset(f"state.{name}" for name in state.trainable or ())
    callbacks = []
    for name, callback in _named(trainer).items():
        plain, own = divided(callback.state())
        callbacks.append([name, plain])
        arrays |= {f"callbacks.{name}.{path}": x for path, x in own.items()}
    for name, metric in trainer.metrics.items():
        arrays |= {f"metrics.{name}.{part}": np.asarray(x) for part, x in metric.state().items()}
    book = {
        "version": _VERSION,
        "epoch": trainer.epoch,
        "step": trainer.step,
        "steps": trainer.steps,
        "seed": trainer.seed,
        "stopped": trainer.stopped,
        "means": trainer.means.totals,
        "history": trainer.history,
        "random": generators(),
        "epoch_began": trainer.epoch_began,
        "callbacks": callbacks,
        "made_by": _made_by(trainer),
    }
    io.write(path, arrays, {"trainer": book})


def read(trainer: Trainer, path: str | os.PathLike[str]) -> None:
    """Give a trainer the state in a file. If it does not fit nothing is changed."""
    arrays, metadata = io.read(path, lambda kinds: compare(trainer.state, _part(kinds, "state")))
    book = metadata.get("trainer")
    if not isinstance(book, dict) or "history" not in book:
        raise InputError(
            f"{os.fspath(path)}: it was not written by a Trainer; ntb.load(path, model) reads files of ntb.save"
        )
    state = _part(arrays, "state")
    if isinstance(arrays, State) and arrays.trainable is not None:
        state.trainable = frozenset(name.removeprefix("state.") for name in arrays.trainable)
    back = restoring(book["random"])
    restore_state(trainer.state, state)
    for call in back:
        call()
    present = _named(trainer)
    for name, plain in book["callbacks"]:
        if name in present:
            present[name].restore(joined(plain, _part(arrays, f"callbacks.{name}")))
    for name, metric in trainer.metrics.items():
        metric.reset()
        if sums := _part(arrays, f"metrics.{name}"):
            metric.restore(sums)
    trainer.epoch, trainer.step, trainer.steps = book["epoch"], book["step"], book["steps"]
    trainer.seed, trainer.stopped, trainer.epoch_began = book["seed"], book["stopped"], book["epoch_began"]
    trainer.means = Means(book["means"])
    trainer.history = History(book["history"])


def _made_by(trainer: Trainer) -> dict[str, str]:
    """What made a checkpoint: versions, and the model and optimizer as they print themselves."""
    return {
        "ntb": sys.modules["ntb"].__version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
        "model": repr(trainer.model),
        "optimizer": repr(trainer.optimizer),
    }


def _named(trainer: Trainer) -> dict[str, Any]:
    """The callbacks by class and, of several of a class, number: as they are found again."""
    found: dict[str, Any] = {}
    for callback in trainer.callbacks:
        kind = type(callback).__name__
        found[f"{kind}-{sum(name.startswith(f'{kind}-') for name in found)}"] = callback
    return found


def _part(named: Mapping[str, Any], part: str) -> State:
    """What is below a name."""
    begin = f"{part}."
    return State((name.removeprefix(begin), x) for name, x in named.items() if name.startswith(begin))
