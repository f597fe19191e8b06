"""The silu, x s(x) with the sigmoid s; its adjoint takes the sigmoid of the forward pass."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..blockwise import blockwise
from ..primitive import primitive
from ..tape.rules import declare, derivative
from .special import sigmoid, sigmoid_pull

FLAT = 800.0
"""Beyond it the sigmoid is 0 or 1 in every dtype; there x counts as this, as infinity times 0 is NaN."""


@primitive(elementwise=True)
def silu_gate(x: Any, out: Any = None) -> Any:
    """The sigmoid of x, as a constant: `silu_gated` has all of the derivative in x."""
    return sigmoid(x, out)


@primitive(elementwise=True)
def silu_gated(x: Any, s: Any, out: Any = None) -> Any:
    """x times s, its gate."""
    out = np.empty_like(s) if out is None else out
    blockwise(silu_gated_block, out, x, s, spare=1)
    return out


def silu_gated_block(v: Any, y: Any, a: Any, s: Any) -> None:
    np.clip(a, -FLAT, np.inf, v)
    np.multiply(v, s, y)


@primitive(elementwise=True)
def silu_pull(g: Any, x: Any, s: Any, out: Any = None) -> Any:
    """g s (1 + x (1 - s)): the adjoint of the silu."""
    out = np.empty_like(s) if out is None else out
    blockwise(silu_pull_block, out, g, x, s, spare=2)
    return out


def silu_pull_block(w: Any, v: Any, d: Any, dy: Any, a: Any, s: Any) -> None:
    np.clip(a, -FLAT, FLAT, w)
    np.subtract(1, s, v)
    np.multiply(w, v, w)
    np.add(w, 1, w)
    np.multiply(w, s, w)
    np.multiply(w, dy, d)


def _silu_pull_rule(g: Any, _y: Any, g_in: Any, x: Any, s: Any) -> Any:
    """The second derivative is s s(-x) (2 + x (s(-x) - s)), in which the difference is -tanh(x / 2)."""
    x = np.clip(x, -FLAT, FLAT)
    return sigmoid_pull(g * g_in * (2 - x * np.tanh(x * 0.5)), s, x)


declare(silu_gate, constant=True)
derivative(silu_gated, lambda g, _y, x, s: silu_pull(g, x, s), None)
derivative(silu_pull, lambda g, _y, _g, x, s: silu_pull(g, x, s), _silu_pull_rule, None)
