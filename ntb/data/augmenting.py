"""Augmented batches: changed at random by a function, alike in each run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ..errors import InputError, describe
from .epochs import Epochs, Wrapper, epoch_of, parts


class _Augmented(Wrapper):
    def __init__(self, batches: Any, function: Callable[..., Any], seed: int) -> None:
        super().__init__(batches, "augmented")
        self.function, self.seed = function, seed

    def epoch(self, number: int, start: int = 0) -> Iterator[tuple[Any, ...]]:
        found, _ = epoch_of(self.batches, number, start)
        return (self._changed(batch, number, place) for place, batch in enumerate(found, start))

    def _changed(self, batch: Any, number: int, place: int) -> tuple[Any, ...]:
        # The place is counted from 1: [seed, number, 0] are the bits of [seed, number], from which an order is drawn.
        rng = np.random.default_rng([self.seed, number, 1 + place])
        return parts(self.function(*parts(batch), rng))


def augmented(batches: Any, function: Callable[..., Any], seed: int = 0) -> Epochs:
    """Batches that a function changes at random, such as images that are turned and cut: `function(*batch, rng)`.

    Each batch has a generator of its own, made of the seed, the number of the epoch and the batch's place in it. So an
    image is drawn anew in each epoch, and the same again by who goes on in the middle of one, or reads ahead.

    Args:
        batches: `batches` and its kin, an iterable, or a function that returns one for each epoch.
        function: of the parts of a batch and a NumPy generator; returns the parts of the changed batch, as a tuple if
            there are several. ntb.data.augment has what it may be made of.
        seed: a whole number, 0 or more.

    Returns:
        Something to iterate over, with `epoch(number, start)`, and a length where `batches` have one.

    Raises:
        InputError: something else in the place of batches or of the seed; and what the function raises.
        TypeError: `function` cannot be called.

    >>> from ntb.data import augment, batches
    >>> images, labels = np.arange(6).reshape(2, 1, 1, 3), np.array([0, 1])
    >>> def mirrored(x, y, rng):
    ...     return augment.flip(x, rng), y
    >>> for x, y in augmented(batches(images, labels, size=2), mirrored, seed=2):
    ...     print(x[:, 0, 0].tolist(), y)
    [[2, 1, 0], [3, 4, 5]] [0 1]
    """
    if not callable(function):
        raise TypeError(f"augmented changes batches by a function of their parts and rng, not by {describe(function)}")
    if not isinstance(seed, (int, np.integer)) or isinstance(seed, bool) or seed < 0:
        raise InputError(f"a seed is a whole number, 0 or more, got seed={seed!r}")
    return _Augmented(batches, function, int(seed))
