"""Primitives that NumPy lacks: the squashing functions of neural networks, evaluated without overflow."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..tape.rules import derivative, primitive
from .reductions import spread


def floating(x: Any) -> np.ndarray:
    """Integers and bools as floats; an array of floats as it is."""
    x = np.asarray(x)
    return x if x.dtype.kind in "fc" else x.astype(float)


@primitive
def sigmoid(x: Any) -> Any:
    """The logistic function, 1 / (1 + exp(-x)), of any shape; integers and bools are taken as floats.

    >>> sigmoid(np.array([-1000.0, 0.0, 1000.0]))
    array([0. , 0.5, 1. ])
    """
    with np.errstate(over="ignore"):  # 1 / (1 + inf) is the 0 that is meant
        return 1 / (1 + np.exp(-floating(x)))


@primitive
def sigmoid_slope(x: Any) -> Any:
    """The derivative of `sigmoid`, exp(-x) / (1 + exp(-x))²; accurate in both tails, where s(1 - s) is not.

    >>> sigmoid_slope(np.array([0.0, 40.0]))
    array([2.50000000e-01, 4.24835426e-18])
    """
    e = np.exp(-np.abs(floating(x)))
    return e / np.square(1 + e)


@primitive
def softplus(x: Any) -> Any:
    """log(1 + exp(x)), a smooth relu, of any shape.

    >>> softplus(np.array([-1000.0, 0.0, 1000.0]))
    array([0.00000000e+00, 6.93147181e-01, 1.00000000e+03])
    """
    x = floating(x)
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


@primitive
def log_sigmoid(x: Any) -> Any:
    """log(1 / (1 + exp(-x))), of any shape.

    >>> log_sigmoid(np.array([-1000.0, 0.0, 1000.0]))
    array([-1.00000000e+03, -6.93147181e-01,  0.00000000e+00])
    """
    x = floating(x)
    return np.minimum(x, 0) - np.log1p(np.exp(-np.abs(x)))


@primitive
def relu(x: Any) -> Any:
    """max(x, 0), of any shape. Its derivative at 0 is 0.

    >>> relu(np.array([-1.0, 0.0, 2.0]))
    array([0., 0., 2.])
    """
    return np.maximum(x, 0)


@primitive
def softmax(x: Any, axis: Any = -1) -> Any:
    """exp(x) / sum(exp(x)) along an axis (an int, a tuple, or None for all): weights that are positive and sum to one.

    A slice of nothing but -inf has the weights 0; entries of +inf share the weight.

    >>> softmax(np.array([1000.0, 1000.0, -np.inf]))
    array([0.5, 0.5, 0. ])
    """
    x = floating(x)
    top = np.max(x, axis=axis, keepdims=True, initial=-np.inf)
    if np.all(np.isfinite(top)):
        e = np.exp(x - top)
        return e / np.sum(e, axis=axis, keepdims=True)
    with np.errstate(invalid="ignore"):
        e = np.exp(np.where(np.equal(x, top), np.where(np.equal(top, -np.inf), -np.inf, 0), x - top))
    total = np.sum(e, axis=axis, keepdims=True)
    return e / np.where(np.equal(total, 0), 1, total)


@primitive
def logsumexp(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """log(sum(exp(x))) along an axis (an int, a tuple, or None for all), without overflow. Of nothing but -inf: -inf.

    >>> float(logsumexp(np.array([1000.0, 1000.0])))
    1000.6931471805599
    """
    x = floating(x)
    top = np.max(x, axis=axis, keepdims=True, initial=-np.inf)
    base = np.where(np.isfinite(top), top, 0)
    with np.errstate(divide="ignore", over="ignore"):
        result = np.log(np.sum(np.exp(x - base), axis=axis, keepdims=True)) + base
    return result if keepdims else np.squeeze(result, axis=axis)[()]


@primitive
def log_softmax(x: Any, axis: Any = -1) -> Any:
    """x - logsumexp(x) along an axis (an int, a tuple, or None for all): the logarithms of `softmax`.

    >>> log_softmax(np.array([0.0, 1000.0]))
    array([-1000.,     0.])
    """
    x = floating(x)
    total = logsumexp(x, axis, True)
    with np.errstate(invalid="ignore"):
        result = x - total
    return np.where(np.equal(x, total), np.minimum(total, 0), result) if not np.all(np.isfinite(total)) else result


derivative(sigmoid, lambda g, _y, x: g * sigmoid_slope(x))
derivative(sigmoid_slope, lambda g, y, x: -g * y * np.tanh(x * 0.5))
derivative(softplus, lambda g, _y, x: g * sigmoid(x))
derivative(log_sigmoid, lambda g, _y, x: g * sigmoid(-x))
derivative(relu, lambda g, y, _x: g * (y > 0))
derivative(softmax, lambda g, y, _x, axis=-1: y * (g - np.sum(g * y, axis=axis, keepdims=True)))
derivative(logsumexp, lambda g, _y, x, axis=None, keepdims=False: spread(g, axis, keepdims) * softmax(x, axis))
derivative(log_softmax, lambda g, y, _x, axis=-1: g - np.exp(y) * np.sum(g, axis=axis, keepdims=True))
