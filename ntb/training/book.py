"""The book of a checkpoint: all that is no array, as JSON has it. What comes from a file is looked at before use."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InputError
from .generators import all_states, restoring_all, states

if TYPE_CHECKING:
    from .trainer import Trainer

_VERSION = 1
STANDING = ("epoch", "step", "steps", "seed", "seconds", "stopped", "epoch_began")
"""The attributes of a trainer that tell where training stands, and that JSON has as they are."""


def written(trainer: Trainer, callbacks: list[dict[str, Any]]) -> dict[str, Any]:
    """The book of a trainer.

    Args:
        callbacks: for each its "name", what of it is "plain", and the names of the "states" that it keeps.
    """
    return {
        "version": _VERSION,
        **{name: getattr(trainer, name) for name in STANDING},
        "means": trainer.means.totals,
        "history": trainer.history,
        "random": all_states({}),
        "random_of_batches": states(trainer.generators_of_batches()),
        "callbacks": callbacks,
        "made_by": {
            "ntb": _version(),
            "numpy": np.__version__,
            "python": platform.python_version(),
            "model": repr(trainer.model),
            "optimizer": repr(trainer.optimizer),
        },
    }


def checked(path: str | os.PathLike[str], book: Any) -> dict[str, Any]:
    """The book of a file, if it is whole.

    Raises:
        InputError: it is missing, of a later version, or no Trainer wrote what stands in it.
    """
    file = os.fspath(path)
    if not isinstance(book, dict) or type(book.get("version")) is not int:
        raise InputError(f"{file}: it was not written by a Trainer; ntb.load(path, model) reads files of ntb.save")
    if book["version"] > _VERSION:
        raise InputError(f"{file} was written by a later version of ntb than {_version()}; install that one")
    wrong = [name for name, is_right in _ENTRIES.items() if not _holds(is_right, book.get(name, ...))]
    if not wrong and not _agree(book):
        wrong = ["epoch", "step", "history"]
    if wrong:
        raise InputError(
            f"{file} is damaged: what it says of {', '.join(wrong)} cannot be; go on from another checkpoint"
        )
    for random in (book["random"], book["epoch_began"] or book["random"]):
        restoring_all(random, {})
    return book


def in_words(book: Mapping[str, Any]) -> str:
    """What made a file."""
    made = book["made_by"]
    return (
        f"ntb {made.get('ntb')}, after {book['epoch']} epochs, with the optimizer {made.get('optimizer')} "
        f"and the model\n{made.get('model')}"
    )


def _version() -> str:
    return sys.modules["ntb"].__version__


def _agree(book: Mapping[str, Any]) -> bool:
    """Whether the history has a row for each epoch, and it is known how one began that has not ended."""
    rows = {len(values) for values in book["history"].values()}
    return rows <= {book["epoch"]} and (not book["step"] or book["epoch_began"] is not None)


def _holds(test: Callable[[Any], bool], value: Any) -> bool:
    try:
        return test(value)
    except (TypeError, ValueError, KeyError, AttributeError):
        return False


def _is_count(x: Any) -> bool:
    return type(x) is int and x >= 0


def _is_number(x: Any) -> bool:
    return type(x) in (int, float)


def _are_states(x: Any) -> bool:
    return type(x) is dict and all(type(words) is list and all(map(_is_count, words)) for words in x.values())


def _is_callback(x: Any) -> bool:
    names = [x["name"], *x["states"]]
    return x.keys() == {"name", "plain", "states"} and type(x["plain"]) is dict and all(type(n) is str for n in names)


_ENTRIES: dict[str, Callable[[Any], bool]] = {
    **dict.fromkeys(("epoch", "step", "steps", "seed"), _is_count),
    "seconds": _is_number,
    "stopped": lambda x: type(x) is str,
    "epoch_began": lambda x: x is None or _are_states(x["own"]),
    "means": lambda x: all(_is_number(total) and _is_count(rows) for total, rows in x.values()),
    "history": lambda x: all(all(map(_is_number, values)) for values in x.values()),
    "random": lambda x: type(x) is dict,
    "random_of_batches": _are_states,
    "callbacks": lambda x: type(x) is list and all(map(_is_callback, x)),
    "made_by": lambda x: all(type(text) is str for text in x.values()),
}
"""By the names of entries, what holds of them."""
