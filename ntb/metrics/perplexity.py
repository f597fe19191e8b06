"""Perplexity: how much a model of language is still in the dark."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..nn.losses.cross_entropy import cross_entropy
from .examples import plain, scored
from .means import Averaged
from .metric import measured


class Perplexity(Averaged):
    """exp of the mean of `nn.cross_entropy`: among how many equally likely classes a model still has to guess.

    It is told of logits (..., K) of any type, and labels (...), as for `perplexity`.

    Args:
        ignore_index: a label that stands for none, as that of padding; such examples do not count.

    >>> m = Perplexity()
    >>> m.update(np.zeros((2, 7, 10)), np.ones((2, 7), int))
    >>> round(m.result(), 12)
    10.0
    """

    def __init__(self, *, ignore_index: int | None = None) -> None:
        self.ignore_index = ignore_index
        super().__init__()

    def update(self, predictions: Any, targets: Any, *, mask: Any = None) -> None:
        """Add a batch: logits (..., K); labels (...); a mask of bools (...): which examples count."""
        logits, labels = scored(predictions, targets, mask, self.ignore_index)
        self.add(plain(cross_entropy(logits, labels, reduction="none"), "losses"))

    def result(self) -> float:
        """The metric of all examples since the last reset."""
        with np.errstate(over="ignore"):
            return float(np.exp(super().result()))


def perplexity(logits: Any, targets: Any, *, mask: Any = None, ignore_index: int | None = None) -> float:
    """exp of the mean of `nn.cross_entropy`: among how many equally likely classes a model still has to guess.

    Args:
        logits: (..., K): numbers of any type.
        targets, mask, ignore_index: as in `accuracy`; what it raises, too.

    Returns:
        A float, 1 or more; 1 without any example.

    >>> round(perplexity(np.zeros((2, 7, 10)), np.ones((2, 7), int)), 12)
    10.0
    """
    return measured(Perplexity(ignore_index=ignore_index), logits, targets, mask=mask)
