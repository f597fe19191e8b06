"""The tuned form of the gated recurrent unit over a whole sequence: one operation and its adjoint, as in `lstm.py`.

What the inputs contribute to all steps is one product, before the loop. A step of the loop over time is, with the gates
r and z, the candidate n, and q, which the state contributes to the candidate,

    r, z = sigmoid(inputs + h @ wh + bh)
    q = h @ wh + bh
    n = tanh(inputs + r q)
    h' = n + z (h - n)

The adjoint is linear in d, the gradient of h': the gradients in the four arrays r, z, q and n, before their functions,
are d times slopes, which are computed for all steps together. What goes on to h is

    d z + (d slopes of r, z and q) @ wh.T

Sequences and their gradient in float32 on one thread: 25 of 30 steps (32 inputs, 64 units) take 2.1 ms replayed, where
the plain form takes 2.6, and 3 eagerly rather than 9; 32 of 20 steps (16 inputs and units) 0.56 rather than 0.80. A
program of the plain form grows with the number of steps, and its first call too.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..forms import tuned
from ..nn.recurrent.along import chosen
from ..nn.recurrent.gru import gru_sequence as plain_sequence
from ..nn.recurrent.gru import gru_step
from ..ops.flops import size
from ..primitive import primitive
from ..tape.rules import declare, derivative
from .recurrent import adjoint, held, of_inputs, over_steps, rows, second


@tuned(plain_sequence)
def gru_sequence(x: Any, h: Any, wx: Any, wh: Any, bx: Any, bh: Any, mask: Any = None) -> tuple[Any, Any]:
    """All states (N, T, H), and the last (N, H), of x (N, T, D) and mask (N, T)."""
    parts = (np.transpose(x, (1, 0, 2)), h, wx, wh, bx, bh)
    hidden = () if mask is None else (np.transpose(mask),)
    states = gru_states(parts, gru_run(*parts, *hidden), *hidden)
    y = np.transpose(states, (1, 0, 2))
    return y if mask is None else chosen(mask, y, 0), states[-1]


def gru_regions(memory: Any) -> tuple:
    """The parts of the memory of a run: the arrays r, z, q and n of all steps (T, 4, N, H), and h (T + 1, N, H)."""
    steps = len(memory) // 5
    return memory[: 4 * steps].reshape(steps, 4, *memory.shape[1:]), memory[4 * steps :]


def _by_gate(w: Any) -> Any:
    """Three blocks side by side, (H, 3H), as one contiguous matrix for each, (3, H, H)."""
    return np.ascontiguousarray(w.reshape(w.shape[0], 3, w.shape[1] // 3).transpose(1, 0, 2))


def _run_flops(y: Any, x: Any, h: Any, wx: Any, wh: Any, *_: Any) -> int:
    """In each of T steps the products (N, D) @ (D, 3H) and (N, H) @ (H, 3H); the rest is element by element."""
    return 2 * math.prod((x.shape or (0,))[:2]) * (size(wx) + size(wh)) + 3 * size(y)


def _pull_flops(y: Any, g: Any, x: Any, h: Any, wx: Any, wh: Any, *_: Any) -> int:
    return 2 * math.prod((x.shape or (0,))[:2]) * size(wh) + 4 * size(y)


@primitive(product=_run_flops)
def gru_run(x: Any, h: Any, wx: Any, wh: Any, bx: Any, bh: Any, mask: Any = None, out: Any = None) -> Any:
    """All that the steps compute, in one array (5T + 1, N, H); `gru_regions` gives its parts.

    As sigmoid(a) = (1 + tanh(a / 2)) / 2, the factors 1/2 are put into the weights. Where the mask (T, N) hides a step,
    the state stays, and z is 1: so the slopes are 0, and the adjoint passes the gradient on.
    """
    steps, (batch, units) = x.shape[0], h.shape
    if out is None:
        out = np.empty((5 * steps + 1, batch, units), np.result_type(x, h, wx, wh, bx, bh))
    arrays, hidden = gru_regions(out)
    half = np.ones(3 * units, out.dtype)
    half[: 2 * units] = 0.5
    inputs = np.matmul(x.reshape(steps * batch, x.shape[2]), wx * half)  # (T N, 3H), of all steps by one product
    by_gate = np.add(inputs, bx * half).reshape(steps, batch, 3, units).swapaxes(1, 2)
    arrays[:, :2], arrays[:, 3] = by_gate[:, :2], by_gate[:, 2]
    wh, bh = _by_gate(wh * half), (bh * half).reshape(3, 1, units)
    hidden[0] = h
    from_state, more = np.empty((3, batch, units), out.dtype), np.empty((batch, units), out.dtype)
    skipped = [None] * steps if mask is None else np.logical_not(mask)[..., None]
    for array, h, h_next, skip in zip(arrays, hidden, hidden[1:], skipped):
        gates, (r, z, q, n) = array[:2], array
        np.matmul(h, wh, out=from_state)
        np.add(from_state, bh, from_state)
        np.add(gates, from_state[:2], gates)
        np.tanh(gates, gates)
        np.multiply(gates, 0.5, gates)
        np.add(gates, 0.5, gates)
        np.copyto(q, from_state[2])
        np.multiply(r, q, more)
        np.add(n, more, n)
        np.tanh(n, n)
        np.subtract(h, n, more)
        np.multiply(z, more, more)
        np.add(n, more, h_next)
        if skip is not None:
            np.copyto(h_next, h, where=skip)
            np.copyto(z, 1, where=skip)
    return out


@primitive(moves=True)
def gru_states(parts: Any, run: Any, mask: Any = None, out: Any = None) -> Any:
    """The states after all steps, (T, N, H), out of `gru_run(*parts, mask)`.

    To a tape this is the operation that depends on the `parts`; the adjoint uses what else was computed.
    """
    _, hidden = gru_regions(run)
    if out is None:
        out = np.empty((len(hidden) - 1, *run.shape[1:]), run.dtype)
    np.copyto(out, hidden[1:])
    return out


@primitive(product=_pull_flops)
def gru_pull(parts: Any, run: Any, mask: Any = None, out: Any = None) -> Any:
    """The gradients of r, z, q and n before their functions, (T, 4, N, H), and of the first h, as one (4T + 1, N, H).

    Args:
        parts: the gradient of the states, (T, N, H), and the arguments of the run.
        run: what `gru_run` computed.
        mask: that of the run.
    """
    d_states, wh = parts[0], parts[4]
    steps = len(d_states)
    if out is None:
        out = np.empty((4 * steps + 1, *run.shape[1:]), run.dtype)
    arrays, hidden = gru_regions(run)
    d_arrays, d_h = out[:-1].reshape(arrays.shape), out[-1]
    _gate_slopes(arrays, hidden, d_arrays)  # the slopes stand where the gradients will be
    back = np.ascontiguousarray(_by_gate(wh).swapaxes(1, 2))
    d_h[...] = 0
    from_gates, d = np.empty((3, *d_h.shape), out.dtype), np.empty_like(d_h)
    for (_, z, _, _), d_array, d_state in zip(arrays[::-1], d_arrays[::-1], d_states[::-1]):
        np.add(d_h, d_state, d)
        np.multiply(d_array, d, d_array)
        np.matmul(d_array[:3], back, out=from_gates)
        np.add.reduce(from_gates, 0, None, d_h)
        np.multiply(d, z, d)
        np.add(d_h, d, d_h)
    return out


def _gate_slopes(arrays: Any, hidden: Any, slopes: Any) -> None:
    """The slopes of h' in r, z, q and n before their functions, of all steps."""
    r, z, q, n = arrays.swapaxes(0, 1)
    in_r, in_z, in_q, in_n = slopes.swapaxes(0, 1)
    np.subtract(1, z, in_z)
    np.multiply(n, n, in_n)
    np.subtract(1, in_n, in_n)
    np.multiply(in_n, in_z, in_n)  # (1 - z) (1 - n^2)
    np.multiply(in_z, z, in_z)
    np.subtract(hidden[:-1], n, in_r)
    np.multiply(in_z, in_r, in_z)  # z (1 - z) (h - n)
    np.multiply(in_n, r, in_q)
    np.subtract(1, r, in_r)
    np.multiply(in_r, q, in_r)
    np.multiply(in_r, in_q, in_r)  # q r (1 - r) (1 - z) (1 - n^2)


