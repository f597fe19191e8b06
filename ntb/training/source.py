"""Sources: where the batches of an epoch come from, whatever was given to `fit`."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sized
from itertools import islice
from typing import Any

from ..data.batching import Batches
from ..errors import InputError, describe


class Source:
    """The batches of each epoch, by its number.

    Args:
        given: something with a method `epoch(number, start)`, as `data.batches` gives; a function that returns an
            iterable, called anew for each epoch; or something that can be iterated again and again.
    """

    def __init__(self, given: Any) -> None:
        if not (hasattr(given, "epoch") or callable(given) or isinstance(given, Iterable)):
            raise InputError(
                f"training takes arrays, fit(x, y), or batches: an iterable, or a function that returns one for each "
                f"epoch; this is {describe(given)}"
            )
        self.given = given

    def epoch(self, number: int, start: int = 0) -> tuple[Iterator[tuple[Any, ...]], int | None]:
        """The batches of an epoch, as tuples, from one on; and how many the whole epoch has, None if it is not known.

        Args:
            number: of the epoch, from 0.
            start: how many batches are left out at the beginning. What cannot skip them has read them on return.
        """
        if hasattr(self.given, "epoch"):
            found: Any = self.given.epoch(number, start)
            total = len(self.given) if isinstance(self.given, Sized) else None
        else:
            made: Any = self.given() if callable(self.given) else self.given
            found, total = iter(made), len(made) if isinstance(made, Sized) else None
            deque(islice(found, start), maxlen=0)
        return map(_parts, found), total

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
    return sourced(*given, size, None) if is_pair or isinstance(given, tuple) else Source(given)


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


def _parts(batch: Any) -> tuple[Any, ...]:
    return tuple(batch) if isinstance(batch, (tuple, list)) else (batch,)
