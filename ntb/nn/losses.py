"""Losses. A mean over nothing (an empty batch, a mask that excludes everything) is 0."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InputError
from ..ops.safe import scale
from ..ops.special import label_loss, log_sigmoid, log_softmax
from .checks import as_array, checked_indices


def cross_entropy(
    logits: Any, labels: Any, *, mask: Any = None, weights: Any = None, axis: int = -1, reduction: str = "mean"
) -> Any:
    """The negative log-probability of the labels, `-log softmax(logits)[label]`, without ever taking log of softmax.

    Args:
        logits: (..., K): unnormalised log-probabilities; the classes may lie on another axis.
        labels: integers of the logits' shape without the axis of classes, each 0 … K-1; or soft labels: probabilities
            of the logits' whole shape.
        mask: bools of the integer labels' shape: which examples count. Neither the logits nor the labels of the others
            matter, whatever they hold.
        weights: numbers of that shape; the mean is `sum(weights * losses) / sum(weights)`.
        axis: the axis of the classes.
        reduction: "mean", "sum" or "none" (the loss of each example).

    Raises:
        InputError: shapes that do not fit, a label out of range.

    >>> cross_entropy(np.array([[0.0, 0.0], [1e4, 0.0]]), [0, 1]).item()
    5000.34657359028
    """
    logits = as_array(logits)
    logits = np.moveaxis(logits, axis, -1) if axis not in (-1, logits.ndim - 1) else logits
    if mask is not None:
        mask = _of_shape(logits.shape[:-1], mask, "mask")
        logits = np.where(np.expand_dims(mask, -1), logits, 0.0)
    labels = as_array(labels)
    if _is_soft(logits, labels):
        return nll(log_softmax(logits), labels, mask=mask, weights=weights, reduction=reduction)
    losses = label_loss(logits, _checked_labels(labels, logits.shape[-1], mask))
    return _reduce(losses, mask, weights, reduction)


def nll(log_probabilities: Any, labels: Any, *, mask: Any = None, weights: Any = None, reduction: str = "mean") -> Any:
    """The negative log-likelihood of labels under given log-probabilities (..., K); arguments as in `cross_entropy`.

    >>> nll(np.log(np.array([[0.5, 0.5]])), [1], reduction="sum").item()
    0.6931471805599453
    """
    log_probabilities, labels = as_array(log_probabilities), as_array(labels)
    if _is_soft(log_probabilities, labels):
        losses = -np.sum(scale(labels, log_probabilities), axis=-1)  # a label of 0 times -inf is 0
    else:
        labels = _checked_labels(labels, log_probabilities.shape[-1], mask)
        losses = -np.squeeze(np.take_along_axis(log_probabilities, np.expand_dims(labels, -1), axis=-1), axis=-1)
    return _reduce(losses, mask, weights, reduction)


def _is_soft(scores: Any, labels: Any) -> bool:
    """Whether labels are probabilities; an error if their shape does not fit."""
    shape, soft = scores.shape, labels.dtype.kind == "f"
    if labels.shape != (shape if soft else shape[:-1]):
        raise InputError(
            f"log-probabilities or logits of shape {shape} need integer labels of shape {shape[:-1]} or soft labels "
            f"(floats) of shape {shape}; these are {labels.dtype} of shape {labels.shape}. "
            ".astype converts them, np.squeeze takes an axis of length 1 away"
        )
    return soft


def _checked_labels(labels: Any, count: int, mask: Any) -> Any:
    """The labels, if all those that count by the mask are in range."""
    return checked_indices(labels if mask is None else np.where(mask, labels, 0), count, "labels")


def _reduce(losses: Any, mask: Any = None, weights: Any = None, reduction: str = "mean") -> Any:
    """The mean or the sum of the examples' losses, or the losses; what the mask excludes is 0 and has no gradient."""
    total = max(losses.size, 1)
    if mask is not None:
        mask = _of_shape(losses.shape, mask, "mask")
        losses = np.where(mask, losses, 0.0)
        total = np.maximum(np.sum(mask), 1).astype(losses.dtype)
    if weights is not None:
        weights = _of_shape(losses.shape, weights, "weights").astype(losses.dtype)
        losses = losses * weights
        total = np.sum(weights if mask is None else np.where(mask, weights, 0.0))
        total = np.where(total == 0, 1.0, total)
    if reduction == "none":
        return losses
    if reduction == "sum":
        return np.sum(losses)
    if reduction == "mean":
        return np.sum(losses) / total
    raise InputError(f'reduction is "mean", "sum" or "none", not {reduction!r}')


