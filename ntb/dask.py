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

from .tape.elsewhere import brought, libraries
from .tape.errors import ConversionError
from .tape.rules import Operation
from .tape.tensor import ArrayLike, Tensor, map_tree


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
    lazy: list[Any] = []

    def collect(x: Any) -> Any:
        if isinstance(x, ArrayLike) and isinstance(x.read().value, da.Array):
            lazy.append(x.read().value)
            return Pending(len(lazy) - 1)
        return map_tree(collect, x)

    collected = collect(values)
    arrays = dask.compute(*lazy, **options)

    def deliver(x: Any) -> Any:
        return Tensor(arrays[x.position]) if type(x) is Pending else map_tree(deliver, x)

    computed = deliver(collected)
    return computed[0] if len(values) == 1 else computed


class Pending:
    """Stands for a tensor while it is computed."""

    def __init__(self, position: int) -> None:
        self.position = position


def run(operation: Operation, array: da.Array, values: tuple, kwargs: dict) -> Any:
    """The value of an operation on Dask arrays; nothing is computed."""
    function = operation.function
    if getattr(function, "general", False):
        return function(*values, **kwargs)
    if getattr(function, "elementwise", False):
        return elementwise(function, values, kwargs)
    if hasattr(function, "on_arrays"):
        raise ConversionError(
            f"{operation.name} is made for arrays in memory and has no form for Dask's; compute its argument first, or "
            "compose it of functions that dask.array has"
        )
    if not isinstance(function, np.ufunc) and not is_known(function):
        raise ConversionError(
            f"dask.array has no {operation.name}: Dask would compute the whole array first. If that is meant, call "
            ".numpy(); else compose it of functions that dask.array has, or use map_blocks on the Dask array"
        )
    if function.__module__ == "_operator":
        values = brought(values, array)
    return function(*values, **kwargs)


def is_known(function: Any) -> bool:
    """Whether Dask has a form of a NumPy function, which it finds by the names of the module and the function."""
    place: Any = da
    for name in function.__module__.split(".")[1:]:
        place = getattr(place, name, None)
    mine = getattr(place, function.__name__, None)
    return function.__module__ == "_operator" or (mine is not None and mine is not function)


def elementwise(function: Any, values: tuple, kwargs: dict) -> Any:
    """A primitive run on chunk by chunk. The workers import it, so ntb must be installed there."""
    small = [np.zeros((1,) * a.ndim, a.dtype) if isinstance(a, da.Array | np.ndarray) else a for a in values]
    with np.errstate(all="ignore"):
        dtype = function(*small, **kwargs).dtype
    return da.core.elemwise(functools.partial(function, **kwargs) if kwargs else function, *values, dtype=dtype)


libraries["dask"] = run
