"""What all recurrent networks have in common: a step is repeated along time; steps that a mask hides are skipped."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def along(step: Callable[..., tuple], x: Any, state: tuple, mask: Any) -> tuple:
    """Repeat a step along sequences.

    Args:
        step: from the input of one step, (N, ...), and the parts of the state to the parts of the new state, of which
            the first is the output.
        x: (N, T, ...).
        state: the parts of the first state, (N, ...) each.
        mask: bools (N, T), or None. Where it is False, the state stays as it is, and the output is 0.

    Returns:
        All outputs, (N, T, ...), and the parts of the last state.
    """
    outputs = []
    for t in range(x.shape[1]):
        new = step(x[:, t], *state)
        state = new if mask is None else tuple([chosen(mask[:, t], a, b) for a, b in zip(new, state)])
        outputs.append(state[0])
    y = np.stack(outputs, axis=1)
    return (y if mask is None else chosen(mask, y, 0), *state)


def chosen(mask: Any, a: Any, b: Any) -> Any:
    """a where the mask holds, else b; the mask has the first axes of a."""
    return np.where(np.reshape(mask, mask.shape + (1,) * (a.ndim - mask.ndim)), a, b)
