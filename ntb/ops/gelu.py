"""The gelu, x (1 + tanh(u)) / 2 with u = sqrt(2/pi) (x + 0.044715 x^3), in two operations: the gate (1 + tanh(u)) / 2,
which the adjoint needs again, and the product. Each goes through memory once, block by block.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..blockwise import blockwise
from ..primitive import primitive
from ..tape.rules import declare, derivative
from .special import sigmoid

SCALE = math.sqrt(2 / math.pi)
CUBIC = 0.044715 * SCALE
LARGE = 22.0
"""Beyond it the gate is 0 or 1, and its slope 0, in every dtype; there x counts as this, as infinity times 0 is NaN."""


@primitive(elementwise=True)
def gelu_gate(x: Any, out: Any = None) -> Any:
    """(1 + tanh(u)) / 2, as 1 / (1 + exp(-2u))."""
    out = np.empty_like(x) if out is None else out
    with np.errstate(over="ignore"):
        blockwise(gate_block, out, x, spare=1)
    return out


def gate_block(u: Any, s: Any, a: Any) -> None:
    np.multiply(a, a, u)
    np.multiply(u, -2 * CUBIC, u)
    np.subtract(u, 2 * SCALE, u)
    np.multiply(u, a, u)
    np.exp(u, u)
    np.add(u, 1, u)
    np.reciprocal(u, s)


@primitive(elementwise=True)
def gelu_gated(x: Any, gate: Any, out: Any = None) -> Any:
    """x times its gate. To a tape it depends on x alone, not on the gate, which is itself a function of x."""
    out = np.empty_like(gate) if out is None else out
    blockwise(gated_block, out, x, gate, spare=1)
    return out


def gated_block(v: Any, y: Any, a: Any, s: Any) -> None:
    np.clip(a, -LARGE, np.inf, v)
    np.multiply(v, s, y)


@primitive(elementwise=True)
def gelu_pull(g: Any, x: Any, gate: Any, out: Any = None) -> Any:
    """g s (1 + (1 - s) 2 x u') for the gate s: the adjoint of the gelu."""
    out = np.empty_like(x) if out is None else out
    blockwise(pull_block, out, g, x, gate, spare=2)
    return out


def pull_block(w: Any, v: Any, d: Any, dy: Any, a: Any, s: Any) -> None:
    np.clip(a, -LARGE, LARGE, v)
    np.multiply(v, v, w)
    np.multiply(w, 6 * CUBIC, w)
    np.add(w, 2 * SCALE, w)
    np.multiply(w, v, w)
    np.subtract(1, s, v)
    np.multiply(w, v, w)
    np.add(w, 1, w)
    np.multiply(w, s, w)
    np.multiply(w, dy, d)


def _gelu_curvature(x: Any) -> Any:
    """The second derivative, (1 - t²) (u' + x u'' / 2 - x t u'²) for t = tanh(u); 1 - t² as the slope of a sigmoid."""
    square = x * x
    u, slope = x * (SCALE + CUBIC * square), SCALE + 3 * CUBIC * square
    bell = 4 * sigmoid(2 * u) * sigmoid(-2 * u)
    return bell * (slope + 3 * CUBIC * square - x * np.tanh(u) * (slope * slope))


def _gelu_pull_rule(g: Any, _y: Any, g_in: Any, x: Any, _gate: Any) -> Any:
    """Written in functions that a tape can differentiate again."""
    return g * g_in * _gelu_curvature(np.clip(x, -LARGE, LARGE))


declare(gelu_gate, constant=True)
derivative(gelu_gated, lambda g, _y, x, gate: gelu_pull(g, x, gate), None)
derivative(gelu_pull, lambda g, _y, _g, x, gate: gelu_pull(g, x, gate), _gelu_pull_rule, None)
