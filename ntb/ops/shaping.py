"""Derivatives of the functions that rearrange, join, split and repeat arrays."""

from __future__ import annotations

import math
import operator
from itertools import accumulate
from typing import Any

import numpy as np

from ..arguments import assembled
from ..errors import GradientError, InputError
from ..primitive import primitive
from ..tape.rules import declare, define, derivative, operation_of
from ..tape.tensor import ArrayLike, apply
from ..values.creation import tensor
from .indexing import scatter

# --- the same elements in the same order

derivative(np.expand_dims, lambda g, _y, _a, axis: np.reshape(g, _a.shape))
derivative(np.squeeze, lambda g, _y, _a, axis=None: np.reshape(g, _a.shape))
derivative(np.copy, lambda g, _y, _a, order="K", subok=False: g)


def _each_alone(function: Any) -> None:
    """Let a function that takes any number of arrays work on one at a time."""
    derivative(function, lambda g, _y, _a: np.reshape(g, _a.shape))

    @define(function)
    def separately(*arys: Any) -> Any:
        results = tuple([apply(operation_of(function), (tensor(a),)) for a in arys])  # copies of arrays
        return results if len(arys) != 1 else results[0]


for function in (np.atleast_1d, np.atleast_2d, np.atleast_3d):
    _each_alone(function)


def _reshape_rule(g, _y, _a, shape=None, order="C", *, copy=None):
    return np.reshape(g, _a.shape, order=_in_order(order))


def _ravel_rule(g, _y, _a, order="C"):
    return np.reshape(g, _a.shape, order=_in_order(order))


derivative(np.reshape, _reshape_rule)
derivative(np.ravel, _ravel_rule)


def _in_order(order: str) -> Any:
    """The order, if it does not depend on how the array lies in memory; an error otherwise."""
    if order not in ("C", "F"):
        raise GradientError(
            f'the order of elements {order!r} depends on the array\'s memory and has no derivative; use "C" or "F"'
        )
    return order


# --- axes


def _transpose_rule(g, _y, _a, axes=None):
    if axes is None:
        return np.transpose(g)
    order = [i % _a.ndim for i in (axes if np.ndim(axes) else (axes,))]
    return np.transpose(g, tuple(order.index(i) for i in range(_a.ndim)))


derivative(np.transpose, _transpose_rule)
derivative(np.swapaxes, lambda g, _y, _a, axis1, axis2: np.swapaxes(g, axis1, axis2))
derivative(np.moveaxis, lambda g, _y, _a, source, destination: np.moveaxis(g, destination, source))
derivative(np.flip, lambda g, _y, _m, axis=None: np.flip(g, axis))
derivative(np.fliplr, lambda g, _y, _m: np.fliplr(g))
derivative(np.flipud, lambda g, _y, _m: np.flipud(g))
derivative(np.rot90, lambda g, _y, _m, k=1, axes=(0, 1): np.rot90(g, -k, axes))


def _roll_rule(g, _y, _a, shift, axis=None):
    return np.roll(g, tuple(-s for s in shift) if isinstance(shift, tuple | list) else -shift, axis)


derivative(np.roll, _roll_rule)


@define(np.matrix_transpose)
def matrix_transpose(x: Any) -> Any:
    return np.swapaxes(x, -1, -2)


# --- joining and splitting


def _concatenate_rule(g, _y, _arrays, axis=0, out=None, *, dtype=None, casting="same_kind"):
    shapes = [np.shape(a) for a in _arrays]
    sizes = [math.prod(shape) if axis is None else shape[axis] for shape in shapes]
    ends = list(accumulate(sizes))
    before = () if axis is None else (slice(None),) * (axis % g.ndim)

    def piece(i):
        part = g[(*before, slice(ends[i] - sizes[i], ends[i]))]
        return np.reshape(part, shapes[i]) if axis is None else part

    return piece


derivative(np.concatenate, _concatenate_rule)
declare(np.concatenate, takes_out=True, arrays=False)  # a list of them


@define(np.concatenate)
def concatenate(arrays: Any, axis: Any = 0, out: None = None, **options: Any) -> Any:
    if not hasattr(arrays, "__getitem__") or isinstance(arrays, dict):
        raise InputError(f"np.concatenate takes a list of arrays, not a {type(arrays).__name__}; write list(x)")
    return apply(operation_of(np.concatenate), ([assembled(a) for a in arrays], axis), options)


