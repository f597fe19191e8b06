"""Epochs that make so many steps in all."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from ntb.data.batching import Batches


class Epochs:
    """The batches of each epoch, as a Trainer asks for them. The last epoch may be a short one.

    Args:
        batches: of a whole epoch.
        steps: how many batches there are in all.

    Attributes:
        count: how many epochs there are.

    >>> import numpy as np
    >>> from ntb.data import batches
    >>> epochs = Epochs(batches(np.arange(10), size=3, drop_last=True), steps=7)
    >>> [len(list(epochs.epoch(number))) for number in range(epochs.count)]
    [3, 3, 1]
    """

    def __init__(self, batches: Batches, steps: int) -> None:
        self.batches = batches
        self.steps = steps
        self.count = -(-steps // len(batches))

    def __len__(self) -> int:
        return min(len(self.batches), self.steps)

    def epoch(self, number: int, start: int = 0) -> Iterator[tuple[Any, ...]]:
        """The batches of an epoch, by its number from 0 on, from one on."""
        left = self.steps - number * len(self.batches)
        return islice(self.batches.epoch(number, start), max(0, left - start))
