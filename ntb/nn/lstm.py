"""A long short-term memory over a whole sequence, as one operation and its adjoint.

A step is a dozen short calls on small arrays, and a tape or a replay would pay for each of them, forwards and
backwards. Here the loop over time is inside the operation: everything lies in one block of memory that each step
writes to, and the gradients of the weights are one product over all steps instead of one per step.

Shapes are those of `recurrent.py`'s inside, with the batch last: x (T, D, N), states (H, N), gates (4H, N), so that
each gate is a contiguous block of rows. The weights are wx (D, 4H), wh (H, 4H), b (4H,).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..ops.special import sigmoid
from ..tape.rules import derivative, no_gradient, primitive
from ..tape.tape import Tape
from ..tape.tensor import Tensor, value_of


def lstm_step(z: Any, state: tuple, wh: Any) -> tuple:
    """The equations: z (4H, N) is what the input contributes, wh (4H, H) the transposed weight."""
    h, c = state
    z = z + np.matmul(wh, h)
    gates, candidate = np.split(z, [3 * h.shape[0]])
    i, f, o = np.split(sigmoid(gates), 3)
    c = f * c + i * np.tanh(candidate)
    return o * np.tanh(c), c


def lstm_sequence(x: Any, h: Any, c: Any, wx: Any, wh: Any, b: Any) -> Any:
    """The states (T + 2, H, N): the first h, the h of every step, and the last c."""
    parts = (x, h, c, wx, wh, b)
    return lstm_states(parts, lstm_run(*parts))


# --- forwards


def regions(memory: Any, steps: int, units: int) -> tuple:
    """The parts of the memory of a run: gates (T, 4H, N), c (T+1, H, N), tanh c (T, H, N), h (T+1, H, N)."""
    ends = [4 * steps * units, (5 * steps + 1) * units, (6 * steps + 1) * units]
    batch = memory.shape[1]
    return (
        memory[: ends[0]].reshape(steps, 4 * units, batch),
        memory[ends[0] : ends[1]].reshape(steps + 1, units, batch),
        memory[ends[1] : ends[2]].reshape(steps, units, batch),
        memory[ends[2] :].reshape(steps + 1, units, batch),
    )


@primitive
def lstm_run(x: Any, h: Any, c: Any, wx: Any, wh: Any, b: Any, out: Any = None) -> Any:
    """All that the steps compute, in one array ((7T + 2) H, N) of which `regions` tells the parts.

    As sigmoid(a) = (1 + tanh(a / 2)) / 2, one tanh serves all gates; the halves are put into the weights.
    """
    steps, units, batch = x.shape[0], h.shape[0], x.shape[2]
    if out is None:
        out = np.empty(((7 * steps + 2) * units, batch), np.result_type(x, h, c, wx, wh, b))
    gates, cs, squashed, hs = regions(out, steps, units)
    half = np.ones((4 * units, 1), out.dtype)
    half[: 3 * units] = 0.5
    wh = np.multiply(wh.T, half, order="C")  # contiguous: it takes part in every step's product
    np.matmul(np.multiply(wx.T, half, order="C"), x, out=gates)
    np.add(gates, np.reshape(b, (-1, 1)) * half, out=gates)
    hs[0], cs[0] = h, c
    z, new = np.empty((4 * units, batch), out.dtype), np.empty((units, batch), out.dtype)
    for a, before, now, squash, h, h_next in zip(gates, cs, cs[1:], squashed, hs, hs[1:]):
        np.matmul(wh, h, z)
        np.add(a, z, a)
        np.tanh(a, a)
        sigmoids = a[: 3 * units]
        np.multiply(sigmoids, 0.5, sigmoids)
        np.add(sigmoids, 0.5, sigmoids)
        i, f, o, candidate = a.reshape(4, units, batch)
        np.multiply(f, before, now)
        np.multiply(i, candidate, new)
        np.add(now, new, now)
        np.tanh(now, squash)
        np.multiply(o, squash, h_next)
    return out


@primitive
def lstm_states(parts: Any, run: Any, out: Any = None) -> Any:
    """The states (T + 2, H, N) out of `lstm_run(*parts)`: the first h, the h of every step, and the last c.

    To a tape this is the operation that depends on the `parts`; what the run computed besides is there for the adjoint.
    """
    steps, units, batch = parts[0].shape[0], parts[1].shape[0], run.shape[1]
    if out is None:
        out = np.empty((steps + 2, units, batch), run.dtype)
    _, cs, _, hs = regions(run, steps, units)
    out[:-1], out[-1] = hs, cs[-1]
    return out


# --- backwards


@primitive
def lstm_pull(parts: Any, run: Any, out: Any = None) -> Any:
    """From the gradient of the states, the first of the parts, that of what goes into the steps: ((4T + 2) H, N).

    It holds the gradients of the gates' inputs (T, 4H, N), of the first c and of the first h (H, N).
    """
    g, x, h, _, _, wh, _ = parts
    steps, units, batch = x.shape[0], h.shape[0], run.shape[1]
    if out is None:
        out = np.empty(((4 * steps + 2) * units, batch), run.dtype)
    gates, cs, squashed, _ = regions(run, steps, units)
    dz = out[: 4 * steps * units].reshape(steps, 4 * units, batch)
    dc, dh = out[4 * steps * units :].reshape(2, units, batch)
    sigmoids, slopes, last = gates[:, : 3 * units], dz[:, : 3 * units], dz[:, 3 * units :]
    np.subtract(1, sigmoids, slopes)  # first the slopes of all gates: s (1 - s), and 1 - tanh^2
    np.multiply(slopes, sigmoids, slopes)
    np.square(gates[:, 3 * units :], last)
    np.subtract(1, last, last)
    through = np.square(squashed)  # and that of h by c: o (1 - tanh^2)
    np.subtract(1, through, through)
    np.multiply(through, gates[:, 2 * units : 3 * units], through)
    dc[...], dh[...] = g[-1], 0
    pulled, more = np.empty((4 * units, batch), out.dtype), np.empty((units, batch), out.dtype)
    di, df, do, dg = pulled.reshape(4, units, batch)
    backwards = (gates[::-1], cs[-2::-1], squashed[::-1], through[::-1], g[-2:0:-1], dz[::-1])
    for a, before, squash, slope, g_here, d in zip(*backwards):
        i, f, _, candidate = a.reshape(4, units, batch)
        np.add(dh, g_here, dh)
        np.multiply(dh, slope, more)
        np.add(dc, more, dc)
        np.multiply(dc, candidate, di)
        np.multiply(dc, before, df)
        np.multiply(dh, squash, do)
        np.multiply(dc, i, dg)
        np.multiply(d, pulled, d)
        np.multiply(dc, f, dc)
        np.matmul(wh, d, dh)
    np.add(dh, g[0], dh)
    return out


def states_rule(g, y, parts, run):
    x, h, _, wx, wh, _ = parts
    steps, rows = x.shape[0], 4 * x.shape[0] * h.shape[0]
    d = lstm_pull((g, *parts), run)
    dz = np.reshape(d[:rows], (steps, wx.shape[1], h.shape[1]))
    dz_rows = all_steps(dz)
    pieces = (
        lambda: np.matmul(wx, dz),
        lambda: d[rows + h.shape[0] :],
        lambda: d[rows : rows + h.shape[0]],
        lambda: np.matmul(all_steps(x), np.transpose(dz_rows)),
        lambda: np.matmul(all_steps(y[:steps]), np.transpose(dz_rows)),
        lambda: np.sum(dz_rows, axis=1),
    )
    return lambda i: pieces[i]()


def all_steps(a: Any) -> Any:
    """(T, K, N) as (K, T * N), so that one product sums over steps and batch."""
    return np.reshape(np.transpose(a, (1, 0, 2)), (a.shape[1], a.shape[0] * a.shape[2]))


def pull_rule(g, _y, parts, _run):
    """Second derivatives are rare; they come from the equations of the steps, whose walk is recorded and walked again."""
    with Tape(watch_variables=False) as outer:
        watched = [outer.watch(part) for part in parts]
        seed, x, h, c, wx, wh, b = watched
        with Tape(watch_variables=False) as inner:
            z = inner.watch(np.matmul(np.transpose(wx), x) + np.reshape(b, (-1, 1)))
            state, states = (inner.watch(h), inner.watch(c)), [h]
            for t in range(x.shape[0]):
                state = lstm_step(z[t], state, np.transpose(wh))
                states.append(state[0])
            y = np.stack([*states, state[1]])
        dz, dc, dh = inner.gradient(y, [z, c, h], seed=seed, unconnected="zero")
        d = np.concatenate([np.reshape(dz, (-1, dz.shape[2])), dc, dh])
    gradients = outer.gradient(d, watched, seed=g, unconnected="zero")
    return lambda i: gradients[i] if isinstance(g, Tensor) else value_of(gradients[i])


no_gradient(lstm_run)
derivative(lstm_states, states_rule, None)
derivative(lstm_pull, pull_rule, None)
