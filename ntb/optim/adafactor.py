"""Adafactor: `w` is a parameter, `g` its gradient, `t` the number of the step, from 1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .checks import not_negative
from .optimizer import LearningRate, Optimizer
from .precision import in_type_of, real_type, squares
from .sizes import root_mean_square as rms

_TINY = 1e-30
"""The paper's epsilon_1, which keeps the mean squares from 0."""


class Adafactor(Optimizer):
    """Adam without momentum, whose mean squares are kept as a row and a column (Shazeer and Stern, 2018).

        keep = 1 - t^-power
        rows = keep * rows + (1 - keep) * mean(g^2, axis=-1)
        columns = keep * columns + (1 - keep) * mean(g^2, axis=-2)
        u = g / sqrt(rows * columns / mean(rows))
        u = u / max(1, rms(u) / clip)
        w = w - lr * weight_decay * w - min(lr, 1 / sqrt(t)) * max(eps, rms(w)) * u

    For large matrices, whose slots take a row and a column in place of two matrices. A vector has its squares in
    `rows`, one for each element, and nothing in `columns`.

    Parameters are real or complex numbers of any precision; those of float16 have slots of float32.

    >>> Adafactor()
    Adafactor(lr=0.01, power=0.8, eps=0.001, clip=1.0, weight_decay=0.0)
    """

    on_arrays = True
    slot_names = ("rows", "columns")

    def __init__(
        self,
        lr: LearningRate = 1e-2,
        power: float = 0.8,
        eps: float = 1e-3,
        clip: float = 1.0,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(lr)
        self.power = not_negative("power", power)
        self.eps = not_negative("eps", eps)
        self.clip = not_negative("clip", clip)
        self.weight_decay = not_negative("weight_decay", weight_decay)

    def first_slots(self, w: Any) -> Sequence[Any]:
        kind = real_type(w.dtype)
        shapes = ((*w.shape[:-1], 1), (*w.shape[:-2], 1, w.shape[-1])) if w.ndim >= 2 else (w.shape, (0,))
        return [np.zeros_like(w, kind, shape=shape) for shape in shapes]

    def update(self, w: Any, g: Any, lr: Any, t: Any, *slots: Any) -> tuple:
        rows, columns = slots
        new = in_type_of(w, np.power(t, -self.power))
        s = squares(g)
        if w.ndim < 2:
            rows = (1 - new) * rows + new * (s + _TINY)
            mean_squares = rows
        else:
            rows = (1 - new) * rows + new * (_mean(s, -1) + _TINY)
            columns = (1 - new) * columns + new * (_mean(s, -2) + _TINY)
            mean_squares = rows / _mean(rows, -2) * columns
        u = g / np.sqrt(mean_squares)
        u = u / np.maximum(1, rms(u) / self.clip)
        rate = np.minimum(lr, in_type_of(w, 1 / np.sqrt(t))) * np.maximum(self.eps, rms(w))
        return w - lr * self.weight_decay * w - rate * u, rows, columns


def _mean(x: Any, axis: int) -> Any:
    """The mean, which has one element along the axis; 0 of nothing."""
    return np.sum(x, axis=axis, keepdims=True) / max(x.shape[axis], 1)
