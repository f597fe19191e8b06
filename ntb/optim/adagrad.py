"""Adagrad: `w` is a parameter, `g` its gradient. Of complex ones the square is |g|^2."""

from __future__ import annotations

from typing import Any

import numpy as np

from .checks import not_negative
from .optimizer import LearningRate, Optimizer
from .precision import squares


class Adagrad(Optimizer):
    """Steps divided by the root of the sum of all squares so far (Duchi, Hazan and Singer, 2011).

        s = s + g^2
        w = w - lr * g / (sqrt(s) + eps)

    For sparse features: what is rarely seen keeps long steps. All steps shrink as 1 / sqrt(t), and never grow again.

    Parameters are real or complex numbers of any precision; those of float16 have slots of float32.

    >>> Adagrad(lr=0.1)
    Adagrad(lr=0.1, eps=1e-10, weight_decay=0.0)
    """

    elementwise = True
    on_arrays = True
    slot_names = ("square",)
    real_slots = ("square",)

    def __init__(self, lr: LearningRate = 1e-2, eps: float = 1e-10, weight_decay: float = 0.0) -> None:
        super().__init__(lr)
        self.eps = not_negative("eps", eps)
        self.weight_decay = not_negative("weight_decay", weight_decay)

    def update(self, w: Any, g: Any, lr: Any, t: Any, *slots: Any) -> tuple:
        (s,) = slots
        if self.weight_decay:
            g = g + self.weight_decay * w
        s = s + squares(g)
        return w - lr * g / (np.sqrt(s) + self.eps), s
