"""Softmax and its kin: scores become weights that are positive and sum to one.

All subtract the greatest score first. That changes no result, as it cancels, and keeps exp from overflowing.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..forms import block
from .special import as_floats
from .stopping import stop_gradient


@block
def softmax(x: Any, axis: Any = -1) -> Any:
    """exp(x) / sum(exp(x)) along an axis (an int, a tuple, or None for all): weights that are positive and sum to one.

    A slice of nothing but -inf has the weights 0; entries of +inf share the weight.

    x is of numbers of any type; the result has their floating type, float64 for integers and bools.

    >>> softmax(np.array([1000.0, 1000.0, -np.inf]))
    array([0.5, 0.5, 0. ])
    """
    x = as_floats(x)
    e = np.exp(x - _greatest(x, axis))
    total = np.sum(e, axis=axis, keepdims=True)
    return e / np.where(np.equal(total, 0), 1, total)


@block
def logsumexp(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """log(sum(exp(x))) along an axis (an int, a tuple, or None for all), without overflow. For nothing but -inf: -inf.

    >>> float(logsumexp(np.array([1000.0, 1000.0])))
    1000.6931471805599
    """
    x = as_floats(x)
    top = _greatest(x, axis)
    result = np.log(np.sum(np.exp(x - top), axis=axis, keepdims=True)) + top
    return result if keepdims else np.squeeze(result, axis=axis)


@block
def log_softmax(x: Any, axis: Any = -1) -> Any:
    """x - logsumexp(x) along an axis (an int, a tuple, or None for all): the logarithms of `softmax`.

    x is of numbers of any type; the result has their floating type, float64 for integers and bools.

    >>> log_softmax(np.array([0.0, 1000.0]))
    array([-1000.,     0.])
    """
    x = as_floats(x)
    d = x - _greatest(x, axis)  # first, as the sum of both would lose the digits of the smaller one
    return d - np.log(np.sum(np.exp(d), axis=axis, keepdims=True))


@block
def label_loss(x: Any, labels: Any) -> Any:
    """-log softmax(x)[label] along the last axis: scores (..., K) and integer labels (...) -> (...).

    >>> label_loss(np.zeros((1, 2)), np.array([1]))
    array([0.69314718])
    """
    return picked_loss(log_softmax(x), labels)


def picked_loss(log_probabilities: Any, labels: Any) -> Any:
    """-log_probabilities[label] along the last axis."""
    return -np.squeeze(np.take_along_axis(log_probabilities, np.expand_dims(labels, -1), axis=-1), axis=-1)


def _greatest(x: Any, axis: Any) -> Any:
    """The maximum along an axis, as a constant; 0 where it is infinite."""
    if not x.size:  # nothing has a greatest
        return 0
    top = np.max(stop_gradient(x), axis=axis, keepdims=True)
    return np.where(np.isfinite(top), top, 0)
