"""Sources: where the batches of an epoch come from, whatever was given to `fit`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..data.batching import Batches
from ..data.epochs import checked, epoch_of, parts
from ..errors import InputError


class Source:
    """The batches of each epoch, by its number.

    Args:
        given: what `epoch_of` takes: `data.batches` and its kin, a function that returns an iterable, an iterable.
    """

    def __init__(self, given: Any) -> None:
        self.given = checked(given, "training takes arrays, fit(x, y), or")

    def epoch(self, number: int, start: int = 0) -> tuple[Iterator[tuple[Any, ...]], int | None]:
        """`epoch_of`, with the batches as tuples."""
        found, total = epoch_of(self.given, number, start)
        return map(parts, found), total

    @property
    def draws(self) -> bool:
        """Whether each batch may be drawn from generators when it is asked for. What has a method `epoch` draws when
        that is called, if it draws at all."""
        return not hasattr(self.given, "epoch") and not isinstance(self.given, (list, tuple))

    @property
    def holders(self) -> dict[str, Any]:
        """What may hold generators of its own, as `data.batches(..., shuffle=rng)` does."""
        return {"batches of fit": self.given} if hasattr(self.given, "epoch") else {}


def sourced(x: Any, y: Any, size: int, shuffle: Any, drop_last: bool = False) -> Source:
    """The source of what was given as x and y: arrays, several inputs as a tuple of them, or batches alone."""
    inputs = x if isinstance(x, tuple) else (x,)
    if y is None and not all(map(_is_array, inputs)):
        return Source(x)
    _refuse_structures(x, inputs, y)
    return Source(Batches(*inputs, *(() if y is None else (y,)), size=size, shuffle=shuffle, drop_last=drop_last))


def validated(given: Any, size: int) -> Source | None:
    """The source of what is validated on: arrays (x, y), or batches."""
    if given is None:
        return None
    is_pair = isinstance(given, list) and bool(given) and not isinstance(given[0], (tuple, list, Mapping))
    if isinstance(given, float) or ((is_pair or isinstance(given, tuple)) and len(given) != 2):
        what = f"{len(given)} parts" if isinstance(given, (tuple, list)) else given
        raise InputError(
            f"validation is (x, y), as fit takes them, or batches, not {what}; data.split(x, y, "
            "aside=0.2) puts rows aside, and several inputs are a tuple, ((x1, x2), y)"
        )
    if is_pair or isinstance(given, tuple):
        x, y = given
        return sourced(x, y, size, None)
    return Source(given)


def _refuse_structures(x: Any, inputs: tuple[Any, ...], y: Any) -> None:
    """Refuse what other libraries take in the place of a tuple."""
    if any(isinstance(part, Mapping) for part in (*inputs, y)):
        raise InputError(
            "inputs and targets are arrays, not a dict: several inputs are a tuple, in the order in which the model "
            'takes them, fit((x["a"], x["b"]), y)'
        )
    if isinstance(x, list) and len(x) != len(y) and all(map(_is_array, x)):
        raise InputError(
            f"a list holds rows, and this one of {len(x)} arrays meets {len(y)} targets; several inputs are a tuple, "
            "fit((x1, x2), y)"
        )
    if isinstance(y, tuple) and all(map(_is_array, y)):
        raise InputError(
            f"the loss has one target, an array, and y are {len(y)}; batches with several, data.batches(x, y1, y2, "
            "size=100), go to a step of your own, Trainer(model, step=...)"
        )


def _is_array(x: Any) -> bool:
    return hasattr(x, "shape") and bool(x.shape)
