"""The errors of ntb. Each also is the built-in error a NumPy user would expect to catch."""

from __future__ import annotations


class NtbError(Exception):
    """Any error that ntb itself raises."""


class TapeError(NtbError, RuntimeError):
    """A tape is asked for what it cannot give: it was used up, or the target or a source is not a tensor of its."""


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


def add_note(error: BaseException, note: str) -> None:
    """Attach a line to an error that is under way; before Python 3.11, which has notes, it becomes part of the text."""
    if hasattr(error, "add_note"):
        error.add_note(note)
    elif len(error.args) == 1 and isinstance(error.args[0], str):
        error.args = (f"{error.args[0]}\n{note}",)
