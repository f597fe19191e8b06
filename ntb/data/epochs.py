"""Epochs: batches that can be had again for any epoch, from any of them on, so that training goes on where it was."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

from ..errors import InputError, describe


class Epochs(ABC):
    """Batches, epoch by epoch: the base of what `batches`, `bucketed`, `shards` and others return.

    To iterate is an epoch; the first has the number 0, the next one 1, and so on. `epoch` gives any of them, from any
    batch on. Where it is known how many batches an epoch has, `len` tells it; elsewhere it is a TypeError.
    """

    _next = 0

    def __iter__(self) -> Iterator[Any]:
        number, self._next = self._next, self._next + 1
        return self.epoch(number)

    @abstractmethod
    def epoch(self, number: int, start: int = 0) -> Iterator[Any]:
        """The batches of an epoch, from one on.

        Args:
            number: of the epoch, from 0. Where a seed was given all that is drawn follows from it and this number.
            start: how many batches are left out at the beginning, as to go on in the middle of an epoch.
        """


class Wrapper(Epochs):
    """Epochs that are made of those of other batches, as many.

    Args:
        batches: what `checked` takes.
        who: the function that makes it, for errors.
    """

    def __init__(self, batches: Any, who: str) -> None:
        self.batches = checked(batches, f"{who} takes")

    def __len__(self) -> int:
        return known(_length_of(self.batches))


class _FromFunction(Epochs):
    def __init__(self, function: Callable[[int], Iterable[Any]], length: int | None) -> None:
        self.function, self.length = function, length

    def __len__(self) -> int:
        return known(self.length)

    def epoch(self, number: int, start: int = 0) -> Iterator[Any]:
        return _without_first(iter(self.function(number)), start)


def from_function(function: Callable[[int], Iterable[Any]], length: int | None = None) -> Epochs:
    """Batches that a function makes for each epoch, such as a generator function that reads what memory cannot hold.

    To go on in the middle of an epoch its first batches are made again and left out.

    Args:
        function: of the epoch's number, 0 for the first; returns an iterable of batches. What it draws it should draw
            from a generator that is made of this number, so that it gives an epoch again.
        length: how many batches an epoch has, if that is known: for `len`, and so for bars of progress.

    Returns:
        Something to iterate over, with `epoch(number, start)`.

    Raises:
        TypeError: `function` cannot be called.

    >>> def noise(number):
    ...     rng = np.random.default_rng([7, number])
    ...     for _ in range(3):
    ...         yield rng.integers(10, size=2)
    >>> import numpy as np
    >>> batches = from_function(noise, length=3)
    >>> whole = [batch.tolist() for batch in batches.epoch(5)]
    >>> [batch.tolist() for batch in batches.epoch(5, start=2)] == whole[2:]
    True
    """
    if not callable(function):
        raise TypeError(f"from_function takes a function of the epoch's number, not {describe(function)}")
    return _FromFunction(function, length)


def checked(batches: Any, who: str) -> Any:
    """The batches themselves, if `epoch_of` can use them; `who` begins the error, as "training takes"."""
    if not (hasattr(batches, "epoch") or callable(batches) or isinstance(batches, Iterable)):
        raise InputError(
            f"{who} batches: an iterable, or a function that returns one for each epoch; this is {describe(batches)}"
        )
    return batches


def epoch_of(batches: Any, number: int, start: int = 0) -> tuple[Iterator[Any], int | None]:
    """The batches of an epoch, from one on; and how many the whole epoch has, None if that is not known.

    Args:
        batches: something with a method `epoch(number, start)`, as `batches` and its kin return; a function that
            returns an iterable, called anew for each epoch; or something that can be iterated again and again.
        number: of the epoch, from 0.
        start: how many batches are left out at the beginning. What has no `epoch` has made them on return.
    """
    if hasattr(batches, "epoch"):
        return iter(batches.epoch(number, start)), _length_of(batches)
    made = batches() if callable(batches) else batches
    return _without_first(iter(made), start), _length_of(made)


def _without_first(found: Iterator[Any], count: int) -> Iterator[Any]:
    """The iterator, after so many items were taken out of it."""
    deque(islice(found, count), maxlen=0)
    return found


def _length_of(batches: Any) -> int | None:
    """How many batches there are in an epoch; None if that is not known."""
    try:
        return len(batches)
    except TypeError:
        return None


def known(length: int | None) -> int:
    """A length that is known; a TypeError, as Python has it for what has no length, if it is not."""
    if length is None:
        raise TypeError("how many batches there are is not known before they are read; iterate over them to the end")
    return length


def parts(batch: Any) -> tuple[Any, ...]:
    """A batch as a tuple; what is no tuple or list is its only part."""
    return tuple(batch) if isinstance(batch, (tuple, list)) else (batch,)
