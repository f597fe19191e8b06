"""LARS: `w` is a parameter, `g` its gradient."""

from __future__ import annotations

from typing import Any

from .checks import fraction, not_negative
from .optimizer import LearningRate, Optimizer
from .sizes import trust_ratio


class LARS(Optimizer):
    """Gradient descent with momentum, where a step is measured by the parameter's length (You, Gitman, Ginsburg, 2017).

        u = g + weight_decay * w
        v = momentum * v + lr * trust * |w| / |u| * u                         (lr * u if |w| or |u| is 0)
        w = w - v

    For very large batches of images, in place of SGD.

    Parameters are real or complex numbers of any precision; those of float16 have slots of float32.

    >>> LARS()
    LARS(lr=1.0, momentum=0.9, weight_decay=0.0, trust=0.001)
    """

    on_arrays = True
    slot_names = ("velocity",)

    def __init__(
        self, lr: LearningRate = 1.0, momentum: float = 0.9, weight_decay: float = 0.0, trust: float = 1e-3
    ) -> None:
        super().__init__(lr)
        self.momentum = fraction("momentum", momentum)
        self.weight_decay = not_negative("weight_decay", weight_decay)
        self.trust = not_negative("trust", trust)

    def update(self, w: Any, g: Any, lr: Any, t: Any, *slots: Any) -> tuple:
        u = g + self.weight_decay * w
        v = self.momentum * slots[0] + lr * trust_ratio(w, u, self.trust) * u
        return w - v, v
