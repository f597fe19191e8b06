"""Derivatives of functions that pick and order elements: partitions, unique values, sets.

The gradient goes to the elements that are picked: among equal ones to the first, in two sets to the one in the first.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..primitive import primitive
from ..tape.rules import declare, define, derivative
from ..values.creation import astype
from .composed import array_or_tensor, value_of_its_own
from .indexing import scatter_along_axis
from .reductions import axes_of

# --- the same elements in another order


def _partition_rule(g, y, a, kth, axis=-1, kind="introselect", order=None):
    rows, axis = (np.ravel(a), -1) if axis is None else (a, axis)
    # NumPy does not tell which element went where, but argument and result are the same once sorted.
    sorted_g = np.take_along_axis(g, np.argsort(y, axis, kind="stable"), axis)
    return np.reshape(scatter_along_axis(sorted_g, np.argsort(rows, axis, kind="stable"), axis, rows.shape), a.shape)


derivative(np.partition, _partition_rule)


@define(np.sort_complex)
def sort_complex(a: Any) -> Any:
    a = np.sort(array_or_tensor(a))
    if a.dtype.kind == "c":
        return a
    return astype(a, np.dtype({"b": "F", "h": "F", "B": "F", "H": "F", "g": "G"}.get(a.dtype.char, "D")))


# --- unique values


@primitive
def places_of_unique(ar: Any, inverse: bool, counts: bool, axis: Any, equal_nan: bool) -> Any:
    """The first place of each unique value; on request, which value each element is, and how often each value occurs.

    >>> places_of_unique(np.array([3.0, 1.0, 3.0]), True, True, None, True)
    (array([1, 0]), array([1, 0, 1]), array([1, 2]))
    """
    options: dict = {"return_inverse": inverse, "return_counts": counts, "axis": axis, "equal_nan": equal_nan}
    return np.unique(ar, return_index=True, **options)[1:]


@define(np.unique)
def unique(
    ar: Any, return_index: bool = False, return_inverse: bool = False, return_counts: bool = False, axis: Any = None,
    *, equal_nan: bool = True, sorted: bool = True,
) -> Any:  # fmt: skip
    ar = array_or_tensor(ar)
    places = places_of_unique(ar, return_inverse, return_counts, axis, equal_nan)
    values = np.take(np.ravel(ar) if axis is None else ar, places[0], 0 if axis is None else axis)
    asked = places if return_index else places[1:]
    return (values, *asked) if asked else values


def _array_api_form(function: Any, *parts: int) -> None:
    """Enter one of the forms that return named tuples and never treat two NaN as equal."""
    kind = type(function(np.zeros(1)))

    @define(function)
    def named(x: Any, /, **options: Any) -> Any:
        found = unique(x, True, True, True, equal_nan=False)
        return kind(*[found[i] for i in parts]) if parts != (0,) else found[0]


_array_api_form(np.unique_all, 0, 1, 2, 3)
_array_api_form(np.unique_counts, 0, 3)
_array_api_form(np.unique_inverse, 0, 2)
_array_api_form(np.unique_values, 0)

# --- sets


@define(np.union1d)
def union1d(ar1: Any, ar2: Any) -> Any:
    return np.unique(np.concatenate([array_or_tensor(ar1), array_or_tensor(ar2)], axis=None))


@primitive
def places_of_common(ar1: Any, ar2: Any, assume_unique: bool) -> Any:
    """The places, in the first and in the second array, of the values that are in both."""
    return np.intersect1d(ar1, ar2, assume_unique, return_indices=True)[1:]


@define(np.intersect1d)
def intersect1d(ar1: Any, ar2: Any, assume_unique: bool = False, return_indices: bool = False) -> Any:
    places = places_of_common(ar1, ar2, assume_unique)
    values = np.take(np.ravel(value_of_its_own(ar1)), places[0])
    values = astype(values, np.result_type(values, array_or_tensor(ar2)))
    return (values, *places) if return_indices else values


@primitive
def places_of_missing(ar1: Any, ar2: Any, assume_unique: bool) -> Any:
    """The places in the first array of the values that are not in the second."""
    values, places = (np.ravel(ar1), np.arange(np.size(ar1))) if assume_unique else np.unique(ar1, return_index=True)
    return places[~np.isin(values, ar2)]


@define(np.setdiff1d)
def setdiff1d(ar1: Any, ar2: Any, assume_unique: bool = False) -> Any:
    return np.take(np.ravel(value_of_its_own(ar1)), places_of_missing(ar1, ar2, assume_unique))


@primitive
def places_of_single(both: Any) -> Any:
    """The places of the values that occur once."""
    order = np.argsort(both, kind="stable")
    change = np.concatenate([[True], both[order][1:] != both[order][:-1], [True]])[: both.size + 1]
    return order[change[1:] & change[:-1]]


@define(np.setxor1d)
def setxor1d(ar1: Any, ar2: Any, assume_unique: bool = False) -> Any:
    parts = [array_or_tensor(x) if assume_unique else np.unique(x) for x in (ar1, ar2)]
    both = np.concatenate(parts, axis=None)
    return np.take(both, places_of_single(both))


# --- without the zeros at the ends


@primitive
def places_within(filt: Any, axis: int, trim: str) -> Any:
    """The positions along an axis that are left when zeros are trimmed from the front, the back, or both."""
    n = filt.shape[axis]
    others = tuple(i for i in range(filt.ndim) if i != axis % filt.ndim)
    found = np.flatnonzero(np.any(filt != 0, axis=others))
    if not found.size:
        return found
    return np.arange(found[0] if "f" in trim else 0, found[-1] + 1 if "b" in trim else n)


@define(np.trim_zeros)
def trim_zeros(filt: Any, trim: str = "fb", axis: Any = None) -> Any:
    if trim.lower() not in ("fb", "bf", "f", "b"):
        raise ValueError(f'np.trim_zeros trims "f" (the front), "b" (the back) or both, not {trim!r}')
    for i in axes_of(axis, filt.ndim):
        filt = np.take(filt, places_within(filt, i, trim.lower()), i)
    return filt


declare(
    places_of_unique, places_of_common, places_of_missing, places_of_single, places_within, constant=True, sized=True
)
