"""FTRL: `w` is a parameter, `g` its gradient. Of complex ones the square is |g|^2."""

from __future__ import annotations

from typing import Any

import numpy as np

from .checks import not_negative
from .optimizer import LearningRate, Optimizer
from .precision import squares


class Ftrl(Optimizer):
    """Follow the regularized leader: most weights stay exactly 0 (McMahan et al., 2013).

        sigma = (sqrt(n + g^2) - sqrt(n)) / lr
        z = z + g - sigma * w
        n = n + g^2
        w = 0 if |z| <= l1, else -(z - sign(z) * l1) / ((beta + sqrt(n)) / lr + l2)

    For linear models of very many sparse features. The parameter is computed anew from z and n at each step, so that it
    should begin as 0.

    Parameters are real or complex numbers of any precision; those of float16 have slots of float32.

    >>> Ftrl(lr=0.1, l1=1.0)
    Ftrl(lr=0.1, l1=1.0, l2=0.0, beta=1.0)
    """

    elementwise = True
    on_arrays = True
    slot_names = ("z", "n")
    real_slots = ("n",)

    def __init__(self, lr: LearningRate = 0.1, l1: float = 0.0, l2: float = 0.0, beta: float = 1.0) -> None:
        super().__init__(lr)
        self.l1 = not_negative("l1", l1)
        self.l2 = not_negative("l2", l2)
        self.beta = not_negative("beta", beta)

    def update(self, w: Any, g: Any, lr: Any, t: Any, *slots: Any) -> tuple:
        z, n = slots
        root = np.sqrt(n + squares(g))
        z = z + g - (root - np.sqrt(n)) / lr * w
        size = np.abs(z)
        beyond = np.maximum(size - self.l1, 0) / np.where(size == 0, 1, size)  # the part of z that l1 leaves
        return -beyond * z / ((self.beta + root) / lr + self.l2), z, n + squares(g)
