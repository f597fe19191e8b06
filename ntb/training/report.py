"""Reports: the numbers that a step, an epoch or an evaluation gives, and their means over an epoch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..errors import InputError, describe
from ..tape.tensor import ArrayLike


def numbers(report: Any) -> dict[str, float]:
    """What a step or an evaluation reported, as Python numbers; a single number is the loss."""
    if report is None:
        return {}
    named = report if isinstance(report, Mapping) else {"loss": report}
    found = {}
    for name, value in named.items():
        value = value.numpy() if isinstance(value, ArrayLike) else value
        if np.ndim(value) or np.asarray(value).dtype.kind not in "fiub":
            raise InputError(
                f"{name!r} was reported as {describe(value)}; a step reports numbers: take the mean, or one element"
            )
        found[name] = float(value)
    return found


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
    """How many rows a batch has; one if it has no axes."""
    return int(np.shape(batch[0])[0]) if batch and np.ndim(batch[0]) else 1
