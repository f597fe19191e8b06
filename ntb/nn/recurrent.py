"""Recurrent networks: single steps (cells), and whole sequences as a loop over them.

They take real or complex numbers of any precision, in arrays, tensors, variables or lists; integers and bools are taken
as floating-point numbers. The result has the common floating type. N and D may be 0, T not.

Users see states as (N, H) and sequences as (N, T, D). Inside, the batch is the last axis: each gate of the (4H, N)
product is then a contiguous block of rows. The inputs' contribution is one product for all steps, before the loop.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import InputError, describe
from ..ops.special import sigmoid
from .checks import floating
from .lstm import lstm_sequence, lstm_step


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
    (h,) = _cell(_rnn_step, 1, x, (h,), wx, wh, b)
    return h


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
    h, c = _cell(lstm_step, 4, x, pair_of(state), wx, wh, b)
    return h, c


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
    (h,) = _cell(_gru_step, 3, x, (h,), wx, wh, bx, bh)
    return h


def rnn(x: Any, h: Any, wx: Any, wh: Any, b: Any) -> tuple[Any, Any]:
    """`rnn_cell` along sequences: x (N, T, D), first state (N, H) -> all states (N, T, H), and the last (N, H).

    Numbers are real or complex, of any precision; the result has the common floating type. N and D may be 0, T not.

    >>> states, last = rnn(np.ones((1, 3, 1)), np.zeros((1, 1)), np.ones((1, 1)), np.zeros((1, 1)), np.zeros(1))
    >>> states.ravel().round(3), last.shape
    (array([0.762, 0.762, 0.762]), (1, 1))
    """
    out, (h,) = _sequence(_rnn_step, 1, x, (h,), wx, wh, b)
    return out, h


def lstm(x: Any, state: tuple[Any, Any], wx: Any, wh: Any, b: Any) -> tuple[Any, tuple[Any, Any]]:
    """`lstm_cell` along sequences: x (N, T, D) and the first (h, c) -> all h as (N, T, H), and the last (h, c).

    For truncated backpropagation pass the last state through `ntb.stop_gradient` into the next call.

    Numbers are real or complex, of any precision; the result has the common floating type. N and D may be 0, T not.

    >>> zeros = np.zeros((2, 3))
    >>> out, (h, c) = lstm(np.ones((2, 5, 4)), (zeros, zeros), np.ones((4, 12)), np.ones((3, 12)), np.zeros(12))
    >>> out.shape, bool(np.all(out[:, -1] == h))
    ((2, 5, 3), True)
    """
    x, wx, wh, b, h, c = floating(x, wx, wh, b, *pair_of(state))
    _check(x, 3, 4, (h, c), wx, wh, b)
    states = lstm_sequence(np.transpose(x, (1, 0, 2)), h, c, wx, wh, b)
    return np.transpose(states[1:-1], (1, 0, 2)), (states[-2], states[-1])


def gru(x: Any, h: Any, wx: Any, wh: Any, bx: Any, bh: Any) -> tuple[Any, Any]:
    """`gru_cell` along sequences: x (N, T, D), first state (N, H) -> all states (N, T, H), and the last (N, H).

    Numbers are real or complex, of any precision; the result has the common floating type. N and D may be 0, T not.

    >>> b = np.zeros(9)
    >>> states, last = gru(np.ones((2, 5, 4)), np.zeros((2, 3)), np.ones((4, 9)), np.ones((3, 9)), b, b)
    >>> states.shape, last.shape
    ((2, 5, 3), (2, 3))
    """
    out, (h,) = _sequence(_gru_step, 3, x, (h,), wx, wh, bx, bh)
    return out, h


# --- steps, with the batch last: z (G, N) is what the input contributes, wh (G, H) the transposed weight


def _rnn_step(z: Any, state: tuple, wh: Any) -> tuple:
    (h,) = state
    return (np.tanh(z + np.matmul(wh, h)),)


def _gru_step(z: Any, state: tuple, wh: Any, bh: Any) -> tuple:
    (h,) = state
    at = [2 * h.shape[0]]
    z_gates, z_new = np.split(z, at)
    h_gates, h_new = np.split(np.matmul(wh, h) + np.reshape(bh, (-1, 1)), at)
    r, u = np.split(sigmoid(z_gates + h_gates), 2)
    new = np.tanh(z_new + r * h_new)
    return (new + u * (h - new),)


# --- one step and all steps


def pair_of(state: Any) -> tuple:
    """The two parts of an LSTM's state, which may also be one array (2, N, H)."""
    length = len(state) if isinstance(state, (tuple, list)) else (getattr(state, "shape", ()) or (0,))[0]
    if length != 2:
        raise InputError(f"the state of an LSTM is a pair (h, c), each (N, H), not {describe(state)}")
    h, c = state
    return h, c


def _cell(step: Callable, gates: int, x: Any, state: tuple, wx: Any, wh: Any, *biases: Any) -> tuple:
    x, wx, wh, *rest = floating(x, wx, wh, *state, *biases)
    state, bx, further = tuple(rest[: len(state)]), rest[len(state)], rest[len(state) + 1 :]
    _check(x, 2, gates, state, wx, wh, bx, *further)
    z = np.matmul(np.transpose(wx), np.transpose(x)) + np.reshape(bx, (-1, 1))
    state = step(z, tuple(np.transpose(s) for s in state), np.transpose(wh), *further)
    return tuple(np.transpose(s) for s in state)


def _sequence(step: Callable, gates: int, x: Any, state: tuple, wx: Any, wh: Any, *biases: Any) -> tuple[Any, tuple]:
    x, wx, wh, *rest = floating(x, wx, wh, *state, *biases)
    state, bx, further = tuple(rest[: len(state)]), rest[len(state)], rest[len(state) + 1 :]
    _check(x, 3, gates, state, wx, wh, bx, *further)
    steps, batch = x.shape[1], x.shape[0]
    inputs = np.matmul(np.transpose(wx), np.transpose(x, (1, 2, 0))) + np.reshape(bx, (-1, 1))  # (T, G, N)
    state = tuple(np.transpose(s) for s in state)
    wh = np.transpose(wh)
    outputs = []
    for z in np.split(inputs, steps):
        state = step(np.reshape(z, (wx.shape[1], batch)), state, wh, *further)
        outputs.append(state[0])
    return np.transpose(np.stack(outputs), (2, 0, 1)), tuple(np.transpose(s) for s in state)


def _check(x: Any, ndim: int, gates: int, state: tuple, wx: Any, wh: Any, *biases: Any) -> None:
    fits = x.ndim == ndim and wx.ndim == wh.ndim == 2 and 0 not in x.shape[1:-1]
    fits = fits and x.shape[-1] == wx.shape[0] and wx.shape[1] == wh.shape[1] == gates * wh.shape[0]
    if not fits:
        raise InputError(
            f"x of shape {x.shape} and weights of shapes {wx.shape} and {wh.shape} do not fit; expected x "
            + ("(N, D)" if ndim == 2 else "(N, T, D) with T > 0")
            + ", wx (D, gates * H), wh (H, gates * H)"
        )
    hidden = wh.shape[0]
    wanted = (x.shape[0], hidden)
    for b in biases:
        if b.shape != wx.shape[1:]:
            raise InputError(
                f"a bias of shape {b.shape} does not fit weights of shape {wx.shape}; expected {wx.shape[1:]}"
            )
    for s in state:
        if np.shape(s) != wanted:
            raise InputError(
                f"the state has shape {np.shape(s)}; for x of shape {x.shape} and {hidden} units it is {wanted}"
            )
