"""`reduce`, `accumulate`, `reduceat` and `outer` of every ufunc of two arguments.

Folding is a recurrence, y[i] = f(y[i-1], x[i]). The rules of f give its partial derivatives p[i] and q[i] there. The
gradient runs back along the recurrence, s[i] = g[i] + p[i+1] s[i+1], and the gradient of x[i] is s[i] q[i].
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import GradientError, InputError
from ..primitive import primitive
from ..tape.rules import declare, define, derivative, operation_of
from ..values.creation import astype
from .composed import array_or_tensor
from .indexing import scatter
from .reductions import MISSING, axes_of, before, merge_axes, recurrence_back, split_axes

_REDUCTIONS: dict[Any, Any] = {np.add: np.sum, np.multiply: np.prod, np.maximum: np.max, np.minimum: np.min}
_NEUTRAL = {
    np.subtract: 0, np.divide: 1, np.power: 1, np.float_power: 1, np.hypot: 0, np.logaddexp: -np.inf,
    np.logaddexp2: -np.inf, np.fmax: np.nan, np.fmin: np.nan, np.bitwise_and: -1, np.bitwise_or: 0, np.bitwise_xor: 0,
    np.logical_and: True, np.logical_or: False, np.logical_xor: False, np.gcd: 0, np.lcm: 1,
}  # fmt: skip
"""The second argument with which a ufunc returns its first: it replaces elements that `where=` leaves out."""

_MISFOLDED = {np.power, np.arctan2}
"""NumPy (since its pull request 22240, until 2.4 at least) reduces contiguous data to f(first, last) with these ufuncs,
if the processor has AVX-512. Its `accumulate` is right."""


def _differentiable(ufunc: np.ufunc, method: str) -> str:
    """The ufunc's name, if it has a derivative or is declared constant; an error otherwise."""
    operation = operation_of(ufunc)
    rules = operation.derivative.rules
    if not operation.traits.constant and (len(rules) < 2 or None in rules):
        raise GradientError(
            f"np.{ufunc.__name__}.{method} is not supported on tensors: np.{ufunc.__name__} has no derivative with "
            "respect to both of its arguments. Outside the tape take t.numpy()"
        )
    return ufunc.__name__


# --- reduce


@define(np.ufunc.reduce)
def reduce(
    ufunc: np.ufunc, a: Any, axis: Any = 0, dtype: Any = None, out: None = None, keepdims: bool = False,
    initial: Any = MISSING, where: Any = True,
) -> Any:  # fmt: skip
    options = {} if initial is MISSING else {"initial": initial}
    a = array_or_tensor(a)
    if dtype is not None and ufunc not in (np.add, np.multiply):
        a, dtype = astype(a, np.dtype(dtype)), None
    if ufunc in _REDUCTIONS and initial is not None:
        given = {"dtype": dtype, "where": where}
        options |= {name: x for name, x in given.items() if x is not None and x is not True}
        return _REDUCTIONS[ufunc](a, axis=axis, keepdims=keepdims, **options)
    name = _differentiable(ufunc, "reduce")
    if where is not True:
        if ufunc not in _NEUTRAL:
            raise GradientError(f"np.{name}.reduce knows no where= on tensors; np.compress leaves out whole slices")
        if ufunc.identity is None and "initial" not in options:
            raise InputError(f"np.{name}.reduce with where= needs initial=, which it begins with")
        a = np.where(where, a, np.asarray(_NEUTRAL[ufunc]).astype(a.dtype))
    if ufunc in _MISFOLDED:
        axes = axes_of(axis if a.ndim else None, a.ndim)
        if len(axes) > 1:
            raise InputError(f"np.{name}.reduce goes along one axis, since its order matters, not along {axes}")
        y = accumulated(_begun(merge_axes(a, axes), **options), name, axis=-1)[..., -1]
        return np.expand_dims(y, axes) if keepdims else y
    return folded(a, name, axis=axis, keepdims=keepdims, **options)


def _begun(rows: Any, initial: Any = None) -> Any:
    """Rows with the initial value of their reduction in front, if one is given."""
    if initial is None:
        return rows
    return np.concatenate([np.full_like(rows, initial, shape=(*rows.shape[:-1], 1)), rows], -1)


@primitive
def folded(a: Any, ufunc: str, **options: Any) -> Any:
    """What a ufunc reduces an array to.

    >>> folded(np.array([8.0, 2.0, 1.0]), "subtract", axis=0)
    np.float64(5.0)
    """
    return getattr(np, ufunc).reduce(a, **options)


def _folded_rule(g, _y, a, ufunc, axis=0, keepdims=False, initial=MISSING):
    rows = merge_axes(a, axis)
    x = _begun(rows, None if initial is MISSING else initial)
    y = accumulated(x, ufunc, axis=-1)
    last = np.reshape(g, (*rows.shape[:-1], 1))
    g = np.concatenate([np.zeros_like(x[..., 1:]), last], -1) if x.shape[-1] else np.zeros_like(x)
    d = _pull(g, y, x, ufunc, np.arange(x.shape[-1]) == 0)
    return split_axes(d[..., x.shape[-1] - rows.shape[-1] :], a.shape, axis)


derivative(folded, _folded_rule)

# --- accumulate


