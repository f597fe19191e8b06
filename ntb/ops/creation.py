"""Functions that create arrays, when they create them from tensors.

NumPy dispatches a function to ntb only for tensors in certain arguments, as in `np.linspace(0, t)`. It does not for
`np.array([t, u])` and `np.full(3, t)`, where the tensor refuses to become a number; with `like=t` it does.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..arguments import assembled
from ..errors import InputError
from ..tape.rules import declare, define, derivative
from ..values.creation import astype, number_type, tensor

# --- np.array([t, u], like=t), np.full(3, t, like=t)


def _create_from(function: Any) -> None:
    """Let a function that makes arrays make a tensor from tensors."""

    @define(function)
    def create(a: Any, dtype: Any = None, *_how: Any, ndmin: int = 0, **_storage: Any) -> Any:
        made = tensor(assembled(a))
        made = made if dtype is None or made.dtype == dtype else astype(made, number_type(dtype))
        return np.reshape(made, (1,) * (ndmin - np.ndim(made)) + np.shape(made)) if ndmin > np.ndim(made) else made


for function in (np.array, np.asarray, np.asanyarray, np.ascontiguousarray, np.asfortranarray, np.require):
    _create_from(function)


@define(np.fromiter, raw=True)
def fromiter(iter: Any, dtype: Any, count: int = -1) -> Any:
    items = [x for x, _ in zip(iter, range(count), strict=False)] if count >= 0 else list(iter)
    if len(items) < count:
        raise InputError(f"np.fromiter was to read {count} numbers, and there are {len(items)}")
    return astype(tensor(assembled(items)), np.dtype(dtype))


@define(np.full)
def full(shape: Any, fill_value: Any, dtype: Any = None, order: str = "C", *, device: Any = None) -> Any:
    fill_value = tensor(assembled(fill_value))
    return astype(np.broadcast_to(fill_value, shape), fill_value.dtype if dtype is None else np.dtype(dtype))


@define(np.fromfunction)
def fromfunction(function: Any, shape: Any, *, dtype: Any = float, **kwargs: Any) -> Any:
    return np.fromfunction(function, shape, dtype=dtype, **kwargs)


declare(
    np.zeros, np.ones, np.empty, np.eye, np.identity, np.tri, np.frombuffer, np.fromfile, np.fromstring, np.loadtxt,
    np.genfromtxt, constant=True)  # fmt: skip
declare(
    np.arange, refusal="its ends decide how many elements there are; use np.linspace, or start + step * np.arange(n)"
)

if hasattr(np, "astype"):  # NumPy 2.1

    @define(np.astype)
    def as_type(x: Any, dtype: Any, /, *, copy: bool = True, device: Any = None) -> Any:
        return astype(x, number_type(dtype))


# --- numbers between two ends


def _weights(g: Any, num: int, endpoint: bool) -> Any:
    """The weight of `stop` in each of the numbers from `start` to `stop`, in the precision of g."""
    return np.arange(num, dtype=np.finfo(g.dtype).dtype) / max(num - 1 if endpoint else num, 1)


def _linspace_rule(g, num, endpoint, retstep, axis):
    """The gradients of both ends: y = (1 - w) start + w stop."""
    g, step = g if retstep else (g, None)
    g, w = np.moveaxis(g, axis, 0), _weights(g, num, endpoint)
    start, stop = np.tensordot(1 - w, g, 1), np.tensordot(w, g, 1)
    parts = num - 1 if endpoint else num
    return (start, stop) if step is None or parts < 1 else (start - step / parts, stop + step / parts)


derivative(
    np.linspace,
    lambda g, _y, _start, _stop, num=50, endpoint=True, retstep=False, dtype=None, axis=0, *, device=None:
        _linspace_rule(g, num, endpoint, retstep, axis)[0],
    lambda g, _y, _start, _stop, num=50, endpoint=True, retstep=False, dtype=None, axis=0, *, device=None:
        _linspace_rule(g, num, endpoint, retstep, axis)[1],
    broadcasts=True,
)  # fmt: skip


def _geomspace_rule(g, y, num, endpoint, axis):
    """The gradients of the logarithms of both ends: y = start**(1 - w) stop**w."""
    pull, w = np.moveaxis(g * y, axis, 0), _weights(g, num, endpoint)
    return np.tensordot(1 - w, pull, 1), np.tensordot(w, pull, 1)


derivative(
    np.geomspace,
    lambda g, y, start, _stop, num=50, endpoint=True, dtype=None, axis=0:
        _geomspace_rule(g, y, num, endpoint, axis)[0] / start,
    lambda g, y, _start, stop, num=50, endpoint=True, dtype=None, axis=0:
        _geomspace_rule(g, y, num, endpoint, axis)[1] / stop,
    broadcasts=True,
)  # fmt: skip


@define(np.logspace)
def logspace(
    start: Any, stop: Any, num: int = 50, endpoint: bool = True, base: Any = 10.0, dtype: Any = None, axis: int = 0
) -> Any:
    if np.ndim(base):
        most = max(np.ndim(x) for x in (start, stop, base))
        start, stop, base = [np.reshape(x, (1,) * (most - np.ndim(x)) + np.shape(x)) for x in (start, stop, base)]
        base = np.expand_dims(base, axis)
    exponents = np.linspace(start, stop, num, endpoint, axis=axis)
    base = astype(base, exponents.dtype) if type(base) in (int, float) else base  # so that its logarithm is no wider
    y = np.power(base, exponents)
    return y if dtype is None else astype(y, np.dtype(dtype))
