"""The errors of ntb. Each is also the built-in error that a NumPy user would expect to catch."""

from __future__ import annotations

import os
import sys
import warnings
from types import FrameType
from typing import Any

from .habits import advice_on

_NTB = os.path.dirname(__file__) + os.sep


class NtbError(Exception):
    """Any error that ntb itself raises."""


class TapeError(NtbError, RuntimeError):
    """A tape is asked for what it cannot give: it was used up, or it does not know the target or a source."""


class GradientError(NtbError, TypeError):
    """No derivative exists or none is known: an operation without a rule, an integer to differentiate by."""


class ConversionError(NtbError, TypeError):
    """A tensor would silently lose its gradient, or be frozen into a trace, by becoming a plain number or array."""


class MutationError(NtbError, TypeError):
    """An attempt to change a tensor in place."""


class InputError(NtbError, ValueError):
    """A value of the wrong shape, dtype, structure or range."""


class ConvergenceError(NtbError, ArithmeticError):
    """An iteration did not come to rest."""


class NonFiniteError(NtbError, FloatingPointError):
    """An operation made a NaN or an infinity, inside a block of `ntb.debug_nans`."""


def describe(x: Any) -> str:
    """A value in an error message: shape and dtype of an array, the value of anything short.

    >>> import numpy as np
    >>> describe([np.ones(3), 2.0])
    '[float64[3], 2.0]'
    """
    if hasattr(type(x), "__array_ufunc__") and hasattr(x, "value"):  # a tensor or variable
        x = x.value
    if isinstance(x, tuple | list):
        return "[" + ", ".join(map(describe, x)) + "]"
    library = type(x).__module__.partition(".")[0]
    if hasattr(x, "shape") and hasattr(x, "dtype") and library != "ntb" and not isinstance(x, type):
        return f"{library}:".replace("numpy:", "") + f"{x.dtype}{list(x.shape)}"
    text = repr(x)
    return text if len(text) < 40 else type(x).__name__


def warn(message: str, category: type[Warning]) -> None:
    """Warn, and name the line of the user's program that is running: the innermost that is not ntb's."""
    frame: FrameType | None = sys._getframe()
    level = 1
    while frame is not None and frame.f_code.co_filename.startswith(_NTB):
        frame, level = frame.f_back, level + 1
    warnings.warn(message, category, stacklevel=level)


def add_note(error: BaseException, note: str) -> None:
    """Attach a line to an error that is under way; before Python 3.11, which has notes, it becomes part of the text."""
    if hasattr(error, "add_note"):
        error.add_note(note)
    elif len(error.args) == 1 and isinstance(error.args[0], str):
        error.args = (f"{error.args[0]}\n{note}",)


def annotate(error: Exception, name: str, args: tuple) -> None:
    """Note with an error in which operation on what it came up, and what can be done about it."""
    add_note(error, f"in {name}({', '.join(map(describe, args))})")
    repair = repair_of(error)
    if repair and repair not in getattr(error, "__notes__", ()):
        add_note(error, repair)


def repair_of(error: Exception) -> str | None:
    """What can be done about an error in NumPy's words, if that is known."""
    text = str(error)
    return next((repair for sign, repair in _REPAIRS.items() if sign in text), advice_on(text))


_REPAIRS = {
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
