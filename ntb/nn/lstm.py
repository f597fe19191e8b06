"""A long short-term memory over a whole sequence, as one operation and its adjoint.

A step is a dozen short calls on small arrays, and a tape or a replay would pay for each of them, forwards and
backwards. Here the loop over time is inside the operation: everything lies in one block of memory that each step
writes to, and the gradients of the weights are one product over all steps instead of one per step.

Sequences are (T, N, D) here, states (N, H), and gates (T, 4, N, H): what a step works on is contiguous, and so is each
of its gates, since NumPy is two to four times slower on strided operands of this size. For the products over all steps
the gates become (T N, 4H), by one copy. The weights are wx (D, 4H), wh (H, 4H), b (4H,).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..ops.flops import size
from ..ops.special import sigmoid
from ..primitive import primitive
from ..tape.rules import declare, derivative
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
    """The states (T + 2, N, H): the first h, the h of every step, and the last c."""
    parts = (x, h, c, wx, wh, b)
    return lstm_states(parts, lstm_run(*parts))


# --- forwards


def regions(memory: Any, steps: int) -> tuple:
    """The parts of the memory of a run: gates (T, 4, N, H), c (T+1, N, H), tanh c (T, N, H), h (T+1, N, H)."""
    ends = [4 * steps, 5 * steps + 1, 6 * steps + 1]
    gates = memory[: ends[0]].reshape(steps, 4, *memory.shape[1:])
    return gates, memory[ends[0] : ends[1]], memory[ends[1] : ends[2]], memory[ends[2] :]


def by_gate(w: Any, axes: Any = (1, 0, 2)) -> Any:
    """A weight (H, 4H) as one contiguous matrix for each gate, (4, H, H); with axes (1, 2, 0) each transposed."""
    return np.ascontiguousarray(w.reshape(w.shape[0], 4, w.shape[1] // 4).transpose(axes))


def run_flops(y: Any, x: Any, h: Any, c: Any, wx: Any, wh: Any, *_: Any) -> int:
    """In each of T steps the products (N, D) @ (D, 4H) and (N, H) @ (H, 4H); the rest is element by element."""
    return 2 * math.prod((x.shape or (0,))[:2]) * (size(wx) + size(wh)) + size(y)


def pull_flops(y: Any, g: Any, x: Any, h: Any, c: Any, wx: Any, wh: Any, b: Any, run: Any) -> int:
    return 2 * math.prod((x.shape or (0,))[:2]) * size(wh) + size(y) + size(run)


@primitive(product=run_flops)
def lstm_run(x: Any, h: Any, c: Any, wx: Any, wh: Any, b: Any, out: Any = None) -> Any:
    """All that the steps compute, in one array (7T + 2, N, H); `regions` gives its parts.

    As sigmoid(a) = (1 + tanh(a / 2)) / 2, one tanh serves all gates; the factors 1/2 are put into the weights.
    """
    steps, batch, units = x.shape[0], h.shape[0], h.shape[1]
    if out is None:
        out = np.empty((7 * steps + 2, batch, units), np.result_type(x, h, c, wx, wh, b))
    gates, cs, squashed, hs = regions(out, steps)
    half = np.ones(4 * units, out.dtype)
    half[: 3 * units] = 0.5
    inputs = np.matmul(x.reshape(steps * batch, x.shape[2]), wx * half)
    inputs += b * half
    gates[...] = inputs.reshape(steps, batch, 4, units).swapaxes(1, 2)
    hs[0], cs[0] = h, c
    wh = by_gate(wh * half)
    z, new = np.empty((4, batch, units), out.dtype), np.empty((batch, units), out.dtype)
    for a, before, now, squash, h, h_next in zip(gates, cs, cs[1:], squashed, hs, hs[1:]):
        i, f, o, candidate = a
        sigmoids = a[:3]
        np.matmul(h, wh, out=z)
        np.add(a, z, a)
        np.tanh(a, a)
        np.multiply(sigmoids, 0.5, sigmoids)
        np.add(sigmoids, 0.5, sigmoids)
        np.multiply(f, before, now)
        np.multiply(i, candidate, new)
        np.add(now, new, now)
        np.tanh(now, squash)
        np.multiply(o, squash, h_next)
    return out


@primitive(moves=True)
def lstm_states(parts: Any, run: Any, out: Any = None) -> Any:
    """The states (T + 2, N, H) out of `lstm_run(*parts)`: the first h, the h of every step, and the last c.

    To a tape this is the operation that depends on the `parts`; the adjoint uses what else the run computed.
    """
    steps = parts[0].shape[0]
    if out is None:
        out = np.empty((steps + 2, *run.shape[1:]), run.dtype)
    _, cs, _, hs = regions(run, steps)
    out[:-1], out[-1] = hs, cs[-1]
    return out


# --- backwards


@primitive(product=pull_flops)
def lstm_pull(parts: Any, run: Any, out: Any = None) -> Any:
    """The gradient of what goes into the steps, (4T + 2, N, H), from the gradient of the states, `parts[0]`.

    It holds the gradients of the gates' inputs (T, 4, N, H), of the first c and of the first h.
    """
    g, x, wh = parts[0], parts[1], parts[5]
    steps = x.shape[0]
    if out is None:
        out = np.empty((4 * steps + 2, *run.shape[1:]), run.dtype)
    gates, cs, squashed, _ = regions(run, steps)
    dz, dc, dh = out[: 4 * steps].reshape(gates.shape), out[-2], out[-1]
    sigmoids, slopes = gates[:, :3], dz[:, :3]  # first the slopes of all gates: s (1 - s), and 1 - tanh^2
    np.subtract(1, sigmoids, slopes)
    np.multiply(slopes, sigmoids, slopes)
    np.square(gates[:, 3], dz[:, 3])
    np.subtract(1, dz[:, 3], dz[:, 3])
    through = np.square(squashed)  # then the slope of h in c: o (1 - tanh^2)
    np.subtract(1, through, through)
    np.multiply(through, gates[:, 2], through)
    dc[...], dh[...] = g[-1], 0
    wh = by_gate(wh, (1, 2, 0))
    pulled, more = np.empty_like(dz[0]), np.empty_like(dh)
    back = np.empty_like(pulled)
    di, df, do, dg = pulled
    backwards = (gates[::-1], cs[-2::-1], squashed[::-1], through[::-1], g[-2:0:-1], dz[::-1])
    for a, before, squash, slope, g_here, d in zip(*backwards):
        i, f, _, candidate = a
        np.add(dh, g_here, dh)
        np.multiply(dh, slope, more)
        np.add(dc, more, dc)
        np.multiply(dc, candidate, di)
        np.multiply(dc, before, df)
        np.multiply(dh, squash, do)
        np.multiply(dc, i, dg)
        np.multiply(d, pulled, d)
        np.multiply(dc, f, dc)
        np.matmul(d, wh, out=back)
        np.add.reduce(back, 0, None, dh)
    np.add(dh, g[0], dh)
    return out


def _states_rule(g, y, parts, run):
    x, (batch, units), wx = parts[0], parts[1].shape, parts[3]
    steps = x.shape[0]
    d = lstm_pull((g, *parts), run)
    dz = np.transpose(np.reshape(d[: 4 * steps], (steps, 4, batch, units)), (0, 2, 1, 3))
    dz = np.reshape(dz, (steps * batch, 4 * units))

    def weight_gradient(x):
        """One product over all steps and the batch."""
        return np.matmul(np.transpose(np.reshape(x, (steps * batch, x.shape[2]))), dz)

    pieces = (
        lambda: np.reshape(np.matmul(dz, np.transpose(wx)), x.shape),
        lambda: d[-1],
        lambda: d[-2],
        lambda: weight_gradient(x),
        lambda: weight_gradient(y[:steps]),
        lambda: np.sum(dz, axis=0),
    )
    return lambda i: pieces[i]()


def _pull_rule(g, _y, parts, _run):
    """Second derivatives are rare; they come from the steps' equations, whose backward walk is recorded.

    Of complex numbers a tape gives the conjugate of what a rule is given and gives.
    """
    turned: Any = np.conjugate if _run.dtype.kind == "c" else lambda x: x
    with Tape(watch_variables=False) as outer:
        watched = [outer.watch(part) for part in parts]
        seed, x, h, c, wx, wh, b = watched
        with Tape(watch_variables=False) as inner:
            z = inner.watch(
                np.matmul(np.transpose(wx), np.transpose(x, (0, 2, 1))) + np.reshape(b, (-1, 1))
            )  # T, 4H, N
            h, c = inner.watch(h), inner.watch(c)
            state, states = (np.transpose(h), np.transpose(c)), [np.transpose(h)]
            for t in range(x.shape[0]):
                state = lstm_step(z[t], state, np.transpose(wh))
                states.append(state[0])
            y = np.transpose(np.stack([*states, state[1]]), (0, 2, 1))
        dz, dc, dh = map(turned, inner.gradient(y, [z, c, h], seed=turned(seed), unconnected="zero"))
        dz = np.transpose(np.reshape(dz, (x.shape[0], 4, *h.shape[::-1])), (0, 1, 3, 2))
        d = np.concatenate([np.reshape(dz, (-1, *h.shape)), np.stack([dc, dh])])
    gradients = [turned(x) for x in outer.gradient(d, watched, seed=turned(g), unconnected="zero")]
    return lambda i: gradients[i] if isinstance(g, Tensor) else value_of(gradients[i])


declare(lstm_run, constant=True)
derivative(lstm_states, _states_rule, None)
derivative(lstm_pull, _pull_rule, None)
