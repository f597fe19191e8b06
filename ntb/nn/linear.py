"""The linear layer."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InputError
from ..forms import block
from .checks import floating


def linear(x: Any, weight: Any, bias: Any = None) -> Any:
    """`x @ weight + bias`.

    Args:
        x: (..., D); any length may be 0.
        weight: (D, M).
        bias: (M,), or None.

    All may be arrays, tensors, variables, lists or pandas' objects, of real or complex numbers of any precision;
    integers and bools are taken as floating-point numbers (`ntb.nn.checks`).

    Returns:
        (..., M), of the common floating type.

    Raises:
        InputError: the last axis of x and the first axis of the weight differ in length.

    >>> linear(np.ones((2, 3)), np.ones((3, 1)), np.array([0.5]))
    array([[3.5],
           [3.5]])
    """
    x, weight, bias = floating(x, weight, optional=(bias,))
    if x.ndim < 1 or weight.ndim != 2 or x.shape[-1] != weight.shape[0]:
        raise InputError(
            f"linear takes x (..., D) and weight (D, M); these have shapes {x.shape} and {weight.shape}. "
            "An image is made a vector by np.reshape(x, (len(x), -1)) or a Flatten layer"
        )
    if bias is not None and bias.shape not in (weight.shape[1:], (1,), ()):
        raise InputError(
            f"a bias of shape {bias.shape} does not fit a weight {weight.shape}; expected {weight.shape[1:]}"
        )
    return affine(x, weight, bias)


@block
def affine(x: Any, weight: Any, bias: Any = None) -> Any:
    """`x @ weight + bias`, of arrays that fit and have floating-point numbers.

    >>> affine(np.ones((1, 3)), np.ones((3, 2)), np.array([0.0, 1.0]))
    array([[3., 4.]])
    """
    y = np.matmul(x, weight)
    return y if bias is None else y + bias
