"""AMSGrad: Adam whose steps cannot grow because a large gradient is forgotten."""

from __future__ import annotations

from typing import Any

import numpy as np

from .adam import Adam
from .precision import in_type_of, squares


class AMSGrad(Adam):
    """Adam with the largest mean square there was in place of the present one (Reddi, Kale and Kumar, 2018).

        most = max(most, v)
        w = w - lr * m_hat / (sqrt(most / (1 - beta2^t)) + eps)               (m, v and m_hat as for Adam)

    For where Adam does not settle, as with rare large gradients. The settings are Adam's.

    Parameters are real or complex numbers of any precision; those of float16 have slots of float32.

    >>> AMSGrad(lr=0.01)
    AMSGrad(lr=0.01, beta1=0.9, beta2=0.999, eps=1e-08, weight_decay=0.0)
    """

    elementwise = True
    on_arrays = True
    slot_names = ("m", "v", "most")
    real_slots = ("v", "most")

    def update(self, w: Any, g: Any, lr: Any, t: Any, *slots: Any) -> tuple:
        m, v, most = slots
        if self.weight_decay:
            g = g + self.weight_decay * w
        m = self.beta1 * m + (1 - self.beta1) * g
        v = self.beta2 * v + (1 - self.beta2) * squares(g)
        most = np.maximum(most, v)
        m_hat = m / in_type_of(m, 1 - np.power(self.beta1, t))
        v_hat = most / in_type_of(v, 1 - np.power(self.beta2, t))
        return w - lr * m_hat / (np.sqrt(v_hat) + self.eps), m, v, most
