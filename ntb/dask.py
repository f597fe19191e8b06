"""Tensors that hold Dask arrays: how ntb's own operations run on them, and how they are computed.

    x = ntb.tensor(dask.array.random.random((10_000_000, 20), chunks=(100_000, 20)))
    with ntb.Tape() as tape:
        loss = ntb.nn.mse(x @ w, y)
    loss, (dw,) = compute(loss, tape.gradient(loss, [w]))

Nothing is computed before `compute`. Then Dask's scheduler, be it threads or a cluster, goes through the data chunk by
chunk, and what comes back is as large as what was asked for: a number and the gradients of parameters.
"""

from __future__ import annotations

import functools
from typing import Any

import dask
import dask.array as da
import numpy as np

from .foreign.libraries import brought
from .foreign.running import IN_PARTS, in_parts, libraries
from .tape.operation import Operation
from .tape.tensor import ArrayLike, Tensor
from .tree import leaves, tree_map


def compute(*values: Any, **options: Any) -> Any:
    """Compute tensors of Dask arrays in one pass over the data, sharing what they have in common.

    Args:
        values: tensors, or lists, tuples and dicts of them at any depth; whatever is not lazy stays as it is.
        options: those of `dask.compute`, such as `scheduler="threads"`.

    Returns:
        The same structures, with tensors of NumPy arrays; of one value not in a tuple.

    >>> import ntb
    >>> x, w = ntb.tensor(da.arange(6.0, chunks=2)), ntb.Variable(2.0)
    >>> with ntb.Tape() as tape:
    ...     loss = np.sum(np.square(w * x))
    >>> compute(loss, tape.gradient(loss, [w]), scheduler="synchronous")
    (Tensor(220.), [Tensor(220.)])
    """

    def lazy(x: Any) -> bool:
        return isinstance(x, ArrayLike) and isinstance(x.read().value, da.Array)

    computed = iter(dask.compute(*[x.read().value for x in leaves(values) if lazy(x)], **options))
    answers = tree_map(lambda x: Tensor(next(computed)) if lazy(x) else x, values)
    return answers[0] if len(values) == 1 else answers


# --- how operations run; here nothing is computed


def _run(operation: Operation, array: da.Array, values: tuple, kwargs: dict) -> Any:
    """A NumPy function or primitive on Dask arrays; NotImplemented if neither Dask nor this file has a form of it."""
    function = operation.function
    if operation.traits.general:
        return operation.call(*values, **kwargs)
    if operation.call is not function and operation.traits.elementwise:
        return _elementwise(function, values, kwargs)
    if function is np.matmul and _has_whole_rows(*values):
        return _product_of_rows(*values)
    if function is np.pad and _has_whole_axes(*values[:2]):
        return _padded(*values, **kwargs)
    if not isinstance(function, np.ufunc) and not _is_known(function):
        return NotImplemented
    if type(values[0]) is np.ndarray and not isinstance(function, np.ufunc):
        values = (brought(values[0], array), *values[1:])  # NumPy would look at the first alone, and compute the others
    if kwargs and function in IN_PARTS:
        function = in_parts(function, function)
    return function(*values, **kwargs)


def _is_known(function: Any) -> bool:
    """Whether Dask has a form of a NumPy function, which it finds by the names of the module and the function."""
    place: Any = da
    for name in function.__module__.split(".")[1:]:
        place = getattr(place, name, None)
    mine = getattr(place, function.__name__, None)
    return function.__module__ == "_operator" or (mine is not None and mine is not function)


def _has_whole_rows(a: Any, b: Any) -> bool:
    """Whether the rows of `a` and the columns of `b` each lie in one chunk."""
    parts = [getattr(x, "numblocks", (1,) * x.ndim) for x in (a, b)]
    return a.ndim >= 2 and 1 <= b.ndim <= 2 and a.shape[-1] == b.shape[0] and parts[0][-1] == parts[1][0] == 1


def _product_of_rows(a: Any, b: Any) -> Any:
    """The product as one task for each chunk of rows. (Dask's own is two more, as it sums over chunks of rows.)"""
    rows = tuple(range(a.ndim))
    columns = (a.ndim - 1, a.ndim)[: b.ndim]
    result = rows[:-1] + columns[1:]
    dtype = np.result_type(a.dtype, b.dtype)
    return da.blockwise(np.matmul, result, a, rows, b, columns, dtype=dtype, concatenate=True)


def _has_whole_axes(x: Any, pad_width: Any) -> bool:
    """Whether each axis that padding makes longer lies in one chunk."""
    if not isinstance(x, da.Array) or isinstance(pad_width, dict):
        return False
    longer = np.any(np.broadcast_to(pad_width, (x.ndim, 2)), axis=1)
    return all(count == 1 for count, padded in zip(x.numblocks, longer) if padded)


def _padded(x: Any, pad_width: Any, *args: Any, **kwargs: Any) -> Any:
    """Padding as one task for each chunk. (Dask's own makes small chunks of what is put around.)"""
    added = np.broadcast_to(pad_width, (x.ndim, 2)).sum(axis=1).tolist()
    chunks = tuple([(sizes[0] + n,) if n else sizes for sizes, n in zip(x.chunks, added)])
    return da.map_blocks(np.pad, x, pad_width, *args, chunks=chunks, dtype=x.dtype, meta=x._meta, **kwargs)


def _elementwise(function: Any, values: tuple, kwargs: dict) -> Any:
    """A primitive run on chunk by chunk. The workers import it, so ntb must be installed there."""
    small = [np.zeros((1,) * a.ndim, a.dtype) if isinstance(a, da.Array | np.ndarray) else a for a in values]
    with np.errstate(all="ignore"):
        dtype = function(*small, **kwargs).dtype
    return da.core.elemwise(functools.partial(function, **kwargs) if kwargs else function, *values, dtype=dtype)


libraries["dask"] = _run