def binary_cross_entropy_with_logits(
    logits: Any, targets: Any, *, mask: Any = None, weights: Any = None, reduction: str = "mean"
) -> Any:
    """`-t log sigmoid(x) - (1 - t) log(1 - sigmoid(x))`, accurate however large the logits.

    Args:
        logits: any shape.
        targets: probabilities of that shape, 0 and 1 for certainty.
        mask, weights, reduction: as in `cross_entropy`.

    >>> binary_cross_entropy_with_logits(np.array([0.0, 1e3]), np.array([1.0, 1.0])).item()
    0.34657359027997264
    """
    logits = as_array(logits)
    targets = _of_shape(logits.shape, targets).astype(logits.dtype)
    if mask is not None:
        logits, targets = np.where(mask, logits, 0.0), np.where(mask, targets, 0.0)
    losses = -(scale(targets, log_sigmoid(logits)) + scale(1 - targets, log_sigmoid(-logits)))  # 0 times -inf is 0
    return _reduce(losses, mask, weights, reduction)


def mse(predictions: Any, targets: Any, *, reduction: str = "mean") -> Any:
    """The mean of the squared errors, over all elements.

    Raises:
        InputError: shapes differ: (N,) and (N, 1) would make N x N errors.

    >>> mse(np.array([1.0, 2.0]), np.array([1.0, 4.0])).item()
    2.0
    """
    return _reduce(np.square(_errors(predictions, targets)), reduction=reduction)


def mae(predictions: Any, targets: Any, *, reduction: str = "mean") -> Any:
    """The mean of the absolute errors, over all elements; shapes must be equal.

    >>> mae(np.array([1.0, 2.0]), np.array([1.0, 4.0])).item()
    1.0
    """
    return _reduce(np.abs(_errors(predictions, targets)), reduction=reduction)


def huber(predictions: Any, targets: Any, *, delta: float = 1.0, reduction: str = "mean") -> Any:
    """`d^2 / 2` for errors d up to delta, `delta * (|d| - delta / 2)` beyond (Huber, 1964); shapes must be equal.

    >>> huber(np.array([0.5, 3.0]), np.array([0.0, 0.0]), reduction="none")
    array([0.125, 2.5  ])
    """
    error = _errors(predictions, targets)
    near = np.clip(error, -delta, delta)
    return _reduce(near * (error - 0.5 * near), reduction=reduction)


def l1(*arrays: Any) -> Any:
    """The sum of the absolute values of all elements of all arrays.

    >>> l1(np.array([1.0, -2.0]), np.array(3.0)).item()
    6.0
    """
    return _total(np.sum(np.abs(a)) for a in arrays)


def l2(*arrays: Any) -> Any:
    """Half the sum of the squares of all elements of all arrays; its gradient is the arrays themselves.

    >>> l2(np.array([1.0, -2.0]), np.array(3.0)).item()
    7.0
    """
    return 0.5 * _total(np.sum(np.square(a)) for a in arrays)


def _total(terms: Any) -> Any:
    first, *rest = terms
    for term in rest:
        first = first + term
    return first


def _errors(predictions: Any, targets: Any) -> Any:
    predictions = as_array(predictions)
    return predictions - _of_shape(predictions.shape, targets)


def _of_shape(shape: tuple[int, ...], array: Any, what: str = "targets") -> Any:
    """The array, if it has that shape; NumPy would broadcast (N,) against (N, 1)."""
    array = as_array(array)
    if array.shape != shape:
        raise InputError(f"the shape of the {what} is {array.shape}; it must be {shape}: np.reshape one of the two")
    return array
