"""Gradients of several batches for one step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .around import Around
from .checks import count
from .optimizer import Optimizer


class Accumulate(Around):
    """A step for every few batches, with the mean of their gradients, as one large batch would have it.

    For batches that do not fit into memory. Its number of steps counts the batches; schedules and the optimizer inside
    count its own steps. Parameters are those of the optimizer inside.

    Args:
        optimizer: it makes the steps.
        every: for how many gradients there is one step.

    >>> from ntb import Variable
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
        self.every = count("every", every)

    def first_own(self, w: Any) -> Sequence[Any]:
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
