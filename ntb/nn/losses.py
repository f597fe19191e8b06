"""Losses. A mean over nothing (an empty batch, a mask that excludes everything) is 0.

They take real numbers of any precision, in arrays, tensors, variables, lists or pandas' objects; lengths may be 0.
Integers and bools are taken as floating-point numbers, float64 if the predictions are such. A loss has the type of the
predictions, to which targets and weights are converted; that of float16 is computed in float32 and rounded in the end,
as its sums need more digits and a greater range.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InputError
from ..ops.safe import scale
from ..ops.scores import label_loss, log_softmax
from ..ops.special import log_sigmoid
from .checks import (
    as_array,
    checked_indices,
    checked_mask,
    checked_numbers,
    contained,
    floating,
    in_type,
    of_shape,
    real_numbers,
    weak,
    widened,
)


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
    return _reduce(losses, mask, weights, reduction, dtype)


def nll(
    log_probabilities: Any,
    labels: Any,
    *,
    mask: Any = None,
    weights: Any = None,
    axis: int = -1,
    reduction: str = "mean",
) -> Any:
    """The negative log-likelihood of labels under given log-probabilities (..., K); arguments as in `cross_entropy`.

    Labels are integers, or soft ones of floating-point numbers; the loss has the type of the log-probabilities.

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
    return _reduce(losses, mask, weights, reduction, dtype)


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


def _reduce(losses: Any, mask: Any, weights: Any, reduction: str, dtype: Any) -> Any:
    """The mean or the sum of the examples' losses, or the losses; what the mask excludes is 0 and has no gradient."""
    if reduction not in ("mean", "sum", "none"):
        raise InputError(f'reduction is "mean", "sum" or "none", not {reduction!r}')
    total = max(losses.size, 1)
    if mask is not None:
        losses = np.where(mask, losses, 0.0)
        total = np.maximum(np.sum(mask), 1).astype(losses.dtype)
    if weights is not None:
        weights = in_type(of_shape(losses.shape, real_numbers(as_array(weights), "weights"), "weights"), losses.dtype)
        weights = weights if mask is None else np.where(mask, weights, 0.0)
        least = 0.0 if reduction == "mean" else -np.inf
        weights = checked_numbers(weights, least, np.inf, "weights (of a mean; reduction='sum' takes negative ones)")
        losses = losses * weights
        total = np.sum(weights)
        total = np.where(total == 0, 1.0, total)
    if reduction != "none":
        losses = np.sum(losses)
    if reduction == "mean":
        losses = losses / total
    return in_type(losses, dtype)


def binary_cross_entropy_with_logits(
    logits: Any, targets: Any, *, mask: Any = None, weights: Any = None, reduction: str = "mean"
) -> Any:
    """`-t log sigmoid(x) - (1 - t) log(1 - sigmoid(x))`, accurate however large the logits.

    Args:
        logits: any shape.
        targets: probabilities of that shape, 0 and 1 for certainty; integers and bools are welcome. Other numbers than
            0 … 1 are put into the formula.
        mask, weights, reduction: as in `cross_entropy`.

    Raises:
        InputError: shapes that do not fit; a mask or weights as in `cross_entropy`.

    >>> binary_cross_entropy_with_logits(np.array([0.0, 1e3]), np.array([1.0, 1.0])).item()
    0.34657359027997264
    """
    logits, targets, dtype = _compared(logits, targets, "logits")
    real_numbers(logits, "logits")
    real_numbers(targets, "targets")
    if mask is not None:
        mask = checked_mask(mask, logits.shape)
        logits, targets = np.where(mask, logits, 0.0), np.where(mask, targets, 0.0)
    losses = -(scale(targets, log_sigmoid(logits)) + scale(1 - targets, log_sigmoid(-logits)))  # 0 times -inf is 0
    return _reduce(losses, mask, weights, reduction, dtype)


