"""The tuned form of a long short-term memory over a whole sequence: one operation and its adjoint.

A step is a dozen short calls on small arrays, and a tape or a replay would pay for each of them, forwards and
backwards. Here the loop over time is inside the operation: everything lies in one block of memory that each step
writes to, and the gradients of the weights are one product over all steps instead of one per step.

25 sequences of 30 steps and their gradient (32 inputs, 64 units, float32, one thread): eagerly 13.7 to 2.8 ms, replayed
4.1 to 2.2. What a step does beside its product and its tanh has loops (ntb/looped.py); with these the operation takes
0.85 of the time, its adjoint 0.65 (float64: 0.9 and 0.78).

Sequences are (T, N, D) here, states (N, H), and gates (T, 4, N, H): what a step works on is contiguous, and so is each
of its gates, since NumPy is two to four times slower on strided operands of this size. For the products over all steps
the gates become (T N, 4H), by one copy. The weights are wx (D, 4H), wh (H, 4H), b (4H,). Gates stand in the order
input, forget, output, candidate; the first three are sigmoids.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..forms import tuned
from ..looped import looped
from ..nn.recurrent.along import chosen
from ..nn.recurrent.lstm import lstm_sequence as plain_sequence
from ..nn.recurrent.lstm import lstm_step
from ..ops.flops import size
from ..primitive import primitive
from ..tape.rules import declare, derivative
from .recurrent import adjoint, held, of_inputs, over_steps, second


@tuned(plain_sequence)
def lstm_sequence(x: Any, h: Any, c: Any, wx: Any, wh: Any, b: Any, mask: Any = None) -> tuple[Any, Any, Any]:
    """All h (N, T, H), and the last h and c (N, H), of x (N, T, D) and mask (N, T)."""
    parts = (np.transpose(x, (1, 0, 2)), h, c, wx, wh, b)
    hidden = () if mask is None else (np.transpose(mask),)
    states = lstm_states(parts, lstm_run(*parts, *hidden), *hidden)  # (T + 2, N, H)
    y = np.transpose(states[1:-1], (1, 0, 2))
    return y if mask is None else chosen(mask, y, 0), states[-2], states[-1]


# --- forwards


def regions(memory: Any, steps: int) -> tuple:
    """The parts of the memory of a run: gates (T, 4, N, H), c (T + 1, N, H), tanh c (T, N, H), h (T + 1, N, H).

    c and h begin with the first state, so that those of step t are at t + 1.
    """
    ends = [4 * steps, 5 * steps + 1, 6 * steps + 1]
    gates = memory[: ends[0]].reshape(steps, 4, *memory.shape[1:])
    return gates, memory[ends[0] : ends[1]], memory[ends[1] : ends[2]], memory[ends[2] :]


def by_gate(w: Any) -> Any:
    """A weight (H, 4H) as one contiguous matrix for each gate, (4, H, H)."""
    return np.ascontiguousarray(w.reshape(w.shape[0], 4, w.shape[1] // 4).transpose(1, 0, 2))


def by_gate_transposed(w: Any) -> Any:
    """`by_gate` with each matrix transposed, for the way back."""
    return np.ascontiguousarray(w.reshape(w.shape[0], 4, w.shape[1] // 4).transpose(1, 2, 0))


def _run_flops(y: Any, x: Any, h: Any, c: Any, wx: Any, wh: Any, *_: Any) -> int:
    """In each of T steps the products (N, D) @ (D, 4H) and (N, H) @ (H, 4H); the rest is element by element."""
    return 2 * math.prod((x.shape or (0,))[:2]) * (size(wx) + size(wh)) + size(y)


def _lay_gates_loop(bias: Any, gates: Any, inputs: Any) -> None:
    steps, _, batch, units = gates.shape
    for t in range(steps):
        for k in range(4):
            for n in range(batch):
                for u in range(units):
                    gates[t, k, n, u] = inputs[t * batch + n, k * units + u] + bias[k * units + u]


@looped(_lay_gates_loop, scratch=1)
def _lay_gates(bias: Any, gates: Any, inputs: Any) -> None:
    """The part of the gates (T, 4, N, H) that the inputs make, (T N, 4H), with the bias (4H,)."""
    steps, _, batch, units = gates.shape
    np.add(inputs, bias, inputs)
    gates[...] = inputs.reshape(steps, batch, 4, units).swapaxes(1, 2)


def _advance_loop(gate: Any, c: Any, c_next: Any, _written: Any) -> None:
    half = c.dtype.type(0.5)
    batch, units = c.shape
    for n in range(batch):
        for u in range(units):
            i = gate[0, n, u] * half + half
            f = gate[1, n, u] * half + half
            gate[0, n, u], gate[1, n, u], gate[2, n, u] = i, f, gate[2, n, u] * half + half
            c_next[n, u] = f * c[n, u] + i * gate[3, n, u]


@looped(_advance_loop, scratch=1)
def _advance(gate: Any, c: Any, c_next: Any, written: Any) -> None:
    """The sigmoids of a step from tanh(a / 2), in the place of these, and c' = f c + i g."""
    sigmoids = gate[:3]
    np.multiply(sigmoids, 0.5, sigmoids)
    np.add(sigmoids, 0.5, sigmoids)
    i, f, _, g = gate
    np.multiply(f, c, c_next)
    np.multiply(i, g, written)
    np.add(c_next, written, c_next)


