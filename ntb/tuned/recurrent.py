"""What the tuned recurrent networks share: sums over all steps as one product, and second derivatives.

Sequences are (T, N, D) in them, and states (T, N, H): what a step works on is contiguous.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..nn.recurrent.along import chosen
from ..tape.tape import Tape
from ..tape.tensor import Tensor, value_of


def rows(a: Any) -> Any:
    """(T, N, D) -> (T N, D)."""
    return np.reshape(a, (a.shape[0] * a.shape[1], a.shape[2]))


def over_steps(a: Any, b: Any) -> Any:
    """The sum over all steps of a[t].T @ b[t], as one product."""
    return np.matmul(np.transpose(rows(a)), rows(b))


def of_inputs(d: Any, x: Any, wx: Any) -> tuple:
    """The gradients of x, wx and b from that of x @ wx + b, (T, N, G); functions, of which none may be called."""
    return (
        lambda: np.reshape(np.matmul(rows(d), np.transpose(wx)), x.shape),
        lambda: over_steps(x, d),
        lambda: np.sum(rows(d), axis=0),
    )


def held(mask: Any, t: int, new: Sequence[Any], old: Sequence[Any]) -> Sequence[Any]:
    """The parts of the state after step t: the new ones, or where the mask (T, N) hides the step, the old ones."""
    return new if mask is None else [chosen(mask[t], a, b) for a, b in zip(new, old)]


# --- second derivatives


def adjoint(states: Callable[..., Any], inputs: Sequence[Any], d_states: Any) -> list:
    """The gradients of inputs of plain equations, from the gradient of the states that they give."""
    turned = _turned(d_states)
    with Tape(watch_variables=False) as tape:
        watched = [tape.watch(x) for x in inputs]
        y = states(*watched)
    return [turned(d) for d in tape.gradient(y, watched, seed=turned(d_states), unconnected="zero")]


def second(g: Any, parts: Sequence[Any], pull: Callable[..., Any]) -> Callable[[int], Any]:
    """The rule of an adjoint, which gives a gradient for each of its parts.

    Second derivatives are rare. They come from the plain equations, whose backward walk is recorded.

    Args:
        g: the gradient of what `pull` gives.
        parts: the gradient of the states, and what the states were computed from.
        pull: the adjoint as a function of the parts, written with `adjoint`.
    """
    turned = _turned(parts[0])
    with Tape(watch_variables=False) as tape:
        watched = [tape.watch(part) for part in parts]
        d = pull(*watched)
    gradients = [turned(x) for x in tape.gradient(d, watched, seed=turned(g), unconnected="zero")]
    return lambda i: gradients[i] if isinstance(g, Tensor) else value_of(gradients[i])


def _turned(x: Any) -> Callable[[Any], Any]:
    """Of complex numbers a tape gives the conjugate of what a rule is given and gives."""
    return np.conjugate if x.dtype.kind == "c" else lambda x: x
