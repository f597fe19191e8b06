"""Rates that follow waves: half of one, one after the other, up and down."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...errors import InputError
from ...habits import knows_habits
from .formula import Formula, Schedule, counted, positive


@knows_habits
def cosine(rate: float, steps: int, final: float = 0.0) -> Schedule:
    """Half a cosine wave from `rate` at step 0 to `final` at step `steps` and after (Loshchilov and Hutter, 2017).

    >>> [round(float(cosine(1.0, 4)(t)), 3) for t in (0, 2, 4, 6)]
    [1.0, 0.5, 0.0, 0.0]
    """
    positive("steps", steps)
    return Formula(_cosine, rate, steps, final)


def _cosine(step: Any, rate: float, steps: int, final: float) -> Any:
    return final + (rate - final) * 0.5 * (1 + np.cos(math.pi * np.minimum(np.divide(counted(step), steps), 1.0)))


def cosine_restarts(rate: float, steps: int, longer: float = 1.0, final: float = 0.0) -> Schedule:
    """Half a cosine wave from `rate` to `final`, begun anew again and again (Loshchilov and Hutter, 2017).

    The first wave is of `steps` steps, each other one `longer` times as long as the one before it.

    >>> [round(float(cosine_restarts(1.0, 2, longer=2)(t)), 3) for t in range(7)]
    [1.0, 0.5, 1.0, 0.854, 0.5, 0.146, 1.0]
    """
    positive("steps", steps)
    if not longer >= 1:
        raise InputError(f"longer is a factor, 1 or more, by which a wave is longer than the one before, not {longer}")
    return Formula(_cosine_restarts, rate, steps, longer, final)


def _cosine_restarts(step: Any, rate: float, steps: int, longer: float, final: float) -> Any:
    step = np.add(counted(step), 0.0)
    if longer == 1:
        return final + (rate - final) * 0.5 * (1 + np.cos(math.pi * (step % steps) / steps))
    # n waves end at step `steps * (longer^n - 1) / (longer - 1)`; half a step further on, rounding decides nothing
    n = np.floor(np.log1p((step + 0.5) * (longer - 1) / steps) / math.log(longer))
    length = steps * np.power(longer, n)
    begin = (length - steps) / (longer - 1)
    return final + (rate - final) * 0.5 * (1 + np.cos(math.pi * (step - begin) / length))


def cyclic(low: float, high: float, half: int, shrink: float = 1.0) -> Schedule:
    """Up from `low` to `high` in `half` steps, down in as many, and again (Smith, 2017).

    After each cycle the height above `low` is multiplied by `shrink`: 0.5 is what others call "triangular2".

    >>> [float(cyclic(0.0, 1.0, half=2, shrink=0.5)(t)) for t in range(8)]
    [0.0, 0.5, 1.0, 0.5, 0.0, 0.25, 0.5, 0.25]
    """
    positive("half", half)
    return Formula(_cyclic, low, high, half, shrink)


def _cyclic(step: Any, low: float, high: float, half: int, shrink: float) -> Any:
    cycle, place = np.floor_divide(counted(step), 2 * half), np.remainder(np.add(step, 0.0), 2 * half)
    return low + (high - low) * np.power(float(shrink), cycle) * (1 - np.abs(place / half - 1))


def one_cycle(peak: float, steps: int, rise: float = 0.3, begin: float = 1 / 25, end: float = 1e-4) -> Schedule:
    """One wave: up to `peak` for a part of the steps, then far down, both along half a cosine (Smith and Topin, 2019).

    Args:
        peak: the largest rate; steps: the number of steps of the whole.
        rise: the part of them in which the rate grows.
        begin: the first rate, divided by the peak; end: the last, divided by the first.

    >>> [round(float(one_cycle(1.0, 10, rise=0.5)(t)), 3) for t in (0, 3, 5, 8, 10)]
    [0.04, 0.668, 1.0, 0.345, 0.0]
    """
    positive("steps", steps)
    if not 0 < rise < 1:
        raise InputError(f"rise is the part of the steps in which the rate grows, 0 < rise < 1, not {rise}")
    return Formula(_one_cycle, peak, steps, rise, begin, end)


def _one_cycle(step: Any, peak: float, steps: int, rise: float, begin: float, end: float) -> Any:
    counted(step)
    turn = int(rise * steps)
    first = peak * begin
    down = _cosine(np.maximum(np.subtract(step, float(turn)), 0), peak, steps - turn, first * end)
    return np.where(np.less(step, turn), _cosine(step, first, max(turn, 1), peak), down)