@primitive(product=_run_flops, looped=True)
def lstm_run(x: Any, h: Any, c: Any, wx: Any, wh: Any, b: Any, mask: Any = None, out: Any = None) -> Any:
    """All that the steps compute, in one array (7T + 2, N, H); `regions` gives its parts.

    As sigmoid(a) = (1 + tanh(a / 2)) / 2, one tanh serves all gates; the factors 1/2 are put into the weights. Where
    the mask (T, N) hides a step, the state stays, and the forget gate is 1: so the adjoint passes the gradient of c on.
    """
    steps, batch, units = x.shape[0], h.shape[0], h.shape[1]
    if out is None:
        out = np.empty((7 * steps + 2, batch, units), np.result_type(x, h, c, wx, wh, b))
    gates, cells, squashed, hidden = regions(out, steps)
    half = np.ones(4 * units, out.dtype)
    half[: 3 * units] = 0.5
    inputs = np.matmul(x.reshape(steps * batch, x.shape[2]), wx * half)  # (T N, 4H), of all steps by one product
    _lay_gates(b * half, gates, inputs)
    hidden[0], cells[0] = h, c
    wh = by_gate(wh * half)
    from_state, written = np.empty((4, batch, units), out.dtype), np.empty((batch, units), out.dtype)
    skipped = [None] * steps if mask is None else np.logical_not(mask)[..., None]
    for gate, c, c_next, tanh_c, h, h_next, skip in zip(gates, cells, cells[1:], squashed, hidden, hidden[1:], skipped):
        np.matmul(h, wh, out=from_state)
        np.add(gate, from_state, gate)
        np.tanh(gate, gate)
        _advance(gate, c, c_next, written)
        np.tanh(c_next, tanh_c)
        np.multiply(gate[2], tanh_c, h_next)  # h' = o tanh c'
        if skip is not None:
            for place, stays in (c_next, c), (h_next, h), (gate[1], 1):
                np.copyto(place, stays, where=skip)
    return out


@primitive(moves=True)
def lstm_states(parts: Any, run: Any, mask: Any = None, out: Any = None) -> Any:
    """The states (T + 2, N, H) out of `lstm_run(*parts, mask)`: the first h, the h of every step, and the last c.

    To a tape this is the operation that depends on the `parts`; the adjoint uses the mask and what else was computed.
    """
    steps = parts[0].shape[0]
    if out is None:
        out = np.empty((steps + 2, *run.shape[1:]), run.dtype)
    _, cells, _, hidden = regions(run, steps)
    out[:-1], out[-1] = hidden, cells[-1]
    return out


# --- backwards: d_x is the gradient of the loss in x


