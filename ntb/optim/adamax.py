"""Adamax: `w` is a parameter, `g` its gradient, `t` the number of the step, from 1."""

from __future__ import annotations

from typing import Any

import numpy as np

from .adam import Adam
from .optimizer import LearningRate
from .precision import in_type_of


class Adamax(Adam):
    """Adam with the largest gradient of late in place of the root of the mean square (Kingma and Ba, 2015, section 7).

        m = beta1 * m + (1 - beta1) * g
        u = max(beta2 * u, |g| + eps)
        w = w - lr / (1 - beta1^t) * m / u

    No element moves by more than lr at a step, so it bears rare large gradients, as embeddings have them. `eps`, which
    the paper does not have, keeps u from 0.

    Parameters are real or complex numbers of any precision; those of float16 have slots of float32.

    >>> Adamax()
    Adamax(lr=0.002, beta1=0.9, beta2=0.999, eps=1e-08, weight_decay=0.0)
    """

    elementwise = True
    on_arrays = True
    slot_names = ("m", "u")
    real_slots = ("u",)

    def __init__(
        self,
        lr: LearningRate = 2e-3,
        beta1: float = 0.9,
        beta2: float = 0.999,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(lr, beta1, beta2, eps, weight_decay)

    def update(self, w: Any, g: Any, lr: Any, t: Any, *slots: Any) -> tuple:
        m, u = slots
        if self.weight_decay:
            g = g + self.weight_decay * w
        m = self.beta1 * m + (1 - self.beta1) * g
        u = np.maximum(self.beta2 * u, np.abs(g) + self.eps)
        return w - lr / in_type_of(w, 1 - np.power(self.beta1, t)) * m / u, m, u
