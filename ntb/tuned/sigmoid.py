"""The sigmoid accurate to the last digits in both tails, and so its slope.

The plain form, 1/2 + tanh(x / 2) / 2, loses the digits of results near 0, all of them below 1e-17. Here both are made
of e = exp(-|x|), which never overflows:

    s(x) = 1 / (1 + e) for positive x, else e / (1 + e)           s(x) s(-x) = e / (1 + e)²

Accuracy has its price: with the gradient this form takes 1.2 (float64) to 1.6 (float32) times as long, measured on
130,000 numbers in a traced function.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..blockwise import blockwise
from ..forms import tuned
from ..ops import special as plain
from ..ops.special import floating
from ..primitive import primitive
from ..tape.rules import derivative


def sigmoid_by_blocks(x: Any, out: Any) -> Any:
    blockwise(sigmoid_block, out, x, spare=2)
    return out


@tuned(plain.sigmoid)
@primitive(elementwise=True, to_zeros="steep", opens=sigmoid_by_blocks)
def sigmoid(x: Any, out: Any = None) -> Any:
    """1 / (1 + exp(-x))."""
    x = floating(x)
    out = np.empty_like(x) if out is None else out
    return np.positive(_of_complex(x), out) if x.dtype.kind == "c" else sigmoid_by_blocks(x, out)


def sigmoid_block(e: Any, top: Any, y: Any, a: Any) -> None:
    np.absolute(a, e)
    np.negative(e, e)
    np.exp(e, e)
    np.greater_equal(a, 0, top)
    np.maximum(top, e, out=top)  # 1 for positive numbers and 0, else e
    np.add(e, 1, e)
    np.divide(top, e, y)


@tuned(plain.sigmoid_pull)
@primitive(elementwise=True, opens=True)
def sigmoid_pull(g: Any, x: Any, out: Any = None) -> Any:
    """g s(x) s(-x), the adjoint of y = s(x): accurate in both tails, where y (1 - y) is not."""
    out = np.empty_like(x) if out is None else out
    if x.dtype.kind == "c":
        return np.multiply(g, _of_complex(x) * _of_complex(-x), out)
    blockwise(sigmoid_pull_block, out, g, x, spare=2)
    return out


def sigmoid_pull_block(e: Any, square: Any, d: Any, dy: Any, a: Any) -> None:
    np.absolute(a, e)
    np.negative(e, e)
    np.exp(e, e)
    np.add(e, 1, square)
    np.multiply(square, square, square)
    np.divide(e, square, e)
    np.multiply(dy, e, d)


def _of_complex(x: Any) -> Any:
    """The sigmoid of complex numbers, where the real part's sign decides."""
    is_right = x.real >= 0
    e = np.exp(np.where(is_right, -x, x))
    return np.where(is_right, 1, e) / (1 + e)


derivative(sigmoid, lambda g, _y, x: sigmoid_pull(g, x))
# The slope s(x) s(-x) times s(-x) - s(x) = -tanh(x / 2): of the two parts of that difference no digits may be left.
derivative(sigmoid_pull, lambda g, _y, _g, x: sigmoid_pull(g, x), lambda g, d, _g, x: -g * (d * np.tanh(x * 0.5)))
