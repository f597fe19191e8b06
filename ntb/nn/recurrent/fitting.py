"""What the recurrent networks share: the checks of what goes into a step or a sequence.

The networks are in `rnn.py`, `lstm.py` and `gru.py`. Each is a step and a loop over time. They take real or complex
numbers of any precision, in arrays, tensors, variables or lists; integers and bools are taken as floating-point
numbers. The result has the common floating type. N and D may be 0, T not.
"""

from __future__ import annotations

from typing import Any

from ...errors import InputError
from ..checks import floating


def fitting(axes: str, gates: int, x: Any, state: tuple, wx: Any, wh: Any, *biases: Any) -> tuple:
    """The arguments of a step or a sequence, in one flat tuple, as floating-point numbers whose shapes fit each other.

    Args:
        axes: those of x: "ND" for a step, "NTD" for a sequence.
        gates: how many blocks of H columns the weights have.
        state: each part (N, H); wx: (D, gates * H); wh: (H, gates * H); biases: each (gates * H,).

    Raises:
        InputError: the shapes do not fit.
    """
    x, wx, wh, *rest = floating(x, wx, wh, *state, *biases)
    state, biases = tuple(rest[: len(state)]), tuple(rest[len(state) :])
    fits = x.ndim == len(axes) and wx.ndim == wh.ndim == 2 and 0 not in x.shape[1:-1]
    fits = fits and x.shape[-1] == wx.shape[0] and wx.shape[1] == wh.shape[1] == gates * wh.shape[0]
    if not fits:
        raise InputError(
            f"x of shape {x.shape} and weights of shapes {wx.shape} and {wh.shape} do not fit; expected "
            f"x ({', '.join(axes)}){' with T > 0' if 'T' in axes else ''}, wx (D, gates * H), wh (H, gates * H)"
        )
    for b in biases:
        if b.shape != wx.shape[1:]:
            raise InputError(
                f"a bias of shape {b.shape} does not fit weights of shape {wx.shape}; expected {wx.shape[1:]}"
            )
    units = wh.shape[0]
    wanted = (x.shape[0], units)
    for s in state:
        if s.shape != wanted:
            raise InputError(
                f"the state has shape {s.shape}; for x of shape {x.shape} and {units} units it is {wanted}"
            )
    return (x, *state, wx, wh, *biases)
