"""np.pad in every mode, as a composition: one axis after the other gets its two sides.

Most modes repeat elements: each side is then a gather, and its adjoint `fold` adds up. The others put statistics or
ramps beside the array.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..arguments import first_traceable
from ..errors import GradientError, InputError
from ..primitive import primitive
from ..tape.rules import define, derivative, operation_of
from ..tape.tensor import ArrayLike, apply
from ..values.creation import astype

_COPIES = ("edge", "reflect", "symmetric", "wrap")
_STATISTICS: dict[str, Any] = {"maximum": np.max, "mean": np.mean, "median": np.median, "minimum": np.min}


@define(np.pad)
def pad(array: Any, pad_width: Any, mode: Any = "constant", **kwargs: Any) -> Any:
    if callable(mode) or mode == "empty":
        raise GradientError(
            f"np.pad on a tensor cannot follow mode={getattr(mode, '__name__', mode)!r}: "
            + ("the function writes into the array in place" if callable(mode) else "it leaves the new elements unset")
            + '; use another mode, as "constant", or np.concatenate'
        )
    widths = _pairs(_by_axis(pad_width, np.ndim(array)), np.ndim(array))
    if mode == "constant" and first_traceable(kwargs) is None:
        return apply(operation_of(np.pad), (array, widths), kwargs)
    if array.dtype.kind in "biu":  # NumPy rounds statistics of integers; there is no gradient to follow
        return apply(operation_of(np.pad), (array, widths, mode), kwargs)
    _check_options(mode, kwargs)
    if mode == "linear_ramp":
        kwargs = {"end_values": 0} | kwargs
    for axis, width in enumerate(widths):
        if any(width):
            if mode != "constant" and not np.shape(array)[axis]:
                raise InputError(f"np.pad can extend the empty axis {axis} by constants only, not by mode {mode!r}")
            options = {name: _of_axis(x, axis, np.ndim(array)) for name, x in kwargs.items() if name != "reflect_type"}
            if mode in _COPIES:
                array = _beside_copies(array, axis, width, mode, kwargs.get("reflect_type", "even"))
            elif mode in _STATISTICS:
                array = _beside_statistics(array, axis, width, mode, **options)
            elif mode == "linear_ramp":
                array = _beside_ramps(array, axis, width, **options)
            else:
                array = _beside_constants(array, axis, width, **options)
    return array if any(map(any, widths)) else np.copy(array)


def _pad_rule(g, _y, _array, pad_width, constant_values=0):
    return g[tuple(slice(before, before + n) for (before, _), n in zip(pad_width, _array.shape, strict=True))]


derivative(np.pad, _pad_rule)

# --- the options for each axis and side


def _by_axis(pad_width: Any, ndim: int) -> Any:
    """The widths of all axes, if a dict names some of them."""
    if not isinstance(pad_width, dict):
        return pad_width
    found: list[Any] = [pad_width.get(i, pad_width.get(i - ndim, 0)) for i in range(ndim)]
    return [tuple(w) if isinstance(w, tuple | list) else (w, w) for w in found]


def _pairs(widths: Any, ndim: int) -> list:
    """Widths before and after for each axis."""
    widths = np.broadcast_to(widths, (ndim, 2))
    if widths.dtype.kind not in "iu" or np.any(widths < 0):
        raise InputError(f"the widths of np.pad are whole numbers from 0 on, not {widths.tolist()}")
    return widths.tolist()


def _of_axis(x: Any, axis: int, ndim: int) -> Any:
    """The option for the two sides of an axis, from every form that NumPy takes: x, (x,), (x, y), ((x, y), …)."""
    if x is None:
        return None, None
    if first_traceable(x) is None:
        x = np.asarray(x)
    elif not isinstance(x, ArrayLike):
        x = np.stack([np.stack(part) if isinstance(part, tuple | list) else part for part in x])
    both = np.broadcast_to(x, (ndim, 2))
    few = x.size == 1 or (x.size == 2 and x.shape != (2, 1))
    if few or isinstance(x, ArrayLike):
        return both[axis, 0], both[axis, 1]
    return tuple(both[axis].tolist())  # as in NumPy; it affects the dtype of ramps


def _check_options(mode: str, options: dict) -> None:
    known = {"constant": "constant_values", "linear_ramp": "end_values", "reflect": "reflect_type"}
    known |= {"symmetric": "reflect_type", "edge": "", "wrap": ""} | dict.fromkeys(_STATISTICS, "stat_length")
    if mode not in known:
        raise InputError(f"np.pad has no mode {mode!r}; there are {', '.join(known)}")
    if unknown := options.keys() - {known[mode]}:
        raise InputError(f"mode {mode!r} of np.pad takes no argument {', '.join(sorted(unknown))}=")


# --- copies of elements


def _beside_copies(x: Any, axis: int, width: Any, mode: Any, reflect_type: str) -> Any:
    n = np.shape(x)[axis]
    if reflect_type == "odd" and n > 1:
        return _beside_reflections(x, axis, width, mode == "symmetric")
    return gather(x, np.pad(np.arange(n), width, mode=mode), axis=axis)


def _beside_reflections(x: Any, axis: int, width: Any, include: bool) -> Any:
    """The array turned by 180 degrees about each end (which is included or not), repeatedly until it is wide enough."""
    left, right = width
    n = np.shape(x)[axis]
    every = (slice(None),) * axis
    while left or right:
        length = np.shape(x)[axis]
        most = length // n * n if include else (length - 1) // (n - 1) * (n - 1)
        start, more, after = (0 if include else 1), min(most, left), min(most, right)
        x = np.concatenate(
            [
                2 * x[(*every, slice(0, 1))] - np.flip(x[(*every, slice(start, start + more))], axis),
                x,
                2 * x[(*every, slice(-1, None))]
                - np.flip(x[(*every, slice(length - start - after, length - start))], axis),
            ],
            axis,
        )
        left, right = left - more, right - after
    return x


@primitive
def gather(x: Any, index: Any, axis: int) -> Any:
    """`np.take` along an axis; each element is taken at least once."""
    return np.take(x, index, axis)


@primitive
def fold(g: Any, index: Any, axis: int) -> Any:
    """The adjoint of `gather`: sums over the places where each element was taken.

    >>> fold(np.array([1.0, 2.0, 3.0]), np.array([1, 0, 1]), axis=0)
    array([2., 4.])
    """
    order = np.argsort(index, kind="stable")
    first = np.flatnonzero(np.diff(index[order], prepend=-1))
    return np.add.reduceat(np.take(g, order, axis), first, axis)


derivative(gather, lambda g, _y, _x, index, axis: fold(g, index, axis=axis))
derivative(fold, lambda g, _y, _g, index, axis: gather(g, index, axis=axis))

# --- something new beside the array


def _beside(x: Any, axis: int, width: Any, values: Any) -> Any:
    """The array between two slices of length one, each repeated as often as the width says."""
    shape = list(np.shape(x))
    sides = []
    for value, n in zip(values, width, strict=True):
        shape[axis] = n
        sides.append(np.broadcast_to(value, shape))
    return np.concatenate([sides[0], x, sides[1]], axis)


def _beside_constants(x: Any, axis: int, width: Any, constant_values: Any) -> Any:
    return _beside(x, axis, width, [astype(c, x.dtype) for c in constant_values])


def _beside_statistics(x: Any, axis: int, width: Any, mode: str, stat_length: Any = (None, None)) -> Any:
    n = np.shape(x)[axis]
    before, after = (n if length is None else min(int(length), n) for length in stat_length)
    if min(before, after) == 0 and mode in ("maximum", "minimum"):
        raise InputError(f"there is no {mode} of a stat_length of 0 elements; give 1 or more, or None for all")
    every = (slice(None),) * axis
    parts = x[(*every, slice(0, before))], x[(*every, slice(n - after, n))]
    return _beside(x, axis, width, [_STATISTICS[mode](part, axis=axis, keepdims=True) for part in parts])


def _beside_ramps(x: Any, axis: int, width: Any, end_values: Any) -> Any:
    left, right = [
        np.linspace(end, np.take(x, edge, axis), n, endpoint=False, dtype=x.dtype, axis=axis)
        for end, edge, n in zip(end_values, (0, -1), width, strict=True)
    ]
    return np.concatenate([left, x, np.flip(right, axis)], axis)
