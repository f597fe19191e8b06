"""Derivatives of NumPy's reductions (sum, mean, max, prod, var, …) and cumulative functions."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..arguments import Traceable, assembled
from ..primitive import primitive
from ..tape.rules import declare, define, derivative, operation_of
from ..tape.tensor import apply
from .composed import enter_alias
from .safe import divide_or_zero

MISSING = np._NoValue  # the default of `initial` in NumPy's reductions


def spread(g: Any, axis: Any, keepdims: bool) -> Any:
    """The gradient of a reduction's result, with the reduced axes put back as axes of length one."""
    return g if keepdims or axis is None else np.expand_dims(g, axis)


def _masked(g: Any, shape: tuple[int, ...], where: Any) -> Any:
    """`g` for every element of the shape; 0 for those that `where=` left out."""
    g = g if where is True else np.where(where, g, 0)
    return np.broadcast_to(g, shape) if shape else np.reshape(g, ())  # of which NumPy takes axis=0, too


def counted(_a: Any, axis: Any, where: Any) -> Any:
    """How many elements go into each result, at least 1: a Python number; an array if `where=` leaves some out."""
    if where is not True:
        dtype = np.float32 if _a.dtype == np.float16 else np.finfo(_a.dtype).dtype
        return np.maximum(np.sum(np.broadcast_to(where, _a.shape), axis, dtype, keepdims=True), 1)
    axes = range(_a.ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    return max(math.prod([_a.shape[i] for i in axes]), 1)


def _among(g: Any, n: Any, dtype: Any) -> Any:
    """g / n; half precision holds no n above 65504, but 1 / n."""
    return g * (1 / n if isinstance(n, int) else (1 / n).astype(dtype)) if dtype == np.float16 else g / n


def _sum_rule(g, _y, _a, axis=None, dtype=None, out=None, keepdims=False, initial=MISSING, where=True):
    return _masked(spread(g, axis, keepdims), _a.shape, where)


def mean_rule(g, _y, _a, axis=None, dtype=None, out=None, keepdims=False, *, where=True):
    return _masked(_among(spread(g, axis, keepdims), counted(_a, axis, where), _a.dtype), _a.shape, where)


derivative(np.sum, _sum_rule)
derivative(np.mean, mean_rule)


# --- max and min: equal elements share the gradient equally


@primitive
def tie_share(a: Any, y: Any, axis: Any = None, keepdims: bool = False, where: Any = True) -> Any:
    """The share of each element of `a` in its slice's extreme value `y`: 1, or 1/n where n elements are equal to it."""
    if axis is not None and not keepdims:
        y = np.expand_dims(y, axis)
    hit = np.equal(a, y) if where is True else np.logical_and(np.equal(a, y), where)
    count = np.count_nonzero(hit, axis=axis, keepdims=True)
    if not np.all(count):
        hit = np.logical_or(hit, np.logical_and(np.isnan(a), where))
        count = np.maximum(np.count_nonzero(hit, axis=axis, keepdims=True), 1)
    return np.multiply(hit, np.divide(1.0, count).astype(a.dtype))


def extreme_rule(g, y, a, axis=None, out=None, keepdims=False, initial=MISSING, where=True):
    axis = axis if a.ndim else None
    return spread(g, axis, keepdims) * tie_share(a, y, axis=axis, keepdims=keepdims, where=where)


derivative(np.max, extreme_rule)
derivative(np.min, extreme_rule)
declare(tie_share, constant=True)


enter_alias(np.amax, np.max)
enter_alias(np.amin, np.min)


@define(np.ptp)
def ptp(a: Any, axis: Any = None, out: None = None, keepdims: bool = False) -> Any:
    return np.max(a, axis=axis, keepdims=keepdims) - np.min(a, axis=axis, keepdims=keepdims)


# --- variance and standard deviation; the latter's derivative is 0 for constant data


def _centred(a: Any, axis: Any, where: Any, mean: Any) -> Any:
    """a - mean(a); for complex numbers its conjugate."""
    if mean is MISSING:
        mean = np.mean(a, axis=axis, keepdims=True, where=where)
    return np.conjugate(a - mean) if a.dtype.kind == "c" else a - mean


def _freedom(_a: Any, axis: Any, where: Any, ddof: Any, correction: Any) -> Any:
    """The divisor of a variance: the number of elements minus `ddof`; NaN where none is left."""
    n = counted(_a, axis, where) - (ddof if correction is MISSING else correction)
    return np.where(n > 0, n, math.nan) if where is not True else n if n > 0 else math.nan


def var_rule(
    g, _y, a, axis=None, dtype=None, out=None, ddof=0, keepdims=False, *, where=True, mean=MISSING, correction=MISSING
):
    g = _among(spread(g, axis, keepdims) * 2, _freedom(a, axis, where, ddof, correction), a.dtype)
    return _masked(g * _centred(a, axis, where, mean), a.shape, where)


def std_rule(
    g, y, a, axis=None, dtype=None, out=None, ddof=0, keepdims=False, *, where=True, mean=MISSING, correction=MISSING
):
    g = _among(spread(divide_or_zero(g, y), axis, keepdims), _freedom(a, axis, where, ddof, correction), a.dtype)
    return _masked(g * _centred(a, axis, where, mean), a.shape, where)


derivative(np.var, var_rule)
derivative(np.std, std_rule)


def _about(
    mean: Any, a: Any, axis: Any = None, dtype: Any = None, out: None = None, ddof: Any = 0, keepdims: bool = False, *,
    where: Any = True, correction: Any = MISSING,
) -> Any:  # fmt: skip
    """The variance about a mean that is a tensor, so that the gradient flows through it, too."""
    a = assembled(a)
    d = a - mean
    total = np.sum(np.real(d * np.conjugate(d)), axis=axis, dtype=dtype, keepdims=keepdims, where=where)
    n = _freedom(a, axis, where, ddof, correction)
    return _among(total, np.reshape(n, total.shape) if np.ndim(n) else n, total.dtype)


@define(np.var)
def var(a: Any, *args: Any, **kwargs: Any) -> Any:
    if isinstance(kwargs.get("mean"), Traceable):
        return _about(kwargs.pop("mean"), a, *args, **kwargs)
    return apply(operation_of(np.var), (a, *args), kwargs)


@define(np.std)
def std(a: Any, *args: Any, **kwargs: Any) -> Any:
    if isinstance(kwargs.get("mean"), Traceable):
        square = _about(kwargs.pop("mean"), a, *args, **kwargs)
        return divide_or_zero(square, np.sqrt(square))
    return apply(operation_of(np.std), (a, *args), kwargs)


# --- products, exactly: no division, so that zeros do no harm


def axes_of(axis: Any, ndim: int) -> tuple[int, ...]:
    """The axes that an argument `axis` names, as numbers from 0; all for None. An error if there is no such axis."""
    if axis is None:
        return tuple(range(ndim))
    return np.lib.array_utils.normalize_axis_tuple(axis, ndim)


def as_axes(axis: Any) -> Any:
    """An axis, or several as a tuple; some of NumPy's functions take lists and arrays of them, too."""
    return tuple(map(int, axis)) if isinstance(axis, list | np.ndarray) and np.ndim(axis) else axis


def merge_axes(a: Any, axis: Any) -> Any:
    """The array with the given axes (None for all) made one, the last."""
    axes = axes_of(axis if a.ndim else None, a.ndim)
    kept = tuple(i for i in range(a.ndim) if i not in axes)
    length = math.prod([a.shape[i] for i in axes])
    return np.reshape(np.transpose(a, kept + axes), (*[a.shape[i] for i in kept], length))


def split_axes(rows: Any, shape: tuple[int, ...], axis: Any) -> Any:
    """The inverse of `merge_axes`: an array of the given shape."""
    axes = axes_of(axis if shape else None, len(shape))
    order = tuple(i for i in range(len(shape)) if i not in axes) + axes
    a = np.reshape(rows, tuple(shape[i] for i in order))
    return np.transpose(a, tuple(order.index(i) for i in range(len(shape))))


def _prod_rule(g, _y, a, axis=None, dtype=None, out=None, keepdims=False, initial=1, where=True):
    x = merge_axes(a if where is True else np.where(where, a, 1), axis)
    others = before(np.cumprod(x, -1), -1) * np.flip(before(np.cumprod(np.flip(x, -1), -1), -1), -1)
    others = split_axes(others, a.shape, axis)
    return _masked(spread(g if initial is MISSING else g * initial, axis, keepdims) * others, a.shape, where)


def _cumprod_rule(g, y, a, axis=None, dtype=None, out=None):
    x, axis = (np.ravel(a), 0) if axis is None or a.ndim == 0 else (a, axis)
    return np.reshape(before(y, axis) * recurrence_back(g, x, axis), a.shape)


def before(x: Any, axis: int, first: int = 1) -> Any:
    """Each element's predecessor along the axis; the first has `first`."""
    every = [slice(None)] * x.ndim
    every[axis] = slice(0, 1)
    head = np.full_like(x[tuple(every)], first)
    every[axis] = slice(0, -1)
    return np.concatenate([head, x[tuple(every)]], axis)


@primitive
def recurrence(b: Any, x: Any, axis: int) -> Any:
    """s[i] = b[i] + x[i] s[i-1] along an axis, with s[-1] = 0.

    >>> recurrence(np.ones(3), np.full(3, 2.0), axis=0)
    array([1., 3., 7.])
    """
    s = np.array(b)
    x, rows = np.moveaxis(x, axis, 0), np.moveaxis(s, axis, 0)
    for i in range(1, len(rows)):
        rows[i] += x[i] * rows[i - 1]
    return s


def recurrence_back(g: Any, x: Any, axis: int) -> Any:
    """The adjoint of `recurrence`, r[i] = g[i] + x[i+1] r[i+1]: the same from the end to the beginning."""
    return np.flip(recurrence(np.flip(g, axis), before(np.flip(x, axis), axis), axis=axis), axis)


derivative(np.prod, _prod_rule)
derivative(np.cumprod, _cumprod_rule)
derivative(
    recurrence,
    lambda g, _y, _b, x, axis: recurrence_back(g, x, axis),
    lambda g, y, _b, x, axis: recurrence_back(g, x, axis) * before(y, axis, 0),
)


def _cumsum_rule(g, _y, _a, axis=None, dtype=None, out=None):
    return np.reshape(np.flip(np.cumsum(np.flip(g, axis or 0), axis or 0), axis or 0), _a.shape)


derivative(np.cumsum, _cumsum_rule)

declare(np.argmax, np.argmin, np.all, np.any, np.count_nonzero, constant=True)
