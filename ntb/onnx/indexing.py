"""Elements that are picked: by an index, along an axis, or in order."""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

from ..ops.padding import gather
from .graph import Value
from .table import Untranslated, composes, writes

_END = np.iinfo(np.int64).max
"""Beyond the end of every axis."""


@writes(operator.getitem)
def _getitem(graph: Any, a: Any, index: Any) -> Any:
    """Slices first, all by one node; then what stands in the place of an axis, from the last to the first; new axes."""
    parts = _whole_index(a, index)
    _check_arrays(parts)
    axes = [part for part in parts if part is not None]
    a = _sliced(graph, graph.value(a), axes)
    picks = [(i, part) for i, part in enumerate(axes) if not isinstance(part, slice)]
    arrays = [part for _, part in picks if _is_array(part)]
    if len(arrays) > 1:
        return graph.node("GatherND", a, _places(graph, arrays))
    for i, part in reversed(picks):
        a = graph.node("Gather", a, graph.value(part, np.int64), axis=i)
    return _with_new_axes(graph, a, parts)


def _whole_index(a: Any, index: Any) -> list:
    """The index as a list that has an entry for each axis: a slice, a number or an array; and None for a new one."""
    parts = [np.asarray(part) if isinstance(part, list) else part for part in _as_tuple(index)]
    if any(part is True or part is False or getattr(part, "dtype", None) == np.dtype(bool) for part in parts):
        raise Untranslated(
            "with a mask, by which the data decide how many elements there are; np.where keeps the shape"
        )
    here = [i for i, part in enumerate(parts) if part is Ellipsis]
    named = len([part for part in parts if part is not None and part is not Ellipsis])
    if not here and named == len(parts):
        return parts  # what follows is whole
    at = here[0] if here else len(parts)
    return [*parts[:at], *[slice(None)] * (a.ndim - named), *parts[at + 1 :]]


def _as_tuple(index: Any) -> tuple:
    return index if isinstance(index, tuple) else (index,)


def _is_array(part: Any) -> bool:
    return isinstance(part, np.ndarray | Value) and part.shape != ()


def _check_arrays(parts: list) -> None:
    """Whether the arrays among the parts can be told in ONNX: one; or several that name the first axes together."""
    arrays = [i for i, part in enumerate(parts) if _is_array(part)]
    if not arrays:
        return
    picks = [i for i, part in enumerate(parts) if part is not None and not isinstance(part, slice)]
    together = picks == list(range(picks[0], picks[-1] + 1))
    first = picks == arrays == list(range(len(parts)))
    if not together or (len(arrays) > 1 and not first):
        raise Untranslated("with several arrays, or an array apart from a number; np.take picks along one axis")


def _sliced(graph: Any, a: Any, axes: list) -> Any:
    cuts = [(i, part) for i, part in enumerate(axes) if isinstance(part, slice) and not _is_whole(part)]
    if not cuts:
        return a
    steps = [1 if part.step is None else part.step for _, part in cuts]
    starts = [(0 if s > 0 else _END) if part.start is None else part.start for s, (_, part) in zip(steps, cuts)]
    stops = [(_END if s > 0 else -_END) if part.stop is None else part.stop for s, (_, part) in zip(steps, cuts)]
    where = [i for i, _ in cuts]
    return graph.node("Slice", a, *map(graph.whole, (starts, stops, where, steps)))


def _is_whole(part: slice) -> bool:
    return part.start is None and part.stop is None and part.step is None


def _places(graph: Any, arrays: list) -> Any:
    """The indices of several axes, side by side in a last axis."""
    shape = np.broadcast_shapes(*[part.shape for part in arrays])
    vectors = [np.expand_dims(np.broadcast_to(graph.value(part, np.int64), shape), -1) for part in arrays]
    return np.concatenate(vectors, axis=-1)


def _with_new_axes(graph: Any, a: Any, parts: list) -> Any:
    place, new = 0, []
    for part in parts:
        if part is None:
            new.append(place)
        place += part.ndim if _is_array(part) else 1 if part is None or isinstance(part, slice) else 0
    return graph.node("Unsqueeze", a, graph.whole(new)) if new else a


@writes(np.take)
def _take(graph: Any, a: Any, indices: Any, axis: Any = None, mode: str = "raise") -> Any:
    a = graph.value(a)
    if mode != "raise":
        n = math.prod([a.length(i) for i in (range(a.ndim) if axis is None else [axis])])
        indices = np.remainder(indices, n) if mode == "wrap" else np.clip(indices, 0, n - 1)
    a, axis = (np.reshape(a, (-1,)), 0) if axis is None else (a, axis)
    return graph.node("Gather", a, graph.value(indices, np.int64), axis=axis)


@composes(gather)
def _gather(x: Any, index: Any, axis: int) -> Any:
    return np.take(x, index, axis=axis)


@writes(np.take_along_axis)
def _take_along_axis(graph: Any, arr: Any, indices: Any, axis: Any = -1) -> Any:
    arr, indices = graph.value(arr), graph.value(indices, np.int64)
    if axis is None:
        return graph.node("GatherElements", np.reshape(arr, (-1,)), indices, axis=0)
    wanted, axis = list(indices.shape), axis % arr.ndim
    wanted[axis] = arr.shape[axis]
    if wanted != list(arr.shape):  # the other axes are broadcast
        sizes = [max(arr.length(i), indices.length(i)) for i in range(arr.ndim)]
        arr, indices = (np.broadcast_to(x, [*sizes[:axis], x.length(axis), *sizes[axis + 1 :]]) for x in (arr, indices))
    return graph.node("GatherElements", arr, indices, axis=axis)


@writes(np.argsort)
def _argsort(graph: Any, a: Any, axis: Any = -1, kind: Any = None, stable: Any = None) -> Any:
    if axis is None:
        raise Untranslated("without an axis; np.ravel makes one")
    dtypes = [a.dtype, np.dtype(np.int64)]
    return graph.nodes("TopK", a, graph.whole([a.length(axis)]), dtypes=dtypes, axis=axis, largest=0)[1]
