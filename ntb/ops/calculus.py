"""Derivatives of differences, numerical derivatives and integrals, interpolation and convolution along one axis."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..errors import InputError
from ..tape.rules import define, derivative
from ..values.creation import astype, in_type
from .composed import array_or_tensor, composed, value_of_its_own
from .reductions import MISSING, as_axes, axes_of
from .safe import divide_or_zero

# --- differences and sums


def _part(a: Any, axis: int, start: int | None, stop: int | None) -> Any:
    """A slice along an axis."""
    return a[(slice(None),) * np.lib.array_utils.normalize_axis_index(axis, a.ndim) + (slice(start, stop),)]


@define(np.diff)
def diff(a: Any, n: int = 1, axis: int = -1, prepend: Any = MISSING, append: Any = MISSING) -> Any:
    if n == 0:
        return a
    a = array_or_tensor(a)
    if n < 0 or a.ndim == 0:
        raise InputError(f"np.diff takes n >= 0 and an array with at least one axis; got n = {n}, shape {a.shape}")
    ends = [array_or_tensor(x) for x in (prepend, append) if x is not MISSING]
    ends = [np.broadcast_to(x, _with_one(a.shape, axis)) if x.ndim == 0 else x for x in ends]
    if ends:
        a = np.concatenate([*ends[: prepend is not MISSING], a, *ends[prepend is not MISSING :]], axis)
    for _ in range(n):
        later, earlier = _part(a, axis, 1, None), _part(a, axis, None, -1)
        a = np.not_equal(later, earlier) if a.dtype == bool else later - earlier
    return a


@define(np.ediff1d)
def ediff1d(ary: Any, to_end: Any = None, to_begin: Any = None) -> Any:
    ary = np.ravel(array_or_tensor(ary))
    d = ary[1:] - ary[:-1]
    if to_begin is None and to_end is None:
        return d
    parts = [d if x is d else np.ravel(array_or_tensor(x)) for x in (to_begin, d, to_end) if x is not None]
    if not all(np.can_cast(x.dtype, ary.dtype, "same_kind") for x in parts):
        raise TypeError(f"np.ediff1d takes to_begin and to_end of the kind of the array, {ary.dtype}")
    return np.concatenate([in_type(x, ary.dtype) for x in parts])


def _cumulative(function: Any, total: Any, first: int) -> None:
    """Define np.cumulative_sum or np.cumulative_prod by the older function, with or without the first number."""

    @define(function)
    def so_far(x: Any, /, *, axis: Any = None, dtype: Any = None, include_initial: bool = False) -> Any:
        if axis is None and x.ndim > 1:
            raise InputError(f"{function.__name__} of an array of {x.ndim} axes needs axis=")
        axis = 0 if axis is None else axis
        y = total(np.atleast_1d(x), axis=axis, dtype=dtype)
        if not include_initial:
            return y
        return np.concatenate([np.full_like(y, first, shape=_with_one(y.shape, axis)), y], axis)


def _with_one(shape: tuple[int, ...], axis: int) -> tuple[int, ...]:
    """The shape with length 1 along an axis."""
    return tuple(1 if i == axis % len(shape) else n for i, n in enumerate(shape))


if hasattr(np, "cumulative_sum"):  # NumPy 2.1
    _cumulative(np.cumulative_sum, np.cumsum, 0)
    _cumulative(np.cumulative_prod, np.cumprod, 1)

# --- derivatives and integrals of samples


@define(np.gradient)
def gradient(f: Any, *varargs: Any, axis: Any = None, edge_order: int = 1) -> Any:
    f = array_or_tensor(f)
    if f.dtype.kind not in "fc":
        f = astype(f, np.dtype(float))
    axes = axes_of(as_axes(axis), f.ndim)
    steps = varargs or (1.0,)
    steps = steps * len(axes) if len(steps) == 1 and np.ndim(steps[0]) == 0 else steps
    if len(steps) != len(axes) or edge_order not in (1, 2):
        raise InputError(
            f"np.gradient takes no spacing, one number or one spacing for each of the {len(axes)} axes, and an "
            f"edge_order of 1 or 2; got {len(varargs)} and {edge_order}"
        )
    slopes = [in_type(_slope_along(f, i, h, edge_order), f.dtype) for i, h in zip(axes, steps, strict=True)]
    return slopes[0] if len(slopes) == 1 else tuple(slopes)


def _slope_along(f: Any, axis: int, h: Any, edge_order: int) -> Any:
    """Differences of second order inside, of first or second at the edges; `h` is a step, or the samples' places.

    Fornberg: Generation of finite difference formulas on arbitrarily spaced grids (1988).
    """
    n = f.shape[axis]
    if n < edge_order + 1 or np.ndim(h) > 1 or (np.ndim(h) == 1 and np.shape(h) != (n,)):
        raise InputError(
            f"np.gradient with edge_order {edge_order} takes at least {edge_order + 1} elements along an axis, and a "
            f"number or as many places; axis {axis} has {n}, the spacing has shape {np.shape(h)}"
        )
    f0, f1, f2 = _part(f, axis, None, -2), _part(f, axis, 1, -1), _part(f, axis, 2, None)
    if np.ndim(h) == 0:
        before = after = h
        inside = (f2 - f0) / (2.0 * h)
    else:
        h = array_or_tensor(h)
        steps = np.diff(h if h.dtype.kind == "f" else astype(h, np.dtype(float)))
        steps = np.reshape(steps, (-1,) + (1,) * (f.ndim - 1 - axis))
        before, after = steps[:-1], steps[1:]
        inside = (-after / (before * (before + after)) * f0 + (after - before) / (before * after) * f1
                  + before / (after * (before + after)) * f2)  # fmt: skip
    if edge_order == 1:
        left, right = (h, h) if np.ndim(h) == 0 else (steps[:1], steps[-1:])
        first = (_part(f, axis, 1, 2) - _part(f, axis, 0, 1)) / left
        last = (_part(f, axis, n - 1, n) - _part(f, axis, n - 2, n - 1)) / right
    else:
        first = _edge(f, axis, (0, 1, 2), h if np.ndim(h) == 0 else (steps[:1], steps[1:2]))
        last = _edge(f, axis, (-1, -2, -3), -h if np.ndim(h) == 0 else (-steps[-1:], -steps[-2:-1]))
    return np.concatenate([first, inside, last], axis)


def _edge(f: Any, axis: int, places: tuple[int, int, int], h: Any) -> Any:
    """The slope of the parabola through three samples at the first of them; `h` is the step, or the two steps."""
    f0, f1, f2 = (_part(f, axis, i % f.shape[axis], i % f.shape[axis] + 1) for i in places)
    if isinstance(h, tuple):
        h1, h2 = h
        a, b, c = -(2.0 * h1 + h2) / (h1 * (h1 + h2)), (h1 + h2) / (h1 * h2), -h1 / (h2 * (h1 + h2))
    else:
        a, b, c = -1.5 / h, 2.0 / h, -0.5 / h
    return a * f0 + b * f1 + c * f2 if places[0] == 0 else c * f2 + b * f1 + a * f0  # NumPy's order, for equal bits


@define(np.trapezoid)
def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
    y = array_or_tensor(y)
    if x is not None:
        x = array_or_tensor(x)
        dx = np.diff(x, axis=-1 if x.ndim == 1 else axis)
        if x.ndim == 1:
            dx = np.reshape(dx, (-1,) + (1,) * (y.ndim - 1 - axis % y.ndim))
    return np.sum(dx * (_part(y, axis, 1, None) + _part(y, axis, None, -1)) / 2.0, axis)


# --- interpolation; at a sample the slope in x is that of the line to the right


@composed(np.interp, "x", "xp", "fp", "left", "right")
def interp(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: Any = None) -> Any:
    x, xp, fp = (value_of_its_own(array) for array in (x, xp, fp))
    if period is not None:
        period, left, right = abs(period), None, None
        x, xp = np.remainder(x, period), np.remainder(xp, period)
        order = np.argsort(xp)
        xp, fp = np.take(xp, order), np.take(fp, order)
        xp = np.concatenate([xp[-1:] - period, xp, xp[:1] + period])
        fp = np.concatenate([fp[-1:], fp, fp[:1]])
    k = np.clip(np.searchsorted(xp, x, side="right") - 1, 0, max(xp.shape[0] - 2, 0))
    k1 = np.minimum(k + 1, xp.shape[0] - 1)
    x0, y0 = np.take(xp, k), np.take(fp, k)
    share = divide_or_zero(x - x0, np.take(xp, k1) - x0)
    y = y0 + (np.take(fp, k1) - y0) * share
    y = np.where(x < xp[0], fp[0] if left is None else left, y)
    return np.where(x > xp[-1], fp[-1] if right is None else right, y)


derivative(np.unwrap, lambda g, _y, _p, discont=None, axis=-1, *, period=2 * math.pi: g)

# --- convolution: each derivative is the correlation, or convolution, with the other argument


def _whole(g: Any, n: int, m: int, mode: Any, reversed: bool = False) -> Any:
    """The gradient of the full convolution of n and m elements, from the gradient of the part that `mode` returns."""
    short = min(n, m)
    name = ("valid", "same", "full")[mode] if isinstance(mode, int) else mode
    start = {"full": 0, "same": short - 1 - short // 2, "valid": short - 1}[name]
    end = n + m - 1 - start - g.shape[0]
    return np.pad(g, (end, start) if reversed else (start, end))


def _conjugated(x: Any) -> Any:
    """The complex conjugate, of a number as an array of one element."""
    return np.conjugate(np.atleast_1d(x))


def _convolve_a(g, _y, _a, v, mode="full"):
    return np.reshape(np.correlate(_whole(g, np.size(_a), np.size(v), mode), _conjugated(v), "valid"), np.shape(_a))


def _convolve_v(g, _y, a, _v, mode="full"):
    return np.reshape(np.correlate(_whole(g, np.size(a), np.size(_v), mode), _conjugated(a), "valid"), np.shape(_v))


def _correlate_a(g, _y, _a, v, mode="valid"):
    g = _whole(g, np.size(_a), np.size(v), mode, reversed=np.size(_a) < np.size(v))
    return np.reshape(np.convolve(g, _conjugated(v), "valid"), np.shape(_a))


def _correlate_v(g, _y, a, _v, mode="valid"):
    g = _whole(g, np.size(a), np.size(_v), mode, reversed=np.size(a) < np.size(_v))
    return np.reshape(np.conjugate(np.flip(np.correlate(g, _conjugated(a), "valid"))), np.shape(_v))


derivative(np.convolve, _convolve_a, _convolve_v)
derivative(np.correlate, _correlate_a, _correlate_v)
