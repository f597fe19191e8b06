"""The long short-term memory: the equations of its step, and whole sequences as a loop over it."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import InputError, describe
from ...forms import block
from ...ops.special import sigmoid
from .along import along
from .fitting import fitting, fitting_sequences


def lstm_step(z: Any, c: Any, axis: int = -1) -> tuple[Any, Any]:
    """The equations of a step: z = x @ wx + h @ wh + b (N, 4H) and the memory c (N, H) -> the new h and c.

    Args:
        z: four blocks, for input gate, forget gate, output gate and candidate.
        c: the memory.
        axis: along which the blocks and the units lie.
    """
    o, c = lstm_memory(z, c, axis)
    return o * np.tanh(c), c


def lstm_memory(z: Any, c: Any, axis: int = -1) -> tuple[Any, Any]:
    """The first half of `lstm_step`: the output gate, and the new memory."""
    gates, candidate = np.split(z, [3 * c.shape[axis]], axis)
    i, f, o = np.split(sigmoid(gates), 3, axis)
    g = np.tanh(candidate)
    return o, f * c + i * g


def lstm_cell(x: Any, state: tuple[Any, Any], wx: Any, wh: Any, b: Any) -> tuple[Any, Any]:
    """One step of a long short-term memory (Hochreiter and Schmidhuber, 1997; forget gates: Gers et al., 2000).

        i, f, o, g = sigmoid, sigmoid, sigmoid, tanh of the four quarters of x @ wx + h @ wh + b
        c' = f * c + i * g
        h' = o * tanh(c')

    Args:
        x: (N, D).
        state: (h, c), each (N, H).
        wx, wh, b: (D, 4H), (H, 4H), (4H,), with the gates in the order input, forget, output, candidate. (PyTorch puts
            the candidate before the output gate; here the three sigmoids are one call on one block.)

    Returns:
        The new (h, c).

    Numbers are real or complex, of any precision; the result has the common floating type. N and D may be 0.

    >>> zeros, wx, wh = np.zeros((2, 3)), np.zeros((4, 12)), np.zeros((3, 12))
    >>> h, c = lstm_cell(np.ones((2, 4)), (zeros, zeros + 1), wx, wh, np.zeros(12))
    >>> c[0]  # half of the memory is kept
    array([0.5, 0.5, 0.5])
    """
    x, h, c, wx, wh, b = fitting("ND", 4, x, pair_of(state), wx, wh, b)
    return lstm_step(x @ wx + b + h @ wh, c)


def lstm(
    x: Any, state: Any, wx: Any, wh: Any, b: Any, *, mask: Any = None, lengths: Any = None
) -> tuple[Any, tuple[Any, Any]]:
    """`lstm_cell` along sequences: x (N, T, D) and the first (h, c) -> all h as (N, T, H), and the last (h, c).

    For truncated backpropagation pass the last state through `ntb.stop_gradient` into the next call.

    Args:
        x: (N, T, D).
        state: the first (h, c), each (N, H); None for zeros.
        wx, wh, b: as for `lstm_cell`.
        mask, lengths: which steps count, as for `rnn`.

    Numbers are real or complex, of any precision; the result has the common floating type. N and D may be 0, T not.

    >>> out, (h, c) = lstm(np.ones((2, 5, 4)), None, np.ones((4, 12)), np.ones((3, 12)), np.zeros(12))
    >>> out.shape, bool(np.all(out[:, -1] == h))
    ((2, 5, 3), True)
    """
    parts = (None, None) if state is None else pair_of(state)
    states, h, c = lstm_sequence(*fitting_sequences(4, x, parts, wx, wh, b, mask=mask, lengths=lengths))
    return states, (h, c)


@block
def lstm_sequence(x: Any, h: Any, c: Any, wx: Any, wh: Any, b: Any, mask: Any = None) -> tuple[Any, Any, Any]:
    """`lstm` of arguments that were checked; returns all h, and the last h and c."""
    return along(lambda x, h, c: lstm_step(x @ wx + b + h @ wh, c), x, (h, c), mask)


def pair_of(state: Any) -> tuple:
    """The two parts of an LSTM's state, which may also be one array (2, N, H)."""
    length = len(state) if isinstance(state, (tuple, list)) else (getattr(state, "shape", ()) or (0,))[0]
    if length != 2:
        raise InputError(f"the state of an LSTM is a pair (h, c), each (N, H), not {describe(state)}")
    h, c = state
    return h, c
