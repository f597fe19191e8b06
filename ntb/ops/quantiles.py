"""Derivatives of medians, percentiles and quantiles, by every method of NumPy's, weighted and of data with NaN.

A quantile lies between two neighbours in the sorted data. Which ones, and where between them, the same function tells
of the elements' ranks 0, 1, 2, …: a quantile p = 2.3 of the ranks has the weight 0.7 on the element of rank 2 and 0.3
on that of rank 3, so that an element's weight is max(0, 1 - |rank - p|) by any method.
"""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np

from ..tape.rules import define, derivative, no_gradient, operation_of, primitive
from ..tape.tensor import apply
from .composed import array_of
from .reductions import axes_of, merge_axes, split_axes, spread

SLOPES = {
    "linear": -1, "interpolated_inverted_cdf": 0, "hazen": 0, "weibull": 1, "median_unbiased": 1 / 3,
    "normal_unbiased": 1 / 4,
}  # fmt: skip
"""By the methods that interpolate, what n + … ranks a quantile moves when q goes from 0 to 1. Hyndman, Fan: Sample
quantiles in statistical packages (1996). By the others it jumps."""


def ranks(a: Any, axis: Any) -> Any:
    """The places of the elements in the sorted data, from 0; of equals the first comes first, and NaN last."""
    rows = merge_axes(a, axis)
    places = np.empty(rows.shape)
    np.put_along_axis(places, np.argsort(rows, -1, kind="stable"), np.arange(rows.shape[-1], dtype=float), -1)
    return split_axes(places, a.shape, axis)


def between(a: Any, q: Any, name: str, axis: Any, options: dict) -> Any:
    """The ranks, and the quantiles of the ranks, with q's axes in front and the reduced axes kept.

    Data with NaN have the quantile NaN, which is the last in the order; functions that leave NaN out, its rank too.

    >>> between(np.array([3.0, 1.0, 2.0]), 0.75, "quantile", None, {})
    (array([2., 0., 1.]), array([1.5]))
    """
    order, unknown = ranks(a, axis), np.isnan(a)
    asked = order
    if name.startswith("nan"):
        order = np.where(unknown, np.nan, order)
        asked = np.where(np.all(unknown, axis, keepdims=True), 0, order)  # of nothing but NaN it would warn again
    place = getattr(np, name)(asked, *(() if q is None else (q,)), axis=axis, keepdims=True, **options)
    if not name.startswith("nan"):
        place = np.where(np.any(unknown, axis, keepdims=True), np.max(order, axis, keepdims=True), place)
    return order, place


@primitive
def rank_weights(a: Any, q: Any, name: str, axis: Any, **options: Any) -> Any:
    """The weight of each element in each quantile, of the shape of q and `a` one after the other.

    >>> rank_weights(np.array([3.0, 1.0, 2.0]), 0.75, "quantile", None)
    array([0.5, 0. , 0.5])
    """
    order, place = between(a, q, name, axis, options)
    weights = np.nan_to_num(np.maximum(0, 1 - np.abs(order - place)))
    return weights.astype(np.finfo(a.dtype).dtype)


@primitive
def rank_slopes(a: Any, q: Any, name: str, axis: Any, method: str = "linear", **options: Any) -> Any:
    """How fast these weights change with q; on an element from the left neighbour to the right."""
    dtype = a.dtype if a.dtype.kind == "f" else np.dtype(float)
    order, place = between(a, q, name, axis, {"method": method, **options})
    n = np.sum(~np.isnan(order), axis, keepdims=True)
    if method not in SLOPES or "weights" in options:
        return np.zeros(np.broadcast_shapes(order.shape, place.shape), dtype)
    left = np.minimum(np.floor(place), n - 2)
    inside = (n > 1) & ((method == "linear") | ((place > 0) & (place < n - 1)))
    change = np.where(order == left + 1, 1, 0) - np.where(order == left, 1, 0)
    return (np.where(inside, n + SLOPES[method], 0) * change / (100 if "percentile" in name else 1)).astype(dtype)


no_gradient(rank_slopes)


def axes_in_q(g: Any, q: Any, axis: Any, ndim: int, keepdims: Any) -> Any:
    """The gradient of quantiles with the reduced axes put back, those of q in front."""
    return g if keepdims else np.expand_dims(g, tuple(np.ndim(q) + i for i in axes_of(axis, ndim)))


def given(method: str, weights: Any) -> dict:
    """The options of a quantile function as they were given."""
    return {"method": method} if weights is None else {"method": method, "weights": weights}


def enter(function: Any) -> None:
    """Enter the derivatives of a quantile function with respect to the data and to q."""
    name = function.__name__

    def data_rule(
        g, _y, a, q, axis=None, out=None, overwrite_input=False, method="linear", keepdims=False, *,
        weights=None, interpolation=None,
    ):  # fmt: skip
        w = rank_weights(a, q, name, axis, **given(method, weights))
        return np.sum(axes_in_q(g, q, axis, a.ndim, keepdims) * w, axis=tuple(range(np.ndim(q))))

    def q_rule(
        g, _y, a, q, axis=None, out=None, overwrite_input=False, method="linear", keepdims=False, *,
        weights=None, interpolation=None,
    ):  # fmt: skip
        a = array_of(a)
        slopes = rank_slopes(a, q, name, axis, **given(method, weights)) * np.where(np.isnan(a), 0, a)
        change = axes_in_q(g, q, axis, a.ndim, keepdims) * slopes
        return np.sum(change, axis=tuple(range(np.ndim(q), change.ndim)))

    derivative(function, data_rule, q_rule)


for function in (np.quantile, np.percentile, np.nanquantile, np.nanpercentile):
    enter(function)


def weights_rule(g, _y, a, q, name, axis, method="linear", weights=None):
    change = g * rank_slopes(a, q, name, axis, **given(method, weights))
    return np.sum(change, axis=tuple(range(np.ndim(q), change.ndim)))


derivative(rank_weights, lambda g, _y, _a, _q, name, axis, **options: np.zeros_like(g, shape=_a.shape), weights_rule)


def median_rule(g, _y, a, axis=None, out=None, overwrite_input=False, keepdims=False):
    return spread(g, axis, keepdims) * rank_weights(a, None, "median", axis)


def nanmedian_rule(g, _y, a, axis=None, out=None, overwrite_input=False, keepdims=False):
    return spread(g, axis, keepdims) * rank_weights(a, None, "nanmedian", axis)


derivative(np.median, median_rule)
derivative(np.nanmedian, nanmedian_rule)


def keep_input(function: Any) -> None:
    """Let a function not take the permission to sort the data in place, as tensors do not change."""
    signature = inspect.signature(function)

    @define(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        given = signature.bind(*args, **kwargs)
        given.arguments.pop("overwrite_input", None)
        return apply(operation_of(function), given.args, given.kwargs)


for ordering in (np.median, np.nanmedian, np.quantile, np.percentile, np.nanquantile, np.nanpercentile):
    keep_input(ordering)