def _pull_flops(y: Any, g: Any, x: Any, h: Any, c: Any, wx: Any, wh: Any, b: Any, run: Any, *_: Any) -> int:
    return 2 * math.prod((x.shape or (0,))[:2]) * size(wh) + size(y) + size(run)


def _slopes_loop(gates: Any, squashed: Any, slopes: Any, h_in_c: Any) -> None:
    one = squashed.dtype.type(1)
    steps, _, batch, units = gates.shape
    for t in range(steps):
        for n in range(batch):
            for u in range(units):
                i, f, o, g = gates[t, 0, n, u], gates[t, 1, n, u], gates[t, 2, n, u], gates[t, 3, n, u]
                slopes[t, 0, n, u] = (one - i) * i
                slopes[t, 1, n, u] = (one - f) * f
                slopes[t, 2, n, u] = (one - o) * o
                slopes[t, 3, n, u] = one - g * g
                h_in_c[t, n, u] = (one - squashed[t, n, u] * squashed[t, n, u]) * o


@looped(_slopes_loop)
def _slopes(gates: Any, squashed: Any, slopes: Any, h_in_c: Any) -> None:
    """The slopes of all gates, s (1 - s) of a sigmoid s and 1 - g^2 of the candidate; of h in c, o (1 - tanh^2 c)."""
    sigmoids = gates[:, :3]
    np.subtract(1, sigmoids, slopes[:, :3])
    np.multiply(slopes[:, :3], sigmoids, slopes[:, :3])
    np.square(gates[:, 3], slopes[:, 3])
    np.subtract(1, slopes[:, 3], slopes[:, 3])
    np.square(squashed, h_in_c)
    np.subtract(1, h_in_c, h_in_c)
    np.multiply(h_in_c, gates[:, 2], h_in_c)


def _retreat_loop(
    gate: Any, c: Any, tanh_c: Any, h_in_c: Any, d_output: Any, from_gates: Any, d_input: Any, d_c: Any,
    _d_h: Any, _d_gate: Any, _more: Any,
) -> None:  # fmt: skip
    batch, units = c.shape
    for n in range(batch):
        for u in range(units):
            d_h = from_gates[0, n, u] + from_gates[1, n, u] + from_gates[2, n, u] + from_gates[3, n, u]
            d_h = d_h + d_output[n, u]
            d = d_c[n, u] + d_h * h_in_c[n, u]
            d_input[0, n, u] = d_input[0, n, u] * (d * gate[3, n, u])
            d_input[1, n, u] = d_input[1, n, u] * (d * c[n, u])
            d_input[2, n, u] = d_input[2, n, u] * (d_h * tanh_c[n, u])
            d_input[3, n, u] = d_input[3, n, u] * (d * gate[0, n, u])
            d_c[n, u] = d * gate[1, n, u]


@looped(_retreat_loop, scratch=3)
def _retreat(
    gate: Any, c: Any, tanh_c: Any, h_in_c: Any, d_output: Any, from_gates: Any, d_input: Any, d_c: Any,
    d_h: Any, d_gate: Any, more: Any,
) -> None:  # fmt: skip
    """A step backwards: `d_input` holds slopes and gets gradients; `d_c` goes from the c of the step to that before."""
    i, f, _, g = gate
    d_i, d_f, d_o, d_g = d_gate
    np.add.reduce(from_gates, 0, None, d_h)
    np.add(d_h, d_output, d_h)
    np.multiply(d_h, h_in_c, more)
    np.add(d_c, more, d_c)
    np.multiply(d_c, g, d_i)
    np.multiply(d_c, c, d_f)
    np.multiply(d_h, tanh_c, d_o)
    np.multiply(d_c, i, d_g)
    np.multiply(d_input, d_gate, d_input)
    np.multiply(d_c, f, d_c)


