"""The vanilla recurrent network: one step, and whole sequences as a loop over it."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...forms import block
from .fitting import fitting


def rnn_cell(x: Any, h: Any, wx: Any, wh: Any, b: Any) -> Any:
    """One step of a vanilla recurrent network (Elman, 1990): `tanh(x @ wx + h @ wh + b)`.

    Args:
        x: (N, D); h: the state, (N, H); wx: (D, H); wh: (H, H); b: (H,).

    Returns:
        The new state, (N, H).

    Numbers are real or complex, of any precision; the result has the common floating type. N and D may be 0.

    >>> rnn_cell(np.ones((1, 2)), np.zeros((1, 1)), np.ones((2, 1)), np.ones((1, 1)), np.zeros(1))
    array([[0.96402758]])
    """
    return _step(*fitting("ND", 1, x, (h,), wx, wh, b))


def rnn(x: Any, h: Any, wx: Any, wh: Any, b: Any) -> tuple[Any, Any]:
    """`rnn_cell` along sequences: x (N, T, D), first state (N, H) -> all states (N, T, H), and the last (N, H).

    Numbers are real or complex, of any precision; the result has the common floating type. N and D may be 0, T not.

    >>> states, last = rnn(np.ones((1, 3, 1)), np.zeros((1, 1)), np.ones((1, 1)), np.zeros((1, 1)), np.zeros(1))
    >>> states.ravel().round(3), last.shape
    (array([0.762, 0.762, 0.762]), (1, 1))
    """
    return rnn_sequence(*fitting("NTD", 1, x, (h,), wx, wh, b))


@block
def rnn_sequence(x: Any, h: Any, wx: Any, wh: Any, b: Any) -> tuple[Any, Any]:
    """`rnn` of arguments that were checked."""
    states = []
    for t in range(x.shape[1]):
        h = _step(x[:, t], h, wx, wh, b)
        states.append(h)
    return np.stack(states, axis=1), h


def _step(x: Any, h: Any, wx: Any, wh: Any, b: Any) -> Any:
    return np.tanh(x @ wx + b + h @ wh)
