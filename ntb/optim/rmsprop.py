"""RMSProp: `w` is a parameter, `g` its gradient. Of complex ones the square is |g|^2."""

from __future__ import annotations

from typing import Any

import numpy as np

from .checks import fraction, not_negative
from .optimizer import LearningRate, Optimizer
from .precision import squares


class RMSProp(Optimizer):
    """Steps divided by a running root mean square of the gradient (Tieleman and Hinton, 2012).

    s = decay * s + (1 - decay) * g^2
    w = w - lr * g / (sqrt(s) + eps)

    Parameters are real or complex numbers of any precision; those of float16 have slots of float32.

    >>> RMSProp(lr=0.01)
    RMSProp(lr=0.01, decay=0.99, eps=1e-08, weight_decay=0.0)
    """

    elementwise = True
    on_arrays = True
    slot_names = ("square",)
    real_slots = ("square",)

    def __init__(
        self, lr: LearningRate = 1e-2, decay: float = 0.99, eps: float = 1e-8, weight_decay: float = 0.0
    ) -> None:
        super().__init__(lr)
        self.decay = fraction("decay", decay)
        self.eps = not_negative("eps", eps)
        self.weight_decay = not_negative("weight_decay", weight_decay)

    def update(self, w: Any, g: Any, lr: Any, t: Any, *slots: Any) -> tuple:
        (s,) = slots
        if self.weight_decay:
            g = g + self.weight_decay * w
        s = self.decay * s + (1 - self.decay) * squares(g)
        return w - lr * g / (np.sqrt(s) + self.eps), s
