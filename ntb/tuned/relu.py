"""The relu as one call, whose gradient is found from its result.

Measured with its gradient on 130,000 numbers of both signs, in a traced function: 4 (float64) to 6 (float32) times as
fast as the plain form, as np.where is slow where its condition changes at random.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..blockwise import blockwise
from ..forms import tuned
from ..ops import special as plain
from ..ops.special import numeric
from ..ops.stopping import stop_gradient
from ..primitive import primitive
from ..tape.rules import derivative


@tuned(plain.relu)
@primitive(elementwise=True, to_zeros="gate", opens=lambda x, out: np.maximum(x, 0, out=out))
def relu(x: Any, out: Any = None) -> Any:
    """max(x, 0)."""
    return np.maximum(numeric(x), 0, out=out)


@primitive(elementwise=True, to_zeros="gate", opens=True)
def relu_pull(g: Any, y: Any, out: Any = None) -> Any:
    """g where y is positive, else 0: the adjoint of y = relu(x). (A comparison written as floats is multiplied faster.)

    >>> relu_pull(np.array([5.0, 6.0]), np.array([0.0, 1.0]))
    array([0., 6.])
    """
    out = np.empty_like(y) if out is None else out
    blockwise(relu_pull_block, out, g, y, spare=1)
    return out


def relu_pull_block(positive: Any, d: Any, dy: Any, a: Any) -> None:
    np.greater(a, 0, positive)
    np.multiply(dy, positive, d)


derivative(relu, lambda g, y, _x: relu_pull(g, stop_gradient(y)))
derivative(relu_pull, lambda g, _y, _g, y: relu_pull(g, y), None)
