"""Rprop: `w` is a parameter, `g` its gradient. The sign of a complex number is z / |z|."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InputError
from .checks import fraction, not_negative
from .optimizer import LearningRate, Optimizer
from .sizes import direction


class Rprop(Optimizer):
    """Each element's step grows while its gradient keeps its sign, and shrinks when it turns (Riedmiller, Braun, 1993).

        size = size * grow if g * last > 0, size * shrink if g * last < 0     (between least and most)
        g = 0 if g * last < 0                                                 (no step when it has turned)
        w = w - sign(g) * size
        last = g

    For gradients of all data at once, not of batches, as it does not see how large they are. All sizes begin as `lr`,
    which has no other use.

    Parameters are real or complex numbers of any precision; those of float16 have slots of float32.

    >>> Rprop()
    Rprop(lr=0.01, shrink=0.5, grow=1.2, least=1e-06, most=50.0)
    """

    elementwise = True
    on_arrays = True
    slot_names = ("size", "last")
    real_slots = ("size",)

    def __init__(
        self,
        lr: LearningRate = 1e-2,
        shrink: float = 0.5,
        grow: float = 1.2,
        least: float = 1e-6,
        most: float = 50.0,
    ) -> None:
        super().__init__(lr)
        self.shrink = fraction("shrink", shrink)
        if not grow > 1:
            raise InputError(f"grow is a factor above 1, by which steps become longer, not {grow}; 1.2 is a usual one")
        self.grow = float(grow)
        self.least = not_negative("least", least)
        self.most = not_negative("most", most)

    def update(self, w: Any, g: Any, lr: Any, t: Any, *slots: Any) -> tuple:
        size, last = slots
        agreement = np.real(g * np.conjugate(last))
        factor = np.where(agreement > 0, self.grow, np.where(agreement < 0, self.shrink, 1)).astype(size.dtype)
        size = np.clip(np.where(size == 0, lr, size) * factor, self.least, self.most)  # 0: it was not set yet
        g = np.where(agreement < 0, 0, g)
        return w - direction(g) * size, size, g
