"""Sources: where the batches of an epoch come from, whatever was given to `fit`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..data.batching import Batches
from ..data.epochs import checked, epoch_of, parts


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
