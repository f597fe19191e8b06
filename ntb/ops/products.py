"""Derivatives of rarer products, and of the products and diagonals in np.linalg."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..arguments import assembled
from ..tape.rules import declare, define, derivative, operation_of
from ..tape.tensor import apply, on_tensors
from .composed import enter_alias


@define(np.kron)
def kron(a: Any, b: Any) -> Any:
    n = max(np.ndim(a), np.ndim(b))
    one, other = ((1,) * (n - np.ndim(x)) + np.shape(x) for x in (a, b))
    a, b = np.reshape(a, tuple(k for i in one for k in (i, 1))), np.reshape(b, tuple(k for i in other for k in (1, i)))
    return np.reshape(a * b, tuple(i * j for i, j in zip(one, other, strict=True)))


@define(np.cross)
def cross(a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None) -> Any:
    axisa, axisb, axisc = (axisa, axisb, axisc) if axis is None else (axis, axis, axis)
    a, b = np.moveaxis(a, axisa, -1), np.moveaxis(b, axisb, -1)
    m, n = np.shape(a)[-1], np.shape(b)[-1]
    if m != 3 or n != 3:  # vectors in the plane: NumPy warns that they are deprecated, or refuses them
        np.cross(np.zeros(m), np.zeros(n))
    if m == n == 2:
        return a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]
    a, b = _in_space(a, m), _in_space(b, n)
    c = np.roll(a, -1, -1) * np.roll(b, -2, -1) - np.roll(a, -2, -1) * np.roll(b, -1, -1)
    return np.moveaxis(c, -1, axisc)


def _in_space(a: Any, n: int) -> Any:
    """Vectors in the plane as vectors in space."""
    return a if n == 3 else np.concatenate([a, np.zeros_like(a[..., :1])], axis=-1)


# --- products of many matrices


def _multi_dot_rule(g, _y, arrays):
    def piece(i):
        left = [np.transpose(a) if a.ndim == 2 else np.expand_dims(a, 1) for a in arrays[:i]]
        right = [np.transpose(a) if a.ndim == 2 else np.expand_dims(a, 0) for a in arrays[i + 1 :]]
        rows = 1 if arrays[0].ndim == 1 else arrays[0].shape[0]
        middle = np.reshape(g, (rows, 1 if arrays[-1].ndim == 1 else arrays[-1].shape[1]))
        return np.reshape(np.linalg.multi_dot([*left[::-1], middle, *right[::-1]]), arrays[i].shape)

    return piece


derivative(np.linalg.multi_dot, _multi_dot_rule)
declare(np.linalg.multi_dot, arrays=False)  # a list of them


@define(np.linalg.multi_dot)
def multi_dot(arrays: Any, *, out: None = None) -> Any:
    return apply(operation_of(np.linalg.multi_dot), ([assembled(a) for a in arrays],))


@define(np.linalg.matrix_power)
def matrix_power(a: Any, n: int) -> Any:
    if n == 0:
        return np.zeros_like(a) + np.eye(np.shape(a)[-1], dtype=a.dtype)
    if n < 0:
        a, n = np.linalg.inv(a), -n
    if n == 3:
        return np.matmul(np.matmul(a, a), a)
    square, result = a, None
    while True:
        n, odd = divmod(n, 2)
        if odd:
            result = square if result is None else np.matmul(result, square)
        if n == 0:
            return result
        square = np.matmul(square, square)


# --- np.linalg's names, which take stacks of matrices in the last two axes


enter_alias(np.linalg.matmul, np.matmul)
enter_alias(np.linalg.vecdot, on_tensors.vecdot)
enter_alias(np.linalg.tensordot, np.tensordot)
enter_alias(np.linalg.matrix_transpose, np.matrix_transpose)


@define(np.linalg.cross)
def cross_in_space(x1: Any, x2: Any, *, axis: int = -1) -> Any:
    np.linalg.cross(np.zeros(np.shape(x1)[axis]), np.zeros(np.shape(x2)[axis]))  # an error unless both are 3
    return np.cross(x1, x2, axis=axis)


@define(np.linalg.outer)
def outer(x1: Any, x2: Any) -> Any:
    np.linalg.outer(np.zeros((0,) * np.ndim(x1)), np.zeros((0,) * np.ndim(x2)))  # an error unless both are vectors
    return np.outer(x1, x2)


@define(np.linalg.trace)
def trace(x: Any, *, offset: int = 0, dtype: Any = None) -> Any:
    return np.trace(x, offset, -2, -1, dtype)


@define(np.linalg.diagonal)
def diagonal(x: Any, *, offset: int = 0) -> Any:
    return np.diagonal(x, offset, -2, -1)
