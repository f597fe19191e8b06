"""Checks of numbers that must lie in a range: labels, probabilities, weights; and of masks.

The checks of values are operations, so that a traced program makes them in every run.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InputError
from ..primitive import primitive
from ..tape.rules import declare, derivative
from .checks import contained, of_shape, real_numbers


@primitive(elementwise=True)
def labels_within(indices: Any, count: int) -> Any:
    """The indices, if all of them lie in 0 … count-1. NumPy would silently count a negative one from the end."""
    if indices.dtype.kind not in "iu":
        numbers = indices.dtype.kind in "bfc"
        repair = "convert them with .astype(int)" if numbers else "np.unique(x, return_inverse=True) numbers them"
        raise ValueError(f"indices must be integers, not {indices.dtype}; {repair}")
    if indices.dtype == np.uint64:
        indices = indices.astype(np.int64)  # by which NumPy takes no indices; one that is too large turns negative
    if indices.size and not 0 <= indices.min() <= indices.max() < count:
        raise ValueError(
            f"indices must lie in 0 ... {count - 1}; these reach from {indices.min()} to {indices.max()}; "
            f"count them from 0, or allow for more than {count}"
        )
    return indices


@primitive(elementwise=True)
def numbers_within(x: Any, low: float, high: float, what: str) -> Any:
    """The array, if all its numbers lie between two limits, up to rounding; a NaN does not.

    >>> numbers_within(np.array([0.0, 1.0]), 0.0, 1.0, "probabilities")
    array([0., 1.])
    """
    slack = 1e-3 if high == 1 else 0.0
    if np.size(x) and not (low - slack <= np.min(x) and np.max(x) <= high + slack):
        raise ValueError(f"{what} lie between {low:g} and {high:g}; these reach from {np.min(x):g} to {np.max(x):g}")
    return x


declare(labels_within, constant=True)
derivative(numbers_within, lambda g, _y, _x, low, high, what: g)


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


@primitive(elementwise=True)
def signs(x: Any) -> Any:
    """The array, if its numbers are -1 and 1; an operation, as `labels_within` is."""
    wrong = x[np.abs(x) != 1]
    if wrong.size:
        raise ValueError(f"targets are -1 and 1, and {wrong[0]:g} is among these; 2 * t - 1 makes them of 0 and 1")
    return x


declare(signs, constant=True)


def checked_indices(indices: Any, count: int, what: str) -> Any:
    """`labels_within`, with an error that says what the indices are."""
    try:
        return labels_within(contained(indices), count)
    except ValueError as error:
        raise InputError(f"{what}: {error}") from None


def checked_labels(labels: Any, count: int, mask: Any) -> Any:
    """`checked_indices` of those labels that count by the mask, which may be None; the others become 0."""
    if mask is not None and labels.dtype.kind in "iu":
        labels = np.where(mask, labels, 0)
    try:
        return checked_indices(labels, count, "labels")
    except InputError:
        least = int(np.min(labels)) if labels.dtype.kind == "i" else 0
        if least >= 0:
            raise
        raise InputError(
            f"labels: all lie in 0 ... {count - 1}, and {least} is among these; mask= leaves out what is no label, and "
            f"in cross_entropy ignore_index={least} does"
        ) from None


def checked_numbers(x: Any, low: float, high: float, what: str) -> Any:
    """`numbers_within`, with an error of ntb."""
    try:
        return numbers_within(real_numbers(x, what), low, high, what=what)
    except ValueError as error:
        raise InputError(str(error)) from None


def checked_signs(x: Any) -> Any:
    """`signs`, with an error of ntb."""
    try:
        return signs(x)
    except ValueError as error:
        raise InputError(str(error)) from None


def checked_mask(mask: Any, shape: tuple[int, ...] | None = None) -> Any:
    """The mask, if it holds bools, in that shape if one is given."""
    mask = contained(mask)
    if mask.dtype != bool:
        raise InputError(f"a mask holds bools, not {mask.dtype}: mask != 0 makes them of zeros and ones")
    return mask if shape is None else of_shape(shape, mask, "mask")
