"""Primitives that NumPy lacks: the squashing functions of neural networks, evaluated without overflow."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..blockwise import blockwise
from ..primitive import primitive
from ..tape.rules import derivative
from .stopping import stop_gradient


def numeric(x: Any) -> np.ndarray:
    """An array of numbers or bools; an error of anything else."""
    if type(x) is not np.ndarray:
        try:
            x = np.asarray(x)
        except ValueError:
            raise ValueError(
                "one array is expected, not rows of unequal lengths; of the pair that a recurrent layer gives take the "
                "first, as in out, last = layer(x)"
            ) from None
    if x.dtype.kind not in "fciub":
        raise TypeError(f"an array of numbers is expected, not of {x.dtype}; np.asarray(data, float) makes one")
    return x


def floating(x: Any) -> np.ndarray:
    """Integers and bools as floats; an array of floats as it is."""
    x = numeric(x)
    return x if x.dtype.kind in "fc" else x.astype(float)


def real_floating(x: Any) -> np.ndarray:
    """`floating`, unless the numbers are complex: a formula with a maximum or an absolute value is not for them."""
    x = floating(x)
    if x.dtype.kind == "c":
        raise TypeError(f"real numbers are expected, not {x.dtype}; np.log1p(np.exp(x)) is for complex ones")
    return x


@primitive(elementwise=True)
def sigmoid(x: Any, out: Any = None) -> Any:
    """The logistic function, 1 / (1 + exp(-x)), of any shape; integers and bools are taken as floats.

    >>> sigmoid(np.array([-1000.0, 0.0, 1000.0]))
    array([0. , 0.5, 1. ])
    """
    x = floating(x)
    out = np.empty_like(x) if out is None else out
    with np.errstate(over="ignore"):
        blockwise(sigmoid_block, out, x, spare=1)
    return out


def sigmoid_block(e: Any, y: Any, a: Any) -> None:
    np.negative(a, e)
    np.exp(e, e)
    np.add(e, 1, e)
    overflow = e.size and not e.max() < np.inf
    tail = np.exp(a) if overflow else None  # a subnormal number, or 0; before y is written, which may be a
    np.reciprocal(e, y)
    if tail is not None:
        np.copyto(y, tail, where=np.isinf(e))


@primitive(elementwise=True)
def sigmoid_pull(g: Any, y: Any, x: Any, out: Any = None) -> Any:
    """g s(x) s(-x), the adjoint of y = s(x): accurate in both tails, where y (1 - y) is not."""
    out = np.empty_like(y) if out is None else out
    with np.errstate(over="ignore"):
        blockwise(sigmoid_pull_block, out, g, y, x, spare=1)
    return out


def sigmoid_pull_block(e: Any, d: Any, dy: Any, s: Any, a: Any) -> None:
    np.exp(a, e)
    np.add(e, 1, e)
    overflow = np.isinf(e) if e.size and not e.max() < np.inf else None
    np.divide(s, e, e)
    if overflow is not None:
        np.copyto(e, np.exp(-a), where=overflow)
    np.multiply(dy, e, d)


@primitive(elementwise=True)
def softplus(x: Any) -> Any:
    """log(1 + exp(x)), a smooth relu, of any shape.

    x is of real numbers; the result has their floating type, float64 for integers and bools.

    >>> softplus(np.array([-1000.0, 0.0, 1000.0]))
    array([0.00000000e+00, 6.93147181e-01, 1.00000000e+03])
    """
    x = real_floating(x)
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


@primitive(elementwise=True)
def log_sigmoid(x: Any) -> Any:
    """log(1 / (1 + exp(-x))), of any shape.

    x is of real numbers; the result has their floating type, float64 for integers and bools.

    >>> log_sigmoid(np.array([-1000.0, 0.0, 1000.0]))
    array([-1.00000000e+03, -6.93147181e-01,  0.00000000e+00])
    """
    x = real_floating(x)
    return np.minimum(x, 0) - np.log1p(np.exp(-np.abs(x)))


@primitive(elementwise=True)
def relu(x: Any, out: Any = None) -> Any:
    """max(x, 0), of any shape. Its derivative at 0 is 0.

    x is of numbers of any type, which the result keeps; of complex ones the real part counts first, as in NumPy.

    >>> relu(np.array([-1.0, 0.0, 2.0]))
    array([0., 0., 2.])
    """
    return np.maximum(numeric(x), 0, out=out)


@primitive(elementwise=True)
def relu_pull(g: Any, y: Any, out: Any = None) -> Any:
    """g where y is positive, else 0: the adjoint of y = relu(x). (A comparison written as floats is multiplied faster.)

    >>> relu_pull(np.array([5.0, 6.0]), np.array([0.0, 1.0]))
    array([0., 6.])
    """
    out = np.empty_like(y) if out is None else out
    blockwise(relu_pull_block, out, g, y, spare=1)
    return out


def relu_pull_block(positive: Any, d: Any, dy: Any, a: Any) -> None:
    np.greater(a, 0, positive)
    np.multiply(dy, positive, d)


derivative(sigmoid, lambda g, y, x: sigmoid_pull(g, stop_gradient(y), x))
# The slope s(x) s(-x) times s(-x) - s(x) = -tanh(x / 2): of the two parts of that difference no digits may be left.
derivative(
    sigmoid_pull,
    lambda g, _y, _g, y, x: sigmoid_pull(g, y, x),
    None,
    lambda g, d, _g, _y_in, x: -g * (d * np.tanh(x * 0.5)),
)
derivative(softplus, lambda g, _y, x: g * sigmoid(x))
derivative(log_sigmoid, lambda g, _y, x: g * sigmoid(-x))
derivative(relu, lambda g, y, _x: relu_pull(g, stop_gradient(y)))
derivative(relu_pull, lambda g, _y, _g, y: relu_pull(g, y), None)
