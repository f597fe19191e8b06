"""The linear layer."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..tape.errors import InputError
from .checks import as_array


def linear(x: Any, weight: Any, bias: Any = None) -> Any:
    """`x @ weight + bias`.

    Args:
        x: (..., D).
        weight: (D, M).
        bias: (M,), or None.

    Returns:
        (..., M).

    Raises:
        InputError: the last axis of x is not as long as the first of the weight.

    >>> linear(np.ones((2, 3)), np.ones((3, 1)), np.array([0.5]))
    array([[3.5],
           [3.5]])
    """
    x, weight = as_array(x), as_array(weight)
    if x.ndim < 1 or weight.ndim != 2 or x.shape[-1] != weight.shape[0]:
        raise InputError(
            f"linear takes x (..., D) and weight (D, M); these have shapes {x.shape} and {weight.shape}. "
            "An image is made a vector by np.reshape(x, (len(x), -1)) or a Flatten layer"
        )
    rows = (
        x if x.ndim == 2 else np.reshape(x, (math.prod(x.shape[:-1]), x.shape[-1]))
    )  # one product, not one per leading index
    y = np.matmul(rows, weight)
    if bias is not None:
        y = y + bias
    return y if x.ndim == 2 else np.reshape(y, (*x.shape[:-1], weight.shape[1]))
