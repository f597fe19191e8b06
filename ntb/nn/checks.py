"""Checks of what goes into the building blocks: anything that NumPy can make an array of, and indices in range."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InputError
from ..primitive import primitive
from ..tape.rules import declare


def as_array(x: Any) -> Any:
    """The array, Tensor or Variable itself; lists and numbers as an array."""
    return x if hasattr(x, "shape") else np.asarray(x)


@primitive(elementwise=True)
def labels_within(indices: Any, count: int) -> Any:
    """The indices, if all of them lie in 0 … count-1. NumPy would silently count a negative one from the end.

    It is an operation, so that a traced program checks the indices in every run.
    """
    if indices.dtype.kind not in "iu":
        raise ValueError(f"indices must be integers, not {indices.dtype}; convert them with .astype(int)")
    if indices.size and not 0 <= indices.min() <= indices.max() < count:
        raise ValueError(
            f"indices must lie in 0 ... {count - 1}; these reach from {indices.min()} to {indices.max()}; "
            f"count them from 0, or allow for more than {count}"
        )
    return indices


declare(labels_within, constant=True)


@primitive(elementwise=True)
def whole_numbers(x: Any) -> Any:
    """Floats as integers, if they are whole; an operation, as `labels_within` is."""
    integers = x.astype(np.int64)
    if not np.array_equal(integers, x):
        raise ValueError("labels and indices are whole numbers, and some of these are not; np.rint rounds them")
    return integers


declare(whole_numbers, constant=True)


@primitive(elementwise=True)
def probability(p: Any) -> Any:
    """The number, if it lies between 0 and 1; an operation, as `labels_within` is."""
    if not 0 <= p <= 1:
        raise ValueError(f"p is the probability to keep an element, between 0 and 1, not {p}")
    return p


declare(probability, constant=True)


def checked_indices(indices: Any, count: int, what: str) -> Any:
    """`labels_within`, with an error that says what the indices are."""
    try:
        return labels_within(as_array(indices), count)
    except ValueError as error:
        raise InputError(f"{what}: {error}") from None
