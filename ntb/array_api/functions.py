"""The functions of the standard that are not simply NumPy's: other arguments, other values at the edges."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InputError
from ..tape.tensor import on_tensors
from .creation import asarray

# --- elementwise


def clip(x: Any, /, min: Any = None, max: Any = None) -> Any:
    """The values brought into the range from `min` to `max`, in the dtype of `x`."""
    return np.copy(x) if min is None and max is None else np.clip(x, min, max)


def expm1(x: Any, /) -> Any:
    """exp(x) - 1, exact near 0; at complex infinities and zeros with the signs that the standard asks for."""
    if not np.iscomplexobj(x):
        return np.expm1(x)
    usual = np.logical_and(np.isfinite(x), np.not_equal(x, 0))
    return np.where(usual, np.expm1(np.where(usual, x, 1)), np.exp(np.where(usual, 1, x)) - 1)


def floor_divide(x1: Any, x2: Any, /) -> Any:
    """floor(x1 / x2). Of infinities, too: there NumPy and the operator `//` follow Python, which says NaN or -1."""
    x1, x2 = (x if hasattr(x, "dtype") else asarray(x, dtype=on_tensors.result_type(x1, x2)) for x in (x1, x2))
    if on_tensors.result_type(x1, x2).kind != "f":
        return np.floor_divide(x1, x2)
    infinite = np.logical_or(np.isinf(x1), np.isinf(x2))
    return np.where(infinite, np.floor(np.divide(x1, x2)), np.floor_divide(np.where(infinite, 1, x1), x2))


# --- shapes


def broadcast_arrays(*arrays: Any) -> list[Any]:
    """The arrays brought to their common shape."""
    return list(np.broadcast_arrays(*arrays))


def reshape(x: Any, /, shape: Any, *, copy: bool | None = None) -> Any:
    """The elements in another shape. Tensors cannot change, so that `copy` matters for memory alone.

    Raises:
        InputError: `copy=False`, and the elements do not lie in memory as the shape wants them.
    """
    result = np.reshape(x, shape)
    if copy is False and result.size and not np.may_share_memory(x, result):
        raise InputError(f"this array cannot be seen in the shape {shape} without a copy; leave out copy=False")
    return np.copy(result) if copy else result


def unstack(x: Any, /, *, axis: int = 0) -> tuple[Any, ...]:
    """The arrays that lie along an axis, which they lose.

    >>> unstack(np.eye(2))
    (array([1., 0.]), array([0., 1.]))
    """
    if not np.ndim(x):
        raise InputError("a 0-d array has no axis along which to take it apart")
    x = np.moveaxis(x, axis, 0)
    return tuple([x[i] for i in range(x.shape[0])])


# --- sums, statistics, differences


def cumulative_sum(x: Any, /, *, axis: int | None = None, dtype: Any = None, include_initial: bool = False) -> Any:
    """The sums of the first elements along an axis; with `include_initial` that of none of them, 0, comes first."""
    return _cumulative(np.cumsum, 0, x, axis, dtype, include_initial)


def cumulative_prod(x: Any, /, *, axis: int | None = None, dtype: Any = None, include_initial: bool = False) -> Any:
    """The products of the first elements along an axis; with `include_initial` that of none, 1, comes first."""
    return _cumulative(np.cumprod, 1, x, axis, dtype, include_initial)


def _cumulative(function: Any, initial: int, x: Any, axis: int | None, dtype: Any, include_initial: bool) -> Any:
    if axis is None and x.ndim != 1:
        raise InputError(f"along which axis of an array of shape {x.shape}? Only a 1-d array has just one: pass axis=")
    axis = 0 if axis is None else axis
    result = function(x, axis, dtype)
    if not include_initial:
        return result
    shape = list(result.shape)
    shape[axis] = 1
    return np.concatenate([np.full(shape, initial, result.dtype), result], axis)


def std(x: Any, /, *, axis: Any = None, correction: float = 0.0, keepdims: bool = False) -> Any:
    """The standard deviation, of N - correction degrees of freedom."""
    return np.std(x, axis=axis, ddof=correction, keepdims=keepdims)


def var(x: Any, /, *, axis: Any = None, correction: float = 0.0, keepdims: bool = False) -> Any:
    """The variance, of N - correction degrees of freedom."""
    return np.var(x, axis=axis, ddof=correction, keepdims=keepdims)


def diff(x: Any, /, *, axis: int = -1, n: int = 1, prepend: Any = None, append: Any = None) -> Any:
    """The n-th differences of neighbours along an axis."""
    around = [a for a in (prepend, x, append) if a is not None]
    return np.diff(np.concatenate(around, axis) if len(around) > 1 else x, n, axis)


# --- order


def sort(x: Any, /, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Any:
    """The elements in order along an axis."""
    result = np.sort(x, axis=axis, stable=stable)
    return np.flip(result, axis) if descending else result


def argsort(x: Any, /, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Any:
    """The indices that put the elements in order along an axis; equal ones keep theirs.

    >>> argsort(np.array([1.0, 2.0, 2.0]), descending=True)
    array([1, 2, 0])
    """
    if not descending:
        return np.argsort(x, axis=axis, stable=stable)
    backwards = np.argsort(np.flip(x, axis), axis=axis, stable=stable)  # so that equal ones keep their order
    return x.shape[axis] - 1 - np.flip(backwards, axis)


def take_along_axis(x: Any, indices: Any, /, *, axis: int = -1) -> Any:
    """The elements at the indices along an axis, which have the same number of axes as `x`."""
    return np.take_along_axis(x, indices, axis)
