"""A rate that comes down when a measure has stopped getting better."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...atomic import assign_all
from ...errors import InputError
from ...variable import Variable
from ..checks import not_negative


class ReduceOnPlateau:
    """A schedule that is told a measure, and multiplies the rate by `factor` when that has not become better for long.

    It is given to an optimizer as any schedule, and told the measure after each epoch. What it remembers is saved and
    copied with the optimizer.

    Args:
        rate: the first rate, a number.
        factor: what the rate is multiplied by, 0 < factor < 1.
        patience: how many measures in a row may be no better.
        threshold: a measure is better if it is below the best one by this part of it.
        cooldown: for how many measures after a reduction none counts as worse.
        least: the least rate.
        mode: "min" if smaller is better, as for a loss; "max" if larger is.

    >>> from ntb.optim import SGD
    >>> rate = ReduceOnPlateau(0.1, factor=0.5, patience=1)
    >>> opt = SGD(rate)
    >>> for loss in (1.0, 0.5, 0.5, 0.5):
    ...     rate.observe(loss)
    >>> opt.lr_now
    0.05
    """

    def __init__(
        self,
        rate: float,
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        cooldown: int = 0,
        least: float = 0.0,
        mode: str = "min",
    ) -> None:
        if mode not in ("min", "max"):
            raise InputError(f"mode says which measures are better, 'min' or 'max', not {mode!r}")
        if not 0 < factor < 1:
            raise InputError(f"factor is what the rate is multiplied by, 0 < factor < 1, not {factor}")
        self.factor, self.mode = factor, mode
        self.patience, self.cooldown = int(not_negative("patience", patience)), int(not_negative("cooldown", cooldown))
        self.threshold, self.least = not_negative("threshold", threshold), not_negative("least", least)
        self.rate = Variable(not_negative("rate", rate), trainable=False, name="rate")
        self.best = Variable(np.inf if mode == "min" else -np.inf, trainable=False, name="best")
        self.worse = Variable(0, trainable=False, name="worse")
        self.rest = Variable(0, trainable=False, name="rest")

    def __call__(self, step: Any) -> Any:
        """The present rate, at whatever step."""
        return self.rate.read()

    def observe(self, measure: Any) -> None:
        """Take note of a new measure, a number."""
        margin = self.threshold * np.where(np.isfinite(self.best), np.abs(self.best), 0)  # the first best is infinite
        better = measure < self.best - margin if self.mode == "min" else measure > self.best + margin
        resting = self.rest > 0
        worse = np.where(better | resting, 0, self.worse + 1)
        reduce = worse > self.patience
        assign_all(
            [self.best, self.worse, self.rest, self.rate],
            [
                np.where(better, measure, self.best),
                np.where(reduce, 0, worse),
                np.where(reduce, self.cooldown, np.maximum(self.rest - 1, 0)),
                np.where(reduce, np.maximum(self.rate * self.factor, self.least), self.rate),
            ],
        )

    def __repr__(self) -> str:
        return f"ReduceOnPlateau({float(self.rate)}, factor={self.factor}, patience={self.patience})"