@define(np.stack)
def stack(arrays: Any, axis: int = 0, out: None = None, **options: Any) -> Any:
    return np.concatenate([np.expand_dims(a, axis) for a in arrays], axis, **options)


@define(np.vstack)
def vstack(tup: Any, **options: Any) -> Any:
    return np.concatenate([np.atleast_2d(a) for a in tup], 0, **options)


@define(np.hstack)
def hstack(tup: Any, **options: Any) -> Any:
    arrays = [np.atleast_1d(a) for a in tup]
    return np.concatenate(arrays, 0 if np.ndim(arrays[0]) == 1 else 1, **options)


@define(np.dstack)
def dstack(tup: Any) -> Any:
    return np.concatenate([np.atleast_3d(a) for a in tup], 2)


@define(np.column_stack)
def column_stack(tup: Any) -> Any:
    return np.concatenate([a if np.ndim(a) > 1 else np.reshape(a, (-1, 1)) for a in tup], 1)


@define(np.append)
def append(arr: Any, values: Any, axis: int | None = None) -> Any:
    return np.concatenate([arr, values] if axis is not None else [np.ravel(arr), np.ravel(values)], axis or 0)


def _split_rule(g, _y, _ary, indices_or_sections, axis=0):
    if sum(part.shape[axis] for part in g) == _ary.shape[axis]:
        return np.concatenate(g, axis)
    places = np.asarray(indices_or_sections).tolist()  # they do not ascend: the parts overlap
    ends = zip([0, *places], [*places, None], strict=True)
    slices = [(slice(None),) * (axis % _ary.ndim) + (slice(start, stop),) for start, stop in ends]
    return sum(scatter(part, index, _ary.shape) for part, index in zip(g, slices, strict=True))


def _cut(function: Any) -> None:
    """Let a function cut at places that may be tensors."""
    derivative(function, _split_rule)

    @define(function)
    def cut(ary: Any, indices_or_sections: Any, *axis: int, **options: Any) -> Any:
        return list(apply(operation_of(function), (ary, _noted(indices_or_sections), *axis), options))


def _noted(places: Any) -> Any:
    """Places, or a number of parts, of which a trace takes notice: on them depend how many parts there are, and their
    shapes."""
    if isinstance(places, list | tuple):
        return [_noted(place) for place in places]
    if not isinstance(places, ArrayLike):
        return places
    if places.ndim:
        return [operator.index(place) for place in places]
    return operator.index(np.trunc(places).astype(int))


_cut(np.array_split)
_cut(np.split)


@define(np.hsplit)
def hsplit(ary: Any, indices_or_sections: Any) -> Any:
    return np.split(ary, indices_or_sections, 1 if np.ndim(ary) > 1 else 0)


def _cut_along(axis: int, function: Any, least: int) -> None:
    @define(function)
    def split(ary: Any, indices_or_sections: Any) -> Any:
        if np.ndim(ary) < least:
            raise InputError(
                f"np.{function.__name__} takes arrays of {least} or more dimensions, not shape {np.shape(ary)}"
            )
        return np.split(ary, indices_or_sections, axis)


_cut_along(0, np.vsplit, 2)
_cut_along(2, np.dsplit, 3)


if hasattr(np, "unstack"):  # NumPy 2.1

    @define(np.unstack)
    def unstack(x: Any, /, *, axis: int = 0) -> Any:
        return (
            tuple(np.squeeze(part, axis) for part in np.split(x, np.shape(x)[axis], axis)) if np.shape(x)[axis] else ()
        )


# --- repeating

derivative(np.broadcast_to, lambda g, _y, _array, shape, subok=False: g, broadcasts=True)


@define(np.broadcast_arrays)
def broadcast_arrays(*args: Any, subok: bool = False) -> Any:
    shape = np.broadcast_shapes(*[np.shape(a) for a in args])
    return tuple(np.broadcast_to(a, shape) for a in args)