@primitive(product=_pull_flops, looped=True)
def lstm_pull(parts: Any, run: Any, mask: Any = None, out: Any = None) -> Any:
    """The gradient of what goes into the steps, (4T + 2, N, H), from the gradient of the states.

    Args:
        parts: the gradient of the states (T + 2, N, H), and the arguments of the run.
        run: what `lstm_run` computed.
        mask: which steps count, (T, N), or None for all. A gradient passes by the others.
        out: memory for the result: the gradients of the gates' inputs (T, 4, N, H), of the first c and of the first h.
    """
    d_states, x, wh = parts[0], parts[1], parts[5]
    steps = x.shape[0]
    if out is None:
        out = np.empty((4 * steps + 2, *run.shape[1:]), run.dtype)
    gates, cells, squashed, _ = regions(run, steps)
    d_inputs, d_c, d_h = out[: 4 * steps].reshape(gates.shape), out[-2], out[-1]
    h_in_c = np.empty_like(squashed)  # the slope of h in c, of all steps
    _slopes(gates, squashed, d_inputs, h_in_c)  # the slopes stand where the gradients will be
    d_c[...] = d_states[-1]
    wh = by_gate_transposed(wh)
    from_gates = np.zeros(d_inputs.shape[1:], out.dtype)  # the gradient of h, by gate (4, N, H)
    d_gate, more = np.empty_like(from_gates), np.empty_like(d_h)
    counts, product = [None] * steps, from_gates
    if mask is not None:
        counts, product = mask[::-1, :, None], np.empty_like(from_gates)
        d_inputs *= mask[:, None, :, None]
        h_in_c *= mask[..., None]
        d_states = _passed_by(d_states, mask)
    from_the_end = (gates[::-1], cells[-2::-1], squashed[::-1], h_in_c[::-1], d_states[-2:0:-1], d_inputs[::-1])
    for gate, c, tanh_c, slope_of_h, d_output, d_input, count in zip(*from_the_end, counts):
        _retreat(gate, c, tanh_c, slope_of_h, d_output, from_gates, d_input, d_c, d_h, d_gate, more)
        np.matmul(d_input, wh, out=product)
        if count is not None:
            np.copyto(from_gates, product, where=count)
    np.add.reduce(from_gates, 0, None, d_h)
    np.add(d_h, d_states[0], d_h)
    return out


def _passed_by(d_states: Any, mask: Any) -> Any:
    """The gradient of the states, where that of the state after a hidden step counts for the state before it, too."""
    d = np.array(d_states)
    for count, before, after in zip(mask[::-1], d[-3::-1], d[-2:0:-1]):
        np.add(before, after, before, where=np.logical_not(count)[:, None])
    return d


def _states_rule(g, y, parts, run, mask=None):
    """The gradients of the arguments of a run; each is computed when it is asked for."""
    x, (batch, units), wx = parts[0], parts[1].shape, parts[3]
    steps = x.shape[0]
    d = lstm_pull((g, *parts), run, *() if mask is None else (mask,))
    d_inputs = np.transpose(np.reshape(d[: 4 * steps], (steps, 4, batch, units)), (0, 2, 1, 3))
    d_inputs = np.reshape(d_inputs, (steps, batch, 4 * units))
    d_x, d_wx, d_b = of_inputs(d_inputs, x, wx)
    pieces = (d_x, lambda: d[-1], lambda: d[-2], d_wx, lambda: over_steps(y[:steps], d_inputs), d_b)
    return lambda i: pieces[i]()


def _pull_rule(g, _y, parts, _run, mask=None):
    def pull(d_states, x, h, c, wx, wh, b):
        def states(inputs, h, c):
            found = [h]
            for t in range(inputs.shape[0]):
                h, c = held(mask, t, lstm_step(inputs[t] + h @ wh, c), (h, c))
                found.append(h)
            return np.stack([*found, c])

        steps, (batch, units) = x.shape[0], h.shape
        d_inputs, d_h, d_c = adjoint(states, [x @ wx + b, h, c], d_states)
        d_inputs = np.transpose(np.reshape(d_inputs, (steps, batch, 4, units)), (0, 2, 1, 3))
        return np.concatenate([np.reshape(d_inputs, (4 * steps, batch, units)), np.stack([d_c, d_h])])

    return second(g, parts, pull)


declare(lstm_run, constant=True)
derivative(lstm_states, _states_rule, None)
derivative(lstm_pull, _pull_rule, None)
