"""Learning rates that change over time: functions of the number of steps made before, 0 at the first step.

They are written in NumPy, so that they replay in a traced training step: `Adam(lr=warmup(100, cosine(1e-3, 1000)))`.
Each is an object, which can be printed, copied and pickled with its optimizer, as a lambda could not.
The number of steps is a number of any type, or an array or tensor of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import InputError, describe
from ..habits import of_package

__all__ = ["constant", "cosine", "exponential", "step_decay", "warmup"]
__getattr__, __dir__ = of_package(__name__, __all__)

Schedule = Callable[[Any], Any]


class _Formula:
    """A function of the step that a formula gives for some settings.

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


def constant(rate: float) -> Schedule:
    """Always the same.

    For steps that are numbers of any type, as all schedules here.

    >>> constant(0.1)(5)
    0.1
    """
    return _Formula(_constant, rate)


def _constant(step: Any, rate: float) -> Any:
    _counted(step)
    return rate


def step_decay(rate: float, every: int, factor: float = 0.1) -> Schedule:
    """`rate * factor^(step // every)`: the rate for the first `every` steps, then times `factor`, and so on.

    >>> [float(step_decay(1.0, every=2, factor=0.5)(t)) for t in range(5)]
    [1.0, 1.0, 0.5, 0.5, 0.25]
    """
    _positive("every", every)
    return _Formula(_step_decay, rate, every, factor)


def _step_decay(step: Any, rate: float, every: int, factor: float) -> Any:
    return rate * np.power(factor, np.floor_divide(_counted(step), every))


def exponential(rate: float, factor: float, every: float = 1) -> Schedule:
    """`rate * factor^(step / every)`.

    >>> float(exponential(1.0, 0.5, every=10)(20))
    0.25
    """
    _positive("every", every)
    return _Formula(_exponential, rate, factor, every)


def _exponential(step: Any, rate: float, factor: float, every: float) -> Any:
    return rate * np.power(factor, np.divide(_counted(step), every))


def cosine(rate: float, steps: int, final: float = 0.0) -> Schedule:
    """Half a cosine wave from `rate` at step 0 to `final` at step `steps` and after (Loshchilov and Hutter, 2017).

    >>> [round(float(cosine(1.0, 4)(t)), 3) for t in (0, 2, 4, 6)]
    [1.0, 0.5, 0.0, 0.0]
    """
    _positive("steps", steps)
    return _Formula(_cosine, rate, steps, final)


def _cosine(step: Any, rate: float, steps: int, final: float) -> Any:
    return final + (rate - final) * 0.5 * (1 + np.cos(math.pi * np.minimum(np.divide(_counted(step), steps), 1.0)))


def warmup(steps: int, after: Schedule | float) -> Schedule:
    """Linear growth over the first `steps` steps, then `after`, a rate or a schedule whose own steps begin there.

    The first step has 1/(steps+1) of the full rate, so that no step is lost to a rate of zero.

    >>> [float(warmup(3, 1.0)(t)) for t in range(5)]
    [0.25, 0.5, 0.75, 1.0, 1.0]
    """
    if steps < 0:
        raise InputError(f"warmup takes a number of steps that is not negative, got {steps}")
    return _Formula(_warmup, steps, after if callable(after) else constant(after))


def _warmup(step: Any, steps: int, after: Schedule) -> Any:
    begin = float(steps)  # else the difference of unsigned numbers would wrap around
    rise = np.minimum(np.divide(np.add(_counted(step), 1.0), begin + 1), 1.0)
    return rise * after(np.maximum(step - begin, 0))


def _counted(step: Any) -> Any:
    """The number of steps, if it is a number."""
    dtype = step.dtype if hasattr(step, "dtype") else np.asarray(step).dtype
    if dtype.kind not in "iubf":
        raise InputError(f"a schedule is a function of the number of steps made before, not of {describe(step)}")
    return step


def _positive(name: str, value: float) -> None:
    if value <= 0:
        raise InputError(f"{name} must be positive, got {value}")
