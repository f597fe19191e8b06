"""Sums, means, extremes and the like, along axes."""

from __future__ import annotations

from typing import Any

import numpy as np

from .graph import of_shape
from .images import mean_of_windows
from .table import Untranslated, composes, writes


def reduced(graph: Any, op: str, x: Any, axis: Any, keepdims: bool) -> Any:
    """A node over axes: one, several, or None for all."""
    axes = None if axis is None else graph.whole(axis if isinstance(axis, tuple | list) else [axis])
    if axis == () or (x.shape == () and axes is not None):  # nothing is reduced, where ONNX would reduce all
        return x
    return graph.node(op, x, axes, keepdims=int(keepdims))


def _enter(function: Any, op: str, join: Any, neutral: int | None) -> None:
    """A reduction; the result of a sum may have another element type, as NumPy gives it to that of one element.

    Args:
        join: of two results one, as `initial` asks for.
        neutral: what changes no result; where there is none, `where` goes with `initial`.
    """

    @writes(function)
    def reduction(
        graph: Any, a: Any, axis: Any = None, dtype: Any = None, keepdims: bool = False, *, initial: Any = None,
        where: Any = True,
    ) -> Any:  # fmt: skip
        a = a if neutral is None else graph.value(a, function(np.ones(1, a.dtype), dtype=dtype).dtype)
        if where is not True:
            a = of_shape(a.shape, np.where(where, a, initial if neutral is None else neutral))
        result = reduced(graph, op, a, axis, keepdims)
        return result if initial is None else join(result, initial)


_enter(np.sum, "ReduceSum", np.add, 0)
_enter(np.prod, "ReduceProd", np.multiply, 1)
_enter(np.max, "ReduceMax", np.maximum, None)
_enter(np.min, "ReduceMin", np.minimum, None)


@writes(np.mean)
def _mean(graph: Any, a: Any, axis: Any = None, dtype: Any = None, keepdims: bool = False) -> Any:
    pooled = mean_of_windows(graph, a, axis, keepdims)
    if pooled is not None:
        return pooled
    dtype = np.mean(np.ones(1, a.dtype), dtype=dtype).dtype
    return reduced(graph, "ReduceMean", graph.value(a, dtype), axis, keepdims)


def _of_bools(graph: Any, op: str, a: Any, axis: Any, keepdims: bool) -> Any:
    """ONNX takes extremes of numbers."""
    numbers = graph.value(graph.value(a, bool), np.int32)
    return graph.value(reduced(graph, op, numbers, axis, keepdims), bool)


@writes(np.any)
def _any(graph: Any, a: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return _of_bools(graph, "ReduceMax", a, axis, keepdims)


@writes(np.all)
def _all(graph: Any, a: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return _of_bools(graph, "ReduceMin", a, axis, keepdims)


@composes(np.count_nonzero)
def _count_nonzero(a: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return np.sum(np.not_equal(a, 0), axis=axis, keepdims=keepdims)


def _count(a: Any, axis: Any) -> int:
    """How many elements are reduced to one."""
    axes = range(a.ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    return int(np.prod([a.length(i) for i in axes]))


@composes(np.var)
def _var(a: Any, axis: Any = None, ddof: Any = 0, keepdims: bool = False, correction: Any = None) -> Any:
    less = ddof if correction is None else correction
    d = a - np.mean(a, axis=axis, keepdims=True)
    mean = np.mean(d * d, axis=axis, keepdims=keepdims)
    return mean * (_count(a, axis) / (_count(a, axis) - less)) if less else mean


@composes(np.std)
def _std(a: Any, axis: Any = None, ddof: Any = 0, keepdims: bool = False, correction: Any = None) -> Any:
    return np.sqrt(_var(a, axis, ddof, keepdims, correction))


@composes(np.linalg.norm)
def _norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    of_vectors = x.ndim == 1 if axis is None else not isinstance(axis, tuple)
    if ord in (None, "fro") or (of_vectors and ord == 2):
        return np.sqrt(np.sum(x * x, axis=axis, keepdims=keepdims))
    if not of_vectors or ord == 0:
        raise Untranslated(f"of the order {ord}")
    if abs(ord) == np.inf:
        return (np.max if ord > 0 else np.min)(np.abs(x), axis=axis, keepdims=keepdims)
    return np.power(np.sum(np.power(np.abs(x), ord), axis=axis, keepdims=keepdims), 1 / ord)


def _place(function: Any, op: str) -> None:
    @writes(function)
    def place(graph: Any, a: Any, axis: Any = None, keepdims: bool = False) -> Any:
        if axis is None:
            a, axis = np.reshape(a, (-1,)), 0
        return graph.node(op, a, dtype=np.dtype(np.int64), axis=axis, keepdims=int(keepdims))


_place(np.argmax, "ArgMax")
_place(np.argmin, "ArgMin")


@writes(np.cumsum)
def _cumsum(graph: Any, a: Any, axis: Any = None, dtype: Any = None) -> Any:
    if axis is None:
        a, axis = np.reshape(a, (-1,)), 0
    a = graph.value(a, np.cumsum(np.ones(1, a.dtype), dtype=dtype).dtype)
    return graph.node("CumSum", a, graph.value(np.array(axis, np.int64)))
