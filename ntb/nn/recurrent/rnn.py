"""The vanilla recurrent network: one step, and whole sequences as a loop over it."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...forms import block
from .along import along
from .fitting import fitting, fitting_sequences


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


def rnn(x: Any, h: Any, wx: Any, wh: Any, b: Any, *, mask: Any = None, lengths: Any = None) -> tuple[Any, Any]:
    """`rnn_cell` along sequences: x (N, T, D), first state (N, H) -> all states (N, T, H), and the last (N, H).

    Args:
        x: (N, T, D).
        h: the first state, (N, H); None for zeros.
        wx, wh, b: as for `rnn_cell`.
        mask: bools (N, T). Steps where it is False are skipped: the state stays as it is, and the output there is 0.
        lengths: integers (N,), in the place of a mask, of sequences that are padded at their ends (`pad_sequences`).

    Numbers are real or complex, of any precision; the result has the common floating type. N and D may be 0, T not.

    >>> states, last = rnn(np.ones((1, 3, 1)), None, np.ones((1, 1)), np.zeros((1, 1)), np.zeros(1))
    >>> states.ravel().round(3), last.shape
    (array([0.762, 0.762, 0.762]), (1, 1))
    """
    return rnn_sequence(*fitting_sequences(1, x, (h,), wx, wh, b, mask=mask, lengths=lengths))


@block
def rnn_sequence(x: Any, h: Any, wx: Any, wh: Any, b: Any, mask: Any = None) -> tuple[Any, Any]:
    """`rnn` of arguments that were checked."""
    return along(lambda x, h: (_step(x, h, wx, wh, b),), x, (h,), mask)


def _step(x: Any, h: Any, wx: Any, wh: Any, b: Any) -> Any:
    return np.tanh(x @ wx + b + h @ wh)
