"""The optimizers, each spelled out. `w` is a parameter, `g` its gradient, `t` the number of the step, from 1.

Parameters are real or complex, of any precision and shape; those of float16 are updated in float32 (`precision.py`).
For complex ones the squares below are |g|^2.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InputError
from .optimizer import LearningRate, Optimizer, fraction, in_dtype, not_negative
from .precision import squares


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
        w = w - lr * (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + eps)

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

    def scalars(self, lr: Any, t: Any, dtype: Any) -> tuple:
        """lr, and in place of t the size of a step and its eps, both corrected for the start at zero.

        The same step, with the corrections moved from the arrays to two numbers, is

            lr * sqrt(1 - beta2^t) / (1 - beta1^t) * m / (sqrt(v) + eps * sqrt(1 - beta2^t))
        """
        c1 = in_dtype(1 - np.power(self.beta1, t), dtype)
        root = np.sqrt(in_dtype(1 - np.power(self.beta2, t), dtype))
        return lr, (lr * (root / c1), self.eps * root)

    def update(self, w: Any, g: Any, lr: Any, t: Any, *slots: Any) -> tuple:
        if self.weight_decay:
            g = g + self.weight_decay * w
        step, m, v = self.moments(g, t, *slots)
        return w - step, m, v

    def moments(self, g: Any, t: Any, m: Any, v: Any) -> tuple[Any, Any, Any]:
        """Adam's step, and the new moments; `t` is what `scalars` put in its place."""
        size, eps = t
        m = self.beta1 * m + (1 - self.beta1) * g
        v = self.beta2 * v + (1 - self.beta2) * squares(g)
        return size * m / (np.sqrt(v) + eps), m, v


class AdamW(Adam):
    """Adam with weight decay taken from the weights, not mixed into the gradient (Loshchilov and Hutter, 2019).

        w = w - lr * weight_decay * w - (Adam's step)

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
        step, m, v = self.moments(g, t, *slots)
        return w - lr * self.weight_decay * w - step, m, v
