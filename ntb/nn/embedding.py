"""Embedding: vectors for symbols."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InputError
from .checks import as_array, whole_number
from .ranges import checked_indices


def embedding(ids: Any, weight: Any) -> Any:
    """The rows of `weight` that the ids name; the gradient of a row is the sum over its uses.

    Args:
        ids: integers 0 … V-1 of any size, in any shape, also as a list or a pandas Series.
        weight: (V, D), of any type; it is that of the result.

    Returns:
        (*ids.shape, D).

    Raises:
        InputError: an id that is negative, too large or not an integer.

    >>> embedding([2, 0, 2], np.array([[0.0], [1.0], [2.0]]))
    array([[2.],
           [0.],
           [2.]])
    """
    weight = as_array(weight, "weight")
    if weight.ndim < 1:
        raise InputError(f"the weight of an embedding has a row for each symbol, (V, D), not the shape {weight.shape}")
    return np.take(weight, checked_indices(ids, weight.shape[0], "embedding ids"), axis=0)


def one_hot(ids: Any, count: int, dtype: Any = np.float32) -> Any:
    """Vectors that are one at the id and zero elsewhere: integers of any shape -> (*ids.shape, count), of type `dtype`.

    Raises:
        InputError: an id that is negative, not below `count` or not an integer.

    >>> one_hot([1, 0], 3)
    array([[0., 1., 0.],
           [1., 0., 0.]], dtype=float32)
    """
    ids = checked_indices(ids, whole_number(count, "the number of classes of one_hot", 0), "one_hot ids")
    return (np.expand_dims(ids, -1) == np.arange(count)).astype(dtype)