def mse(predictions: Any, targets: Any, *, reduction: str = "mean") -> Any:
    """The mean of the squared errors, over all elements; of complex numbers, of the squares of their absolute values.

    They are real or complex numbers of any type; the loss is real, of the predictions' precision.

    Raises:
        InputError: shapes differ: (N,) and (N, 1) would make N x N errors.

    >>> mse(np.array([1.0, 2.0]), np.array([1.0, 4.0])).item()
    2.0
    """
    predictions, targets, dtype = _compared(predictions, targets)
    return _reduce(_squares(predictions - targets), None, None, reduction, dtype)


def mae(predictions: Any, targets: Any, *, reduction: str = "mean") -> Any:
    """The mean of the absolute errors, over all elements; shapes must be equal.

    They are real or complex numbers of any type; the loss is real, of the predictions' precision.

    >>> mae(np.array([1.0, 2.0]), np.array([1.0, 4.0])).item()
    1.0
    """
    predictions, targets, dtype = _compared(predictions, targets)
    return _reduce(np.abs(predictions - targets), None, None, reduction, dtype)


def huber(predictions: Any, targets: Any, *, delta: float = 1.0, reduction: str = "mean") -> Any:
    """`d^2 / 2` for errors d up to delta, `delta * (|d| - delta / 2)` beyond (Huber, 1964); shapes must be equal.

    `delta` is not negative.

    They are real or complex numbers of any type; the loss is real, of the predictions' precision.

    >>> huber(np.array([0.5, 3.0]), np.array([0.0, 0.0]), reduction="none")
    array([0.125, 2.5  ])
    """
    if not delta >= 0:
        raise InputError(f"delta, up to which errors are squared, is not negative, as {delta} is")
    predictions, targets, dtype = _compared(predictions, targets)
    error, delta = predictions - targets, weak(delta)
    if error.dtype.kind == "c":
        error = np.abs(error)
    near = np.clip(error, -delta, delta)
    return _reduce(near * (error - 0.5 * near), None, None, reduction, dtype)


def l1(*arrays: Any) -> Any:
    """The sum of the absolute values of all elements of all arrays, of their common floating type.

    >>> l1(np.array([1.0, -2.0]), np.array(3.0)).item()
    6.0
    """
    return _total(np.abs, arrays)


def l2(*arrays: Any) -> Any:
    """Half the sum of the squares of all elements of all arrays; its gradient is the arrays themselves.

    Of complex numbers the squares of the absolute values count.

    >>> l2(np.array([1.0, -2.0]), np.array(3.0)).item()
    7.0
    """
    return 0.5 * _total(_squares, arrays)


def _total(function: Any, arrays: tuple) -> Any:
    """The sum of a function's values over all elements of all arrays."""
    if not arrays:
        raise InputError("a penalty is of one array or more, as in l2(w); it was given none")
    arrays = floating(*arrays)
    total, *terms = [np.sum(function(widened(a))) for a in arrays]
    for term in terms:
        total = total + term
    dtype = np.result_type(*[a.dtype for a in arrays])
    return in_type(total, np.finfo(dtype).dtype)


def _squares(x: Any) -> Any:
    """The squares of the absolute values."""
    return np.real(x * np.conjugate(x)) if x.dtype.kind == "c" else np.square(x)


def _compared(predictions: Any, targets: Any, what: str = "predictions") -> tuple:
    """Predictions, targets of the same shape and type, and the type of the loss.

    Half precision comes as single. Integer predictions have the type of the targets.
    """
    predictions, targets = as_array(predictions, what), as_array(targets, "targets")
    of_shape(predictions.shape, targets)
    predictions, targets = floating(predictions, targets)
    dtype = np.finfo(predictions.dtype).dtype  # that of the real numbers, for complex predictions
    predictions = widened(predictions)
    if targets.dtype.kind == "c" and predictions.dtype.kind != "c":
        return predictions, targets, dtype
    return predictions, in_type(targets, predictions.dtype), dtype
