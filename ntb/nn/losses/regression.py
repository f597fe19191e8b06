"""Losses of regression, penalties, and what all losses have in common (those of classification: `cross_entropy.py`).

A mean over nothing (an empty batch, a mask that excludes everything) is 0.

They take real numbers of any precision, in arrays, tensors, variables, lists or pandas' objects; lengths may be 0.
Integers and bools are taken as floating-point numbers, float64 if the predictions are such. A loss has the type of the
predictions, to which targets and weights are converted; that of float16 is computed in float32 and rounded in the end,
as its sums need more digits and a greater range.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import InputError
from ...values.creation import in_type
from ..checks import as_array, floating, of_shape, real_numbers, weak, widened
from ..ranges import checked_numbers


def mse(predictions: Any, targets: Any, *, reduction: str = "mean") -> Any:
    """The mean of the squared errors over all elements, `mean(|predictions - targets|^2)`.

    Args:
        predictions, targets: of one shape, any; real or complex numbers of any type.
        reduction: "mean", "sum" or "none" (the squared error of each element).

    Returns:
        A number, or with "none" an array of that shape; real, of the predictions' precision.

    Raises:
        InputError: shapes differ: (N,) and (N, 1) would make N x N errors.

    >>> mse(np.array([1.0, 2.0]), np.array([1.0, 4.0])).item()
    2.0
    """
    predictions, targets, dtype = compared(predictions, targets)
    return reduced(_squares(predictions - targets), None, None, reduction, dtype)


def mae(predictions: Any, targets: Any, *, reduction: str = "mean") -> Any:
    """The mean of the absolute errors over all elements, `mean(|predictions - targets|)`.

    Shapes, types, `reduction`, what it returns and raises are as for `mse`.

    >>> mae(np.array([1.0, 2.0]), np.array([1.0, 4.0])).item()
    1.0
    """
    predictions, targets, dtype = compared(predictions, targets)
    return reduced(np.abs(predictions - targets), None, None, reduction, dtype)


def huber(predictions: Any, targets: Any, *, delta: float = 1.0, reduction: str = "mean") -> Any:
    """The mean of `d^2 / 2` for errors d up to delta, of `delta * (|d| - delta / 2)` beyond (Huber, 1964).

    Shapes, types, `reduction`, what it returns and raises are as for `mse`.

    Args:
        delta: up to which size errors are squared; not negative, else an InputError.

    >>> huber(np.array([0.5, 3.0]), np.array([0.0, 0.0]), reduction="none")
    array([0.125, 2.5  ])
    """
    if not delta >= 0:
        raise InputError(f"delta, up to which errors are squared, is not negative, as {delta} is")
    predictions, targets, dtype = compared(predictions, targets)
    error, delta = predictions - targets, weak(delta)
    if error.dtype.kind == "c":
        error = np.abs(error)
    near = np.clip(error, -delta, delta)
    return reduced(near * (error - 0.5 * near), None, None, reduction, dtype)


def l1(*arrays: Any) -> Any:
    """A penalty on weights: the sum of the absolute values of all elements of all arrays.

    Arrays of any shapes, one or more (none is an InputError), of real or complex numbers; the sum is real, of their
    common precision.

    >>> l1(np.array([1.0, -2.0]), np.array(3.0)).item()
    6.0
    """
    return _total(np.abs, arrays)


def l2(*arrays: Any) -> Any:
    """A penalty on weights: half the sum of the squares of all elements of all arrays, whose gradient is the arrays
    themselves.

    Arrays of any shapes, one or more (none is an InputError), of real or complex numbers; of complex ones the squares
    of the absolute values count. The sum is real, of their common precision.

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
    dtype = np.result_type(*[a.dtype for a in arrays])
    return in_type(sum(terms, total), np.finfo(dtype).dtype)


def _squares(x: Any) -> Any:
    """The squares of the absolute values."""
    return np.real(x * np.conjugate(x)) if x.dtype.kind == "c" else np.square(x)


# --- what all losses have in common


def reduced(losses: Any, mask: Any, weights: Any, reduction: str, dtype: Any) -> Any:
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


def compared(predictions: Any, targets: Any, what: str = "predictions") -> tuple:
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
