"""The gelu, x (1 + tanh(u)) / 2 with u = sqrt(2/pi) (x + 0.044715 x^3), in two operations: the gate tanh(u), which its
adjoint needs again, and the product. Each goes through memory once, block by block.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..tape.rules import derivative, no_gradient, primitive
from .special import blocks

SCALE = math.sqrt(2 / math.pi)
CUBIC = 0.044715 * SCALE


@primitive(elementwise=True)
def gelu_gate(x: Any, out: Any = None) -> Any:
    """tanh(sqrt(2/pi) (x + 0.044715 x^3)), which `gelu` and its adjoint share."""
    out = np.empty_like(x) if out is None else out
    for u, t, a in blocks(out, x):
        np.multiply(a, a, u)
        np.multiply(u, CUBIC, u)
        np.add(u, SCALE, u)
        np.multiply(u, a, u)
        np.tanh(u, t)
    return out


@primitive(elementwise=True)
def gelu_gated(x: Any, gate: Any, out: Any = None) -> Any:
    """x (1 + gate) / 2. To a tape it depends on x, of which the gate is a function, and not on the gate."""
    out = np.empty_like(x) if out is None else out
    for u, y, a, t in blocks(out, x, gate):
        np.add(t, 1, u)
        np.multiply(u, a, u)
        np.multiply(u, 0.5, y)
    return out


@primitive(elementwise=True)
def gelu_pull(g: Any, x: Any, gate: Any, out: Any = None) -> Any:
    """g (1 + t + x (1 - t^2) u') / 2 for the gate t = tanh(u(x)): the adjoint of the gelu."""
    out = np.empty_like(x) if out is None else out
    for u, v, d, dy, a, t in blocks(out, g, x, gate, spare=2):
        np.multiply(a, a, u)
        np.multiply(u, 3 * CUBIC, u)
        np.add(u, SCALE, u)
        np.multiply(u, a, u)
        np.multiply(t, t, v)
        np.subtract(1, v, v)
        np.multiply(u, v, u)
        np.add(u, t, u)
        np.add(u, 1, u)
        np.multiply(u, 0.5, u)
        np.multiply(u, dy, d)
    return out


def gelu_curvature(x: Any, gate: Any) -> Any:
    """The second derivative: (1 - t^2) (u' + x u'' / 2 - x t u'^2), in functions that a tape can follow."""
    square = x * x
    slope = SCALE + 3 * CUBIC * square
    return (1 - gate * gate) * (slope + 3 * CUBIC * square - x * gate * (slope * slope))


def gelu_pull_rule(g: Any, _y: Any, g_in: Any, x: Any, _gate: Any) -> Any:
    gate = np.tanh(x * (SCALE + CUBIC * (x * x)))
    return g * g_in * gelu_curvature(x, gate)


no_gradient(gelu_gate)
derivative(gelu_gated, lambda g, _y, x, gate: gelu_pull(g, x, gate), None)
derivative(gelu_pull, lambda g, _y, _g, x, gate: gelu_pull(g, x, gate), gelu_pull_rule, None)
