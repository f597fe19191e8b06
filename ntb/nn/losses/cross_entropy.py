"""Losses of classification: how improbable the labels are. What all losses take and give stands in `losses.py`."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import InputError
from ...ops.safe import scale
from ...ops.scores import label_loss, log_softmax, picked_loss
from ...ops.special import log_sigmoid
from ...values.creation import in_type
from ..checks import as_array, class_axis, contained, floating, real_numbers, widened
from ..ranges import checked_labels, checked_mask, checked_numbers
from .regression import compared, reduced


def cross_entropy(
    logits: Any, labels: Any, *, mask: Any = None, weights: Any = None, axis: int = -1, reduction: str = "mean"
) -> Any:
    """The negative log-probability of the labels, `-log softmax(logits)[label]`, without ever taking log of softmax.

    Args:
        logits: (..., K): unnormalised log-probabilities; the classes may lie on another axis.
        labels: integers of any size, of the logits' shape without the axis of classes, each 0 … K-1; or soft labels:
            floating-point probabilities from 0 to 1, of the logits' whole shape. They need not sum to 1.
        mask: bools of the integer labels' shape: which examples count. Neither the logits nor the labels of the others
            matter, whatever they hold.
        weights: numbers of that shape; the mean is `sum(weights * losses) / sum(weights)`, for which they must not be
            negative.
        axis: the axis of the classes, in logits and soft labels.
        reduction: "mean", "sum" or "none" (the loss of each example).

    Returns:
        A number, or with "none" one for each example, of the logits' type.

    Raises:
        InputError: shapes that do not fit; a label that is negative, too large or not a number from 0 to 1; a mask that
            is not of bools; a weight that is negative or NaN.

    >>> cross_entropy(np.array([[0.0, 0.0], [1e4, 0.0]]), [0, 1]).item()
    5000.34657359028
    """
    logits, labels, mask, dtype = _classified(logits, labels, mask, axis, "logits")
    soft = labels.dtype.kind == "f"
    losses = _soft_loss(log_softmax(logits), labels) if soft else label_loss(logits, labels)
    return reduced(losses, mask, weights, reduction, dtype)


def nll(
    log_probabilities: Any, labels: Any, *,
    mask: Any = None, weights: Any = None, axis: int = -1, reduction: str = "mean",
) -> Any:  # fmt: skip
    """The negative log-likelihood of labels under given log-probabilities, `-log_probabilities[label]`.

    Args:
        log_probabilities: (..., K), real numbers of any precision, whose type the loss has.
        labels, mask, weights, axis, reduction: as in `cross_entropy`; what it returns and raises, too.

    >>> nll(np.log(np.array([[0.5, 0.5]])), [1], reduction="sum").item()
    0.6931471805599453
    """
    scores, labels, mask, dtype = _classified(log_probabilities, labels, mask, axis, "log-probabilities")
    soft = labels.dtype.kind == "f"
    losses = _soft_loss(scores, labels) if soft else picked_loss(scores, labels)
    return reduced(losses, mask, weights, reduction, dtype)


def binary_cross_entropy_with_logits(
    logits: Any, targets: Any, *, mask: Any = None, weights: Any = None, reduction: str = "mean"
) -> Any:
    """`-t log sigmoid(x) - (1 - t) log(1 - sigmoid(x))`, accurate however large the logits.

    Args:
        logits: any shape.
        targets: probabilities of that shape, 0 and 1 for certainty; integers and bools are welcome. Other numbers than
            0 … 1 are put into the formula.
        mask, weights, reduction: as in `cross_entropy`.

    Returns:
        A number, or with "none" an array of that shape; of the logits' type.

    Raises:
        InputError: shapes that do not fit; a mask or weights as in `cross_entropy`.

    >>> binary_cross_entropy_with_logits(np.array([0.0, 1e3]), np.array([1.0, 1.0])).item()
    0.34657359027997264
    """
    logits, targets, dtype = compared(logits, targets, "logits")
    real_numbers(logits, "logits")
    real_numbers(targets, "targets")
    if mask is not None:
        mask = checked_mask(mask, logits.shape)
        logits, targets = np.where(mask, logits, 0.0), np.where(mask, targets, 0.0)
    losses = -(scale(targets, log_sigmoid(logits)) + scale(1 - targets, log_sigmoid(-logits)))  # 0 times -inf is 0
    return reduced(losses, mask, weights, reduction, dtype)


def _classified(scores: Any, labels: Any, mask: Any, axis: int, what: str) -> tuple:
    """Scores and labels with the classes on the last axis, and the mask, all checked; and the type of the result.

    Scores of half precision come as single. Labels of floating-point numbers are soft ones, of the scores' type. What
    the mask excludes comes as 0.
    """
    (scores,) = floating(real_numbers(as_array(scores, what), what))
    labels, dtype = contained(labels), scores.dtype
    classes = class_axis(scores, axis, what)
    soft = labels.dtype.kind == "f"
    expected = scores.shape if soft else scores.shape[:classes] + scores.shape[classes + 1 :]
    if labels.shape != expected:
        raise InputError(
            f"log-probabilities or logits of shape {scores.shape} need integer labels of shape "
            f"{scores.shape[:classes] + scores.shape[classes + 1 :]} or soft labels "
            f"(floats) of shape {scores.shape}; these are {labels.dtype} of shape {labels.shape}. "
            ".astype converts them, np.squeeze takes an axis of length 1 away"
        )
    scores = widened(scores)
    if soft:
        labels = in_type(as_array(labels), scores.dtype)
    if classes != scores.ndim - 1:
        scores = np.moveaxis(scores, classes, -1)
        labels = np.moveaxis(labels, classes, -1) if soft else labels
    if mask is not None:
        mask = checked_mask(mask, scores.shape[:-1])
        scores = np.where(np.expand_dims(mask, -1), scores, 0.0)
    if not soft:
        return scores, checked_labels(labels, scores.shape[-1], mask), mask, dtype
    labels = labels if mask is None else np.where(np.expand_dims(mask, -1), labels, 0.0)
    return scores, checked_numbers(labels, 0, 1, "soft labels"), mask, dtype


def _soft_loss(log_probabilities: Any, labels: Any) -> Any:
    """The cross-entropy of soft labels."""
    return -np.sum(scale(labels, log_probabilities), axis=-1)  # a label of 0 times -inf is 0
