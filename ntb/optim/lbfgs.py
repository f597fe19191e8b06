"""L-BFGS: all parameters are one long vector `w` here, and `g` is its gradient."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import InputError
from .optimizer import LearningRate, Optimizer
from .precision import in_type_of

_Vector = list[Any]
"""One vector in parts: an array for each parameter."""


class LBFGS(Optimizer):
    """Newton's method, with the curvature that the last steps have met (Nocedal, 1980; Nocedal and Wright, chapter 7).

        s_i, y_i = the i-th change of w that is remembered, and that of g
        q = g;              for i from the newest: a_i = s_i·q / s_i·y_i;  q = q - a_i * y_i
        q = s·y / y·y * q   (of the newest)
        for i from the oldest: q = q + (a_i - y_i·q / s_i·y_i) * s_i
        w = w - lr * q

    For a loss of all data at once, with a smooth minimum: noise in the gradients is taken for curvature. The first step
    is lr / |g|₁ * g at most. There is no search along the step; `ntb.optim.minimize` has SciPy's.

    Args:
        lr: the learning rate, 1 where the loss is near to a parabola.
        memory: how many steps are remembered, each with two arrays like the parameters.

    Parameters are real or complex numbers of any precision; those of float16 have slots of float32. All parameters must
    be given at every step.

    >>> LBFGS()
    LBFGS(lr=1.0, memory=10)
    """

    on_arrays = True
    slot_names = ("changes", "turns", "change", "gradient")

    def __init__(self, lr: LearningRate = 1.0, memory: int = 10) -> None:
        super().__init__(lr)
        if not memory >= 1:
            raise InputError(f"L-BFGS remembers one step or more, not {memory}; 10 is a usual number")
        self.memory = int(memory)

    def first_slots(self, w: Any) -> Sequence[Any]:
        many = np.zeros_like(w, shape=(self.memory, *w.shape))
        return many, many, np.zeros_like(w), np.zeros_like(w)

    def update_all(self, cells: list[list[Any]], grads: list[Any], lr: Any, t: Any) -> list[tuple]:
        if not cells:
            return []
        ws, changes, turns, change, gradient = (list(column) for column in zip(*cells))
        changes, turns = self._remembered(changes, turns, change, gradient, grads)
        first = np.minimum(1, _inverse(sum(np.sum(np.abs(g), dtype=float) for g in grads)))
        rate = np.where(np.equal(t, 1), first, 1) * lr
        steps = [-in_type_of(q, rate) * q for q in self._down(grads, changes, turns)]
        return list(zip([w + d for w, d in zip(ws, steps)], changes, turns, steps, grads))

    def _remembered(
        self, changes: _Vector, turns: _Vector, change: _Vector, gradient: _Vector, grads: _Vector
    ) -> tuple[_Vector, _Vector]:
        """The memory with the last step, unless the loss does not curve upwards along it; the newest comes last."""
        turn = [g - last for g, last in zip(grads, gradient)]
        upwards = _dot(change, turn) > 1e-10
        new = lambda many, one: [np.where(upwards, np.concatenate([m[1:], x[None]]), m) for m, x in zip(many, one)]
        return new(changes, change), new(turns, turn)

    def _down(self, grads: _Vector, changes: _Vector, turns: _Vector) -> _Vector:
        """The gradient times the inverse of the curvature, by two loops over the memory."""
        memory = [([m[i] for m in changes], [m[i] for m in turns]) for i in range(self.memory)]
        inverse = [_inverse(_dot(s, y)) for s, y in memory]  # 0 in a place that is not used yet, which adds nothing
        q, parts = grads, []
        for (s, y), one in list(zip(memory, inverse))[::-1]:
            parts.append(one * _dot(s, q))
            q = _sum(q, -parts[-1], y)
        s, y = memory[-1]
        scale = np.where(inverse[-1] > 0, _dot(s, y) * _inverse(_dot(y, y)), 1)
        q = [in_type_of(x, scale) * x for x in q]
        for (s, y), one, a in zip(memory, inverse, parts[::-1]):
            q = _sum(q, a - one * _dot(y, q), s)
        return q


def _dot(one: _Vector, other: _Vector) -> Any:
    """The product of two vectors, in float64; complex numbers are points of the plane."""
    return sum(np.sum(np.real(a * np.conjugate(b)), dtype=float) for a, b in zip(one, other))


def _sum(one: _Vector, factor: Any, other: _Vector) -> _Vector:
    return [a + in_type_of(a, factor) * b for a, b in zip(one, other)]


def _inverse(x: Any) -> Any:
    """1 / x; 0 for 0."""
    return np.where(x == 0, 0, 1 / np.where(x == 0, 1, x))
