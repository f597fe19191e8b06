"""Reports: the numbers that a step, an epoch or an evaluation gives, and their means over an epoch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..errors import InputError, describe
from ..tape.tensor import ArrayLike

_PLAIN = frozenset({float, int, np.float32, np.float64})
"""What needs no look: nearly all that is reported."""


def numbers(report: Any) -> dict[str, float]:
    """What a step or an evaluation reported, as Python numbers; a single number is the loss.

    Args:
        report: real numbers of any type, arrays and tensors without axes among them, by name; or one; or None.

    Raises:
        InputError: something else was reported.
    """
    return {name: float(x if type(x) in _PLAIN else _number(name, x)) for name, x in named(report).items()}


def named(report: Any) -> Mapping[str, Any]:
    """What was reported by names."""
    return report if isinstance(report, Mapping) else {} if report is None else {"loss": report}


def _number(name: str, value: Any) -> Any:
    value = value.numpy() if isinstance(value, ArrayLike) else value
    if np.ndim(value) or np.asarray(value).dtype.kind not in "fiub":
        raise not_a_number(name, value)
    return value


def not_a_number(name: str, value: Any) -> InputError:
    """The error for something else that was reported."""
    return InputError(
        f"{name!r} was reported as {describe(value)}; a step reports numbers: take the mean, or one element"
    )


class Means:
    """Means over the batches of an epoch, in which each batch counts by its number of rows.

    Attributes:
        totals: by name the sum over all rows, and how many rows there were.

    >>> means = Means()
    >>> means.add({"loss": 1.0}, rows=3)
    >>> means.add({"loss": 5.0}, rows=1)
    >>> means.result()
    {'loss': 2.0}
    """

    def __init__(self, totals: Mapping[str, Any] | None = None) -> None:
        self.totals = {name: list(pair) for name, pair in (totals or {}).items()}

    def add(self, report: Mapping[str, float], rows: int) -> None:
        """Add what one batch reported."""
        for name, value in report.items():
            total = self.totals.setdefault(name, [0.0, 0])
            total[0] += value * rows
            total[1] += rows

    def result(self) -> dict[str, float]:
        """The means, by name."""
        return {name: total / max(rows, 1) for name, (total, rows) in self.totals.items()}


def rows_of(batch: tuple[Any, ...]) -> int:
    """How many rows a batch has: as many as its first array, be it in a tuple or a dict; one if there is none."""
    first: Any = batch
    while isinstance(first, (tuple, Mapping)) and len(first):
        first = first[0] if isinstance(first, tuple) else next(iter(first.values()))
    shape = np.shape(first)
    return int(shape[0]) if shape else 1
