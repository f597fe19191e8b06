"""Sources: where the batches of an epoch come from, whatever was given to `fit`."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sized
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


def sourced(x: Any, y: Any, size: int, shuffle: Any, drop_last: bool = False) -> Source:
    """The source of what was given as x and y: arrays, several inputs as a tuple of them, or batches alone."""
    arrays = (*(x if isinstance(x, tuple) else (x,)), *(() if y is None else (y,)))
    if y is None and not all(map(_is_array, arrays)):
        return Source(x)
    return Source(Batches(*arrays, size=size, shuffle=shuffle, drop_last=drop_last))


def validated(given: Any, size: int) -> Source | None:
    """The source of what is validated on: arrays (x, y), or batches."""
    if given is None:
        return None
    if isinstance(given, (tuple, list)) and len(given) > 1 and not isinstance(given[0], (tuple, list)):
        return sourced(given[0] if len(given) == 2 else tuple(given[:-1]), given[-1], size, None)
    return Source(given)


def _is_array(x: Any) -> bool:
    return hasattr(x, "shape") and bool(x.shape)


def _parts(batch: Any) -> tuple[Any, ...]:
    return tuple(batch) if isinstance(batch, (tuple, list)) else (batch,)
