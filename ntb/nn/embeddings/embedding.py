"""Embedding: vectors for symbols."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...errors import InputError
from ...habits import knows_habits
from ..checks import as_array, floating, whole_number
from ..ranges import checked_indices


def embedding(ids: Any, weight: Any, *, padding_idx: int | None = None) -> Any:
    """The rows of `weight` that the ids name; the gradient of a row is the sum over its uses.

    Args:
        ids: integers 0 … V-1 of any size, in any shape, also as a list or a pandas Series.
        weight: (V, D), of any type; it is that of the result.
        padding_idx: the id of what only fills up: its vector is 0, whatever its row holds, and its row has no gradient.

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
    ids = checked_indices(ids, weight.shape[0], "embedding ids")
    rows = np.take(weight, ids, axis=0)
    if padding_idx is None:
        return rows
    fills = np.equal(ids, checked_padding(padding_idx, weight.shape[0]))
    return np.where(np.reshape(fills, (*ids.shape, *[1] * (weight.ndim - 1))), 0, rows)


def checked_padding(padding_idx: int, count: int) -> int:
    if whole_number(padding_idx, "padding_idx", 0) >= count:
        raise InputError(f"padding_idx is one of the {count} ids from 0 on, not {padding_idx}")
    return padding_idx


def embedding_bag(ids: Any, weight: Any, *, mode: str = "mean", padding_idx: int | None = None) -> Any:
    """The mean, sum or maximum of the vectors of several ids, as of the words of a text whose order does not matter.

    Args:
        ids: integers 0 … V-1, (..., L): L of them make a bag.
        weight: (V, D), of floating-point numbers, whose type the result has.
        mode: "mean", "sum" or "max".
        padding_idx: an id that does not count, which fills up bags of fewer than L; a bag of nothing else is 0.

    Returns:
        (..., D).

    Raises:
        InputError: an id that is negative, too large or not an integer; another mode; a weight that is no matrix.

    >>> embedding_bag([[0, 1], [2, 2]], np.array([[1.0], [2.0], [5.0]]))
    array([[1.5],
           [5. ]])
    """
    combine, (weight,) = bag_mode(mode), floating(weight)
    if weight.ndim != 2:
        raise InputError(
            f"the weight of an embedding bag has a row for each symbol, (V, D), not the shape {weight.shape}"
        )
    ids = checked_indices(ids, weight.shape[0], "embedding ids")
    if not ids.ndim:
        raise InputError("an embedding bag takes bags of ids, (..., L), and this is a single id; [id] is a bag of one")
    counts = (
        np.ones(ids.shape, bool)
        if padding_idx is None
        else np.not_equal(ids, checked_padding(padding_idx, len(weight)))
    )
    return combine(np.take(weight, ids, axis=0), np.expand_dims(counts, -1))


def bag_mode(mode: str) -> Callable[[Any, Any], Any]:
    """What a mode makes of the vectors of bags, (..., L, D), of which those count where (..., L, 1) says so."""
    if mode not in _MODES:
        raise InputError(f'the mode of an embedding bag is "mean", "sum" or "max", not {mode!r}')
    return _MODES[mode]


def _sum(rows: Any, counts: Any) -> Any:
    return np.sum(np.where(counts, rows, 0), axis=-2)


def _mean(rows: Any, counts: Any) -> Any:
    number = np.maximum(np.sum(counts, axis=-2), 1)
    return _sum(rows, counts) / number.astype(rows.dtype)


def _max(rows: Any, counts: Any) -> Any:
    largest = np.max(np.where(counts, rows, -np.inf), axis=-2, initial=-np.inf)
    return np.where(np.any(counts, axis=-2), largest, 0)


_MODES = {"mean": _mean, "sum": _sum, "max": _max}


@knows_habits
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
