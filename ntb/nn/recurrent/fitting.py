"""What the recurrent networks share: the checks of what goes into a step or a sequence.

The networks are in `rnn.py`, `lstm.py` and `gru.py`. Each is a step, which `along.py` repeats. They take real or
complex numbers of any precision, in arrays, tensors, variables or lists; integers and bools are taken as floating-point
numbers. The result has the common floating type. N and D may be 0, T not.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import InputError
from ..checks import floating
from .along import chosen
from .lengths import mask_of


def fitting(axes: str, gates: int, x: Any, state: tuple, wx: Any, wh: Any, *biases: Any) -> tuple:
    """The arguments of a step or a sequence, in one flat tuple, as floating-point numbers whose shapes fit each other.

    Args:
        axes: those of x: "ND" for a step, "NTD" for a sequence.
        gates: how many blocks of H columns the weights have.
        state: each part (N, H), or None for zeros; wx: (D, gates * H); wh: (H, gates * H); biases: each (gates * H,).

    Raises:
        InputError: the shapes do not fit.
    """
    x, wx, wh, *rest = floating(x, wx, wh, *biases, optional=state)
    biases, state = tuple(rest[: len(biases)]), tuple(rest[len(biases) :])
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
        if s is not None and s.shape != wanted:
            raise InputError(
                f"the state has shape {s.shape}; for x of shape {x.shape} and {units} units it is {wanted}"
            )
    dtype = np.result_type(x.dtype, wx.dtype, wh.dtype)
    return (x, *[np.zeros(wanted, dtype) if s is None else s for s in state], wx, wh, *biases)


def fitting_sequences(gates: int, x: Any, state: tuple, *weights: Any, mask: Any, lengths: Any) -> tuple:
    """The arguments of a run along sequences, as of `fitting`, and at their end the mask (N, T), or None.

    What the mask hides of x is 0, as it may hold anything, NaN too.
    """
    x, *rest = fitting("NTD", gates, x, state, *weights)
    mask = mask_of(x, mask, lengths)
    return (x if mask is None else chosen(mask, x, 0), *rest, mask)
