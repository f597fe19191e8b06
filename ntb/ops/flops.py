"""How many floating-point operations products of matrices take, and which of NumPy's functions are such products, or
only move numbers.

The counts are those of a textbook: a product of matrices (m, k) and (k, n) takes 2 m n k. The functions take anything
that has a shape: the result of the operation first, then its arguments.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from ..tape.rules import declare


def size(x: Any) -> int:
    """The number of elements."""
    return math.prod(x.shape or ())


def matmul(y: Any, a: Any, b: Any, *_: Any) -> int:
    return 2 * size(y) * (a.shape[-1] if a.shape else 1)


def _tensordot(y: Any, a: Any, b: Any, *_: Any) -> int:
    """With a (m, k), b (k, n) and y (m, n): k² is the number of elements of a and b over that of y."""
    return 2 * size(y) * math.isqrt(size(a) * size(b) // max(size(y), 1))


def _einsum(y: Any, subscripts: Any, *operands: Any) -> int:
    """A multiplication or addition per operand for each combination of all indices."""
    if not isinstance(subscripts, str):
        return size(y)
    extents: dict[Any, int] = {}
    for term, x in zip(subscripts.replace(" ", "").split("->")[0].split(","), operands):
        first, _, last = term.partition("...")
        hidden = range(len(first) + len(last) - len(x.shape), 0)
        for label, n in zip([*first, *hidden, *last], x.shape):
            extents[label] = max(n, extents.get(label, 1))
    return math.prod(extents.values()) * len(subscripts.split("->")[0].split(","))


def _cubic(factor: float) -> Callable[..., float]:
    """factor n³ for each of a stack of matrices (n, n)."""
    return lambda y, a, *_: factor * size(a) * (a.shape or (1,))[-1]


def _solve(y: Any, a: Any, b: Any) -> float:
    return _cubic(2 / 3)(y, a) + 2 * size(y) * (a.shape or (1,))[-1]


declare(np.matmul, np.dot, np.inner, product=matmul)
declare(np.tensordot, np.vdot, product=_tensordot)
declare(np.einsum, product=_einsum)
declare(np.linalg.multi_dot, product=True)
declare(np.linalg.inv, product=_cubic(2))
declare(np.linalg.det, np.linalg.slogdet, product=_cubic(2 / 3))
declare(np.linalg.cholesky, product=_cubic(1 / 3))
declare(np.linalg.solve, product=_solve)
for name in ("vecdot", "matvec", "vecmat"):
    if hasattr(np, name):  # since NumPy 2.0, 2.2
        declare(getattr(np, name), product=matmul)

declare(operator.getitem, np.take, np.take_along_axis, moves=True, selects=True)
declare(
    np.broadcast_to, np.concatenate, np.copy, np.diagonal, np.expand_dims, np.flip, np.moveaxis, np.ones_like, np.ravel,
    np.reshape, np.roll, np.rot90, np.squeeze, np.swapaxes, np.tile, np.transpose, np.tril, np.triu, np.zeros_like,
    moves=True,
)  # fmt: skip
