"""Metrics of classes, which all follow from the confusion matrix: precision, recall, F1, intersection over union.

Let h be the examples of a class that are predicted as such (hits), p all that are predicted as such, and a all that
are of the class: the diagonal of the matrix, and the sums of its columns and rows.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InputError
from .confusion import ConfusionMatrix
from .metric import measured


class _OfClasses(ConfusionMatrix):
    """A quotient of counts for each class, averaged over the classes."""

    def __init__(
        self, *, average: str = "binary", threshold: float | None = None, ignore_index: int | None = None
    ) -> None:
        if average not in ("binary", "macro", "micro", "weighted", "none"):
            raise InputError(f'average is "binary", "macro", "micro", "weighted" or "none", not {average!r}')
        self.average = average
        super().__init__(threshold=threshold, ignore_index=ignore_index)

    @staticmethod
    def quotient(hits: Any, predicted: Any, actual: Any) -> tuple[Any, Any]:
        """Dividend and divisor, from the counts of each class."""
        raise NotImplementedError("every metric of classes defines it")

    def result(self) -> Any:
        """The metric of all examples since the last reset; 0 where there is nothing to divide by."""
        counts = self.sums["counts"]
        hits, predicted, actual = np.diag(counts), counts.sum(axis=0), counts.sum(axis=1)
        above, below = self.quotient(hits, predicted, actual)
        if self.average == "micro":
            return float(above.sum() / max(below.sum(), 1))
        each = above / np.maximum(below, 1)
        if self.average == "none":
            return each
        if self.average == "binary":
            if len(each) > 2:
                raise InputError(f"there are {len(each)} classes; average='macro' is the mean over them, 'none' each")
            return float(each[1])
        weights = actual if self.average == "weighted" else (predicted + actual > 0)
        return float(np.sum(each * weights) / max(np.sum(weights), 1))


class Precision(_OfClasses):
    """Of what is predicted as a class, the fraction that is of the class: h / p.

    It is told of scores (..., K) of any type, or labels, as for `precision`.

    Args:
        average: "binary" (the class 1 of two), "macro" (the mean over the classes that occur), "weighted" (that mean
            weighted by how often they are true), "micro" (all counts added up first), or "none" (an array).
        threshold, ignore_index: as in `Accuracy`.

    >>> m = Precision()
    >>> m.update([1, 1, 0], [1, 0, 1])
    >>> m.result()
    0.5
    """

    @staticmethod
    def quotient(hits: Any, predicted: Any, actual: Any) -> tuple[Any, Any]:
        return hits, predicted


class Recall(_OfClasses):
    """Of what is of a class, the fraction that is predicted as such: h / a.

    Arguments, shapes and types are as for `Precision`.

    >>> m = Recall(average="none")
    >>> m.update([1, 1, 0, 0], [1, 0, 0, 0])
    >>> m.result()
    array([0.66666667, 1.        ])
    """

    @staticmethod
    def quotient(hits: Any, predicted: Any, actual: Any) -> tuple[Any, Any]:
        return hits, actual


class F1(_OfClasses):
    """The harmonic mean of precision and recall, 2 h / (p + a).

    Arguments, shapes and types are as for `Precision`.

    >>> m = F1(average="macro")
    >>> m.update([0, 1, 2, 2], [0, 1, 1, 2])
    >>> m.result()
    0.7777777777777777
    """

    @staticmethod
    def quotient(hits: Any, predicted: Any, actual: Any) -> tuple[Any, Any]:
        return 2 * hits, predicted + actual


class MeanIoU(_OfClasses):
    """The mean of intersection over union, h / (p + a - h), over the classes that occur, as for segmentation.

    It is told of scores (..., K) of any type, or labels, as for `mean_iou`.

    Args:
        threshold, ignore_index: as in `Accuracy`.

    >>> m = MeanIoU()
    >>> m.update([0, 0, 1, 1], [0, 1, 1, 1])
    >>> m.result()
    0.5833333333333333
    """

    def __init__(self, *, threshold: float | None = None, ignore_index: int | None = None) -> None:
        super().__init__(average="macro", threshold=threshold, ignore_index=ignore_index)

    @staticmethod
    def quotient(hits: Any, predicted: Any, actual: Any) -> tuple[Any, Any]:
        return hits, predicted + actual - hits


def precision(
    predictions: Any, targets: Any, *,
    average: str = "binary", mask: Any = None, threshold: float | None = None, ignore_index: int | None = None,
) -> Any:  # fmt: skip
    """Of what is predicted as a class, the fraction that is of the class.

    Args:
        average: "binary" (the class 1 of two), "macro" (the mean over the classes that occur), "weighted" (that mean
            weighted by how often they are true), "micro" (all counts added up first), or "none" (an array).
        predictions, targets, mask, threshold, ignore_index: as in `accuracy`: scores (..., K) of any type, or labels;
            what it raises, too, and an InputError for more than two classes with "binary".

    Returns:
        A float, or with "none" (K,); 0 where nothing is predicted as the class.

    >>> precision([1, 1, 0], [1, 0, 1])
    0.5
    """
    metric = Precision(average=average, threshold=threshold, ignore_index=ignore_index)
    return measured(metric, predictions, targets, mask=mask)


def recall(
    predictions: Any, targets: Any, *,
    average: str = "binary", mask: Any = None, threshold: float | None = None, ignore_index: int | None = None,
) -> Any:  # fmt: skip
    """Of what is of a class, the fraction that is predicted as such.

    Arguments, shapes and types, what it returns and raises are as for `precision`; 0 where nothing is of the class.

    >>> recall([1, 1, 0, 0], [1, 0, 0, 0], average="none")
    array([0.66666667, 1.        ])
    """
    metric = Recall(average=average, threshold=threshold, ignore_index=ignore_index)
    return measured(metric, predictions, targets, mask=mask)


def f1(
    predictions: Any, targets: Any, *,
    average: str = "binary", mask: Any = None, threshold: float | None = None, ignore_index: int | None = None,
) -> Any:  # fmt: skip
    """The harmonic mean of precision and recall.

    Arguments, shapes and types, what it returns and raises are as for `precision`; 0 where there is neither.

    >>> f1([0, 1, 2, 2], [0, 1, 1, 2], average="macro")
    0.7777777777777777
    """
    metric = F1(average=average, threshold=threshold, ignore_index=ignore_index)
    return measured(metric, predictions, targets, mask=mask)


def mean_iou(
    predictions: Any, targets: Any, *,
    mask: Any = None, threshold: float | None = None, ignore_index: int | None = None,
) -> float:  # fmt: skip
    """The mean of intersection over union, over the classes that occur, as for segmentation.

    Arguments, shapes and types, and what it raises are as for `confusion_matrix`; a float.

    >>> mean_iou([0, 0, 1, 1], [0, 1, 1, 1])
    0.5833333333333333
    """
    return measured(MeanIoU(threshold=threshold, ignore_index=ignore_index), predictions, targets, mask=mask)
