"""The gated recurrent unit: the equations of its step, and whole sequences as a loop over it."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...forms import block
from ...ops.special import sigmoid
from .along import along
from .fitting import fitting, fitting_sequences


def gru_step(zx: Any, zh: Any, h: Any, axis: int = -1) -> Any:
    """The equations of a step: what input and state contribute, zx and zh (N, 3H), and the state (N, H) -> (N, H).

    Args:
        zx, zh: `x @ wx + bx` and `h @ wh + bh`: three blocks, for reset gate, update gate and candidate.
        h: the state.
        axis: along which the blocks and the units lie.
    """
    first_two = [2 * h.shape[axis]]
    x_gates, x_candidate = np.split(zx, first_two, axis)
    h_gates, h_candidate = np.split(zh, first_two, axis)
    r, z = np.split(sigmoid(x_gates + h_gates), 2, axis)
    n = np.tanh(x_candidate + r * h_candidate)
    return n + z * (h - n)  # (1 - z) * n + z * h, with one product less


def gru_cell(x: Any, h: Any, wx: Any, wh: Any, bx: Any, bh: Any) -> Any:
    """One step of a gated recurrent unit (Cho et al., 2014), in PyTorch's form: the reset gate follows the product.

        r, z = sigmoid of the first two thirds of (x @ wx + bx) + (h @ wh + bh)
        n = tanh of the last third, with the term of h multiplied by r
        h' = (1 - z) * n + z * h

    Args:
        x: (N, D); h: (N, H); wx: (D, 3H); wh: (H, 3H); bx and bh: (3H,).

    Returns:
        The new state, (N, H).

    Numbers are real or complex, of any precision; the result has the common floating type. N and D may be 0.

    >>> gru_cell(np.ones((1, 2)), np.ones((1, 3)), np.zeros((2, 9)), np.zeros((3, 9)), np.zeros(9), np.zeros(9))
    array([[0.5, 0.5, 0.5]])
    """
    x, h, wx, wh, bx, bh = fitting("ND", 3, x, (h,), wx, wh, bx, bh)
    return gru_step(x @ wx + bx, h @ wh + bh, h)


def gru(
    x: Any, h: Any, wx: Any, wh: Any, bx: Any, bh: Any, *, mask: Any = None, lengths: Any = None
) -> tuple[Any, Any]:
    """`gru_cell` along sequences: x (N, T, D), first state (N, H) -> all states (N, T, H), and the last (N, H).

    Args:
        x: (N, T, D).
        h: the first state, (N, H); None for zeros.
        wx, wh, bx, bh: as for `gru_cell`.
        mask, lengths: which steps count, as for `rnn`.

    Numbers are real or complex, of any precision; the result has the common floating type. N and D may be 0, T not.

    >>> b = np.zeros(9)
    >>> states, last = gru(np.ones((2, 5, 4)), None, np.ones((4, 9)), np.ones((3, 9)), b, b)
    >>> states.shape, last.shape
    ((2, 5, 3), (2, 3))
    """
    return gru_sequence(*fitting_sequences(3, x, (h,), wx, wh, bx, bh, mask=mask, lengths=lengths))


@block
def gru_sequence(x: Any, h: Any, wx: Any, wh: Any, bx: Any, bh: Any, mask: Any = None) -> tuple[Any, Any]:
    """`gru` of arguments that were checked."""
    return along(lambda x, h: (gru_step(x @ wx + bx, h @ wh + bh, h),), x, (h,), mask)
