"""Measures of a model that training does not use."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InputError
from .checks import as_array


def accuracy(scores: Any, labels: Any, *, mask: Any = None) -> Any:
    """The fraction of examples whose greatest score is that of their label; the first of equal scores counts.

    Args:
        scores: (..., K): probabilities or logits.
        labels: (...), integers.
        mask: (...), bool: which examples count; if none does, the result is 0.

    >>> accuracy(np.array([[0.1, 0.9], [0.8, 0.2]]), [1, 1]).item()
    0.5
    """
    scores, labels = as_array(scores), as_array(labels)
    if scores.shape[:-1] != labels.shape:
        raise InputError(
            "accuracy takes scores (..., K), one for each class, and integer labels (...); these have shapes "
            f"{scores.shape} and {labels.shape}. Predicted labels are compared by np.mean(predicted == labels)"
        )
    hits = np.argmax(scores, axis=-1) == labels
    if mask is None:
        return np.sum(hits) / max(labels.size, 1)
    return np.sum(np.logical_and(hits, mask)) / np.maximum(np.sum(mask), 1)
