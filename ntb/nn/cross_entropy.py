"""Losses of classification: how improbable the labels are. What all losses take and give stands in `losses.py`."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InputError
from ..ops.safe import scale
from ..ops.scores import label_loss, log_softmax
from ..ops.special import log_sigmoid
from .checks import as_array, contained, floating, in_type, real_numbers, widened
from .losses import compared, reduced
from .ranges import checked_indices, checked_mask, checked_numbers


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
    logits, labels, dtype = _classified(logits, labels, axis, "logits")
    if mask is not None:
        mask = checked_mask(mask, logits.shape[:-1])
        logits = np.where(np.expand_dims(mask, -1), logits, 0.0)
    if labels.dtype.kind == "f":
        losses = _soft_losses(log_softmax(logits), labels, mask)
    else:
        losses = label_loss(logits, _checked_labels(labels, logits.shape[-1], mask))
    return reduced(losses, mask, weights, reduction, dtype)


def nll(
    log_probabilities: Any,
    labels: Any,
    *,
    mask: Any = None,
    weights: Any = None,
    axis: int = -1,
    reduction: str = "mean",
) -> Any:
    """The negative log-likelihood of labels under given log-probabilities, `-log_probabilities[label]`.

    Args:
        log_probabilities: (..., K), real numbers of any precision, whose type the loss has.
        labels, mask, weights, axis, reduction: as in `cross_entropy`; what it returns and raises, too.

    >>> nll(np.log(np.array([[0.5, 0.5]])), [1], reduction="sum").item()
    0.6931471805599453
    """
    scores, labels, dtype = _classified(log_probabilities, labels, axis, "log-probabilities")
    mask = None if mask is None else checked_mask(mask, scores.shape[:-1])
    if labels.dtype.kind == "f":
        losses = _soft_losses(scores, labels, mask)
    else:
        labels = _checked_labels(labels, scores.shape[-1], mask)
        losses = -np.squeeze(np.take_along_axis(scores, np.expand_dims(labels, -1), axis=-1), axis=-1)
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


def _classified(scores: Any, labels: Any, axis: int, what: str) -> tuple:
    """Scores and labels with the classes on the last axis, and the type of the result.

    Scores of half precision come as single. Labels of floating-point numbers are soft ones, of the scores' type.
    """
    (scores,) = floating(real_numbers(as_array(scores, what), what))
    labels, dtype = contained(labels), scores.dtype
    if not scores.ndim or not -scores.ndim <= axis < scores.ndim or not scores.shape[axis]:
        raise InputError(f"{what} have one or more classes on axis {axis}; these have the shape {scores.shape}")
    classes = axis % scores.ndim
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
    return scores, labels, dtype


def _soft_losses(log_probabilities: Any, labels: Any, mask: Any) -> Any:
    """The cross-entropy of soft labels; those that the mask excludes count as zeros."""
    if mask is not None:
        labels = np.where(np.expand_dims(mask, -1), labels, 0.0)
    labels = checked_numbers(labels, 0, 1, "soft labels")
    return -np.sum(scale(labels, log_probabilities), axis=-1)  # a label of 0 times -inf is 0


def _checked_labels(labels: Any, count: int, mask: Any) -> Any:
    """The labels, if all those that count by the mask are in range."""
    if mask is not None and labels.dtype.kind in "iu":
        labels = np.where(mask, labels, 0)
    return checked_indices(labels, count, "labels")
