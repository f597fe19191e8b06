"""Derivatives of products of vectors, matrices and tensors."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..tape.rules import define, derivative

# --- matmul: by the ranks of its arguments; the engine sums over broadcast stacks


def matmul_left(g, _y, _a, b):
    if _a.ndim == 1:
        return g * b if b.ndim == 1 else np.matmul(b, np.expand_dims(g, -1))[..., 0]
    return np.expand_dims(g, -1) * b if b.ndim == 1 else np.matmul(g, b.mT)


def matmul_right(g, _y, a, _b):
    if _b.ndim == 1:
        return g * a if a.ndim == 1 else np.matmul(a.mT, np.expand_dims(g, -1))[..., 0]
    if a.ndim == 1:
        return np.expand_dims(a, -1) * np.expand_dims(g, -2)
    if _b.ndim == 2 and a.ndim > 2:  # one large product instead of a stack of small ones to be summed
        return np.matmul(np.reshape(a, (-1, a.shape[-1])).T, np.reshape(g, (-1, g.shape[-1])))
    return np.matmul(a.mT, g)


derivative(np.matmul, matmul_left, matmul_right, broadcasts=True)


# --- dot: like matmul for matrices, an outer product over the other axes for stacks


def dot_left(g, _y, _a, b):
    if _a.ndim == 0 or b.ndim == 0:
        return g * b
    if _a.ndim == b.ndim == 2:
        return np.matmul(g, b.T)
    free = [i for i in range(b.ndim) if i != max(b.ndim - 2, 0)]
    return np.tensordot(g, b, (list(range(_a.ndim - 1, g.ndim)), free))


def dot_right(g, _y, a, _b):
    if a.ndim == 0 or _b.ndim == 0:
        return g * a
    if a.ndim == _b.ndim == 2:
        return np.matmul(a.T, g)
    free = list(range(a.ndim - 1))
    d = np.tensordot(a, g, (free, free))
    return np.moveaxis(d, 0, -2) if _b.ndim > 1 else d


derivative(np.dot, dot_left, dot_right, broadcasts=True)
derivative(
    np.outer,
    lambda g, _y, _a, b: np.reshape(np.matmul(g, np.ravel(b)), _a.shape),
    lambda g, _y, a, _b: np.reshape(np.matmul(np.ravel(a), g), _b.shape),
)
