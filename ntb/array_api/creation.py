"""Arrays from nothing, from data and from other libraries. NumPy makes them; they become tensors."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..arguments import first_traceable
from ..errors import InputError
from ..tape.tensor import ArrayLike, Tensor, on_tensors
from ..tree import leaves
from ..values.creation import astype, tensor


def asarray(obj: Any, /, *, dtype: Any = None, device: Any = None, copy: bool | None = None) -> Any:
    """A tensor of the data: an array, a number, or nested lists of numbers and tensors, through which gradients flow.

    Args:
        obj: the data.
        dtype: the element type; by itself that of the data.
        device: "cpu" or None.
        copy: a tensor is handed out as it is, unless this is True. Other data are always copied, since a tensor must
            not change when they do; so False is for tensors only.

    Raises:
        InputError: the data are not numbers, or `copy=False` cannot be kept.

    >>> asarray([tensor(1.0), 2.0])
    Tensor([1., 2.])
    """
    on_this_machine(device)
    if isinstance(obj, ArrayLike):
        found = tensor(obj, dtype)
        if copy is False and found is not obj.read():
            raise InputError(f"asarray cannot make {dtype} of a tensor without a copy; leave out copy=False")
        return astype(found, found.dtype) if copy else found
    if copy is False:
        raise InputError("a tensor holds a copy of the data, as it must not change when they do; leave out copy=False")
    if isinstance(obj, list | tuple) and first_traceable(obj) is not None:
        return _stacked(obj, on_tensors.result_type(*leaves(obj)) if dtype is None else dtype)
    return tensor(obj, dtype)


def _stacked(tree: Any, dtype: Any) -> Any:
    """One tensor of nested lists."""
    if isinstance(tree, list | tuple):
        return on_tensors.stack([_stacked(item, dtype) for item in tree])
    return tensor(tree, dtype)


def from_dlpack(x: Any, /, *, device: Any = None, copy: bool | None = None) -> Any:
    """A tensor of another library's array, taken through the DLPack protocol, and copied; a tensor stays as it is.

    Raises:
        BufferError: `copy=False` for another library's array, which may change while a tensor must not.

    >>> from_dlpack(np.ones(2))
    Tensor([1., 1.])
    """
    on_this_machine(device)
    if isinstance(x, ArrayLike):
        return asarray(x, copy=copy)
    if copy is False:
        raise BufferError("a tensor holds a copy of another library's data; leave out copy=False")
    return tensor(np.from_dlpack(x))


def on_this_machine(device: Any) -> None:
    if device not in (None, "cpu"):
        raise InputError(f'arrays are made on the device "cpu", not on {device!r}')


# --- from nothing


def arange(start: Any, /, stop: Any = None, step: Any = 1, *, dtype: Any = None, device: Any = None) -> Tensor:
    """`start`, `start + step`, … below `stop`; with one argument from 0 to below it."""
    on_this_machine(device)
    limits = (0, start) if stop is None else (start, stop)
    return Tensor(on_tensors.arange(*limits, step, dtype))


def empty(shape: Any, *, dtype: Any = None, device: Any = None) -> Tensor:
    """An array of this shape with any content."""
    on_this_machine(device)
    return Tensor(np.empty(shape, dtype))


def zeros(shape: Any, *, dtype: Any = None, device: Any = None) -> Tensor:
    """An array of this shape full of zeros."""
    on_this_machine(device)
    return Tensor(np.zeros(shape, dtype))


def ones(shape: Any, *, dtype: Any = None, device: Any = None) -> Tensor:
    """An array of this shape full of ones."""
    on_this_machine(device)
    return Tensor(np.ones(shape, dtype))


def full(shape: Any, fill_value: Any, *, dtype: Any = None, device: Any = None) -> Any:
    """An array of this shape full of one value; that of a tensor carries its gradient.

    >>> full(2, tensor(3.0))
    Tensor([3., 3.])
    """
    on_this_machine(device)
    if isinstance(fill_value, ArrayLike):
        return tensor(on_tensors.broadcast_to(fill_value, shape), dtype)
    return Tensor(np.full(shape, fill_value, dtype))


def eye(n_rows: int, n_cols: int | None = None, /, *, k: int = 0, dtype: Any = None, device: Any = None) -> Tensor:
    """Ones on the k-th diagonal, zeros elsewhere."""
    on_this_machine(device)
    return Tensor(np.eye(n_rows, n_cols, k, dtype=float if dtype is None else dtype))


def linspace(
    start: Any, stop: Any, /, num: int, *, dtype: Any = None, device: Any = None, endpoint: bool = True
) -> Any:
    """`num` values in equal steps from `start` to `stop`."""
    on_this_machine(device)
    values: Any = np.linspace(start, stop, num, dtype=dtype, endpoint=endpoint)
    return values if isinstance(values, Tensor) else Tensor(values)


# --- in the shape of an array


def empty_like(x: Any, /, *, dtype: Any = None, device: Any = None) -> Any:
    """An array of the shape of `x` with any content."""
    on_this_machine(device)
    return np.empty_like(x, dtype)


def zeros_like(x: Any, /, *, dtype: Any = None, device: Any = None) -> Any:
    """Zeros in the shape of `x`."""
    on_this_machine(device)
    return np.zeros_like(x, dtype)


def ones_like(x: Any, /, *, dtype: Any = None, device: Any = None) -> Any:
    """Ones in the shape of `x`."""
    on_this_machine(device)
    return np.ones_like(x, dtype)


def full_like(x: Any, /, fill_value: Any, *, dtype: Any = None, device: Any = None) -> Any:
    """One value in the shape of `x`."""
    on_this_machine(device)
    return np.full_like(x, fill_value, dtype=dtype)


def meshgrid(*arrays: Any, indexing: str = "xy") -> list[Any]:
    """The coordinates along each axis of the grid that these vectors span."""
    return list(np.meshgrid(*arrays, indexing=indexing))  # type: ignore[call-overload]
