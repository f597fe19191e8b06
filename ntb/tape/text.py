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


def explain(error: Exception, name: str, args: tuple) -> None:
    """Note with an error in which operation on what it came up."""
    add_note(error, f"in {name}({', '.join([describe(a) for a in args])})")


def show(value: Any, name: str) -> str:
    """An array as `repr` shows it, under another name."""
    if is_foreign(value):
        return f"{name}({value!r})"
    text = np.array2string(np.asarray(value), separator=", ", prefix=name + "(")
    dtype = np.result_type(value)
    usual = dtype in (np.dtype(float), np.dtype(int), np.dtype(bool), np.dtype(complex))
    return f"{name}({text})" if usual and np.size(value) else f"{name}({text}, dtype={dtype})"