def _states_rule(g, y, parts, run, mask=None):
    """The gradients of the arguments of a run; each is computed when it is asked for."""
    x, h, wx, *_ = parts
    steps, (batch, units) = x.shape[0], h.shape
    d = gru_pull((g, *parts), run, *() if mask is None else (mask,))
    d_arrays = np.transpose(np.reshape(d[: 4 * steps], (steps, 4, batch, units)), (0, 2, 1, 3))  # (T, N, 4, H)
    d_inputs = np.reshape(np.take(d_arrays, [0, 1, 3], axis=2), (steps, batch, 3 * units))
    d_state = np.reshape(d_arrays[:, :, :3], (steps, batch, 3 * units))  # of h @ wh + bh
    d_x, d_wx, d_bx = of_inputs(d_inputs, x, wx)
    d_wh = lambda: np.matmul(np.transpose(h), d_state[0]) + over_steps(y[:-1], d_state[1:])
    pieces = (d_x, lambda: d[-1], d_wx, d_wh, d_bx, lambda: np.sum(rows(d_state), axis=0))
    return lambda i: pieces[i]()


def _pull_rule(g, _y, parts, _run, mask=None):
    def pull(d_states, x, h, wx, wh, bx, bh):
        def states(inputs, into_state, h):
            found = []
            for t in range(inputs.shape[0]):
                (h,) = held(mask, t, [gru_step(inputs[t], h @ wh + bh + into_state[t], h)], [h])
                found.append(h)
            return np.stack(found)

        steps, (batch, units), inputs = x.shape[0], h.shape, x @ wx + bx
        d_inputs, d_state, d_h = adjoint(states, [inputs, np.zeros(inputs.shape, inputs.dtype), h], d_states)
        d_inputs, d_state = (np.split(d, 3, axis=2) for d in (d_inputs, d_state))
        d_arrays = np.stack([*d_state, d_inputs[2]], axis=1)
        return np.concatenate([np.reshape(d_arrays, (4 * steps, batch, units)), np.expand_dims(d_h, 0)])

    return second(g, parts, pull)


declare(gru_run, constant=True)
derivative(gru_states, _states_rule, None)
derivative(gru_pull, _pull_rule, None)
