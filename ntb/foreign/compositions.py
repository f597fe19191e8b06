"""Primitives as compositions of NumPy's functions, for foreign arrays (`running.py`).

A composition replaces a primitive and its rule: derivatives of every order follow from those of the parts. It looks at
no value, since values may not be computed yet, and changes nothing in place.
"""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np

from ..ops.at import is_basic, put, put_add
from ..ops.convolution import add_channels
from ..ops.indexing import scatter
from ..ops.layout import flatten, unflatten
from ..ops.normalize import averages, centred, inverse_deviation, less_its_part, normalized, products, variances
from ..ops.reductions import tie_share
from ..ops.stopping import stop_gradient
from ..ops.sums import sums
from ..values.creation import astype
from .running import elsewhere

# --- sums, products, maxima


@elsewhere(sums)
def sums_of(x: Any, shape: tuple) -> Any:
    return np.sum(x, axis=tuple(i for i, n in enumerate(shape) if n == 1 != x.shape[i]), keepdims=True)


@elsewhere(tie_share)
def tie_share_of(a: Any, y: Any, axis: Any = None, keepdims: bool = False, where: Any = True) -> Any:
    if axis is not None and not keepdims:
        y = np.expand_dims(y, axis)
    hit = np.logical_or(np.equal(a, y), np.isnan(a))  # a slice with NaN has the maximum NaN, which equals nothing
    hit = hit if where is True else np.logical_and(hit, where)
    hit = astype(hit, a.dtype)
    return hit / np.maximum(np.sum(hit, axis=axis, keepdims=True), 1)


# --- shapes


@elsewhere(flatten)
def flatten_of(x: Any) -> Any:
    return np.reshape(x, (x.shape[0], math.prod(x.shape[1:])))


@elsewhere(unflatten)
def unflatten_of(rows: Any, shape: tuple) -> Any:
    return np.reshape(rows, shape)


@elsewhere(np.copy)
def copy_of(a: Any, order: str = "K", subok: bool = False) -> Any:
    return np.positive(a)


@elsewhere(add_channels)
def add_channels_of(x: Any, bias: Any) -> Any:
    return x + np.reshape(bias, (-1, *[1] * (x.ndim - 2)))


@elsewhere(np.array_split)
def array_split_of(ary: Any, indices_or_sections: Any, axis: int = 0) -> Any:
    n = ary.shape[axis]
    if isinstance(indices_or_sections, int):
        size, longer = divmod(n, indices_or_sections)
        ends = [i * size + min(i, longer) for i in range(1, indices_or_sections)]
    else:
        ends = list(indices_or_sections)
    before = (slice(None),) * (axis % ary.ndim)
    return tuple([ary[(*before, slice(i, j))] for i, j in itertools.pairwise([0, *ends, n])])


@elsewhere(np.split)
def split_of(ary: Any, indices_or_sections: Any, axis: int = 0) -> Any:
    if isinstance(indices_or_sections, int) and ary.shape[axis] % indices_or_sections:
        raise ValueError("array split does not result in an equal division")
    return array_split_of(ary, indices_or_sections, axis)


@elsewhere(scatter)
def scatter_of(g: Any, index: Any, shape: tuple[int, ...]) -> Any:
    """Zeros around `g`, for an index of integers and slices."""
    index = index if isinstance(index, tuple) else (index,)
    if not is_basic(index):
        return NotImplemented
    parts: list[Any] = [p for p in index if p is not None]
    rest = [slice(None)] * (len(shape) - len(parts) + (... in parts))
    at = parts.index(...) if ... in parts else len(parts)
    parts = parts[:at] + rest + parts[at + 1 :]
    starts = [range(n)[p] if isinstance(p, slice) else range(n)[p : p + 1 or None] for p, n in zip(parts, shape)]
    g = np.reshape(g, [len(picked) for picked in starts])
    for axis, (picked, n) in enumerate(zip(starts, shape)):
        g = _spaced(g, axis, picked, n)
    return g


def _spaced(g: Any, axis: int, picked: range, n: int) -> Any:
    """The elements of an axis put at the positions `picked` among n; the others are 0."""
    if picked == range(n):
        return g
    if picked.step < 0:
        g, picked = np.flip(g, axis), picked[::-1]
    if picked.step > 1 and len(picked) > 1:  # zeros after each element; those after the last are cut off
        g = np.expand_dims(g, axis + 1)
        zeros = np.zeros_like(g)
        g = np.concatenate([g] + [zeros] * (picked.step - 1), axis + 1)
        g = np.reshape(g, (*g.shape[:axis], len(picked) * picked.step, *g.shape[axis + 2 :]))
        length = (len(picked) - 1) * picked.step + 1
        g = g[(slice(None),) * axis + (slice(0, length),)]
    before = picked.start if len(picked) else n
    widths = [(0, 0)] * g.ndim
    widths[axis] = (before, n - before - g.shape[axis])
    return np.pad(g, widths)


@elsewhere(put_add)
def put_add_of(a: Any, index: Any, values: Any) -> Any:
    if not is_basic(index):
        return NotImplemented
    there = a[index]
    return a + scatter_of(astype(np.broadcast_to(values, there.shape), a.dtype), index, a.shape)


@elsewhere(put)
def put_of(a: Any, index: Any, values: Any) -> Any:
    if not is_basic(index):
        return NotImplemented
    there = a[index]
    chosen = scatter_of(np.ones_like(there), index, a.shape)
    values = scatter_of(astype(np.broadcast_to(values, there.shape), a.dtype), index, a.shape)
    return np.where(np.equal(chosen, 1), values, a)


# --- normalisation: the means are computed again, so that gradients flow through them, too


def _mean_to(x: Any, shape: tuple) -> Any:
    return sums_of(x, shape) * (math.prod(shape) / max(x.size, 1))


@elsewhere(averages)
def averages_of(x: Any, shape: tuple) -> Any:
    return _mean_to(stop_gradient(x), shape)


@elsewhere(variances)
def variances_of(d: Any, shape: tuple) -> Any:
    return _mean_to(np.square(stop_gradient(d)), shape)


@elsewhere(centred)
def centred_of(x: Any, mean: Any) -> Any:
    return x - _mean_to(x, mean.shape)


@elsewhere(inverse_deviation)
def inverse_deviation_of(d: Any, var: Any, eps: float) -> Any:
    return 1 / np.sqrt(_mean_to(np.square(d), var.shape) + eps)


@elsewhere(normalized)
def normalized_of(d: Any, gamma: Any, beta: Any, var: Any, eps: float) -> Any:
    return d * inverse_deviation_of(d, var, eps) * gamma + beta


@elsewhere(products)
def products_of(g: Any, d: Any, weight: Any, shape: tuple) -> Any:
    return sums_of(g * d * weight, shape)


@elsewhere(less_its_part)
def less_its_part_of(g: Any, d: Any, scale: Any, slope: Any) -> Any:
    return (g - d * slope) * scale


# --- elements chosen by an index along an axis


@elsewhere(np.take_along_axis)
def take_along_axis_of(arr: Any, indices: Any, axis: Any = -1) -> Any:
    """Each element is a sum over all candidates along the axis, which suits a short axis such as that of classes."""
    if axis is None:
        return NotImplemented
    x, places = np.moveaxis(arr, axis, -1), np.expand_dims(np.moveaxis(indices, axis, -1), -1)
    n = x.shape[-1]
    meant = np.equal(np.where(places < 0, places + n, places), np.arange(n))
    return np.moveaxis(np.sum(np.where(meant, np.expand_dims(x, -2), 0), axis=-1), -1, axis)
