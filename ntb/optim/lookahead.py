"""Lookahead: slow weights that follow those of an optimizer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .around import Around
from .checks import count, fraction
from .optimizer import Optimizer


class Lookahead(Around):
    """An optimizer that is pulled back every few steps: slow weights follow the fast ones (Zhang et al., 2019).

        fast = a step of the optimizer
        every k steps: slow = slow + pace * (fast - slow);  fast = slow

    For training that is noisy or sensitive to its rate. Parameters are of the types and shapes that the optimizer
    inside takes.

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
        self.every = count("every", every)
        self.pace = fraction("pace", pace)

    def first_own(self, w: Any) -> Sequence[Any]:
        return [w]

    def update(self, w: Any, g: Any, lr: Any, t: Any, *slots: Any) -> tuple:
        *inner, slow = slots
        fast, *inner = self._inner.update(w, g, lr, t, *inner)
        now = np.equal(t % self.every, 0)
        slow = np.where(now, slow + self.pace * (fast - slow), slow)
        return np.where(now, slow, fast), *inner, slow
