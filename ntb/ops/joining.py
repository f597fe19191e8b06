"""Further functions that join, repeat and rearrange arrays: compositions of those in `shaping.py`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ..arguments import first_traceable
from ..errors import InputError
from ..primitive import primitive
from ..tape.rules import declare, define, derivative, operation_of
from ..tape.tensor import apply
from ..values.creation import astype
from .composed import array_or_tensor

# --- blocks


@define(np.block)
def block(arrays: Any) -> Any:
    depth = _depth_of(arrays)
    ndim = max(depth, *[np.ndim(a) for a in _blocks_of(arrays)])
    return np.copy(_joined(arrays, depth, ndim)) if depth == 0 else _joined(arrays, depth, ndim)


def _joined(arrays: Any, depth: int, ndim: int) -> Any:
    """Nested lists as one array: the innermost are joined along the last axis, lists around them along earlier ones."""
    if depth == 0:
        return np.reshape(arrays, (1,) * (ndim - np.ndim(arrays)) + np.shape(arrays))
    return np.concatenate([_joined(part, depth - 1, ndim) for part in arrays], -depth)


def _depth_of(arrays: Any) -> int:
    """The depth of the lists, which must be the same everywhere."""
    if isinstance(arrays, tuple):
        raise InputError("np.block takes nested lists, not tuples; write [a, b]")
    if not isinstance(arrays, list):
        return 0
    depths = {_depth_of(part) for part in arrays}
    if len(depths) != 1:
        raise InputError(f"np.block takes lists of equal depth that are not empty; here are depths {sorted(depths)}")
    return depths.pop() + 1


def _blocks_of(arrays: Any) -> list:
    return [leaf for part in arrays for leaf in _blocks_of(part)] if isinstance(arrays, list) else [arrays]


# --- elements put in and taken out


def _positions(function: Any, *args: Any) -> Any:
    """The result of a function on positions: an array, or a tensor if the positions follow from tensors."""
    return function(*args) if first_traceable(args) is None else apply(operation_of(function), args)


declare(np.delete, np.insert, sized=True)


@define(np.delete)
def delete(arr: Any, obj: Any, axis: int | None = None) -> Any:
    if axis is None:
        arr, axis = np.ravel(arr), 0
    kept = _positions(np.delete, np.arange(np.shape(arr)[axis]), obj)
    return np.take(arr, kept, axis)


@define(np.insert)
def insert(arr: Any, obj: Any, values: Any, axis: int | None = None) -> Any:
    arr, axis = (np.ravel(arr), 0) if axis is None else (array_or_tensor(arr), axis)
    shape = list(arr.shape)
    n = shape[axis]
    shape[axis] = np.shape(_positions(np.insert, np.arange(n), obj, 0))[0] - n
    values = astype(values, arr.dtype)
    if shape[axis] == 1:  # one place can take any number of slices
        values = np.reshape(values, (1,) * (len(shape) - np.ndim(values)) + np.shape(values))
        if np.ndim(obj) == 0 and not isinstance(obj, slice):
            values = np.moveaxis(values, 0, axis)
        shape[axis] = np.shape(values)[axis]
    source = _positions(np.insert, np.arange(n), obj, np.arange(n, n + shape[axis]))
    return np.take(np.concatenate([arr, np.broadcast_to(values, shape)], axis), source, axis)


@define(np.resize)
def resize(a: Any, new_shape: Any) -> Any:
    new_shape = tuple(new_shape) if np.ndim(new_shape) else (new_shape,)
    if any(n < 0 for n in new_shape):
        raise InputError(f"the lengths of axes are 0 or more, not {new_shape}")
    size = math.prod(new_shape)
    if np.size(a) == 0:
        return np.zeros_like(a, shape=new_shape)
    return np.reshape(np.tile(np.ravel(a), -(-size // np.size(a)))[:size], new_shape)


# --- axes


@define(np.rollaxis)
def rollaxis(a: Any, axis: int, start: int = 0) -> Any:
    n = np.ndim(a)
    place = start + n if start < 0 else start
    if not (-n <= axis < n and 0 <= place <= n):
        raise InputError(
            f"np.rollaxis of {n} axes moves one of them before the axis {-n} to {n}, not {axis} to {start}"
        )
    axis %= n
    return np.moveaxis(a, axis, place - 1 if axis < place else place)


@define(np.ix_)
def ix_(*args: Any) -> Any:
    found = []
    for i, a in enumerate(map(array_or_tensor, args)):
        if np.ndim(a) != 1:
            raise InputError(f"np.ix_ takes vectors, not shape {np.shape(a)}")
        a = np.nonzero(a)[0] if np.result_type(a).kind == "b" else a
        found.append(np.reshape(a, (1,) * i + np.shape(a) + (1,) * (len(args) - 1 - i)))
    return tuple(found)


declare(np.packbits, np.unpackbits, np.unravel_index, np.ravel_multi_index, np.isin, constant=True)

# --- a function for every row, or along several axes


@define(np.apply_along_axis)
def apply_along_axis(func1d: Any, axis: int, arr: Any, *args: Any, **kwargs: Any) -> Any:
    rows = np.moveaxis(arr, axis, -1)
    outer = np.shape(rows)[:-1]
    if 0 in outer:
        raise InputError(f"np.apply_along_axis has no row to apply the function to: the shape is {np.shape(arr)}")
    results = [func1d(row, *args, **kwargs) for row in np.reshape(rows, (-1, np.shape(rows)[-1]))]
    inner = np.shape(results[0])
    together = np.reshape(astype(np.stack(results), np.result_type(results[0])), outer + inner)
    axis, n = axis % np.ndim(arr), len(inner)
    return np.moveaxis(together, tuple(range(len(outer), len(outer) + n)), tuple(range(axis, axis + n)))


@define(np.apply_over_axes)
def apply_over_axes(func: Any, a: Any, axes: Any) -> Any:
    for axis in axes if isinstance(axes, tuple | list | np.ndarray) else (axes,):
        result = func(a, axis + np.ndim(a) if axis < 0 else axis)
        if np.ndim(a) - np.ndim(result) not in (0, 1):
            raise InputError("the function of np.apply_over_axes gives an array of as many axes, or of one fewer")
        a = result if np.ndim(result) == np.ndim(a) else np.expand_dims(result, axis)
    return a


# --- windows that slide over an array


def _in_view(shape: tuple, window_shape: Any, axis: Any) -> tuple:
    """Axes and lengths of windows."""
    lengths = tuple(window_shape) if np.ndim(window_shape) else (window_shape,)
    axes = range(len(shape)) if axis is None else axis if np.ndim(axis) else (axis,)
    return tuple(i % len(shape) for i in axes), lengths


@primitive
def add_windows(g: Any, axes: tuple, lengths: tuple, shape: tuple) -> Any:
    """The adjoint of `sliding_window_view`: every element gets the sum over the windows that it is in.

    >>> add_windows(np.ones((2, 2)), (0,), (2,), (3,))
    array([1., 2., 1.])
    """
    a = np.zeros(shape, g.dtype)
    for offset in np.ndindex(*lengths):
        start = [0] * len(shape)
        for axis, k in zip(axes, offset, strict=True):
            start[axis] += k
        a[tuple([slice(k, k + n) for k, n in zip(start, g.shape)])] += g[(..., *offset)]
    return a


def _windows_rule(g, _y, _x, window_shape, axis=None, *, subok=False, writeable=False):
    axes, lengths = _in_view(_x.shape, window_shape, axis)
    return add_windows(g, axes, lengths, _x.shape)


derivative(sliding_window_view, _windows_rule)
derivative(add_windows, lambda g, _y, _g, axes, lengths, shape: sliding_window_view(g, lengths, axes))
