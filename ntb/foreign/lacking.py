"""What Dask lacks: some of NumPy's functions, and operations that write in place, composed of functions that it has.

A composition replaces an operation and its rule (`running.py`): derivatives of every order follow from those of the
parts. It looks at no value, since values may not be computed yet, and changes nothing in place.
"""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from ..ops.at import is_basic, put, put_add
from ..ops.indexing import scatter
from ..ops.joining import add_windows
from ..ops.reductions import tie_share
from ..values.creation import astype
from .running import elsewhere

# --- maxima


@elsewhere(tie_share)
def tie_share_of(a: Any, y: Any, axis: Any = None, keepdims: bool = False, where: Any = True) -> Any:
    if axis is not None and not keepdims:
        y = np.expand_dims(y, axis)
    hit = np.logical_or(np.equal(a, y), np.isnan(a))  # a slice with NaN has the maximum NaN, which equals nothing
    hit = hit if where is True else np.logical_and(hit, where)
    hit = astype(hit, a.dtype)
    return hit / np.maximum(np.sum(hit, axis=axis, keepdims=True), 1)


# --- sums of products, whose axes Dask wants in one chunk


@elsewhere(np.vecdot)
def vecdot_of(x1: Any, x2: Any, axis: int = -1, keepdims: bool = False) -> Any:
    x1, x2 = np.moveaxis(x1, axis, -1), np.moveaxis(x2, axis, -1)
    y = np.sum(np.conj(x1) * x2, axis=-1, keepdims=keepdims)
    return np.moveaxis(y, -1, axis) if keepdims else y


if hasattr(np, "matvec"):  # from NumPy 2.2 on

    @elsewhere(np.matvec)
    def matvec_of(x1: Any, x2: Any) -> Any:
        return np.sum(x1 * np.expand_dims(x2, -2), axis=-1)

    @elsewhere(np.vecmat)
    def vecmat_of(x1: Any, x2: Any) -> Any:
        return np.sum(np.expand_dims(np.conj(x1), -1) * x2, axis=-2)


# --- means


@elsewhere(np.mean)
def mean_of(a: Any, axis: Any = None, keepdims: bool = False, where: Any = True, **others: Any) -> Any:
    """The mean of some elements. Where it is that of all, Dask has it."""
    if where is True or others:
        return NotImplemented
    total = np.sum(a, axis=axis, keepdims=keepdims, where=where)
    counted = astype(np.broadcast_to(where, a.shape), np.real(total).dtype)
    return total / np.sum(counted, axis=axis, keepdims=keepdims)


# --- shapes


@elsewhere(np.copy)
def copy_of(a: Any, order: str = "K", subok: bool = False) -> Any:
    return np.positive(a)


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


@elsewhere(add_windows)
def add_windows_of(g: Any, axes: tuple, lengths: tuple, shape: tuple) -> Any:
    """For each place in a window the elements that lie there, with zeros around; and the sum of these."""
    total: Any = 0
    for offset in np.ndindex(*lengths):
        before = [0] * len(shape)
        for axis, k in zip(axes, offset, strict=True):
            before[axis] += k
        part = g[(..., *offset)]
        total = total + np.pad(part, [(k, n - k - m) for k, n, m in zip(before, shape, part.shape)])
    return total


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
