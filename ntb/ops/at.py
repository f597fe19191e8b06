"""`t.at[index].set(x)`, `.add(x)` and so on replace `t[index] = x`, since a tensor cannot be changed.

A room that gives tensors `at`; its primitives are for other chapters of `ntb/ops`, and for `ntb/foreign`.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from ..errors import InputError
from ..extending import extends
from ..primitive import primitive
from ..tape.rules import declare
from ..tape.tensor import ArrayLike


@extends(ArrayLike)
class Changes:
    """The attribute of tensors that serves to change elements."""

    @property
    def at(self) -> _At:
        """Names a place for `t.at[index].set(x)`, `.add(x)`, `.multiply(x)` and so on, which give a changed copy."""
        return _At(self)


class _At:
    """What `t.at` is: `t.at[index]` names a part of the tensor.

    >>> from ntb import tensor
    >>> t = tensor([1.0, 2.0, 3.0])
    >>> t.at[1].set(0.0), t.at[[0, 0]].add(1.0)
    (Tensor([1., 0., 3.]), Tensor([3., 2., 3.]))
    """

    __slots__ = ("array",)

    def __init__(self, array: Any) -> None:
        self.array = array

    def __getitem__(self, index: Any) -> _Indexed:
        return _Indexed(self.array, index)


class _Indexed:
    """A part of a tensor, in any form of NumPy's indexing.

    Each method gives a copy of the tensor that differs there. `values` is an array or tensor that broadcasts to the
    shape of `t[index]`; it is cast to the dtype of `t`. Where the index names an element more than once, `set` leaves
    the last value; the other methods use every value, as `np.add.at` does.

    Raises:
        InputError: values of a kind that the tensor's dtype cannot hold (floats into integers).
    """

    __slots__ = ("array", "index")

    def __init__(self, array: Any, index: Any) -> None:
        self.array = array
        self.index = index

    def set(self, values: Any) -> Any:
        """t[index] = values."""
        return put(self.array, self.index, self._fitting(values))

    def add(self, values: Any) -> Any:
        """t[index] += values."""
        return put_add(self.array, self.index, self._fitting(values))

    def multiply(self, values: Any) -> Any:
        """t[index] *= values.

        >>> from ntb import tensor
        >>> tensor([1.0, 2.0]).at[[1, 1]].multiply([3.0, 5.0])
        Tensor([ 1., 30.])
        """
        return self._combined(lambda table: np.prod(table, axis=0), np.multiply, 1, values)

    def divide(self, values: Any) -> Any:
        """t[index] /= values."""
        if self.array.dtype.kind not in "fc":
            raise InputError(f"a tensor of dtype {self.array.dtype} cannot hold quotients; convert it with .astype")
        return self._combined(lambda table: table[0] / np.prod(table[1:], axis=0), np.divide, 1, values)

    def max(self, values: Any) -> Any:
        """t[index] = maximum(t[index], values); equal elements share the gradient."""
        return self._combined(lambda table: np.max(table, axis=0), np.maximum, _lowest(self.array.dtype), values)

    def min(self, values: Any) -> Any:
        """t[index] = minimum(t[index], values); equal elements share the gradient."""
        return self._combined(lambda table: np.min(table, axis=0), np.minimum, _highest(self.array.dtype), values)

    def _combined(self, many: Any, two: Any, neutral: Any, values: Any) -> Any:
        """Combine values with the elements at the place.

        Args:
            many: takes a table with a column for each element: its old value, the new ones, and `neutral` to fill up.
            two: takes old and new values; it is used if the index names no element twice.
        """
        array, index, values = self.array, self.index, self._fitting(values)
        old = array[index]
        if names_once(index):
            return put(array, index, two(old, values))
        targets, group, turn = meetings(index, array.shape)
        rows, columns = [operator.index(np.max(number, initial=-1)) + 1 for number in (turn, group)]
        table = np.full((rows + 1, columns), neutral, array.dtype)
        values = np.ravel(np.broadcast_to(values, old.shape))
        table = put(put(table, (turn + 1, group), values), 0, np.ravel(array)[targets])
        return np.reshape(put(np.ravel(array), targets, many(table)), array.shape)

    def _fitting(self, values: Any) -> Any:
        values = values if hasattr(values, "dtype") or isinstance(values, bool | int | float) else np.asarray(values)
        dtype = getattr(values, "dtype", None) or np.result_type(values)
        if not np.can_cast(dtype, self.array.dtype, "same_kind"):
            raise InputError(
                f"a tensor of dtype {self.array.dtype} cannot hold values of {dtype}; convert one with .astype"
            )
        return values


def _lowest(dtype: np.dtype) -> Any:
    """The lowest value of the dtype."""
    return -np.inf if dtype.kind in "fc" else np.iinfo(dtype).min if dtype.kind in "iu" else False


def _highest(dtype: np.dtype) -> Any:
    """The highest value of the dtype."""
    return np.inf if dtype.kind in "fc" else np.iinfo(dtype).max if dtype.kind in "iu" else True


# --- indices


def is_basic(index: Any) -> bool:
    """Whether an index is made of integers, slices, None and Ellipsis, so that no element can be picked twice."""
    parts = index if isinstance(index, tuple) else (index,)
    return all(
        p is None or p is ... or isinstance(p, slice) or (isinstance(p, int) and not isinstance(p, bool)) for p in parts
    )


def names_once(index: Any) -> bool:
    """Whether the form of an index shows that no element can be picked twice: basic parts and at most one mask."""
    if type(index) is not tuple:
        return _is_mask(index) or is_basic(index)
    rest = tuple([p for p in index if not _is_mask(p)])
    return len(index) - len(rest) < 2 and is_basic(rest)


def _is_mask(index: Any) -> bool:
    """Whether an index is a single array of bools."""
    return hasattr(index, "dtype") and index.dtype == bool


@primitive
def meetings(index: Any, shape: tuple[int, ...]) -> Any:
    """The distinct elements that an index picks; for each pick, which element it is, and how often it came before.

    >>> meetings(np.array([2, 0, 2]), (4,))
    (array([0, 2]), array([1, 0, 1]), array([0, 0, 1]))
    """
    names = np.arange(np.prod(shape, dtype=int)).reshape(shape)[index].ravel()
    targets, group = np.unique(names, return_inverse=True)
    order = np.argsort(group, kind="stable")
    turn = np.empty(len(order), int)
    turn[order] = np.arange(len(order)) - np.searchsorted(group[order], group[order])
    return targets, group.reshape(-1), turn


declare(meetings, constant=True)


@primitive(moves=True)
def put(a: Any, index: Any, values: Any) -> Any:
    """A copy of `a` with `values` at the index."""
    a = np.array(a)
    a[index] = values
    return a


@primitive
def put_add(a: Any, index: Any, values: Any) -> Any:
    """A copy of `a` with `values` added at the index; every repetition counts."""
    a = np.array(a)
    np.add.at(a, index, values)
    return a
