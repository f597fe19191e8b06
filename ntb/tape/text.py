"""How values look in errors, listings and `repr`."""

from __future__ import annotations

from typing import Any

import numpy as np

from .errors import add_note
from .foreign import is_foreign, name_of_library
from .rules import Traceable


def describe(x: Any) -> str:
    """An argument in an error message: shape and dtype of an array, the value of anything short."""
    if isinstance(x, Traceable):
        x = x.value  # type: ignore[attr-defined]
    if isinstance(x, np.ndarray | np.generic):
        return f"{x.dtype}{list(x.shape)}"
    if is_foreign(x):
        return f"{name_of_library(x)}:{x.dtype}{list(x.shape)}"
    if isinstance(x, tuple | list):
        return "[" + ", ".join(describe(item) for item in x) + "]"
    text = repr(x)
    return text if len(text) < 40 else type(x).__name__


HINTS = {
    "be broadcast": "shapes are matched from their last axes on; lengths are equal, or 1, as np.reshape can make them",
    "broadcast input": "values are broadcast to the shape of the place; give as many as it has, or one number",
    "mismatch in its core dimension": "a matrix product takes (..., N, D) and (..., D, M); .mT exchanges the last axes",
    "cannot reshape": "the number of elements stays the same; one length can be -1, and is then computed",
    "concatenation axis": "arrays that are joined have equal lengths along all other axes",
    "out of bounds": "indices and axes are counted from 0, or backwards from -1",
    "too many indices": "give at most one index for each axis; None in an index adds an axis",
    "are valid indices": "np.int64(i) makes an integer of a number, t.astype(int) of a tensor",
    "Singular matrix": "the matrix has no inverse; np.linalg.pinv has the nearest to one",
    "must be square": "it takes matrices of shape (..., N, N); np.linalg.lstsq and pinv take others",
    "not positive definite": "add a small multiple of np.eye(n), or see whether the matrix is symmetric",
    "zero-size array": "give initial= for the result where there are no elements",
    "axes don't match": "name each axis once, as in (1, 0) for a matrix",
    "axis to squeeze": "only axes of length 1 can go; np.reshape, or an index, changes others",
    "equal division": "np.array_split makes parts of unequal size",
    "signature matching types": "tensors hold numbers; turn text into numbers first",
}
"""The repair, by a piece of what NumPy says."""


def explain(error: Exception, name: str, args: tuple) -> None:
    """Note with an error in which operation on what it came up, and what can be done about it."""
    add_note(error, f"in {name}({', '.join([describe(a) for a in args])})")
    text = str(error)
    hint = next((hint for sign, hint in HINTS.items() if sign in text), None)
    if hint and hint not in getattr(error, "__notes__", ()):
        add_note(error, hint)


def show(value: Any, name: str) -> str:
    """An array as `repr` shows it, under another name."""
    if is_foreign(value):
        return f"{name}({value!r})"
    text = np.array2string(np.asarray(value), separator=", ", prefix=name + "(")
    dtype = np.result_type(value)
    usual = dtype in (np.dtype(float), np.dtype(int), np.dtype(bool), np.dtype(complex))
    return f"{name}({text})" if usual and np.size(value) else f"{name}({text}, dtype={dtype})"
