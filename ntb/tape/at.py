"""`t.at[index].set(x)` and `.add(x)`: what takes the place of `t[index] = x`, as a tensor cannot be changed."""

from __future__ import annotations

from typing import Any

import numpy as np

from .errors import InputError
from .rules import primitive


class At:
    """What `t.at` is: `t.at[index]` names a place in the tensor.

    >>> from ntb import tensor
    >>> t = tensor([1.0, 2.0, 3.0])
    >>> t.at[1].set(0.0), t.at[[0, 0]].add(1.0)
    (Tensor([1., 0., 3.]), Tensor([3., 2., 3.]))
    """

    __slots__ = ("array",)

    def __init__(self, array: Any) -> None:
        self.array = array

    def __getitem__(self, index: Any) -> Place:
        return Place(self.array, index)


class Place:
    """A place in a tensor, in any form of NumPy's indexing."""

    __slots__ = ("array", "index")

    def __init__(self, array: Any, index: Any) -> None:
        self.array = array
        self.index = index

    def set(self, values: Any) -> Any:
        """A copy of the tensor with these values at the place; where it names an element twice, the last one stays.

        Args:
            values: an array that broadcasts to the shape of `t[index]`; brought to the dtype of `t`.

        Raises:
            InputError: values of a kind that the tensor's dtype cannot hold (floats into integers).
        """
        return put(self.array, self.index, self._fitting(values))

    def add(self, values: Any) -> Any:
        """A copy of the tensor with these values added at the place; where it names an element twice, both are."""
        return put_add(self.array, self.index, self._fitting(values))

    def _fitting(self, values: Any) -> Any:
        values = values if hasattr(values, "dtype") or isinstance(values, bool | int | float) else np.asarray(values)
        dtype = getattr(values, "dtype", None) or np.result_type(values)
        if not np.can_cast(dtype, self.array.dtype, "same_kind"):
            raise InputError(
                f"a tensor of dtype {self.array.dtype} cannot hold values of {dtype}; convert one with .astype"
            )
        return values


@primitive
def put(a: Any, index: Any, values: Any) -> Any:
    """A copy of `a` with `values` at the index."""
    a = np.array(a)
    a[index] = values
    return a


@primitive
def put_add(a: Any, index: Any, values: Any) -> Any:
    """A copy of `a` with `values` added at the index, repetitions too."""
    a = np.array(a)
    np.add.at(a, index, values)
    return a
