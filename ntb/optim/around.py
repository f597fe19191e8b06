"""Optimizers around an optimizer: what they do with its update is an update again.

So copies, files, traces and element types are as for any other. Their slots are those of the optimizer inside and some
of their own; learning rate and settings are the inner one's.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

import numpy as np

from ..errors import InputError, describe
from ..variable import Variable
from .averages import put_in
from .checks import fraction
from .optimizer import Optimizer
from .precision import in_type_of, real_type


class _Around(Optimizer):
    """The base: a subclass names its own slots, gives their first values, and has an update around the inner one."""

    own_slots: tuple[str, ...] = ()

    def __init__(self, optimizer: Optimizer) -> None:
        if not isinstance(optimizer, Optimizer) or type(optimizer).update is Optimizer.update:
            raise InputError(
                f"{type(self).__name__} goes around an optimizer that updates each parameter by itself, such as "
                f"optim.Adam(), not {describe(optimizer)}"
            )
        self.slot_names = (*optimizer.slot_names, *self.own_slots)
        self._inner = optimizer
        super().__init__(optimizer.lr)
        vars(self)["_own_rate"] = vars(optimizer).get("_own_rate")

    def first_slots(self, w: Any) -> Sequence[Any]:
        return [*self._inner.first_slots(w), *self._first_own(w)]

    def _first_own(self, w: Any) -> Sequence[Any]:
        raise NotImplementedError

    def settings(self) -> dict[str, Any]:
        own = super().settings()
        del own["lr"]  # it is the inner one's
        return {"optimizer": self._inner, **own}


class Lookahead(_Around):
    """An optimizer that is pulled back every few steps: slow weights follow the fast ones (Zhang et al., 2019).

        fast = a step of the optimizer
        every k steps: slow = slow + pace * (fast - slow);  fast = slow

    For training that is noisy or sensitive to its rate. Parameters are those of the optimizer inside.

    Args:
        optimizer: it makes the fast steps.
        every: k, after how many of them the slow weights follow.
        pace: how far.

    >>> from ntb.optim import AMSGrad
    >>> Lookahead(AMSGrad(0.1), every=5)
    Lookahead(optimizer=AMSGrad(lr=0.1, beta1=0.9, beta2=0.999, eps=1e-08, weight_decay=0.0), every=5, pace=0.5)
    """

    on_arrays = True
    own_slots = ("slow",)

    def __init__(self, optimizer: Optimizer, every: int = 6, pace: float = 0.5) -> None:
        super().__init__(optimizer)
        self.every = _count("every", every)
        self.pace = fraction("pace", pace)

    def _first_own(self, w: Any) -> Sequence[Any]:
        return [w]

    def update(self, w: Any, g: Any, lr: Any, t: Any, *slots: Any) -> tuple:
        *inner, slow = slots
        fast, *inner = self._inner.update(w, g, lr, t, *inner)
        now = np.equal(t % self.every, 0)
        slow = np.where(now, slow + self.pace * (fast - slow), slow)
        return np.where(now, slow, fast), *inner, slow


class Accumulate(_Around):
    """A step for every few batches, with the mean of their gradients, as one large batch would have it.

    For batches that do not fit into memory. Its number of steps counts the batches; schedules and the optimizer inside
    count its own steps. Parameters are those of the optimizer inside.

    Args:
        optimizer: it makes the steps.
        every: for how many gradients there is one step.

    >>> from ntb.optim import SGD
    >>> w, opt = Variable(0.0), Accumulate(SGD(1.0), every=2)
    >>> opt.apply([np.array(-1.0)], [w])
    >>> w
    Variable(0.)
    >>> opt.apply([np.array(-3.0)], [w])
    >>> w
    Variable(2.)
    """

    on_arrays = True
    own_slots = ("sum",)

    def __init__(self, optimizer: Optimizer, every: int) -> None:
        super().__init__(optimizer)
        self.every = _count("every", every)

    def _first_own(self, w: Any) -> Sequence[Any]:
        return [np.zeros_like(w)]

    def update(self, w: Any, g: Any, lr: Any, t: Any, *slots: Any) -> tuple:
        *inner, total = slots
        total = total + g
        stepped = self._inner.update(w, total / self.every, lr, np.maximum(t // self.every, 1), *inner)
        now = np.equal(t % self.every, 0)
        new = [np.where(now, after, before) for after, before in zip(stepped, (w, *inner))]
        return *new, np.where(now, 0, total)

    def _rate(self, lr: Any) -> Any:
        rate = self.lr if lr is None else lr
        return rate(self.step.read() // self.every) if callable(rate) else rate


class ScheduleFree(_Around):
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
            raise InputError("with beta=0 there is no average of which anything is known; 0.9 is a usual one")

    def _first_own(self, w: Any) -> Sequence[Any]:
        return [w, np.zeros((), real_type(w.dtype))]

    def update(self, w: Any, g: Any, lr: Any, t: Any, *slots: Any) -> tuple:
        *inner, z, total = slots
        y, *inner = self._inner.update(w, g, lr, t, *inner)
        x = self._average(w, z)
        z = z + (y - w)
        total = total + in_type_of(w, lr) ** 2
        c = in_type_of(w, lr) ** 2 / np.where(total == 0, 1, total)
        x = x + c * (z - x)
        return self.beta * x + (1 - self.beta) * z, *inner, z, total

    def _average(self, y: Any, z: Any) -> Any:
        return (y - (1 - self.beta) * z) / self.beta

    def averaged(self, variables: Sequence[Variable]) -> AbstractContextManager[None]:
        """A block in which the variables hold the averages."""
        return put_in(variables, [self._average(v, z) for v, z in zip(variables, self.slots_of("z", variables))])


def _count(name: str, value: int) -> int:
    """The value, if it is a number of steps from 1 on; an error otherwise."""
    if not value >= 1 or value != int(value):
        raise InputError(f"{name} is a number of steps, 1 or more, not {value}")
    return int(value)
