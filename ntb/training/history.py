"""History: what was reported of each epoch, and writing it down for other programs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ..errors import InputError
from ..habits import of_class
from ..markup.pieces import table, titled


class History(dict[str, list[float]]):
    """By name a list with one number for each epoch: "epoch", "seconds", and whatever was reported.

    A name that comes later has NaN for the epochs before, so that all lists are equally long. `ntb.vis.history` draws
    it, `write_csv` writes it.

    >>> history = History()
    >>> history.append({"epoch": 1, "loss": 0.5})
    >>> history.append({"epoch": 2, "loss": 0.25})
    >>> history.amend({"val_loss": 1.0})
    >>> history
    {'epoch': [1, 2], 'loss': [0.5, 0.25], 'val_loss': [nan, 1.0]}
    """

    __getattr__ = of_class("history")

    def append(self, report: Mapping[str, float]) -> None:
        """Add an epoch."""
        epochs = self.epochs + 1
        for name in {**self, **report}:
            self.setdefault(name, [math.nan] * (epochs - 1)).append(report.get(name, math.nan))

    def amend(self, report: Mapping[str, float]) -> None:
        """Add numbers to the last epoch, or replace them."""
        for name, value in report.items():
            self.setdefault(name, [math.nan] * self.epochs)[-1] = value

    @property
    def epochs(self) -> int:
        """How many epochs it has."""
        return max(map(len, self.values()), default=0)

    def last(self) -> dict[str, float]:
        """What was reported of the last epoch."""
        return {name: values[-1] for name, values in self.items()}

    def frame(self) -> Any:
        """A pandas DataFrame with a row for each epoch.

        Raises:
            InputError: pandas is not installed.
        """
        try:
            import pandas
        except ImportError:
            raise InputError("a frame is made by pandas, which is not here: pip install pandas") from None
        return pandas.DataFrame(dict(self))

    def _repr_html_(self) -> str:
        """A table of the last epochs, for notebooks."""
        rows = [[f"{value:.4g}" for value in row] for row in zip(*self.values())]
        return titled("History", table(list(self), rows[-100:]), facts=[f"{self.epochs} epochs"])


def write_csv(history: Mapping[str, list], path: Any) -> None:
    """Write a history, by name a list of numbers of equal length, as comma-separated values (RFC 4180): a row an epoch,
    a column a name. Spreadsheets and pandas read it.

    Raises:
        InputError: lists of unequal lengths.

    >>> import os, tempfile
    >>> path = os.path.join(tempfile.mkdtemp(), "history.csv")
    >>> write_csv({"epoch": [1, 2], "loss": [0.5, 0.25]}, path)
    >>> with open(path) as file:
    ...     file.read().split()
    ['epoch,loss', '1,0.5', '2,0.25']
    """
    import csv

    lengths = {name: len(values) for name, values in history.items()}
    if len(set(lengths.values())) > 1:
        raise InputError(f"a history has one number an epoch for each name, not {lengths}")
    with open(path, "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([list(history), *zip(*history.values())])
