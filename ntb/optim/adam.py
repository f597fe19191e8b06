"""Adam and AdamW: `w` is a parameter, `g` its gradient, `t` the number of the step, from 1.

The lines of `update` are those of the papers. Of complex parameters the square is |g|^2. A power of `t` is of float64;
`in_type_of` converts it, lest it makes means of float32 so. It is `np.power`, as `**` of two numbers rounds otherwise.
`ntb/tuned/optimizers.py` has the same step with less work.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .checks import fraction, not_negative
from .optimizer import LearningRate, Optimizer
from .precision import in_type_of, squares


class Adam(Optimizer):
    """Running means of the gradient and its square, corrected for their start at zero (Kingma and Ba, 2015).

        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g^2
        m_hat = m / (1 - beta1^t)
        v_hat = v / (1 - beta2^t)
        w = w - lr * m_hat / (sqrt(v_hat) + eps)

    Weight decay, if any, is added to the gradient; `AdamW` takes it from the weights.

    Parameters are real or complex numbers of any precision; those of float16 have slots of float32.

    >>> import ntb
    >>> w = ntb.Variable(1.0)
    >>> Adam(lr=0.1).apply([np.array(50.0)], [w])  # the first step is lr long, whatever the gradient
    >>> w
    Variable(0.9)
    """

    elementwise = True
    on_arrays = True
    slot_names: tuple[str, ...] = ("m", "v")
    real_slots: tuple[str, ...] = ("v",)

    def __init__(
        self,
        lr: LearningRate = 1e-3,
        beta1: float = 0.9,
        beta2: float = 0.999,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(lr)
        self.beta1 = fraction("beta1", beta1)
        self.beta2 = fraction("beta2", beta2)
        self.eps = not_negative("eps", eps)
        self.weight_decay = not_negative("weight_decay", weight_decay)

    def update(self, w: Any, g: Any, lr: Any, t: Any, *slots: Any) -> tuple:
        m, v = slots
        if self.weight_decay:
            g = g + self.weight_decay * w
        m = self.beta1 * m + (1 - self.beta1) * g
        v = self.beta2 * v + (1 - self.beta2) * squares(g)
        m_hat = m / in_type_of(m, 1 - np.power(self.beta1, t))
        v_hat = v / in_type_of(v, 1 - np.power(self.beta2, t))
        return w - lr * m_hat / (np.sqrt(v_hat) + self.eps), m, v


class AdamW(Adam):
    """Adam with weight decay taken from the weights, not mixed into the gradient (Loshchilov and Hutter, 2019).

        w = w - lr * weight_decay * w - lr * m_hat / (sqrt(v_hat) + eps)      (m_hat and v_hat as for Adam)

    Parameters are real or complex numbers of any precision; those of float16 have slots of float32.

    >>> AdamW(weight_decay=0.1)
    AdamW(lr=0.001, beta1=0.9, beta2=0.999, eps=1e-08, weight_decay=0.1)
    """

    elementwise = True
    on_arrays = True

    def __init__(
        self,
        lr: LearningRate = 1e-3,
        beta1: float = 0.9,
        beta2: float = 0.999,
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
    ) -> None:
        super().__init__(lr, beta1, beta2, eps, weight_decay)

    def update(self, w: Any, g: Any, lr: Any, t: Any, *slots: Any) -> tuple:
        m, v = slots
        m = self.beta1 * m + (1 - self.beta1) * g
        v = self.beta2 * v + (1 - self.beta2) * squares(g)
        m_hat = m / in_type_of(m, 1 - np.power(self.beta1, t))
        v_hat = v / in_type_of(v, 1 - np.power(self.beta2, t))
        return w - lr * self.weight_decay * w - lr * m_hat / (np.sqrt(v_hat) + self.eps), m, v
