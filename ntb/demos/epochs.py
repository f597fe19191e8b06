"""Epochs that make so many steps in all."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice
from typing import Any


class Epochs:
    """The batches of each epoch, as a Trainer asks for them. The last epoch may be a short one.

    Args:
        batches: of a pass over the data: what `data.batches` returns, or another source with a length and `epoch`.
        steps: how many batches there are in all.
        passes: how many passes over the data are an epoch; more than one where a pass is no more than a step or two, so
            that training is told of and validated less often.

    Attributes:
        count: how many epochs there are.

    >>> import numpy as np
    >>> from ntb.data import batches
    >>> epochs = Epochs(batches(np.arange(10), size=3, drop_last=True), steps=7)
    >>> [len(list(epochs.epoch(number))) for number in range(epochs.count)]
    [3, 3, 1]
    """

    def __init__(self, batches: Any, steps: int, passes: int = 1) -> None:
        self.batches = batches
        self.steps = steps
        self.passes = passes
        self.length = passes * len(batches)
        self.count = -(-steps // self.length)

    def __len__(self) -> int:
        return min(self.length, self.steps)

    def epoch(self, number: int, start: int = 0) -> Iterator[tuple[Any, ...]]:
        """The batches of an epoch, by its number from 0 on, from one on."""
        skipped, begin = divmod(start, len(self.batches))
        first, last = number * self.passes + skipped, (number + 1) * self.passes
        passes = (self.batches.epoch(i, begin if i == first else 0) for i in range(first, last))
        left = self.steps - number * self.length - start
        return islice(chain.from_iterable(passes), max(0, left))
