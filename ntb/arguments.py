"""Arguments: telling tensors, plain values and unknown objects apart, and what stands for these in operations."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from .errors import InputError, describe
from .tree import leaves


class Shaped:
    """What follows from a shape."""

    __slots__ = ()
    shape: Any

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        return math.prod(self.shape)


class Traceable(Shaped):
    """What NumPy's functions and our primitives recognise as a tensor or variable."""

    __slots__ = ()
    value: Any


def first_traceable(tree: Any) -> Any:
    """The first tensor or variable in a tree; None without one."""
    return next((x for x in leaves(tree) if isinstance(x, Traceable)), None)


def first_foreign(tree: Any) -> Any:
    """The first tensor in a tree whose array is not one of NumPy's, and which applies operations in its own way."""
    return next((x for x in leaves(tree) if isinstance(x, Traceable) and hasattr(type(x), "apply")), None)


PLAIN = frozenset({np.ndarray, np.float64, np.float32, np.int64, np.bool_, np.complex128, float, int, bool, complex,
                   str, slice, type(None), type(...)})  # fmt: skip
"""The types of nearly all arguments: there is no tensor in them, and no array of another library."""


NUMERIC = frozenset(np.typecodes["AllInteger"] + np.typecodes["AllFloat"] + "?")
"""The codes of the dtypes of numbers and bools."""


def are_plain(xs: Iterable[Any]) -> bool:
    """Whether arguments can be used as they are: there are surely no tensors among them, and no arrays of objects."""
    return all(
        [
            (type(x) in PLAIN and (type(x) is not np.ndarray or x.dtype.char in NUMERIC))
            or (type(x) is tuple and PLAIN.issuperset(map(type, x)))
            for x in xs
        ]
    )


adopters: list[Callable[[Any], Any]] = []
"""What rooms above make tensors with of objects that the engine does not know; each returns None for all others."""


def adopted(x: Any) -> Any:
    """A tensor that holds an object which the engine does not know; anything else as it is."""
    if type(x) not in PLAIN and not isinstance(x, Traceable):
        for adopt in adopters:
            if (found := adopt(x)) is not None:
                return found
    return x


# --- operands: what operations compute with


def _is_plain(x: Any) -> bool:
    kind = type(x)
    return kind in PLAIN and (kind is not np.ndarray or x.dtype.char in NUMERIC)


def operand(x: Any) -> Any:
    """What stands for an argument in an operation: a tensor, a number of Python's or NumPy's, an array of NumPy's own.

    Objects that convert themselves to arrays (tables, arrays of most libraries, buffers) are converted, and numbers of
    other kinds (fractions, decimals) become floats. What is neither, such as an axis or a function, stays as it is.

    Raises:
        InputError: an array whose class has rules of its own, or that holds objects which are no numbers.
    """
    kind: Any = type(x)
    if _is_plain(x):
        return x
    if isinstance(found := adopted(x), Traceable):
        return found
    if isinstance(x, np.ndarray):
        return _own_array(x)
    if isinstance(x, int | float | complex | np.generic | str | bytes):
        return x
    if hasattr(kind, "__array__"):
        return operand(np.asarray(x))
    if hasattr(kind, "__float__"):
        return float(x)
    try:
        return operand(np.asarray(memoryview(x)))
    except TypeError:
        return x


def assembled(x: Any) -> Any:
    """What stands in the place of an array: nested lists become one, with tensors in them one tensor.

    Raises:
        InputError: it is no number, no array of numbers or text, and none can be made of it.
    """
    if isinstance(x, Traceable) or _is_plain(x):
        return x
    if isinstance(x, tuple | list | range):
        return operand(np.asarray(x)) if first_traceable(x) is None else np.stack([assembled(part) for part in x])
    if isinstance(x, np.ndarray | np.generic):
        usable = x.dtype.kind not in "mMV"
    else:
        usable = isinstance(x, int | float | complex | str | bytes) or x is np._NoValue
    if usable:
        return x
    raise InputError(
        f"{describe(x)} is no array of numbers: make one of it first, as np.array(list(x), float) does of sets and "
        "generators, and x / np.timedelta64(1, 's') of durations"
    )


def _own_array(x: np.ndarray) -> np.ndarray:
    """An array as one of NumPy's own class and of numbers: derivatives follow no other rules."""
    kind = type(x)
    if isinstance(x, np.ma.MaskedArray):
        raise InputError(
            "a masked array met a tensor, and derivatives know no masks; use x.filled(0), and the mask as weights: "
            "np.where(np.ma.getmaskarray(x), 0, loss)"
        )
    if (kind.__array_ufunc__, kind.__array_function__) != (np.ndarray.__array_ufunc__, np.ndarray.__array_function__):
        raise InputError(
            f"a {kind.__name__} met a tensor; its class computes by rules of its own, which have no derivatives here. "
            "Use np.asarray(x), which is the array without them"
        )
    x = x.view(np.ndarray)
    return _numbers_of(x) if x.dtype.kind == "O" else x


def _numbers_of(x: np.ndarray) -> np.ndarray:
    """An array of objects as one of numbers."""
    items = [operand(item) for item in x.ravel().tolist()]
    if all([isinstance(item, int | float | complex | np.number | np.bool_) for item in items]):
        found = np.array(items).reshape(x.shape)
        return found if found.dtype.char in NUMERIC else found.astype(float)  # integers that no dtype holds
    raise InputError(
        f"a tensor holds numbers or bools; these data have dtype object and shape {x.shape}, and some of them are no "
        "numbers. Turn text into numbers, and objects (None among them) into arrays first"
    )
