"""Adadelta: `w` is a parameter, `g` its gradient. Of complex ones the square is |g|^2."""

from __future__ import annotations

from typing import Any

import numpy as np

from .checks import fraction, not_negative
from .optimizer import LearningRate, Optimizer
from .precision import squares


class Adadelta(Optimizer):
    """Steps as long as the last ones were, turned down the gradient (Zeiler, 2012).

        s = rho * s + (1 - rho) * g^2
        d = sqrt(u + eps) / sqrt(s + eps) * g
        u = rho * u + (1 - rho) * d^2
        w = w - lr * d

    A step has the unit of the parameters, so that no rate need be found: `lr` is 1.

    Parameters are real or complex numbers of any precision; those of float16 have slots of float32.

    >>> Adadelta()
    Adadelta(lr=1.0, rho=0.9, eps=1e-06, weight_decay=0.0)
    """

    elementwise = True
    on_arrays = True
    slot_names = ("square", "step_square")
    real_slots = ("square", "step_square")

    def __init__(self, lr: LearningRate = 1.0, rho: float = 0.9, eps: float = 1e-6, weight_decay: float = 0.0) -> None:
        super().__init__(lr)
        self.rho = fraction("rho", rho)
        self.eps = not_negative("eps", eps)
        self.weight_decay = not_negative("weight_decay", weight_decay)

    def update(self, w: Any, g: Any, lr: Any, t: Any, *slots: Any) -> tuple:
        s, u = slots
        if self.weight_decay:
            g = g + self.weight_decay * w
        s = self.rho * s + (1 - self.rho) * squares(g)
        d = np.sqrt(u + self.eps) / np.sqrt(s + self.eps) * g
        u = self.rho * u + (1 - self.rho) * squares(d)
        return w - lr * d, s, u
