"""The accuracy, which a traced step may report; `ntb.metrics` has it and the others for arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InputError
from .checks import as_array, class_axis, contained, real_numbers
from .ranges import checked_labels, checked_mask


def accuracy(scores: Any, labels: Any, *, mask: Any = None, axis: int = -1) -> Any:
    """The fraction of examples whose greatest score is that of their label; the first of equal scores counts.

    Args:
        scores: (..., K): probabilities or logits, real numbers or integers of any type.
        labels: (...), integers of any size, each 0 … K-1.
        mask: (...), bool: which examples count; if none does, the result is 0. The others' labels may be any.
        axis: the axis of the classes in the scores.

    Returns:
        A float64.

    Raises:
        InputError: shapes that do not fit; a label that is no integer or out of range; a mask that is not of bools.

    >>> accuracy(np.array([[0.1, 0.9], [0.8, 0.2]]), [1, 1]).item()
    0.5
    """
    scores, labels = real_numbers(as_array(scores, "scores"), "scores"), contained(labels)
    classes = class_axis(scores, axis, "scores")
    if scores.shape[:classes] + scores.shape[classes + 1 :] != labels.shape:
        raise InputError(
            "accuracy takes scores (..., K), one for each class, and integer labels (...); these have shapes "
            f"{scores.shape} and {labels.shape}. Predicted labels are compared by ntb.metrics.accuracy"
        )
    mask = None if mask is None else checked_mask(mask, labels.shape)
    hits = np.argmax(scores, axis=classes) == checked_labels(labels, scores.shape[classes], mask)
    if mask is None:
        return np.sum(hits) / max(labels.size, 1)
    return np.sum(np.logical_and(hits, mask)) / np.maximum(np.sum(mask), 1)
