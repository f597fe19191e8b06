"""Lion: `w` is a parameter, `g` its gradient. The sign of a complex number is z / |z|."""

from __future__ import annotations

from typing import Any

from .checks import fraction, not_negative
from .optimizer import LearningRate, Optimizer
from .sizes import direction


class Lion(Optimizer):
    """Steps of one length in every element: the sign of a momentum (Chen et al., 2023).

        w = w - lr * (sign(beta1 * m + (1 - beta1) * g) + weight_decay * w)
        m = beta2 * m + (1 - beta2) * g

    In place of AdamW, with half of its memory: for large batches, a rate some 3 to 10 times smaller, and a weight decay
    as much larger.

    Parameters are real or complex numbers of any precision; those of float16 have slots of float32.

    >>> Lion()
    Lion(lr=0.0001, beta1=0.9, beta2=0.99, weight_decay=0.0)
    """

    elementwise = True
    on_arrays = True
    slot_names = ("m",)

    def __init__(
        self, lr: LearningRate = 1e-4, beta1: float = 0.9, beta2: float = 0.99, weight_decay: float = 0.0
    ) -> None:
        super().__init__(lr)
        self.beta1 = fraction("beta1", beta1)
        self.beta2 = fraction("beta2", beta2)
        self.weight_decay = not_negative("weight_decay", weight_decay)

    def update(self, w: Any, g: Any, lr: Any, t: Any, *slots: Any) -> tuple:
        (m,) = slots
        step = direction(self.beta1 * m + (1 - self.beta1) * g) + self.weight_decay * w
        return w - lr * step, self.beta2 * m + (1 - self.beta2) * g
