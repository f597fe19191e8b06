"""What goes into metrics, as plain arrays: predicted labels and true ones, scores, numbers; without what is masked."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InputError
from ..foreign.libraries import to_numpy
from ..nn.checks import as_array, of_shape, real_numbers
from ..nn.ranges import checked_mask
from ..tape.tensor import ArrayLike


def plain(x: Any, what: str) -> np.ndarray:
    """Real numbers as an array of NumPy's own, in double precision if they are not whole."""
    x = real_numbers(as_array(x, what), what)
    x = np.asarray(x.numpy() if isinstance(x, ArrayLike) else to_numpy(x))
    return x.astype(float) if x.dtype.kind == "f" else x


def whole(x: Any, what: str) -> np.ndarray:
    """Labels: integers, bools, or floating-point numbers that are whole."""
    x = plain(x, what)
    with np.errstate(invalid="ignore"):  # NaN is no label, and is told of below
        labels = x.astype(np.int64)
    if x.dtype.kind == "f" and not np.array_equal(labels, x):
        raise InputError(f"{what} are whole numbers, and some of these are not; np.argmax(x, axis=-1) of soft ones")
    return labels


def counted(mask: Any, shape: tuple[int, ...]) -> np.ndarray:
    """The mask as an array; of nothing but True, if there is none."""
    if mask is None:
        return np.ones(shape, bool)
    return np.asarray(plain(checked_mask(mask, shape), "mask"), bool)


def scored(scores: Any, targets: Any, mask: Any, ignore_index: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Of the examples that count: the scores of all classes, (M, K), and the labels, (M,)."""
    x, t = plain(scores, "scores"), whole(targets, "labels")
    if x.shape[:-1] != t.shape or x.ndim != t.ndim + 1 or not x.shape[-1]:
        raise InputError(
            f"scores are (..., K), one for each class, for labels (...); these have shapes {x.shape} and {t.shape}. "
            "np.moveaxis(x, 1, -1) brings the classes to the last axis"
        )
    keep = _counting(t, mask, ignore_index)
    x, t = x[keep], _not_negative(t[keep], "labels")
    if t.size and t.max() >= x.shape[-1]:
        raise InputError(f"labels are 0 ... {x.shape[-1] - 1}, one for each score, and {t.max()} is among these")
    return x, t


def labelled(
    predictions: Any, targets: Any, mask: Any, threshold: float | None = None, ignore_index: int | None = None
) -> tuple[np.ndarray, np.ndarray, int]:
    """Of the examples that count: predicted and true labels, each (M,); and the number of classes, as far as is known.

    Args:
        predictions: scores (..., K), of which the greatest is predicted, the first of equal ones; or labels (...); or,
            with a threshold, scores (...) of the class 1 against 0.
        targets: labels (...).
        mask: (...), bools, or None.
    """
    x, t = plain(predictions, "predictions"), whole(targets, "labels")
    if x.shape != t.shape and threshold is None:
        scores, t = scored(x, t, mask, ignore_index)
        return np.argmax(scores, axis=-1), t, scores.shape[-1]
    if threshold is not None:
        x = of_shape(t.shape, x, "predictions") > threshold
    if x.dtype.kind == "f" and x.size:
        raise InputError(
            "predictions of the labels' shape are labels, integers or bools, not floating-point numbers; threshold=0.5 "
            "makes labels of probabilities, threshold=0 of logits"
        )
    keep = _counting(t, mask, ignore_index)
    x, t = _not_negative(x[keep].astype(np.int64), "predicted labels"), _not_negative(t[keep], "labels")
    if threshold is not None and t.max(initial=0) > 1:
        raise InputError(f"a threshold tells the labels 0 and 1 apart, and {t.max()} is among these")
    return x, t, int(max(x.max(initial=1), t.max(initial=1))) + 1


def compared(predictions: Any, targets: Any, mask: Any) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of one shape, (M,): those that count."""
    x, t = plain(predictions, "predictions"), plain(targets, "targets")
    keep = counted(mask, of_shape(x.shape, t).shape)
    return x[keep], t[keep]


def _counting(labels: np.ndarray, mask: Any, ignore_index: int | None) -> np.ndarray:
    """Which examples count."""
    keep = counted(mask, labels.shape)
    return keep if ignore_index is None else keep & (labels != ignore_index)


def _not_negative(labels: np.ndarray, what: str) -> np.ndarray:
    if labels.min(initial=0) < 0:
        raise InputError(
            f"{what} count from 0, and {labels.min()} is among these; mask= or ignore_index= leaves out what is none"
        )
    return labels
