"""Jacobians by the reverse walk: one walk for each element of the target.

What stands in them where numbers are complex. A real target has, for each element, its gradient ∂y/∂Re x + i ∂y/∂Im x.
A complex target has the derivative itself: dy = J dx. From a complex source that exists where the function is
holomorphic, which is to say where a turn of dx by i turns dy by i (the Cauchy-Riemann equations); this is checked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .answers import conjugated
from .elsewhere import brought
from .errors import GradientError
from .tensor import Tensor, tensor

if TYPE_CHECKING:
    from .tape import Tape


def reverse_jacobian(tape: Tape, target: Any, sources: list[Any]) -> list[Tensor]:
    """The derivatives of `target` by each source, of shape `target.shape + source.shape`; the tape is persistent."""
    rows = rows_of(tape, target, sources, 1)
    if target.dtype.kind != "c":
        return [conjugated(j) for j in rows]
    turned = rows_of(tape, target, sources, 1j)
    return [
        checked_holomorphic(j, k) if source.dtype.kind == "c" else j - 1j * k
        for j, k, source in zip(rows, turned, sources, strict=True)
    ]


def rows_of(tape: Tape, target: Any, sources: list[Any], unit: complex) -> list[Tensor]:
    """For each source the stacked gradients of the target's elements times `unit`, in the convention of rules."""
    tokens = [source.token for source in sources]
    rows: list[list[Any]] = [[] for _ in sources]
    for i in range(target.size):
        seed = np.zeros(target.shape, target.dtype)
        seed.flat[i] = unit
        found = tape.walk({target.token: brought(seed, target.read().value)}, tokens)
        for row, source in zip(rows, sources, strict=True):
            g = found.get(source.token)
            row.append(np.zeros(source.shape, source.dtype) if g is None else g)
    return [stacked(row, target.shape, source) for row, source in zip(rows, sources, strict=True)]


def stacked(parts: list[Any], shape: tuple[int, ...], like: Any) -> Tensor:
    """The parts, of a source's shape each, as one tensor whose first axes have the shape of the target."""
    if not parts:
        return Tensor(np.zeros(shape + like.shape, like.dtype))
    return tensor(np.reshape(np.stack(parts), shape + parts[0].shape))


def checked_holomorphic(j: Tensor, turned: Tensor) -> Tensor:
    """The derivative `j`, if a change that is turned by i gives i times as much, which is `turned`."""
    if j.size and np.max(np.abs(turned - 1j * j)) > 100 * np.finfo(j.dtype).eps * np.max(np.abs(j) + np.abs(turned)):
        raise GradientError(
            "the function is not holomorphic (it takes a conjugate, a real part or an absolute value on the way), so "
            "that no complex Jacobian exists; make it a function of the real and imaginary parts, each an argument"
        )
    return j
