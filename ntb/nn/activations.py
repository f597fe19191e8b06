"""Activation functions. Those that need care at the ends of the number range are primitives of `ntb.ops.special`.

They take real or complex numbers of any precision and shape, no axes and lengths of 0 included, in arrays, tensors,
variables, lists or pandas' objects. The result has the type of x; integers and bools are taken as float64.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..errors import InputError
from ..forms import block
from ..ops.special import sigmoid
from .checks import as_array, floating, weak


def leaky_relu(x: Any, slope: float = 0.01) -> Any:
    """x where it is positive, else `slope * x` (Maas, Hannun and Ng, 2013).

    x is of real or complex numbers, of any shape; the result has its type, float64 for integers and bools.

    >>> leaky_relu(np.array([-1.0, 2.0]))
    array([-0.01,  2.  ])
    """
    (x,) = floating(x)
    return np.where(x > 0, x, weak(slope) * x)


def elu(x: Any, alpha: float = 1.0) -> Any:
    """x where it is positive, else `alpha * (exp(x) - 1)` (Clevert, Unterthiner and Hochreiter, 2016).

    x is of real or complex numbers, of any shape; the result has its type, float64 for integers and bools.

    >>> elu(np.array([-1000.0, 2.0]))
    array([-1.,  2.])
    """
    (x,) = floating(x)
    negative = np.where(x > 0, 0.0, x)  # so that the exponential of a large x is never taken
    return np.where(x > 0, x, weak(alpha) * np.expm1(negative))


def selu(x: Any) -> Any:
    """A scaled `elu` that keeps mean 0 and variance 1 (Klambauer et al., "Self-normalizing neural networks", 2017).

    x is of real or complex numbers, of any shape; the result has its type, float64 for integers and bools.

    >>> selu(np.array([1.0]))
    array([1.05070099])
    """
    return 1.0507009873554805 * elu(x, 1.6732632423543772)


@block
def gelu(x: Any) -> Any:
    """x times the normal distribution function at x, by the approximation with tanh that GPT-2 uses (error < 0.0005):
    `x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))` (Hendrycks and Gimpel, 2016).

    x is of real or complex numbers, of any shape; the result has its type, float64 for integers and bools.

    >>> gelu(np.array([-1.0, 0.0, 1.0]))
    array([-0.15880801,  0.        ,  0.84119199])
    """
    (x,) = floating(x)
    u = math.sqrt(2 / math.pi) * (x + 0.044715 * (x * x * x))
    return 0.5 * x * (1 + np.tanh(u))


@block
def silu(x: Any) -> Any:
    """`x * sigmoid(x)`, also called swish (Elfwing, Uchibe and Doya, 2018).

    x is of real or complex numbers, of any shape; the result has its type, float64 for integers and bools.

    >>> silu(np.array([0.0, 1.0]))
    array([0.        , 0.73105858])
    """
    (x,) = floating(x)
    return x * sigmoid(x)


def maxout(x: Any, axis: int = -1) -> Any:
    """The maximum over an axis of competing pieces (Goodfellow et al., 2013): (..., K) -> (...); ties share gradients.

    x is of numbers of any type, which is that of the result; K is 1 or more.

    >>> maxout(np.array([[1.0, 3.0], [5.0, 4.0]]))
    array([3., 5.])
    """
    x = as_array(x)
    if not x.ndim or not -x.ndim <= axis < x.ndim or not x.shape[axis]:
        raise InputError(f"maxout takes the maximum over pieces on axis {axis}; x of shape {x.shape} has none there")
    return np.max(x, axis=axis)
