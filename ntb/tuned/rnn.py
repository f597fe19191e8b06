"""The tuned form of the vanilla recurrent network over a whole sequence: one operation and its adjoint.

What the inputs contribute to all steps is one product, before the loop: z = x @ wx + b. The loop over time

    y[t] = tanh(z[t] + y[t-1] @ wh)

is inside the operation, so that a tape or a replay pays for one call and not for three in each step. Its adjoint,
from the gradient g of the states y to that of z, runs the other way,

    d[t] = (1 - y[t]^2) * (g[t] + d[t+1] @ wh.T)

and is linear in g. Its own adjoint is the same recursion from the first step to the last, so that all orders of
derivatives come from these two loops. Sequences are (T, N, D) here and states (T, N, H).

A step of training along 200 steps, replayed (batch 8, 32 inputs, 128 units, float32, one thread), takes 3.3 ms rather
than 6.2 with the steps one by one. The loops call np.dot, half a microsecond faster than np.matmul: a tenth of a loop.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..forms import tuned
from ..nn.linear import affine
from ..nn.recurrent.rnn import rnn_sequence as plain_sequence
from ..ops.flops import size
from ..primitive import primitive
from ..tape.rules import derivative


@tuned(plain_sequence, when=lambda x, h, wx, wh, b, mask=None: mask is None)
def rnn_sequence(x: Any, h: Any, wx: Any, wh: Any, b: Any, _mask: Any = None) -> tuple[Any, Any]:
    """All states (N, T, H), and the last (N, H), of x (N, T, D)."""
    y = rnn_states((affine(np.transpose(x, (1, 0, 2)), wx, b), h, wh))
    return np.transpose(y, (1, 0, 2)), y[-1]


def _flops(y: Any, *_: Any) -> int:
    """In each of T steps the product (N, H) @ (H, H); the rest is element by element."""
    return 2 * size(y) * (y.shape or (0,))[-1] + 3 * size(y)


@primitive(product=_flops)
def rnn_states(parts: Any, out: Any = None) -> Any:
    """The states y (T, N, H).

    Args:
        parts: what the inputs contribute, z (T, N, H); the state before the first step, (N, H); wh (H, H).
    """
    z, h, wh = parts
    if out is None:
        out = np.empty(z.shape, np.result_type(z, h, wh))
    h = np.asarray(h, out.dtype)
    for z_now, y in zip(z, out):
        np.dot(h, wh, y)
        np.add(y, z_now, y)
        h = np.tanh(y, y)
    return out


@primitive(product=_flops)
def rnn_pull(g: Any, y: Any, wh: Any, out: Any = None) -> Any:
    """The gradient d of z, (T, N, H), from the gradient g of the states y."""
    d = np.empty_like(y) if out is None else out
    np.multiply(y, y, d)
    np.subtract(1, d, d)  # the slopes stand where the gradients will be
    back = np.ascontiguousarray(wh.T)
    from_next = np.zeros(y.shape[1:], d.dtype)
    for g_now, d_now in zip(g[::-1], d[::-1]):
        np.add(from_next, g_now, from_next)
        np.multiply(d_now, from_next, d_now)
        np.dot(d_now, back, from_next)
    return d


def _states_rule(g, y, parts):
    """The gradients of z, of the first state and of wh; each is computed when it is asked for."""
    _, h, wh = parts
    d = rnn_pull(g, y, wh)
    pieces = (
        lambda: d,
        lambda: np.matmul(d[0], np.transpose(wh)),
        lambda: np.matmul(np.transpose(h), d[0]) + _over_steps(y[:-1], d[1:]),
    )
    return lambda i: pieces[i]()


def _over_steps(a, b):
    """The sum over all steps of a[t].T @ b[t], as one product."""
    return np.matmul(np.transpose(_rows(a)), _rows(b))


def _rows(a):
    """(T, N, H) -> (T N, H)."""
    return np.reshape(a, (a.shape[0] * a.shape[1], a.shape[2]))


def _forth(h, y, wh):
    """The gradient of g from the gradient h of d: the adjoint of `rnn_pull`, from the first step to the last."""
    return np.flip(rnn_pull(np.flip(h, 0), np.flip(y, 0), np.transpose(wh)), 0)


def _shifted(a, by):
    """The steps moved on by one, or back by -1, with zeros in the place that is left."""
    zeros = np.zeros_like(a[:1])
    return np.concatenate([zeros, a[:-1]] if by == 1 else [a[1:], zeros])


def _slope_rule(h, d, g, y, wh):
    """The gradient of y: d[t] is the slope 1 - y[t]^2 times a sum, by which the gradient of the slope is multiplied."""
    into_steps = h + np.matmul(_shifted(_forth(h, y, wh), 1), wh)
    return -2 * y * into_steps * (g + np.matmul(_shifted(d, -1), np.transpose(wh)))


derivative(rnn_states, _states_rule)
derivative(
    rnn_pull,
    lambda h, _d, _g, y, wh: _forth(h, y, wh),
    _slope_rule,
    lambda h, d, _g, y, wh: _over_steps(_forth(h, y, wh)[:-1], d[1:]),
)
