"""Derivatives of determinants, of singular matrices too.

The derivative of det(a) is the matrix of cofactors, det(a) inv(a)ᵀ. Singular matrices have cofactors as well, by the
products of all singular values but one. The third derivative is for regular matrices only.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..primitive import primitive
from ..tape.rules import define, derivative, operation_of
from ..tape.tensor import apply
from .safe import scale

_SlogdetResult: Any = type(np.linalg.slogdet(np.eye(1)))

derivative(np.linalg.det, lambda g, _y, a: g[..., None, None] * cofactor(a))


@primitive
def cofactor(a: Any) -> Any:
    """The cofactors of square matrices, det(a) inv(a)ᵀ, by singular values, so that singular matrices are allowed.

    >>> np.round(cofactor(np.array([[1.0, 2.0], [2.0, 4.0]])), 12) + 0.0
    array([[ 4., -2.],
           [-2.,  1.]])
    """
    u, s, v = np.linalg.svd(a)
    sign = np.linalg.det(u) * np.linalg.det(v)
    return sign[..., None, None] * np.conjugate(u * others(s)[..., None, :] @ v)


def others(s: Any) -> Any:
    """For each element the product of the others along the last axis."""
    n = s.shape[-1]
    return np.prod(np.where(np.eye(n, dtype=bool), 1, s[..., None, :]), axis=-1)


@primitive
def cofactor_change(g: Any, a: Any) -> Any:
    """The derivative of sum(g * cofactor(a)) with respect to `a`; as a linear map of g it is its own transpose.

    With a = U diag(s) V it is U D V, where D[i, i] sums p[i, j] G[j, j], D[i, j] = -p[i, j] G[j, i], G = Uᵀ g Vᵀ and
    p[i, j] is the product of the singular values other than those two.
    """
    u, s, v = np.linalg.svd(a)
    sign = np.linalg.det(u) * np.linalg.det(v)
    n = s.shape[-1]
    one = np.eye(n, dtype=bool)
    p = np.prod(np.where(one[:, None] | one, 1, s[..., None, None, :]), axis=-1) * ~one
    inside = np.conjugate(u.mT) @ g @ np.conjugate(v.mT)
    d = -p * inside.mT + np.where(one, (p @ np.diagonal(inside, 0, -2, -1)[..., None]), 0)
    return sign[..., None, None] * (np.conjugate(u) @ d @ np.conjugate(v))


def _cofactor_change_again(h: Any, _y: Any, g: Any, a: Any) -> Any:
    """From cofactor_change(g, a) = det(a) (⟨g, w⟩ w - w gᵀ w) with w = inv(a)ᵀ, for which d w = -w d aᵀ w."""
    w = np.linalg.inv(a).mT
    wg, wh = w @ g.mT @ w, w @ h.mT @ w
    g_w, h_w, h_wg = (np.sum(x * y, (-2, -1), keepdims=True) for x, y in ((g, w), (h, w), (h, wg)))
    change = (g_w * h_w - h_wg) * w - h_w * wg - g_w * wh + wg @ h.mT @ w + wh @ g.mT @ w
    return np.linalg.det(a)[..., None, None] * change


derivative(cofactor, lambda g, _y, a: cofactor_change(g, a))
derivative(cofactor_change, lambda g, _y, _g, a: cofactor_change(g, a), _cofactor_change_again)


@primitive
def inverse_or_infinite(x: Any) -> Any:
    """The inverse of each matrix; for singular ones a matrix of infinities."""
    try:
        return np.linalg.inv(x)
    except np.linalg.LinAlgError:
        regular = np.linalg.slogdet(x)[0] != 0
        unit = np.eye(x.shape[-1], dtype=x.dtype)
        inverse = np.linalg.inv(np.where(regular[..., None, None], x, unit))
        return np.where(regular[..., None, None], inverse, np.inf)


def _inverse_or_infinite_rule(g, y, _x):
    """That of an inverse; where there is none the derivative is infinite, but 0 if nothing depends on it."""
    finite = np.isfinite(y)
    inverse = np.where(finite, y, 0)
    change = -np.matmul(np.matmul(inverse.mT, g), inverse.mT)
    return np.where(finite, change, scale(np.sum(g, (-2, -1), keepdims=True), y))


derivative(inverse_or_infinite, _inverse_or_infinite_rule)


def _slogdet_rule(g, y, a):
    along = g[1]
    if a.dtype.kind == "c":  # the sign turns by the imaginary part of the logarithm
        along = along + 1j * np.imag(g[0] * y[0])
    return scale(along[..., None, None], inverse_or_infinite(a).mT)


derivative(np.linalg.slogdet, _slogdet_rule)


@define(np.linalg.slogdet)
def slogdet(a: Any) -> Any:
    return _SlogdetResult(*apply(operation_of(np.linalg.slogdet), (a,)))
