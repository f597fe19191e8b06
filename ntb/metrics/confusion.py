"""The confusion matrix: what is taken for what."""

from __future__ import annotations

from typing import Any

import numpy as np

from .examples import labelled
from .metric import Metric, measured


class ConfusionMatrix(Metric):
    """How many examples of each class are predicted as which: rows are true labels, columns predicted ones.

    It is told of scores (..., K) of any type, or labels, as for `confusion_matrix`, and grows with the labels that it
    meets.

    Args:
        threshold, ignore_index: as in `Accuracy`.

    >>> m = ConfusionMatrix()
    >>> m.update([0, 1, 2, 2], [0, 1, 1, 2])
    >>> m.result()
    array([[1, 0, 0],
           [0, 1, 1],
           [0, 0, 1]])
    """

    def __init__(self, *, threshold: float | None = None, ignore_index: int | None = None) -> None:
        self.threshold = threshold
        self.ignore_index = ignore_index
        super().__init__()

    def first(self) -> dict[str, np.ndarray]:
        return {"counts": np.zeros((2, 2), np.int64)}

    def update(self, predictions: Any, targets: Any, *, mask: Any = None) -> None:
        """Add a batch: scores (..., K), or labels (...); labels (...); a mask of bools (...): which examples count."""
        predicted, labels, classes = labelled(predictions, targets, mask, self.threshold, self.ignore_index)
        before = self.sums["counts"]
        size = max(classes, len(before))
        new = np.bincount(size * labels + predicted, minlength=size * size).reshape(size, size)
        new[: len(before), : len(before)] += before
        self.sums["counts"] = new

    def result(self) -> Any:
        """The metric of all examples since the last reset."""
        return self.sums["counts"].copy()


def confusion_matrix(
    predictions: Any, targets: Any, *,
    mask: Any = None, threshold: float | None = None, ignore_index: int | None = None,
) -> np.ndarray:  # fmt: skip
    """How many examples of each class are predicted as which: rows are true labels, columns predicted ones.

    Predictions, targets, `mask`, `threshold` and `ignore_index` are as in `accuracy`: scores (..., K) of any type, or
    labels; what it raises, too.

    Returns:
        (K, K), integers; K is the number of scores, or with predicted labels the least that holds all, 2 or more.

    >>> confusion_matrix([0, 1, 2, 2], [0, 1, 1, 2])
    array([[1, 0, 0],
           [0, 1, 1],
           [0, 0, 1]])
    """
    return measured(ConfusionMatrix(threshold=threshold, ignore_index=ignore_index), predictions, targets, mask=mask)
