"""Schedules that are made of others, one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...errors import InputError
from .decays import constant
from .formula import Formula, Schedule, counted, rising


def warmup(steps: int, after: Schedule | float) -> Schedule:
    """Linear growth over the first `steps` steps, then `after`, a rate or a schedule whose own steps begin there.

    The first step has 1/(steps+1) of the full rate, so that no step is lost to a rate of zero.

    >>> [float(warmup(3, 1.0)(t)) for t in range(5)]
    [0.25, 0.5, 0.75, 1.0, 1.0]
    """
    if steps < 0:
        raise InputError(f"warmup takes a number of steps that is not negative, got {steps}")
    return Formula(_warmup, steps, after if callable(after) else constant(after))


def _warmup(step: Any, steps: int, after: Schedule) -> Any:
    begin = float(steps)  # else the difference of unsigned numbers would wrap around
    rise = np.minimum(np.divide(np.add(counted(step), 1.0), begin + 1), 1.0)
    return rise * after(np.maximum(step - begin, 0))


def join(schedules: Sequence[Schedule | float], boundaries: Sequence[int]) -> Schedule:
    """The first of the `schedules`, and from each of the steps `boundaries` on the next one, whose steps begin there.

    >>> from ntb.optim.schedules import linear
    >>> [float(join([0.5, linear(1.0, 2)], boundaries=[2])(t)) for t in range(5)]
    [0.5, 0.5, 1.0, 0.5, 0.0]
    """
    parts = tuple(s if callable(s) else constant(s) for s in schedules)
    return Formula(_join, parts, rising("boundaries", boundaries, len(parts) - 1))


def _join(step: Any, schedules: tuple[Schedule, ...], boundaries: tuple[int, ...]) -> Any:
    rate = schedules[0](counted(step))
    for boundary, schedule in zip(boundaries, schedules[1:]):
        since = np.maximum(np.subtract(step, float(boundary)), 0)
        rate = np.where(np.greater_equal(step, boundary), schedule(since), rate)
    return rate
