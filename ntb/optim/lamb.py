"""LAMB: `w` is a parameter, `g` its gradient, `t` the number of the step, from 1."""

from __future__ import annotations

from typing import Any

import numpy as np

from .adam import Adam
from .optimizer import LearningRate
from .precision import in_type_of, squares
from .sizes import trust_ratio


class LAMB(Adam):
    """Adam whose step for a parameter is as long as the parameter times lr (You et al., 2020).

        u = m_hat / (sqrt(v_hat) + eps) + weight_decay * w                    (m_hat and v_hat as for Adam)
        w = w - lr * |w| / |u| * u                                            (lr * u if |w| or |u| is 0)

    For very large batches, where one rate does not fit all layers.

    Parameters are real or complex numbers of any precision; those of float16 have slots of float32.

    >>> LAMB()
    LAMB(lr=0.001, beta1=0.9, beta2=0.999, eps=1e-06, weight_decay=0.0)
    """

    on_arrays = True

    def __init__(
        self,
        lr: LearningRate = 1e-3,
        beta1: float = 0.9,
        beta2: float = 0.999,
        eps: float = 1e-6,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(lr, beta1, beta2, eps, weight_decay)

    def update(self, w: Any, g: Any, lr: Any, t: Any, *slots: Any) -> tuple:
        m, v = slots
        m = self.beta1 * m + (1 - self.beta1) * g
        v = self.beta2 * v + (1 - self.beta2) * squares(g)
        m_hat = m / in_type_of(m, 1 - np.power(self.beta1, t))
        v_hat = v / in_type_of(v, 1 - np.power(self.beta2, t))
        u = m_hat / (np.sqrt(v_hat) + self.eps) + self.weight_decay * w
        return w - lr * trust_ratio(w, u) * u, m, v