@define(np.ufunc.accumulate)
def accumulate(ufunc: np.ufunc, array: Any, axis: int = 0, dtype: Any = None, out: None = None) -> Any:
    array = array_or_tensor(array)
    if ufunc in (np.add, np.multiply):
        return (np.cumsum if ufunc is np.add else np.cumprod)(array, axis, dtype)
    if dtype is not None:
        array = astype(array, np.dtype(dtype))
    return accumulated(array, _differentiable(ufunc, "accumulate"), axis=axis)


@primitive
def accumulated(a: Any, ufunc: str, axis: int = 0) -> Any:
    """The results of a ufunc so far, along an axis.

    >>> accumulated(np.array([1.0, 3.0, 2.0]), "maximum")
    array([1., 3., 3.])
    """
    return getattr(np, ufunc).accumulate(a, axis)


def _accumulated_rule(g, y, a, ufunc, axis=0):
    g, y, x = (np.moveaxis(array, axis, -1) for array in (g, y, a))
    return np.moveaxis(_pull(g, y, x, ufunc, np.arange(x.shape[-1]) == 0), -1, axis)


derivative(accumulated, _accumulated_rule)


def _pull(g: Any, y: Any, x: Any, ufunc: str, first: Any) -> Any:
    """The gradient of x, from that of y[i] = f(y[i-1], x[i]) along the last axis; where `first` holds, y[i] = x[i]."""
    operation = operation_of(getattr(np, ufunc))
    if operation.traits.constant:
        return g * first
    x1, x2, y = np.where(first, 1, before(y, -1)), np.where(first, 1, x), np.where(first, 1, y)
    one = np.ones_like(x2)
    along, into = (operation.rule(i)(one, y, x1, x2) for i in (0, 1))
    return recurrence_back(g, np.where(first, 0, along), -1) * np.where(first, 1, into)


# --- reduceat: fold each of the stretches between given indices


@define(np.ufunc.reduceat)
def reduceat(ufunc: np.ufunc, array: Any, indices: Any, axis: int = 0, dtype: Any = None, out: None = None) -> Any:
    array = array_or_tensor(array)
    if dtype is not None:
        array = astype(array, np.dtype(dtype))
    indices, name = array_or_tensor(indices), _differentiable(ufunc, "reduceat")
    if ufunc in _MISFOLDED:
        places, first, last = stretches(indices, array.shape[axis])
        x = np.take(np.moveaxis(array, axis, -1), places, -1)
        return np.moveaxis(np.take(accumulated_parts(x, first, name), last, -1), -1, axis)
    return folded_at(array, indices, name, axis=axis)


@primitive
def folded_at(a: Any, indices: Any, ufunc: str, axis: int = 0) -> Any:
    """The reduction of each stretch from an index to the next one; the element at the index if the next is not larger.

    >>> folded_at(np.array([1.0, 2.0, 3.0, 4.0]), [0, 2, 1], "add")
    array([3., 3., 9.])
    """
    return getattr(np, ufunc).reduceat(a, indices, axis)


@primitive
def stretches(indices: Any, length: int) -> Any:
    """The positions that the stretches of `folded_at` cover, in order; which of them begin a stretch; where each ends.

    >>> stretches([0, 2, 1], 4)
    (array([0, 1, 2, 1, 2, 3]), array([ True, False,  True,  True, False, False]), array([1, 2, 5]))
    """
    starts = np.asarray(indices)
    ends = np.maximum(np.append(starts[1:], length), starts + 1)
    places = np.concatenate([np.arange(i, j) for i, j in zip(starts, ends)] or [starts])
    last = np.cumsum(ends - starts) - 1
    first = np.zeros(len(places), bool)
    first[last - (ends - starts) + 1] = True
    return places, first, last


@primitive
def accumulated_parts(x: Any, first: Any, ufunc: str) -> Any:
    """The results of a ufunc so far along the last axis, which begins anew where `first` holds."""
    parts = np.split(x, np.flatnonzero(first)[1:], axis=-1)
    return np.concatenate([getattr(np, ufunc).accumulate(part, -1) for part in parts], -1)


def _folded_at_rule(g, _y, a, indices, ufunc, axis=0):
    places, first, last = stretches(indices, a.shape[axis])
    rows = np.moveaxis(a, axis, -1)
    x = np.take(rows, places, -1)
    g = scatter(np.moveaxis(g, axis, -1), (..., last), x.shape)
    d = _pull(g, accumulated_parts(x, first, ufunc), x, ufunc, first)
    return np.moveaxis(scatter(d, (..., places), rows.shape), -1, axis)


declare(stretches, constant=True)
derivative(folded_at, _folded_at_rule, None)
derivative(accumulated_parts, lambda g, y, x, first, ufunc: _pull(g, y, x, ufunc, first), None)

# --- outer: every element of the one with every element of the other


@define(np.ufunc.outer)
def outer(ufunc: np.ufunc, a: Any, b: Any, /, **options: Any) -> Any:
    a, b = array_or_tensor(a), array_or_tensor(b)
    return ufunc(np.reshape(a, a.shape + (1,) * b.ndim), b, **options)


# --- whole numbers

declare(np.gcd, np.lcm, np.bitwise_count, np.around, constant=True)
derivative(np.nextafter, lambda g, _y, _x1, _x2: g, None)
