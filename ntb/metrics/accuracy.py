"""Accuracy: how often the label is predicted, or is among the k best."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..nn.checks import whole_number
from .examples import labelled, scored
from .means import Averaged
from .metric import measured


class Accuracy(Averaged):
    """The fraction of examples whose label is predicted: scores (..., K) of any type, or labels, as for `accuracy`.

    Args:
        threshold: for two classes and one score for each example: above it the class 1 is predicted. 0.5 is meant for
            probabilities, 0 for logits.
        ignore_index: a label that stands for none; such examples do not count.

    >>> m = Accuracy()
    >>> m.update(np.array([[0.1, 0.9], [0.8, 0.2]]), [1, 1])
    >>> m.update(np.array([[0.3, 0.7]]), [1])
    >>> m.result()
    0.6666666666666666
    """

    def __init__(self, *, threshold: float | None = None, ignore_index: int | None = None) -> None:
        self.threshold = threshold
        self.ignore_index = ignore_index
        super().__init__()

    def update(self, predictions: Any, targets: Any, *, mask: Any = None) -> None:
        """Add a batch: scores (..., K), or labels (...); labels (...); a mask of bools (...): which examples count."""
        predicted, labels, _ = labelled(predictions, targets, mask, self.threshold, self.ignore_index)
        self.add(predicted == labels)


def accuracy(
    predictions: Any, targets: Any, *,
    mask: Any = None, threshold: float | None = None, ignore_index: int | None = None,
) -> float:  # fmt: skip
    """The fraction of examples whose label is predicted. `nn.accuracy` is the same inside of traced functions.

    Args:
        predictions: scores (..., K), numbers of any type, of which the greatest is predicted, the first of equal ones;
            or labels (...), integers or bools; or scores (...) of the class 1 against 0, with a threshold.
        targets: labels (...): integers, bools, or floating-point numbers that are whole.
        mask: bools (...): which examples count.
        threshold: above it the class 1 is predicted: 0.5 is meant for probabilities, 0 for logits.
        ignore_index: a label that stands for none; such examples do not count.

    Returns:
        A float; 0 without any example.

    Raises:
        InputError: shapes that do not fit; labels that are negative, not whole or beyond the scores; a mask that is not
            of bools.

    >>> accuracy([[0.1, 0.9], [0.8, 0.2]], [1, 1]), accuracy([2, 0, 1], [2, 0, 2])
    (0.5, 0.6666666666666666)
    """
    return measured(Accuracy(threshold=threshold, ignore_index=ignore_index), predictions, targets, mask=mask)


class TopKAccuracy(Averaged):
    """The fraction of examples whose label is among the k greatest scores; of equal scores the first counts.

    It is told of scores (..., K) of any type, and labels (...), as for `top_k_accuracy`.

    Args:
        k: how many; 1 or more, else an InputError. With 1 it is `Accuracy`.
        ignore_index: a label that stands for none; such examples do not count.

    >>> m = TopKAccuracy(k=2)
    >>> m.update(np.array([[0.5, 0.3, 0.2], [0.1, 0.2, 0.7]]), [1, 0])
    >>> m.result()
    0.5
    """

    def __init__(self, k: int = 5, *, ignore_index: int | None = None) -> None:
        self.k = whole_number(k, "k")
        self.ignore_index = ignore_index
        super().__init__()

    def update(self, predictions: Any, targets: Any, *, mask: Any = None) -> None:
        """Add a batch: scores (..., K); labels (...); a mask of bools (...): which examples count."""
        scores, labels = scored(predictions, targets, mask, self.ignore_index)
        own = np.take_along_axis(scores, labels[:, None], axis=-1)
        before = np.arange(scores.shape[-1]) < labels[:, None]
        rank = np.sum((scores > own) | ((scores == own) & before), axis=-1)
        self.add(rank < self.k)


def top_k_accuracy(
    scores: Any, targets: Any, *, k: int = 5, mask: Any = None, ignore_index: int | None = None
) -> float:
    """The fraction of examples whose label is among the k greatest scores; of equal scores the first counts.

    Args:
        scores: (..., K): numbers of any type.
        k: how many; 1 or more, else an InputError. With 1 it is the accuracy.
        targets, mask, ignore_index: as in `accuracy`; what it returns and raises, too.

    >>> top_k_accuracy([[0.5, 0.3, 0.2], [0.1, 0.2, 0.7]], [1, 0], k=2)
    0.5
    """
    return measured(TopKAccuracy(k, ignore_index=ignore_index), scores, targets, mask=mask)
