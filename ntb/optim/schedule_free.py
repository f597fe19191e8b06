"""Schedule-free optimizers: `y` is where the gradient is taken, `z` what the optimizer moves, `x` the average of z."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

import numpy as np

from ..errors import InputError
from ..variable import Variable
from .around import Around
from .averages import put_in
from .checks import fraction
from .optimizer import Optimizer
from .precision import in_type_of, real_type


class ScheduleFree(Around):
    """An optimizer that needs no schedule: its gradients are taken near to an average (Defazio et al., 2024).

        z = z + (the optimizer's step from y)                                 (without momentum)
        total = total + lr^2;  c = lr^2 / total
        x = x + c * (z - x)
        y = beta * x + (1 - beta) * z

    The parameters hold y; x is the average, with which the model is evaluated: `with opt.averaged(variables): ...`. In
    place of a rate that must come down at the end of a number of steps that is known before. The momentum of the
    optimizer inside is to be 0: `ScheduleFree(SGD(1.0))`, `ScheduleFree(AdamW(0.0025, beta1=0.0))`. A warm-up helps.

    Parameters are those of the optimizer inside.

    Args:
        optimizer: it makes the steps of z.
        beta: where gradients are taken, 0 < beta < 1: near to the average.

    >>> from ntb.optim import SGD
    >>> w, opt = Variable(1.0), ScheduleFree(SGD(0.5))
    >>> for _ in range(20):
    ...     loss = opt.minimize(lambda: w * w, [w])
    >>> with opt.averaged([w]):
    ...     print(abs(w.value) < 0.1)
    True
    """

    on_arrays = True
    own_slots = ("z", "total")

    def __init__(self, optimizer: Optimizer, beta: float = 0.9) -> None:
        super().__init__(optimizer)
        self.beta = fraction("beta", beta)
        if not beta:
            raise InputError("with beta=0 the parameters tell nothing of the average; 0.9 is a usual one")

    def first_own(self, w: Any) -> Sequence[Any]:
        return [w, np.zeros_like(w, real_type(w.dtype), shape=())]

    def update(self, w: Any, g: Any, lr: Any, t: Any, *slots: Any) -> tuple:
        *inner, z, total = slots
        y, *inner = self._inner.update(w, g, lr, t, *inner)
        x = self._average(w, z)
        z = z + (y - w)
        weight = np.square(in_type_of(w, lr))
        total = total + weight
        c = weight / np.where(total == 0, 1, total)
        x = x + c * (z - x)
        return self.beta * x + (1 - self.beta) * z, *inner, z, total

    def _average(self, y: Any, z: Any) -> Any:
        return (y - (1 - self.beta) * z) / self.beta

    def averaged(self, variables: Sequence[Variable]) -> AbstractContextManager[None]:
        """A block in which the variables hold the averages."""
        return put_in(variables, [self._average(v, z) for v, z in zip(variables, self.slots_of("z", variables))])
