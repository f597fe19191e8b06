"""Derivatives of indexing, which gathers elements; its adjoint scatters them into zeros and adds up repetitions."""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

from ..arguments import assembled
from ..primitive import primitive
from ..tape.rules import declare, define, derivative, operation_of
from ..tape.tensor import apply
from .at import names_once, put, put_add

# --- a[index], in every form NumPy knows, and its adjoint


@primitive
def scatter(g: Any, index: Any, shape: tuple[int, ...]) -> Any:
    """The adjoint of `a[index]`: zeros of a shape, with `g` added at the index; repetitions add up.

    >>> scatter(np.array([1.0, 2.0, 3.0]), [0, 2, 0], (3,))
    array([4., 0., 2.])
    """
    axis, rows = _along_one_axis(index)
    once = names_once(index)  # then assignment is faster
    if rows is not None and not once and g.size and g.dtype.kind == "f":
        n = shape[axis]
        if n <= rows.size <= 2**18 // n:
            a = add_few_rows(g, np.ravel(rows) % n, shape, axis)
            if np.all(np.isfinite(a)):  # otherwise zero times infinity has spoiled other rows
                return a
    a = np.zeros(shape, g.dtype)
    if not g.size:
        return a
    if once:
        a[index] = g
    elif rows is not None and axis == 0 and rows.size > shape[0] and g.size >= 16 * rows.size:
        add_rows(a, np.ravel(rows) % shape[0], np.reshape(g, (rows.size, -1)))
    else:
        np.add.at(a, index, g)
    return a


def _along_one_axis(index: Any) -> tuple[int, Any]:
    """The axis along which a single array of integers picks, and the array; None if the index is of another kind."""
    before, rows = (index[:-1], index[-1]) if type(index) is tuple and index else ((), index)
    picks = isinstance(rows, np.ndarray) and rows.dtype.kind in "iu"
    whole = all(isinstance(part, slice) and part == slice(None) for part in before)
    return len(before), rows if picks and whole else None


def add_few_rows(g: Any, rows: Any, shape: tuple[int, ...], axis: int) -> Any:
    """Sums of `g` over equal rows along an axis: a product with a matrix of zeros and ones, fastest if it is small.

    >>> add_few_rows(np.array([[1.0, 2.0, 3.0]]), np.array([1, 0, 1]), (1, 2), axis=1)
    array([[2., 4.]])
    """
    chosen = np.zeros((shape[axis], rows.size), g.dtype)
    chosen[rows, np.arange(rows.size)] = 1
    g = np.reshape(g, (math.prod(shape[:axis]), rows.size, math.prod(shape[axis + 1 :])))
    with np.errstate(invalid="ignore"):  # zero times infinity; the caller looks at the result
        if g.shape[2] == 1:
            return np.matmul(g[:, :, 0], chosen.T).reshape(shape)
        return np.matmul(chosen, g).reshape(shape)


def add_rows(a: Any, rows: Any, g: Any) -> None:
    """Add `g` to rows of `a`, each named many times; sorting makes it several times faster than `np.add.at`."""
    order = np.argsort(rows, kind="stable")
    rows = rows[order]
    first = np.flatnonzero(np.diff(rows, prepend=-1))
    a.reshape(len(a), -1)[rows[first]] = np.add.reduceat(g[order], first, axis=0)


derivative(operator.getitem, lambda g, _y, _a, index: scatter(g, index, _a.shape))
derivative(scatter, lambda g, _y, _g, index, shape: g[index])


# --- take: along one axis


def _take_rule(g, _y, _a, indices, axis=None, out=None, mode="raise"):
    axis = axis if _a.ndim else None
    n = _a.size if axis is None else _a.shape[axis]
    if mode != "raise":
        indices = np.remainder(indices, n) if mode == "wrap" else np.clip(indices, 0, n - 1)
    if axis is None:
        return np.reshape(scatter(g, indices, (n,)), _a.shape)
    axis %= _a.ndim
    index = indices if axis == 0 and hasattr(indices, "dtype") else (*[slice(None)] * axis, indices)
    return scatter(g, index, _a.shape)


derivative(np.take, _take_rule)


# --- take_along_axis: another index for every slice


@primitive
def scatter_along_axis(g: Any, indices: Any, axis: Any, shape: tuple[int, ...]) -> Any:
    """The adjoint of `np.take_along_axis`: zeros of a shape, with `g` added at the indices along the axis.

    >>> scatter_along_axis(np.array([[1.0, 2.0]]), np.array([[1, 1]]), 1, (1, 3))
    array([[0., 3., 0.]])
    """
    a = np.zeros(shape, g.dtype)
    grid = [np.arange(n).reshape((-1,) + (1,) * (len(shape) - 1 - i)) for i, n in enumerate(shape)]
    grid[axis] = indices
    np.add.at(a, tuple(grid), g)
    return a


def _take_along_axis_rule(g, _y, _arr, indices, axis=-1):
    if axis is None:
        return np.reshape(scatter_along_axis(g, indices, 0, (_arr.size,)), _arr.shape)
    return scatter_along_axis(g, indices, axis, _arr.shape)


derivative(np.take_along_axis, _take_along_axis_rule)
derivative(scatter_along_axis, lambda g, _y, _g, indices, axis, shape: np.take_along_axis(g, indices, axis))


@define(np.sort)
def sort(a: Any, axis: Any = -1, kind: Any = None, order: None = None, *, stable: Any = None) -> Any:
    a = np.ravel(a) if axis is None else a
    axis = -1 if axis is None else axis
    return np.take_along_axis(a, np.argsort(a, axis, kind="stable"), axis)


# --- t.at[index].set(x), t.at[index].add(x)


@primitive
def winners(index: Any, a: Any) -> Any:
    """1 for each element that the assignment `a[index] = …` leaves in place; 0 where a later one overwrites it."""
    order = np.arange(a.size).reshape(a.shape)
    names = order[index]
    turn = np.arange(names.size).reshape(names.shape)
    order[index] = turn
    return np.equal(order[index], turn).astype(a.dtype)


def _set_rule(g, _y, _a, index, _values):
    return g[index] if names_once(index) else g[index] * winners(index, g)


declare(winners, constant=True)
derivative(put, lambda g, _y, _a, index, _values: put(g, index, 0), None, _set_rule, broadcasts=True)
derivative(
    put_add, lambda g, _y, _a, index, _values: g, None, lambda g, _y, _a, index, _values: g[index], broadcasts=True
)

# --- positions, which carry no gradient


declare(np.argsort, np.argpartition, np.lexsort, np.searchsorted, np.digitize, constant=True)
declare(np.nonzero, np.flatnonzero, np.argwhere, constant=True, sized=True)


@define(np.where)
def where(condition: Any, /, *choices: Any) -> Any:
    if not choices:
        return np.nonzero(condition)
    return apply(operation_of(np.where), (condition, *[assembled(choice) for choice in choices]), {})
