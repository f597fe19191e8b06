"""Jacobians by the reverse walk: one walk for each element of the target.

A room that gives tapes `jacobian`; for `ntb/__init__.py`, which imports it, and for `jacobians.py`.

With complex numbers: a real target has, for each element, its gradient ∂y/∂Re x + i ∂y/∂Im x. A complex target has
the derivative itself: dy = J dx. For a complex source this exists only if the function is holomorphic: a dx that is
multiplied by i gives a dy multiplied by i (the Cauchy-Riemann equations). That is checked.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import GradientError
from ..extending import extends
from ..tape.gradient import conjugated
from ..tape.tape import Tape
from ..tape.tensor import Tensor
from ..tree import fill, leaves
from ..values.creation import tensor


@extends(Tape)
class Jacobians:
    """The method of tapes that gives all derivatives of a target."""

    def jacobian(self: Any, target: Any, sources: Any) -> Any:
        """The derivatives of every element of `target`, of shape `target.shape + source.shape`; one walk an element.

        With complex numbers: a real target has, for each element, its gradient; a complex target has the derivative
        itself, and if the source is complex too, the target must be a holomorphic function of it.

        Raises:
            GradientError: a complex target is not a holomorphic function of a complex source.

        >>> with Tape() as tape:
        ...     x = tape.watch([1.0, 2.0])
        ...     y = x * x
        >>> tape.jacobian(y, x)
        Tensor([[2., 0.],
                [0., 4.]])
        """
        flat = leaves(sources)
        self.check(target, flat)
        persistent, self.persistent = self.persistent, True
        try:
            answers = _reverse_jacobian(self, target, flat)
        finally:
            self.persistent = persistent
        if not persistent:
            self.use_up()
        return fill(sources, answers)


def _reverse_jacobian(tape: Tape, target: Any, sources: list[Any]) -> list[Tensor]:
    """The derivatives of `target` by each source, of shape `target.shape + source.shape`; the tape is persistent."""
    rows = _rows_of(tape, target, sources, 1)
    if target.dtype.kind != "c":
        return [conjugated(j) for j in rows]
    turned = _rows_of(tape, target, sources, 1j)
    return [
        checked_holomorphic(j, k) if source.dtype.kind == "c" else j - 1j * k
        for j, k, source in zip(rows, turned, sources, strict=True)
    ]


def _rows_of(tape: Tape, target: Any, sources: list[Any], unit: complex) -> list[Tensor]:
    """For each source the stacked gradients of the target's elements times `unit`, in the convention of rules."""
    ids = [source.id for source in sources]
    rows: list[list[Any]] = [[] for _ in sources]
    for i in range(target.size):
        seed = np.zeros(target.shape, target.dtype)
        seed.flat[i] = unit
        found = tape.walk({target.id: target.read().like(Tensor(seed))}, ids)
        for row, source in zip(rows, sources, strict=True):
            g = found.get(source.id)
            row.append(np.zeros(source.shape, source.dtype) if g is None else g)
    return [stacked(row, target.shape, source) for row, source in zip(rows, sources, strict=True)]


def stacked(parts: list[Any], shape: tuple[int, ...], like: Any) -> Tensor:
    """The parts, each of the source's shape, as one tensor whose first axes have the shape of the target."""
    if not parts:
        return Tensor(np.zeros(shape + like.shape, like.dtype))
    return tensor(np.reshape(np.stack(parts), shape + parts[0].shape))


def checked_holomorphic(j: Tensor, turned: Tensor) -> Tensor:
    """The derivative `j`; an error unless `turned`, the derivative for a change multiplied by i, is i times `j`."""
    if j.size and np.max(np.abs(turned - 1j * j)) > 100 * np.finfo(j.dtype).eps * np.max(np.abs(j) + np.abs(turned)):
        raise GradientError(
            "the function is not holomorphic (it takes a conjugate, a real part or an absolute value on the way), so "
            "that no complex Jacobian exists; make it a function of the real and imaginary parts, each an argument"
        )
    return j
