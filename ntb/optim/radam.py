"""RAdam: `w` is a parameter, `g` its gradient, `t` the number of the step, from 1."""

from __future__ import annotations

from typing import Any

import numpy as np

from .adam import Adam
from .precision import in_type_of, squares


class RAdam(Adam):
    """Adam that waits until it knows the size of the gradients, and needs no warm-up (Liu et al., 2020).

        rho_inf = 2 / (1 - beta2) - 1
        rho = rho_inf - 2 * t * beta2^t / (1 - beta2^t)                       (on how many gradients v_hat rests)
        r = sqrt((rho - 4) * (rho - 2) * rho_inf / ((rho_inf - 4) * (rho_inf - 2) * rho))
        w = w - lr * r * m_hat / (sqrt(v_hat) + eps)     if rho > 5, else     w - lr * m_hat

    m, m_hat, v, v_hat and the settings are Adam's.

    Parameters are real or complex numbers of any precision; those of float16 have slots of float32.

    >>> RAdam(lr=0.01)
    RAdam(lr=0.01, beta1=0.9, beta2=0.999, eps=1e-08, weight_decay=0.0)
    """

    elementwise = True
    on_arrays = True

    def update(self, w: Any, g: Any, lr: Any, t: Any, *slots: Any) -> tuple:
        m, v = slots
        if self.weight_decay:
            g = g + self.weight_decay * w
        m = self.beta1 * m + (1 - self.beta1) * g
        v = self.beta2 * v + (1 - self.beta2) * squares(g)
        m_hat = m / in_type_of(m, 1 - np.power(self.beta1, t))
        v_hat = v / in_type_of(v, 1 - np.power(self.beta2, t))
        most = 2 / (1 - self.beta2) - 1
        rho = most - 2 * t * np.power(self.beta2, t) / (1 - np.power(self.beta2, t))
        rectified = in_type_of(w, _rectifier(rho, most)) * m_hat / (np.sqrt(v_hat) + self.eps)
        return w - lr * np.where(rho > 5, rectified, m_hat), m, v


def _rectifier(rho: Any, most: float) -> Any:
    """r, for a rho above 5; below it is not used, and any number will do."""
    rho, most = np.maximum(rho, 5.0), max(most, 5.0)
    return np.sqrt((rho - 4) * (rho - 2) * most / ((most - 4) * (most - 2) * rho))
