"""Activation functions that are smooth. Those that need care at the ends of the number range are primitives of
`ntb.ops.special`.

They take real or complex numbers of any precision and shape, no axes and lengths of 0 included, in arrays, tensors,
variables, lists or pandas' objects. The result has the type of x; integers and bools are taken as float64.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...errors import InputError
from ...forms import block
from ...ops.special import sigmoid, softplus
from ...values.creation import in_type
from ..checks import floating, real_floating, weak


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
def gelu(x: Any, approximate: str = "tanh") -> Any:
    """x times the normal distribution function at x (Hendrycks and Gimpel, 2016).

    Args:
        x: real or complex numbers of any shape; the result has its type, float64 for integers and bools.
        approximate: "tanh" for the approximation that GPT-2 uses, `x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))`, with
            an error below 0.0005; "none" for the function itself, for real x, by SciPy.

    Raises:
        InputError: another approximation; "none" without SciPy, or of complex numbers.

    >>> gelu(np.array([-1.0, 0.0, 1.0]))
    array([-0.15880801,  0.        ,  0.84119199])
    >>> gelu(np.array([-1.0, 0.0, 1.0]), "none")
    array([-0.15865525,  0.        ,  0.84134475])
    """
    (x,) = floating(x)
    if approximate == "none":
        return in_type(real_floating(x, "activations") * _special().ndtr(x), x.dtype)  # SciPy has no half precision
    if approximate != "tanh":
        raise InputError(f'approximate is "tanh" or "none", not {approximate!r}')
    u = math.sqrt(2 / math.pi) * (x + 0.044715 * (x * x * x))
    return 0.5 * x * (1 + np.tanh(u))


def _special() -> Any:
    try:
        import scipy.special
    except ImportError:
        raise InputError('the exact gelu needs SciPy, pip install "ntb[scipy]"; approximate="tanh" does not') from None
    return scipy.special


@block
def silu(x: Any) -> Any:
    """`x * sigmoid(x)`, also called swish (Elfwing, Uchibe and Doya, 2018).

    x is of real or complex numbers, of any shape; the result has its type, float64 for integers and bools.

    >>> silu(np.array([0.0, 1.0]))
    array([0.        , 0.73105858])
    """
    (x,) = floating(x)
    return x * sigmoid(x)


def celu(x: Any, alpha: float = 1.0) -> Any:
    """x where it is positive, else `alpha * (exp(x / alpha) - 1)`, whose slope at 0 is 1 for any alpha (Barron, 2017).

    x is of real numbers, of any shape; the result has its type, float64 for integers and bools. alpha is not 0.

    >>> celu(np.array([-1000.0, 2.0]), 0.5)
    array([-0.5,  2. ])
    """
    if not alpha:
        raise InputError("celu divides by alpha, which is not 0")
    x, alpha = real_floating(x, "activations"), weak(alpha)
    negative = np.where(x > 0, 0.0, x)  # so that the exponential of a large x is never taken
    return np.where(x > 0, x, alpha * np.expm1(negative / alpha))


def mish(x: Any) -> Any:
    """`x * tanh(softplus(x))` (Misra, 2019).

    x is of real numbers, of any shape; the result has its type, float64 for integers and bools.

    >>> mish(np.array([-1.0, 0.0, 1.0]))
    array([-0.30340146,  0.        ,  0.86509839])
    """
    x = real_floating(x, "activations")
    return x * np.tanh(softplus(x))


def softsign(x: Any) -> Any:
    """`x / (1 + |x|)`, from -1 to 1, which it nears more slowly than tanh does (Bergstra et al., 2009).

    x is of real numbers, of any shape; the result has its type, float64 for integers and bools.

    >>> softsign(np.array([-1.0, 0.0, 3.0]))
    array([-0.5 ,  0.  ,  0.75])
    """
    x = real_floating(x, "activations")
    return x / (1 + np.abs(x))


def squareplus(x: Any, b: float = 4.0) -> Any:
    """`(x + sqrt(x^2 + b)) / 2`, a softplus without exponentials (Barron, 2021). b is not negative; with 0 it is relu.

    x is of real numbers, of any shape; the result has its type, float64 for integers and bools.

    >>> squareplus(np.array([-1000.0, 0.0, 1.5]))
    array([9.99999e-04, 1.00000e+00, 2.00000e+00])
    """
    if not b >= 0:
        raise InputError(f"squareplus takes the root of x^2 + b with b of 0 or more, not {b}")
    x = real_floating(x, "activations")
    return 0.5 * (x + np.hypot(x, math.sqrt(b)))  # a square might overflow


def tanhshrink(x: Any) -> Any:
    """`x - tanh(x)`.

    x is of real numbers, of any shape; the result has its type, float64 for integers and bools.

    >>> tanhshrink(np.array([-1.0, 0.0, 1.0]))
    array([-0.23840584,  0.        ,  0.23840584])
    """
    x = real_floating(x, "activations")
    return x - np.tanh(x)
