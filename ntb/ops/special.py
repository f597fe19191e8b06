"""Functions of neural networks that NumPy lacks, evaluated without overflow: sigmoid, softplus, log_sigmoid, relu."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..forms import block
from ..primitive import primitive
from ..tape.rules import derivative
from ..values.creation import astype


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


def as_floats(x: Any) -> Any:
    """`floating` for the plain forms of blocks: of tensors and arrays of other libraries, too."""
    x = x if hasattr(x, "dtype") else np.asarray(x)
    return x if x.dtype.kind in "fc" else astype(x, float)


@block
def sigmoid(x: Any) -> Any:
    """The logistic function, 1 / (1 + exp(-x)), of any shape; integers and bools are taken as floats.

    It is a tanh on another scale, (1 + tanh(x / 2)) / 2, and tanh never overflows.

    >>> sigmoid(np.array([-1000.0, 0.0, 1000.0]))
    array([0. , 0.5, 1. ])
    """
    return 0.5 + 0.5 * np.tanh(0.5 * as_floats(x))


@block
def sigmoid_pull(g: Any, x: Any) -> Any:
    """g s(x) s(-x), which is the gradient of x if g is that of the sigmoid s(x)."""
    return g * sigmoid(x) * sigmoid(-x)


@block
def relu(x: Any) -> Any:
    """max(x, 0), of any shape. Its derivative at 0 is 0.

    x is of numbers of any type, which the result keeps; of complex ones the real part counts first, as in NumPy.

    >>> relu(np.array([-1.0, 0.0, 2.0]))
    array([0., 0., 2.])
    """
    x = x if hasattr(x, "dtype") else np.asarray(x)
    return np.where(x <= 0, 0, x)


@primitive(elementwise=True, to_zeros="steep")
def softplus(x: Any) -> Any:
    """log(1 + exp(x)), a smooth relu, of any shape.

    x is of real numbers; the result has their floating type, float64 for integers and bools.

    >>> softplus(np.array([-1000.0, 0.0, 1000.0]))
    array([0.00000000e+00, 6.93147181e-01, 1.00000000e+03])
    """
    x = real_floating(x)
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


@primitive(elementwise=True, to_zeros="steep")
def log_sigmoid(x: Any) -> Any:
    """log(1 / (1 + exp(-x))), of any shape.

    x is of real numbers; the result has their floating type, float64 for integers and bools.

    >>> log_sigmoid(np.array([-1000.0, 0.0, 1000.0]))
    array([-1.00000000e+03, -6.93147181e-01,  0.00000000e+00])
    """
    x = real_floating(x)
    return np.minimum(x, 0) - np.log1p(np.exp(-np.abs(x)))


derivative(softplus, lambda g, _y, x: g * sigmoid(x))
derivative(log_sigmoid, lambda g, _y, x: g * sigmoid(-x))
