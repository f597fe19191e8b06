"""Checkpoints: all that training needs to go on, bit for bit, in one file.

Variables and generators are arrays, by their paths below "state."; so are the states that callbacks keep, below
"callbacks.", and the sums of metrics, below "metrics.". All else stands in the book (book.py), among the metadata.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import io
from ..atomic import uninterrupted
from ..errors import InputError
from ..state import State, compare, restore, snapshot
from .book import STANDING, checked, in_words, written
from .callbacks.callback import divided
from .generators import restoring_all
from .history import History
from .interrupts import Interrupts
from .measures import fresh
from .report import Means

if TYPE_CHECKING:
    from .trainer import Trainer

_PARTS = ("state.", "callbacks.", "metrics.")


def write(trainer: Trainer, path: str | os.PathLike[str]) -> None:
    """Write the state of a trainer."""
    states, entries = {"state": snapshot(trainer.state)}, []
    for i, (name, callback) in enumerate(_named(trainer).items()):
        plain, own = divided(callback)
        entries.append({"name": name, "plain": plain, "states": list(own)})
        states |= {f"callbacks.{i}.{attribute}": state for attribute, state in own.items()}
    arrays = State((f"{part}.{path}", x) for part, state in states.items() for path, x in state.items())
    arrays.trainable = frozenset(f"{part}.{p}" for part, state in states.items() for p in state.trainable or ())
    for name, metric in trainer.metrics.items():
        arrays.update((f"metrics.{name}.{part}", np.asarray(x)) for part, x in metric.state().items())
    io.write(path, arrays, {"trainer": written(trainer, entries)})


def read(trainer: Trainer, path: str | os.PathLike[str]) -> None:
    """Give a trainer the state in a file. If it does not fit nothing is changed."""
    misfits = []

    def check(kinds: Mapping[str, Any]) -> None:
        if not all(name.startswith(_PARTS) for name in kinds):
            raise InputError("it was not written by a Trainer; ntb.load(path, model) reads files of ntb.save")
        try:
            for part in _states_among(kinds):
                compare(trainer.state, _below(kinds, part))
        except InputError as error:
            misfits.append(error)
            raise

    try:
        arrays, metadata = io.read(path, check)
    except InputError as error:
        if not misfits:
            raise
        book = _book_in(path)
        raise InputError(f"{error}\nThe file was made by {in_words(book)}") from None
    _commit(trainer, arrays, checked(path, metadata.get("trainer")))


def about(path: str | os.PathLike[str]) -> dict[str, Any]:
    """What made a checkpoint: the versions of "ntb", "numpy" and "python", "model" and "optimizer" as they print
    themselves, and after how many "epochs" and "steps".

    Args:
        path: a file of `Trainer.save` or of the callback `Checkpoint`.

    Returns:
        A dict of strings, and two whole numbers. Nothing is done with the arrays in the file.

    Raises:
        InputError: it is a file of another kind, or damaged.
        FileNotFoundError: there is no such file.

    >>> import ntb, tempfile
    >>> trainer = ntb.training.Trainer(ntb.nn.Linear(2, 1), ntb.nn.mse, ntb.optim.Lion(1e-3))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     trainer.save(f"{folder}/run.npz")
    ...     print(about(f"{folder}/run.npz")["optimizer"])
    Lion(lr=0.001, beta1=0.9, beta2=0.99, weight_decay=0.0)
    """
    book = _book_in(path)
    return {**book["made_by"], "epochs": book["epoch"], "steps": book["steps"]}


def _book_in(path: str | os.PathLike[str]) -> dict[str, Any]:
    """The book of a file, of which no array is read."""
    return checked(path, io.read(path, names=())[1].get("trainer"))


def _commit(trainer: Trainer, arrays: dict[str, np.ndarray], book: dict[str, Any]) -> None:
    """Put all back or, if anything fails, nothing."""
    saved = {entry["name"]: (i, entry) for i, entry in enumerate(book["callbacks"])}
    told: list[tuple[Any, Any]] = []
    for name, callback in _named(trainer).items():
        if name in saved:
            i, entry = saved[name]
            own = {attribute: _below(arrays, f"callbacks.{i}.{attribute}.") for attribute in entry["states"]}
            told.append((callback, {**entry["plain"], **own}))
    for name, empty in fresh(trainer.metrics).items():
        told.append((trainer.metrics[name], _below(arrays, f"metrics.{name}.") or empty.state()))
    attributes = {
        **{name: book[name] for name in STANDING},
        "means": Means(book["means"]),
        "history": History(book["history"]),
        "waiting": book["random_of_batches"],
    }
    generators = restoring_all(book["random"], {})
    before = [(one, one.state()) for one, _ in told]
    with Interrupts():  # Ctrl-C waits until all is put back
        try:
            for one, state in told:
                one.restore(state)
            restore(trainer.state, _below(arrays, "state."))
        except BaseException:
            for one, state in before:
                one.restore(state)
            raise
        uninterrupted(map(dict.update, [vars(trainer)], [attributes]), again=generators)


# --- names


def _named(trainer: Trainer) -> dict[str, Any]:
    """The callbacks by their names and, of several with the same, a number: as they are found again."""
    found: dict[str, Any] = {}
    for callback in trainer.callbacks:
        count = sum(known.name == callback.name for known in found.values())
        found[f"{callback.name} {count}"] = callback
    return found


def _states_among(names: Mapping[str, Any]) -> list[str]:
    """Below which names there are states of the trainer: its own, and those that callbacks keep."""
    kept = {".".join(name.split(".")[:3]) + "." for name in names if name.startswith("callbacks.")}
    return ["state.", *sorted(kept)]


def _below(named: Mapping[str, Any], prefix: str) -> State:
    """What has names that begin with a prefix, without it."""
    found = State((name.removeprefix(prefix), x) for name, x in named.items() if name.startswith(prefix))
    trainable = getattr(named, "trainable", None)
    if trainable is not None:
        found.trainable = frozenset(n.removeprefix(prefix) for n in trainable if n.startswith(prefix))
    return found
