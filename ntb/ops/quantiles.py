"""Derivatives of medians, percentiles and quantiles, by every method of NumPy's, with weights and for data with NaN.

A quantile lies between two neighbours in the sorted data. The same function of the elements' ranks 0, 1, 2, … tells
between which ones, and where: if this quantile is p = 2.3, the weight is 0.7 on the element of rank 2 and 0.3 on the
element of rank 3. So an element's weight is max(0, 1 - |rank - p|) by any method.
"""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np

from ..primitive import primitive
from ..tape.rules import declare, define, derivative, operation_of
from ..tape.tensor import apply
from .composed import array_or_tensor
from .reductions import as_axes, axes_of, merge_axes, split_axes, spread

SLOPES = {
    "linear": -1, "interpolated_inverted_cdf": 0, "hazen": 0, "weibull": 1, "median_unbiased": 1 / 3,
    "normal_unbiased": 1 / 4,
}  # fmt: skip
"""For the methods that interpolate, the number s: when q goes from 0 to 1, a quantile of n elements moves n + s ranks.
Hyndman, Fan: Sample quantiles in statistical packages (1996). With the other methods it jumps."""


def ranks(a: Any, axis: Any) -> Any:
    """The places of the elements in the sorted data, from 0; equal elements keep their order, and NaN comes last."""
    rows = merge_axes(a, axis)
    places = np.empty(rows.shape)
    np.put_along_axis(places, np.argsort(rows, -1, kind="stable"), np.arange(rows.shape[-1], dtype=float), -1)
    return split_axes(places, a.shape, axis)


def between(a: Any, q: Any, name: str, axis: Any, options: dict) -> Any:
    """The ranks, and the quantiles of the ranks, with q's axes in front and the reduced axes kept.

    The quantile of data with NaN is NaN, the last in the order; functions that leave out NaN leave out its rank, too.

    >>> between(np.array([3.0, 1.0, 2.0]), 0.75, "quantile", None, {})
    (array([2., 0., 1.]), array([1.5]))
    """
    order, unknown = ranks(a, axis), np.isnan(a)
    asked = order
    if name.startswith("nan"):
        order = np.where(unknown, np.nan, order)
        asked = np.where(np.all(unknown, axis, keepdims=True), 0, order)  # for nothing but NaN it would warn again
    place = getattr(np, name)(asked, *(() if q is None else (q,)), axis=axis, keepdims=True, **options)
    if not name.startswith("nan"):
        place = np.where(np.any(unknown, axis, keepdims=True), np.max(order, axis, keepdims=True), place)
    return order, place


@primitive
def rank_weights(a: Any, q: Any, name: str, axis: Any, **options: Any) -> Any:
    """The weight of each element in each quantile; the shape is that of q, then that of `a`.

    >>> rank_weights(np.array([3.0, 1.0, 2.0]), 0.75, "quantile", None)
    array([0.5, 0. , 0.5])
    """
    order, place = between(a, q, name, axis, options)
    weights = np.nan_to_num(np.maximum(0, 1 - np.abs(order - place)))
    return weights.astype(np.finfo(a.dtype).dtype)


@primitive
def rank_slopes(a: Any, q: Any, name: str, axis: Any, method: str = "linear", **options: Any) -> Any:
    """How fast these weights change with q; at an element, the slope to its right (at the last one, to its left)."""
    dtype = a.dtype if a.dtype.kind == "f" else np.dtype(float)
    order, place = between(a, q, name, axis, {"method": method, **options})
    n = np.sum(~np.isnan(order), axis, keepdims=True)
    if method not in SLOPES or "weights" in options:
        return np.zeros(np.broadcast_shapes(order.shape, place.shape), dtype)
    left = np.minimum(np.floor(place), n - 2)
    inside = (n > 1) & ((method == "linear") | ((place > 0) & (place < n - 1)))
    change = np.where(order == left + 1, 1, 0) - np.where(order == left, 1, 0)
    return (np.where(inside, n + SLOPES[method], 0) * change / (100 if "percentile" in name else 1)).astype(dtype)


declare(rank_slopes, constant=True)


def _axes_in_q(g: Any, q: Any, axis: Any, ndim: int, keepdims: Any) -> Any:
    """The gradient of quantiles with the reduced axes put back, those of q in front."""
    return g if keepdims else np.expand_dims(g, tuple(np.ndim(q) + i for i in axes_of(axis, ndim)))


def _given(method: str, weights: Any) -> dict:
    """The options of a quantile function, without weights if none were given."""
    return {"method": method} if weights is None else {"method": method, "weights": weights}


def _enter(function: Any) -> None:
    """Enter the derivatives of a quantile function with respect to the data and to q."""
    name = function.__name__

    def data_rule(
        g, _y, a, q, axis=None, out=None, overwrite_input=False, method="linear", keepdims=False, *,
        weights=None, interpolation=None,
    ):  # fmt: skip
        w = rank_weights(a, q, name, axis, **_given(method, weights))
        return np.sum(_axes_in_q(g, q, axis, a.ndim, keepdims) * w, axis=tuple(range(np.ndim(q))))

    def q_rule(
        g, _y, a, q, axis=None, out=None, overwrite_input=False, method="linear", keepdims=False, *,
        weights=None, interpolation=None,
    ):  # fmt: skip
        a = array_or_tensor(a)
        slopes = rank_slopes(a, q, name, axis, **_given(method, weights)) * np.where(np.isnan(a), 0, a)
        change = _axes_in_q(g, q, axis, a.ndim, keepdims) * slopes
        return np.sum(change, axis=tuple(range(np.ndim(q), change.ndim)))

    derivative(function, data_rule, q_rule)


for function in (np.quantile, np.percentile, np.nanquantile, np.nanpercentile):
    _enter(function)


def _weights_rule(g, _y, a, q, name, axis, method="linear", weights=None):
    change = g * rank_slopes(a, q, name, axis, **_given(method, weights))
    return np.sum(change, axis=tuple(range(np.ndim(q), change.ndim)))


derivative(rank_weights, lambda g, _y, _a, _q, name, axis, **options: np.zeros_like(g, shape=_a.shape), _weights_rule)


def _median_rule(g, _y, a, axis=None, out=None, overwrite_input=False, keepdims=False):
    return spread(g, axis, keepdims) * rank_weights(a, None, "median", axis) if a.size else np.zeros_like(a)


def _nanmedian_rule(g, _y, a, axis=None, out=None, overwrite_input=False, keepdims=False):
    return spread(g, axis, keepdims) * rank_weights(a, None, "nanmedian", axis)


derivative(np.median, _median_rule)
derivative(np.nanmedian, _nanmedian_rule)


def _keep_input(function: Any) -> None:
    """Let a function ignore `overwrite_input`, which allows it to sort in place, as tensors do not change."""
    signature = inspect.signature(function)

    @define(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        given = signature.bind(*args, **kwargs)
        given.arguments.pop("overwrite_input", None)
        given.arguments["axis"] = as_axes(given.arguments.get("axis"))
        return apply(operation_of(function), given.args, given.kwargs)


for ordering in (np.median, np.nanmedian, np.quantile, np.percentile, np.nanquantile, np.nanpercentile):
    _keep_input(ordering)
