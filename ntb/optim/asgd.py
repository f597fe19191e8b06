"""Averaged gradient descent: `w` is a parameter, `g` its gradient, `t` the number of the step, from 1."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

import numpy as np

from ..variable import Variable
from .averages import put_in
from .checks import not_negative
from .optimizer import LearningRate, Optimizer
from .precision import in_type_of


class ASGD(Optimizer):
    """Gradient descent that keeps the mean of the parameters beside them (Polyak and Juditsky, 1992; Bottou, 2010).

        eta = lr / (1 + decay * lr * (t - 1))^power
        w = (1 - decay * eta) * w - eta * g
        mean = mean + (w - mean) / max(1, t - 1 - start)

    The mean lies nearer to the minimum than where the noise of batches has left w. Evaluate with it:
    `with opt.averaged(variables): ...`. It is w itself up to the step `start`.

    Parameters are real or complex numbers of any precision; those of float16 have slots of float32.

    >>> ASGD()
    ASGD(lr=0.01, decay=0.0001, power=0.75, start=1000000.0, weight_decay=0.0)
    """

    elementwise = True
    on_arrays = True
    slot_names = ("mean",)

    def __init__(
        self,
        lr: LearningRate = 1e-2,
        decay: float = 1e-4,
        power: float = 0.75,
        start: float = 1e6,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(lr)
        self.decay = not_negative("decay", decay)
        self.power = not_negative("power", power)
        self.start = not_negative("start", start)
        self.weight_decay = not_negative("weight_decay", weight_decay)

    def update(self, w: Any, g: Any, lr: Any, t: Any, *slots: Any) -> tuple:
        (mean,) = slots
        if self.weight_decay:
            g = g + self.weight_decay * w
        eta = in_type_of(w, lr / np.power(1 + self.decay * lr * (t - 1), self.power))
        w = (1 - self.decay * eta) * w - eta * g
        return w, mean + (w - mean) / in_type_of(w, np.maximum(1.0, t - 1 - self.start))

    def averaged(self, variables: Sequence[Variable]) -> AbstractContextManager[None]:
        """A block in which the variables hold their means."""
        return put_in(variables, self.slots_of("mean", variables))
