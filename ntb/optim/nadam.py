"""NAdam: `w` is a parameter, `g` its gradient, `t` the number of the step, from 1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .adam import Adam
from .checks import not_negative
from .optimizer import LearningRate
from .precision import in_type_of, real_type, squares


class NAdam(Adam):
    """Adam that looks ahead along its momentum, as Nesterov's does (Dozat, 2016).

        mu(t) = beta1 * (1 - 0.96^(t * momentum_decay) / 2)
        p = p * mu(t)                                                         (p begins as 1)
        m_hat = mu(t + 1) * m / (1 - p * mu(t + 1)) + (1 - mu(t)) * g / (1 - p)
        w = w - lr * m_hat / (sqrt(v_hat) + eps)                              (m, v and v_hat as for Adam)

    In place of Adam, often a little faster. The slot `product` is p, one number for each parameter.

    Parameters are real or complex numbers of any precision; those of float16 have slots of float32.

    >>> NAdam()
    NAdam(lr=0.002, beta1=0.9, beta2=0.999, eps=1e-08, weight_decay=0.0, momentum_decay=0.004)
    """

    on_arrays = True
    slot_names = ("m", "v", "product")

    def __init__(
        self,
        lr: LearningRate = 2e-3,
        beta1: float = 0.9,
        beta2: float = 0.999,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum_decay: float = 4e-3,
    ) -> None:
        super().__init__(lr, beta1, beta2, eps, weight_decay)
        self.momentum_decay = not_negative("momentum_decay", momentum_decay)

    def first_slots(self, w: Any) -> Sequence[Any]:
        real = real_type(w.dtype)
        return [np.zeros_like(w), np.zeros_like(w, real), np.ones_like(w, real, shape=())]

    def update(self, w: Any, g: Any, lr: Any, t: Any, *slots: Any) -> tuple:
        m, v, product = slots
        if self.weight_decay:
            g = g + self.weight_decay * w
        mu, ahead = (in_type_of(w, self._momentum(step)) for step in (t, t + 1))
        product = product * mu
        m = self.beta1 * m + (1 - self.beta1) * g
        v = self.beta2 * v + (1 - self.beta2) * squares(g)
        m_hat = ahead * m / (1 - product * ahead) + (1 - mu) * g / (1 - product)
        v_hat = v / in_type_of(v, 1 - np.power(self.beta2, t))
        return w - lr * m_hat / (np.sqrt(v_hat) + self.eps), m, v, product

    def _momentum(self, t: Any) -> Any:
        return self.beta1 * (1 - 0.5 * np.power(0.96, t * self.momentum_decay))
