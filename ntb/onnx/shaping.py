"""Functions that rearrange, join, split and repeat arrays, and shapes as values."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..ops import layout as plain_layout
from ..replay.any_size import size_of
from ..tuned import layout
from ..tuned.depthwise import with_batch_last
from .graph import Value, known, of_shape
from .table import Untranslated, composes, writes

# --- sizes of arrays, in files for batches of any size


@writes(size_of)
def _size_of(graph: Any, x: Any, axis: int) -> Any:
    (vector,) = graph.nodes("Shape", x, dtypes=[int], start=axis, end=axis + 1)
    return graph.node("Squeeze", vector, graph.whole([0]))


@writes(float)
def _float(graph: Any, n: Any) -> Any:
    return graph.node("Cast", n, dtype=float, to=np.dtype(float))


@composes(slice)
def _slice(*ends: Any) -> slice:
    return slice(*ends)


@writes(np.full)
def _full(graph: Any, shape: Any, fill_value: Any) -> Any:
    return graph.node("Expand", graph.value(fill_value), graph.whole(shape))


# --- the same elements in the same order


@writes(np.reshape)
def _reshape(graph: Any, a: Any, shape: Any, order: str = "C") -> Any:
    shape = _several(shape)
    if order != "C":  # the axes in reverse, before and after
        return np.transpose(np.reshape(np.transpose(graph.value(a)), shape[::-1]), range(len(shape))[::-1])
    unknown = [i for i, n in enumerate(shape) if isinstance(n, Value)]
    if len(unknown) == 1 and not any(n in (0, -1) for i, n in enumerate(shape) if i not in unknown):
        shape[unknown[0]] = -1  # it follows from the others
    zeros = {"allowzero": 1} if any(type(n) is int and n == 0 for n in shape) else {}
    return graph.node("Reshape", graph.value(a), graph.whole(shape), **zeros)


@composes(np.ravel)
def _ravel(a: Any, order: Any = "C") -> Any:
    return np.reshape(a, (-1,), order=order)


@writes(plain_layout.flatten, layout.flatten)
def _flatten(graph: Any, x: Any) -> Any:
    return graph.node("Flatten", x, axis=1)


@composes(with_batch_last)
def _with_batch_last(x: Any) -> Any:
    """An order in memory, of which a file knows nothing."""
    return x


@writes(np.expand_dims)
def _expand_dims(graph: Any, a: Any, axis: Any) -> Any:
    return graph.node("Unsqueeze", graph.value(a), graph.whole(_several(axis)))


@writes(np.squeeze)
def _squeeze(graph: Any, a: Any, axis: Any = None) -> Any:
    axes = [i for i, n in enumerate(a.shape) if n == 1] if axis is None else _several(axis)
    return graph.node("Squeeze", a, graph.whole(axes)) if axes else a


@composes(np.atleast_1d)
def _atleast_1d(a: Any) -> Any:
    return a if a.ndim else np.expand_dims(a, 0)


@composes(np.atleast_2d)
def _atleast_2d(a: Any) -> Any:
    return a if a.ndim > 1 else np.expand_dims(a, (0,) if a.ndim else (0, 1))


@composes(np.atleast_3d)
def _atleast_3d(a: Any) -> Any:
    return a if a.ndim > 2 else np.expand_dims(a, [(0, 1, 2), (0, 2), (2,)][a.ndim])


def _several(axis: Any) -> list[int]:
    return list(axis) if isinstance(axis, tuple | list | range | np.ndarray) else [axis]


# --- axes


@writes(np.transpose)
def _transpose(graph: Any, a: Any, axes: Any = None) -> Any:
    axes = [] if axes is None else _several(axes)
    order = [i % len(axes) for i in axes]
    a = graph.value(a)
    return graph.node("Transpose", a, **({"perm": order} if order else {})) if a.shape != () else a


@composes(np.swapaxes)
def _swapaxes(a: Any, axis1: int, axis2: int) -> Any:
    order = list(range(a.ndim))
    order[axis1], order[axis2] = order[axis2], order[axis1]
    return np.transpose(a, order)


@composes(np.moveaxis)
def _moveaxis(a: Any, source: Any, destination: Any) -> Any:
    source, destination = ([i % a.ndim for i in _several(axis)] for axis in (source, destination))
    order = [i for i in range(a.ndim) if i not in source]
    for place, axis in sorted(zip(destination, source)):
        order.insert(place, axis)
    return np.transpose(a, order)


@composes(np.flip)
def _flip(m: Any, axis: Any = None) -> Any:
    turned = range(m.ndim) if axis is None else [i % m.ndim for i in _several(axis)]
    return m[tuple([slice(None, None, -1) if i in turned else slice(None) for i in range(m.ndim)])]


@composes(np.fliplr)
def _fliplr(m: Any) -> Any:
    return m[:, ::-1]


@composes(np.flipud)
def _flipud(m: Any) -> Any:
    return m[::-1]


@composes(np.roll)
def _roll(a: Any, shift: Any, axis: Any = None) -> Any:
    if axis is None:
        flat = of_shape([math.prod([a.length(i) for i in range(a.ndim)])], np.reshape(a, (-1,)))
        return np.reshape(_roll(flat, shift, (0,) * len(_several(shift))), a.shape)
    for step, i in zip(_several(shift), _several(axis)):
        before = (slice(None),) * (i % a.ndim)
        cut = -step % max(a.length(i), 1)
        parts = [a[(*before, slice(cut, None))], a[(*before, slice(0, cut))]]
        a = of_shape(a.shape, np.concatenate(parts, axis=i))
    return a


# --- joining, splitting and repeating


@writes(np.concatenate)
def _concatenate(graph: Any, arrays: Any, axis: Any = 0, dtype: Any = None) -> Any:
    if isinstance(arrays, Value):
        arrays = [arrays[i] for i in range(arrays.length(0))]
    arrays = graph.alike(*arrays)
    if axis is None:
        arrays, axis = [np.ravel(a) for a in arrays], 0
    joined = graph.node("Concat", *arrays, axis=axis)
    return joined if dtype is None else graph.value(joined, dtype)


@writes(np.split, np.array_split)
def _split(graph: Any, ary: Any, indices_or_sections: Any, axis: int = 0) -> Any:
    sizes = [len(part) for part in np.array_split(np.arange(ary.length(axis)), indices_or_sections)]
    if sum(sizes) != ary.length(axis):
        raise Untranslated("at places that do not ascend")
    return graph.nodes("Split", ary, graph.whole(sizes), dtypes=[ary.dtype] * len(sizes), axis=axis)


@writes(np.broadcast_to)
def _broadcast_to(graph: Any, array: Any, shape: Any) -> Any:
    shape = _several(shape)
    if any(type(n) is int and n == 0 for n in shape):  # which Expand does not do
        return graph.value(np.zeros(shape, graph.value(array).dtype))
    return graph.node("Expand", graph.value(array), graph.whole(shape))


@writes(np.tile)
def _tile(graph: Any, A: Any, reps: Any) -> Any:
    reps = np.ravel(known(reps, "numbers of repetitions")).tolist()
    missing = len(reps) - A.ndim
    a = np.expand_dims(A, tuple(range(missing))) if missing > 0 else A
    return graph.node("Tile", a, graph.whole([1] * -missing + reps))


@composes(np.repeat)
def _repeat(a: Any, repeats: Any, axis: Any = None) -> Any:
    n = math.prod([a.length(i) for i in range(a.ndim)]) if axis is None else a.length(axis)
    flat, repeats = np.ravel(a) if axis is None else a, known(repeats, "numbers of repetitions")
    return np.take(flat, np.repeat(np.arange(n), repeats), axis=axis or 0)


def _triangle(function: Any, upper: int) -> None:
    @writes(function)
    def triangle(graph: Any, m: Any, k: Any = 0) -> Any:
        rows = m if m.ndim > 1 else np.broadcast_to(m, (m.length(0), m.length(0)))  # a vector counts as equal rows
        return graph.node("Trilu", rows, graph.value(np.array(k, np.int64)), upper=upper)


_triangle(np.tril, 0)
_triangle(np.triu, 1)


@writes(np.pad)
def _pad(graph: Any, array: Any, pad_width: Any, mode: str = "constant", constant_values: Any = 0) -> Any:
    if mode != "constant" or np.ndim(constant_values):
        raise Untranslated("of integers in other modes than constant, or with several constants")
    before, after = zip(*pad_width)
    return graph.node("Pad", array, graph.whole([*before, *after]), graph.value(constant_values, array.dtype))


def _filled(graph: Any, number: Any, a: Any, dtype: Any, shape: Any) -> Any:
    """A number everywhere, in the shape of a, or in another one."""
    sizes = graph.nodes("Shape", a, dtypes=[np.dtype(np.int64)])[0] if shape is None else graph.whole(_several(shape))
    return graph.node("Expand", graph.value(number, a.dtype if dtype is None else np.dtype(dtype)), sizes)


@writes(np.zeros_like, np.empty_like)
def _zeros_like(graph: Any, a: Any, dtype: Any = None, shape: Any = None) -> Any:
    return _filled(graph, 0, a, dtype, shape)


@writes(np.ones_like)
def _ones_like(graph: Any, a: Any, dtype: Any = None, shape: Any = None) -> Any:
    return _filled(graph, 1, a, dtype, shape)


@writes(np.full_like)
def _full_like(graph: Any, a: Any, fill_value: Any, dtype: Any = None, shape: Any = None) -> Any:
    return _filled(graph, fill_value, a, dtype, shape)