@define(np.meshgrid)
def meshgrid(*xi: Any, copy: bool = True, sparse: bool = False, indexing: str = "xy") -> Any:
    if indexing not in ("xy", "ij"):
        raise InputError(f'the indexing of np.meshgrid is "xy" or "ij", not {indexing!r}')
    n = len(xi)
    axes = [1 - i if indexing == "xy" and n > 1 and i < 2 else i for i in range(n)]
    grids = [np.reshape(x, tuple(-1 if j == axis else 1 for j in range(n))) for x, axis in zip(xi, axes, strict=True)]
    return tuple(grids) if sparse else np.broadcast_arrays(*grids)


@define(np.repeat)
def repeat(a: Any, repeats: Any, axis: Any = None) -> Any:
    if isinstance(repeats, ArrayLike):
        operator.index(np.sum(repeats))  # a trace notes it, as the shape of the result depends on it
    return apply(operation_of(np.repeat), (a, repeats, axis))


def _repeat_rule(g, _y, _a, repeats, axis=None):
    axis = axis if _a.ndim else None
    n = math.prod(_a.shape) if axis is None else _a.shape[axis]
    axis = 0 if axis is None else axis % g.ndim
    if np.ndim(repeats) == 0:
        parts = np.reshape(g, (*g.shape[:axis], n, int(repeats), *g.shape[axis + 1 :]))
        return np.reshape(np.sum(parts, axis=axis + 1), _a.shape)
    owner = owners(repeats, n)
    return np.reshape(
        scatter(g, (slice(None),) * axis + (owner,), (*g.shape[:axis], n, *g.shape[axis + 1 :])), _a.shape
    )


@primitive
def owners(repeats: Any, n: int) -> Any:
    """For each repetition, which of the n elements it repeats."""
    return np.repeat(np.arange(n), repeats)


declare(owners, constant=True)


def _tile_rule(g, _y, _A, reps):
    reps = np.ravel(reps).tolist()
    reps = (1,) * (_A.ndim - len(reps)) + tuple(reps)
    shape = (1,) * (len(reps) - _A.ndim) + _A.shape
    blocks = np.reshape(g, tuple(n for pair in zip(reps, shape, strict=True) for n in pair))
    return np.reshape(np.sum(blocks, axis=tuple(range(0, 2 * len(reps), 2))), _A.shape)


derivative(np.repeat, _repeat_rule)
derivative(np.tile, _tile_rule)

# --- diagonals and triangles

derivative(np.tril, lambda g, _y, _m, k=0: np.tril(g, k), broadcasts=True)  # a vector counts as equal rows
derivative(np.triu, lambda g, _y, _m, k=0: np.triu(g, k), broadcasts=True)


@define(np.trace)
def trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: Any = None, out: None = None) -> Any:
    return np.sum(np.diagonal(a, offset, axis1, axis2), axis=-1, dtype=dtype)


def _diagonal_index(shape: tuple[int, ...], offset: int, axis1: int, axis2: int) -> tuple:
    """The index that picks a diagonal once `axis1` and `axis2` stand last."""
    n = max(min(shape[axis1] + min(offset, 0), shape[axis2] - max(offset, 0)), 0)
    steps = np.arange(n)
    return (..., steps - min(offset, 0), steps + max(offset, 0))


def _diagonal_rule(g, _y, _a, offset=0, axis1=0, axis2=1):
    shape = (
        *(n for i, n in enumerate(_a.shape) if i not in (axis1 % _a.ndim, axis2 % _a.ndim)),
        _a.shape[axis1],
        _a.shape[axis2],
    )
    return np.moveaxis(scatter(g, _diagonal_index(_a.shape, offset, axis1, axis2), shape), (-2, -1), (axis1, axis2))


derivative(np.diagonal, _diagonal_rule)


@define(np.diag)
def diag(v: Any, k: int = 0) -> Any:
    if np.ndim(v) == 2:
        return np.diagonal(v, k)
    if np.ndim(v) != 1:
        raise InputError(f"np.diag takes a vector or a matrix, not shape {np.shape(v)}")
    n = np.shape(v)[0] + abs(k)
    return scatter(v, _diagonal_index((n, n), k, 0, 1), (n, n))


@define(np.diagflat)
def diagflat(v: Any, k: int = 0) -> Any:
    return np.diag(np.ravel(v), k)
