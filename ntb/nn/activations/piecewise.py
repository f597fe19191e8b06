"""Activation functions of straight pieces, some with a slope that is learned or drawn.

They take real numbers of any precision and shape, no axes and lengths of 0 included, in arrays, tensors, variables,
lists or pandas' objects (`leaky_relu` complex ones, too). The result has the type of x; integers and bools are taken as
float64.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ... import random
from ...errors import InputError
from ..checks import floating, following, real_floating, real_numbers, weak


def leaky_relu(x: Any, slope: float = 0.01) -> Any:
    """x where it is positive, else `slope * x` (Maas, Hannun and Ng, 2013).

    x is of real or complex numbers, of any shape; the result has its type, float64 for integers and bools.

    >>> leaky_relu(np.array([-1.0, 2.0]))
    array([-0.01,  2.  ])
    """
    (x,) = floating(x)
    return np.where(x > 0, x, weak(slope) * x)


def relu6(x: Any) -> Any:
    """x between 0 and 6, else the nearer of both (Krizhevsky, 2010).

    x is of real numbers, of any shape; the result has its type, float64 for integers and bools.

    >>> relu6(np.array([-1.0, 2.0, 8.0]))
    array([0., 2., 6.])
    """
    return np.clip(real_floating(x, "activations"), 0, 6)


def hardtanh(x: Any, min_val: float = -1.0, max_val: float = 1.0) -> Any:
    """x between two bounds, else the nearer of both (Collobert, 2004).

    x is of real numbers, of any shape; the result has its type, float64 for integers and bools.

    >>> hardtanh(np.array([-2.0, 0.5, 2.0]))
    array([-1. ,  0.5,  1. ])
    """
    if not min_val <= max_val:
        raise InputError(f"hardtanh has a lower bound and an upper one, not {min_val} and {max_val}")
    return np.clip(real_floating(x, "activations"), weak(min_val), weak(max_val))


def hardsigmoid(x: Any) -> Any:
    """`relu6(x + 3) / 6`, a sigmoid of three straight pieces.

    x is of real numbers, of any shape; the result has its type, float64 for integers and bools.

    >>> hardsigmoid(np.array([-4.0, 0.0, 1.5]))
    array([0.  , 0.5 , 0.75])
    """
    return relu6(real_floating(x, "activations") + 3) / 6


def hardswish(x: Any) -> Any:
    """`x * hardsigmoid(x)` (Howard et al., "Searching for MobileNetV3", 2019).

    x is of real numbers, of any shape; the result has its type, float64 for integers and bools.

    >>> hardswish(np.array([-4.0, 0.0, 1.0]))
    array([-0.        ,  0.        ,  0.66666667])
    """
    x = real_floating(x, "activations")
    return np.maximum(x, -3) * hardsigmoid(x)  # below -3 it is 0, where infinity times 0 would be NaN


def hardshrink(x: Any, lambd: float = 0.5) -> Any:
    """x where it is further than `lambd` from 0, else 0.

    x is of real numbers, of any shape; the result has its type, float64 for integers and bools.

    >>> hardshrink(np.array([-2.0, 0.3, 1.0]))
    array([-2.,  0.,  1.])
    """
    x, lambd = real_floating(x, "activations"), _threshold(lambd)
    return np.where(np.abs(x) > lambd, x, 0)


def softshrink(x: Any, lambd: float = 0.5) -> Any:
    """x moved by `lambd` towards 0, and 0 where it would pass it.

    x is of real numbers, of any shape; the result has its type, float64 for integers and bools.

    >>> softshrink(np.array([-2.0, 0.3, 1.0]))
    array([-1.5,  0. ,  0.5])
    """
    x, lambd = real_floating(x, "activations"), _threshold(lambd)
    return x - np.clip(x, -lambd, lambd)


def threshold(x: Any, threshold: float, value: float) -> Any:
    """x where it is above the threshold, else `value`.

    x is of real numbers, of any shape; the result has its type, float64 for integers and bools.

    >>> threshold(np.array([-2.0, 0.3, 1.0]), 0.5, -1.0)
    array([-1., -1.,  1.])
    """
    x = real_floating(x, "activations")
    return np.where(x > weak(threshold), x, weak(value))


def prelu(x: Any, weight: Any) -> Any:
    """x where it is positive, else `weight * x`, with a slope that is learned (He, Zhang, Ren and Sun, 2015).

    Args:
        x: (N, C, ...) or any shape; real numbers, of any type, which the result has with that of the weight in common.
        weight: one number, or (C,), one for each channel, on axis 1 (the last of a vector).

    Raises:
        InputError: another number of weights.

    >>> prelu(np.array([[-1.0, -1.0], [2.0, -2.0]]), np.array([0.5, 0.25]))
    array([[-0.5 , -0.25],
           [ 2.  , -0.5 ]])
    """
    x, weight = (real_numbers(a, "activations") for a in floating(x, weight))
    channels = x.shape[min(1, x.ndim - 1)] if x.ndim else 1
    if weight.ndim > 1 or weight.size not in (1, channels):
        raise InputError(f"prelu has one weight, or one for each of {channels} channels, not {weight.shape}")
    if weight.size != 1 or x.ndim > 1:
        weight = np.reshape(weight, (-1, *(1,) * (x.ndim - 2)))
    return np.where(x > 0, x, weight * x)


def rrelu(
    x: Any, lower: float = 1 / 8, upper: float = 1 / 3, *, train: bool = False, rng: random.Generator | None = None
) -> Any:
    """x where it is positive, else x times a slope: in training one drawn for each element between two bounds, else
    their mean (Xu, Wang, Chen and Li, "Empirical evaluation of rectified activations", 2015).

    x is of real numbers, of any shape; the result has its type, float64 for integers and bools.

    >>> rrelu(np.array([-48.0, 1.0]))
    array([-11.,   1.])
    """
    if not lower <= upper:
        raise InputError(f"rrelu draws slopes between a lower bound and an upper one, not {lower} and {upper}")
    x = real_floating(x, "activations")
    if not train:
        return leaky_relu(x, (lower + upper) / 2)
    slope = (rng or random.default()).uniform(weak(lower), weak(upper), size=x.shape)
    return np.where(x > 0, x, x * following(slope, x))


def _threshold(lambd: float) -> float:
    if not lambd >= 0:
        raise InputError(f"lambd is how far x may be from 0, and not negative, as {lambd} is")
    return weak(lambd)
