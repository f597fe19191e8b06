"""Gradient descent, with and without momentum: `w` is a parameter, `g` its gradient."""

from __future__ import annotations

from typing import Any

from ..errors import InputError
from .checks import fraction, not_negative
from .optimizer import LearningRate, Optimizer


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
