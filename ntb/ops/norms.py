"""Derivatives of norms of vectors and matrices. At zero, where a norm has a kink, its derivative is 0."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..primitive import primitive
from ..tape.rules import define, derivative, operation_of
from ..tape.tensor import apply
from ..values.creation import astype
from .determinants import inverse_or_infinite
from .linalg import conj
from .reductions import axes_of, spread
from .safe import divide_or_zero, safe_divide, scale
from .spectra import kept


def _norm_rule(g, y, x, ord=None, axis=None, keepdims=False):
    """Of y = (Σ |x|ᵖ)^(1/p): the direction x / |x| times (|x| / y)^(p - 1), for p = 2 x / y."""
    if ord is None or ord == 2 or isinstance(ord, str):
        return spread(divide_or_zero(g, y), axis, keepdims) * conj(x)
    size = np.absolute(x)
    part = divide_or_zero(size, spread(y, axis, keepdims))
    return scale(scale(spread(g, axis, keepdims), np.power(part, ord - 1)), divide_or_zero(conj(x), size))


derivative(np.linalg.norm, _norm_rule)


@define(np.linalg.norm)
def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    axes = tuple(range(np.ndim(x))) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    known = (1, 2, -1, -2, math.inf, -math.inf, "nuc")
    if ord is None or (len(axes) == 2 and ord not in known) or (len(axes) == 1 and (ord == 2 or isinstance(ord, str))):
        return apply(operation_of(np.linalg.norm), (x, ord, axis, keepdims))  # Euclidean, or not one of NumPy's
    if len(axes) == 1:
        return _norm_of_vectors(x, ord, axes[0], keepdims)
    if len(axes) != 2 or len({i % np.ndim(x) for i in axes}) != 2:
        return apply(operation_of(np.linalg.norm), (x, ord, axis, keepdims))  # NumPy's error
    y = _norm_of_matrices(np.moveaxis(x, axes, (-2, -1)), ord)
    return np.expand_dims(y, axes) if keepdims else y


def _norm_of_vectors(x: Any, p: Any, axis: int, keepdims: bool) -> Any:
    if p == 0:
        return np.sum(astype(np.not_equal(x, 0), np.real(x).dtype), axis=axis, keepdims=keepdims)
    size = np.absolute(x)
    if abs(p) == math.inf:
        return _extreme(size, p > 0, axis, keepdims)
    if p == 1:
        return np.sum(size, axis=axis, keepdims=keepdims)
    return apply(operation_of(np.linalg.norm), (x, p, axis, keepdims))


def _norm_of_matrices(x: Any, p: Any) -> Any:
    if p == "nuc":
        return np.sum(kept(np.linalg.svdvals(x)), axis=-1)
    if abs(p) == 2:
        return _extreme(kept(np.linalg.svdvals(x)), p > 0, -1, False)
    return _extreme(np.sum(np.absolute(x), axis=-2 if abs(p) == 1 else -1), p > 0, -1, False)


def _extreme(size: Any, largest: bool, axis: int, keepdims: bool) -> Any:
    if largest:
        return np.max(size, axis=axis, keepdims=keepdims, initial=0)
    return np.min(size, axis=axis, keepdims=keepdims)


@define(np.linalg.vector_norm)
def vector_norm(x: Any, *, axis: Any = None, keepdims: bool = False, ord: Any = 2) -> Any:
    axes = axes_of(axis, np.ndim(x))
    rest = tuple(i for i in range(np.ndim(x)) if i not in axes)
    shape = np.shape(x)
    rows = np.reshape(np.transpose(x, axes + rest), (math.prod(shape[i] for i in axes), *(shape[i] for i in rest)))
    y = np.linalg.norm(rows, ord, 0)
    return np.reshape(y, tuple(1 if i in axes else n for i, n in enumerate(shape))) if keepdims else y


@define(np.linalg.matrix_norm)
def matrix_norm(x: Any, *, keepdims: bool = False, ord: Any = "fro") -> Any:
    return np.linalg.norm(x, ord, (-2, -1), keepdims)


# --- condition numbers; those of singular matrices are infinite


@primitive
def ratio(a: Any, b: Any) -> Any:
    """a / b without a warning; infinite where both are 0."""
    with np.errstate(all="ignore"):
        quotient = np.divide(a, b)
    return np.where(np.logical_and(np.equal(a, 0), np.equal(b, 0)), np.inf, quotient)[()]


derivative(ratio, lambda g, _y, _a, b: safe_divide(g, b), lambda g, y, _a, b: -safe_divide(scale(g, y), b))


@define(np.linalg.cond)
def cond(x: Any, p: Any = None) -> Any:
    if p is None or p in (2, -2):
        s = kept(np.linalg.svdvals(x))
        most, least = np.max(s, axis=-1, initial=0), np.min(s, axis=-1)  # of which equals share the gradient
        return ratio(least, most) if p == -2 else ratio(most, least)
    return np.linalg.norm(x, p, (-2, -1)) * np.linalg.norm(inverse_or_infinite(x), p, (-2, -1))
