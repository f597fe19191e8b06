"""Live values: what the lines of a program compute in one run, a corner of each array and a histogram."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from ...atomic import uninterrupted
from ..code import Code, Ref
from ..simple import run

_ROWS, _COLUMNS, _BINS, _MANY = 4, 5, 40, 1 << 16
_LEVELS = "0123456789abcdefghijklmnopqrstuvwxyz"
"""The heights of a histogram, a letter for each bin: a page has thousands of them."""


class _Look(NamedTuple):
    """What is shown of an array.

    Attributes:
        corner: its first rows and columns, as text.
        bars: the heights of its histogram, a letter for each bin; empty where there is nothing to count.
        low, high: the ends of the histogram.
        facts: mean, standard deviation, zeros, and what is not finite.
    """

    corner: str
    bars: str = ""
    low: str = ""
    high: str = ""
    facts: str = ""


def looks(code: Code, leaves: Sequence[Any], wanted: Iterable[Ref]) -> dict[Ref, _Look]:
    """What a run on these fed values computes. It leaves variables and generators as they were."""
    found, looked_for = {}, set(wanted)
    values: dict[Ref, Any] = {**code.constants, **dict(zip([ref for _, ref in code.inputs], leaves, strict=True))}
    values.update((ref, variable.value) for variable, ref in code.variables.items())
    last_use = {ref: n for n, i in enumerate(code.instructions) for ref in (*i.writes(), *i.reads())}
    back = [generator.remembered() for generator in code.generators()]
    try:
        with np.errstate(all="ignore"):
            for n, call in enumerate(code.instructions):
                if call.effect == "guard":
                    continue
                list(run([call], values))
                for ref in call.writes():
                    if isinstance(values[ref], np.generic):
                        values[ref] = np.asarray(values[ref])  # as methods of arrays are called on it
                    if ref in looked_for:
                        found[ref] = _look(values[ref])
                for ref in (*call.writes(), *call.reads()):
                    if last_use[ref] == n:
                        values.pop(ref, None)
    finally:
        uninterrupted(again=back)
    return found


def _look(value: Any) -> _Look:
    """What is shown of an array or a number.

    >>> _look(np.array([[0.0, 1.0], [1.0, 1.0]]))[:2] == ("0  1\\n1  1", "c" + "0" * 38 + "z")
    True
    """
    array = np.asarray(value)
    corner = _corner(array)
    if array.size < 2 or array.dtype.kind not in "biuf":
        return _Look(corner)
    flat = array.reshape(-1)
    finite = np.isfinite(flat)
    whole = int(finite.sum())
    numbers = (flat if whole == flat.size else flat[finite]).astype(np.float64)
    if not whole:
        return _Look(corner, facts="nothing of it is finite")
    low, high = float(numbers.min()), float(numbers.max())
    zeros = 1 - np.count_nonzero(numbers) / whole
    with np.errstate(over="ignore"):
        facts = [f"mean {_short(numbers.mean())}", f"standard deviation {_short(numbers.std())}"]
    facts += [f"{zeros:.0%} zeros"] if zeros >= 0.005 else []
    facts += [f"{flat.size - whole} not finite"] if whole < flat.size else []
    return _Look(corner, _bars(numbers, low, high), _short(low), _short(high), ", ".join(facts))


def _bars(numbers: np.ndarray, low: float, high: float) -> str:
    """The heights of the histogram from low to high; of a large array some of the numbers are counted."""
    half = high / 2 - low / 2  # so that it is finite
    if not half:
        return ""
    at = (numbers[:: 1 + numbers.size // _MANY] / 2 - low / 2) * (_BINS / half)
    counts = np.bincount(np.minimum(at.astype(int), _BINS - 1), minlength=_BINS)
    return "".join(_LEVELS[height] for height in np.ceil(counts * ((len(_LEVELS) - 1) / counts.max())).astype(int))


def _corner(array: np.ndarray) -> str:
    """The first rows and columns, in columns of equal width."""
    if not array.size:
        return "empty"
    while array.ndim > 2:
        array = array[0]
    rows = np.atleast_2d(array)
    cells = [[_short(x) for x in row[:_COLUMNS]] for row in rows[:_ROWS]]
    width = max(len(cell) for row in cells for cell in row)
    more = "  …" if rows.shape[-1] > _COLUMNS else ""
    lines = ["  ".join(f"{cell:>{width}}" for cell in row) + more for row in cells]
    return "\n".join([*lines, *["…"] * (len(rows) > _ROWS)])


def _short(x: Any) -> str:
    if isinstance(x, complex | np.complexfloating):
        return f"{x:.2g}"
    return str(bool(x)) if isinstance(x, bool | np.bool_) else f"{x:.3g}"
