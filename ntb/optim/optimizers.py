"""The optimizers, each spelled out. `w` is a parameter, `g` its gradient, `t` the number of the step, from 1.

Parameters are real or complex, of any precision and shape; those of float16 are updated in float32 (`precision.py`).
For complex ones the squares below are |g|^2.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InputError
from .checks import fraction, not_negative
from .optimizer import LearningRate, Optimizer
from .precision import in_type_of, squares


class SGD(Optimizer):
    """Gradient descent, with momentum (Polyak, 1964; Nesterov, 1983; as in Sutskever et al., 2013).

        v = momentum * v + g
        w = w - lr * v                        (nesterov: w - lr * (g + momentum * v))

    With `lr_in_velocity` the velocity is itself a step, so that a change of the learning rate acts only slowly:

        v = momentum * v - lr * g
        w = w + v

    Args:
        lr: the learning rate.
        momentum: how much of the last step is kept.
        nesterov: look ahead along the momentum.
        weight_decay: this times w is added to the gradient.
        lr_in_velocity: the second form.

    Parameters are real or complex numbers of any precision; those of float16 have slots of float32.

    >>> SGD(lr=0.1, momentum=0.9)
    SGD(lr=0.1, momentum=0.9, nesterov=False, weight_decay=0.0, lr_in_velocity=False)
    """

    elementwise = True
    on_arrays = True

    def __init__(
        self,
        lr: LearningRate = 1e-2,
        momentum: float = 0.0,
        nesterov: bool = False,
        weight_decay: float = 0.0,
        lr_in_velocity: bool = False,
    ) -> None:
        if nesterov and not momentum:
            raise InputError(
                "nesterov=True looks ahead along the momentum, which is 0; set momentum, for example to 0.9"
            )
        self.slot_names = ("velocity",) if momentum else ()
        super().__init__(lr)
        self.momentum = fraction("momentum", momentum)
        self.nesterov = nesterov
        self.weight_decay = not_negative("weight_decay", weight_decay)
        self.lr_in_velocity = lr_in_velocity

    def update(self, w: Any, g: Any, lr: Any, t: Any, *slots: Any) -> tuple:
        if self.weight_decay:
            g = g + self.weight_decay * w
        if not slots:
            return (w - lr * g,)
        if self.lr_in_velocity:
            v = self.momentum * slots[0] - lr * g
            return w + (self.momentum * v - lr * g if self.nesterov else v), v
        v = self.momentum * slots[0] + g
        return w - lr * (g + self.momentum * v if self.nesterov else v), v


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
    slot_names = ("m", "v")
    real_slots = ("v",)

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
        m_hat = m / in_type_of(m, 1 - self.beta1**t)
        v_hat = v / in_type_of(v, 1 - self.beta2**t)
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
        m_hat = m / in_type_of(m, 1 - self.beta1**t)
        v_hat = v / in_type_of(v, 1 - self.beta2**t)
        return w - lr * self.weight_decay * w - lr * m_hat / (np.sqrt(v_hat) + self.eps), m, v
