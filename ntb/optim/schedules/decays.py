"""Rates that come down: by factors, by a power of the time that is left, by the time that has passed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...habits import knows_habits
from .formula import Formula, Schedule, counted, positive, rising


def constant(rate: float) -> Schedule:
    """Always the same.

    For steps that are numbers of any type, as all schedules here.

    >>> constant(0.1)(5)
    0.1
    """
    return Formula(_constant, rate)


def _constant(step: Any, rate: float) -> Any:
    counted(step)
    return rate


@knows_habits
def step_decay(rate: float, every: int, factor: float = 0.1) -> Schedule:
    """`rate * factor^(step // every)`: the rate for the first `every` steps, then times `factor`, and so on.

    >>> [float(step_decay(1.0, every=2, factor=0.5)(t)) for t in range(5)]
    [1.0, 1.0, 0.5, 0.5, 0.25]
    """
    positive("every", every)
    return Formula(_step_decay, rate, every, factor)


def _step_decay(step: Any, rate: float, every: int, factor: float) -> Any:
    return rate * np.power(factor, np.floor_divide(counted(step), every))


@knows_habits
def exponential(rate: float, factor: float, every: float = 1) -> Schedule:
    """`rate * factor^(step / every)`.

    >>> float(exponential(1.0, 0.5, every=10)(20))
    0.25
    """
    positive("every", every)
    return Formula(_exponential, rate, factor, every)


def _exponential(step: Any, rate: float, factor: float, every: float) -> Any:
    return rate * np.power(factor, np.divide(counted(step), every))


def multi_step(rate: float, at: Sequence[int], factor: float = 0.1) -> Schedule:
    """`rate`, times `factor` from each of the steps `at` on.

    >>> [float(multi_step(1.0, at=[2, 3], factor=0.5)(t)) for t in range(5)]
    [1.0, 1.0, 0.5, 0.25, 0.25]
    """
    at = rising("at", at, len(at))
    return Formula(_multi_step, rate, at, factor)


def _multi_step(step: Any, rate: float, at: tuple[int, ...], factor: float) -> Any:
    return piecewise([rate * factor**i for i in range(len(at) + 1)], at)(step)


def piecewise(rates: Sequence[float], boundaries: Sequence[int]) -> Schedule:
    """The first of the `rates`, and from each of the steps `boundaries` on the next one.

    >>> [float(piecewise([1.0, 0.5, 0.1], boundaries=[2, 3])(t)) for t in range(5)]
    [1.0, 1.0, 0.5, 0.1, 0.1]
    """
    return Formula(_piecewise, tuple(rates), rising("boundaries", boundaries, len(rates) - 1))


def _piecewise(step: Any, rates: tuple[float, ...], boundaries: tuple[int, ...]) -> Any:
    counted(step)
    rate: Any = rates[0]
    for boundary, after in zip(boundaries, rates[1:]):
        rate = np.where(np.greater_equal(step, boundary), after, rate)
    return rate


def inverse_time(rate: float, factor: float, every: float = 1) -> Schedule:
    """`rate / (1 + factor * step / every)`.

    >>> [float(inverse_time(1.0, 0.5)(t)) for t in (0, 2, 6)]
    [1.0, 0.5, 0.25]
    """
    positive("every", every)
    return Formula(_inverse_time, rate, factor, every)


def _inverse_time(step: Any, rate: float, factor: float, every: float) -> Any:
    return rate / (1 + factor * np.divide(counted(step), every))


def polynomial(rate: float, steps: int, power: float = 1.0, final: float = 0.0) -> Schedule:
    """`final + (rate - final) * (1 - step / steps)^power`, and `final` from step `steps` on.

    >>> [float(polynomial(1.0, 4, power=2)(t)) for t in (0, 2, 4, 6)]
    [1.0, 0.25, 0.0, 0.0]
    """
    positive("steps", steps)
    return Formula(_polynomial, rate, steps, power, final)


def _polynomial(step: Any, rate: float, steps: int, power: float, final: float) -> Any:
    return final + (rate - final) * np.power(1 - np.minimum(np.divide(counted(step), steps), 1.0), power)


def linear(rate: float, steps: int, final: float = 0.0) -> Schedule:
    """A straight line from `rate` at step 0 to `final` at step `steps`, and `final` after it. It may go up.

    >>> [float(linear(1.0, 4)(t)) for t in (0, 2, 4, 6)]
    [1.0, 0.5, 0.0, 0.0]
    """
    positive("steps", steps)
    return Formula(_linear, rate, steps, final)


def _linear(step: Any, rate: float, steps: int, final: float) -> Any:
    return _polynomial(step, rate, steps, 1.0, final)
