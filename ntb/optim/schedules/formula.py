"""What schedules are made of: a formula with its settings, and checks of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ...errors import InputError, describe

Schedule = Callable[[Any], Any]


class Formula:
    """A function of the step that a formula gives for some settings.

    >>> from ntb.optim.schedules import cosine
    >>> cosine(0.1, 1000)
    cosine(0.1, 1000, 0.0)
    """

    def __init__(self, formula: Callable[..., Any], *settings: Any) -> None:
        self.formula = formula
        self.settings = settings

    def __call__(self, step: Any) -> Any:
        return self.formula(step, *self.settings)

    def __repr__(self) -> str:
        return f"{self.formula.__name__.strip('_')}({', '.join(map(repr, self.settings))})"


def counted(step: Any) -> Any:
    """The number of steps, if it is a number."""
    dtype = step.dtype if hasattr(step, "dtype") else np.asarray(step).dtype
    if dtype.kind not in "iubf":
        raise InputError(f"a schedule is a function of the number of steps made before, not of {describe(step)}")
    return step


def positive(name: str, value: float) -> None:
    if value <= 0:
        raise InputError(f"{name} must be positive, got {value}")


def rising(name: str, steps: Sequence[int], many: int) -> tuple[int, ...]:
    """The steps at which a schedule changes, if they are so many and each is later than the one before it."""
    steps = tuple(steps)
    if len(steps) != many or any(b <= a for a, b in zip((0, *steps), steps)):
        raise InputError(f"{name} lists the steps of {many} changes, each later than the one before, not {list(steps)}")
    return steps
