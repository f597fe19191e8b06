"""Initializers: the first values of weights.

Each is called as `initializer(shape, rng=..., dtype=...)` and returns an array. Options are set with
`functools.partial`: `Linear(20, 5, init=functools.partial(normal, std=0.01))`.

A shape is a whole number or a sequence of them, 0 included. The dtype is one of floating-point numbers, of any
precision (of integers too for `constant`); complex arrays have real values.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .. import random
from ..errors import InputError
from ..habits import of_package
from .checks import checked_shape, floating_type

__all__ = [
    "constant", "fans", "he_normal", "he_uniform", "normal", "orthogonal", "xavier_normal", "xavier_uniform",
]  # fmt: skip
__getattr__, __dir__ = of_package(__name__, __all__)

Initializer = Callable[..., Any]
_Shape = Sequence[int] | int


def fans(shape: _Shape) -> tuple[int, int]:
    """How many inputs each output sums over, and the converse: (fan_in, fan_out).

    A shape is of whole numbers. A dense weight is (in, out). The filters of a convolution are (F, C, *kernel), and each
    element of the kernel counts. For a vector or scalar both are its size.

    >>> fans((784, 50)), fans((16, 3, 5, 5))
    ((784, 50), (75, 400))
    """
    shape = checked_shape(shape)
    if len(shape) < 2:
        return math.prod(shape), math.prod(shape)
    if len(shape) == 2:
        return shape[0], shape[1]
    field = math.prod(shape[2:])
    return shape[1] * field, shape[0] * field


def constant(shape: _Shape, value: float = 0.0, *, rng: random.Generator | None = None, dtype: Any = np.float32) -> Any:
    """The same value everywhere in an array of that shape.

    >>> constant((2,), 0.5)
    array([0.5, 0.5], dtype=float32)
    """
    return np.full(checked_shape(shape), value, dtype)


def normal(
    shape: _Shape, mean: float = 0.0, std: float = 1.0, *, rng: random.Generator | None = None, dtype: Any = np.float32
) -> Any:
    """Normally distributed, of the type `dtype`, with a standard deviation of 0 or more.

    >>> normal((2, 3), std=0.01).shape
    (2, 3)
    """
    if not std >= 0:
        raise InputError(f"a standard deviation is not negative, as {std} is")
    dtype = floating_type(dtype)
    return (rng or random.default()).normal(mean, std, size=checked_shape(shape)).astype(dtype)


def _uniform(
    shape: _Shape, low: float = -1.0, high: float = 1.0, *, rng: random.Generator | None = None, dtype: Any = np.float32
) -> Any:
    """Uniform between low and high."""
    dtype = floating_type(dtype)
    return (rng or random.default()).uniform(low, high, size=checked_shape(shape)).astype(dtype)


def xavier_normal(
    shape: _Shape, gain: float = 1.0, *, rng: random.Generator | None = None, dtype: Any = np.float32
) -> Any:
    """Normal with variance 2 / (fan_in + fan_out) (Glorot and Bengio, 2010).

    >>> bool(abs(np.std(xavier_normal((300, 100), rng=random.generator(0))) - 200 ** -0.5) < 0.001)
    True
    """
    return normal(shape, 0.0, _scale(gain) * math.sqrt(2 / _positive(sum(fans(shape)))), rng=rng, dtype=dtype)


def xavier_uniform(
    shape: _Shape, gain: float = 1.0, *, rng: random.Generator | None = None, dtype: Any = np.float32
) -> Any:
    """Uniform with variance 2 / (fan_in + fan_out) (Glorot and Bengio, 2010).

    >>> bool(np.all(np.abs(xavier_uniform((4, 2))) <= 1))
    True
    """
    bound = _scale(gain) * math.sqrt(6 / _positive(sum(fans(shape))))
    return _uniform(shape, -bound, bound, rng=rng, dtype=dtype)


def he_normal(
    shape: _Shape, gain: float = math.sqrt(2), *, rng: random.Generator | None = None, dtype: Any = np.float32
) -> Any:
    """Normal with variance gain^2 / fan_in, for layers followed by relu (He, Zhang, Ren and Sun, 2015).

    >>> bool(abs(np.std(he_normal((50, 400), rng=random.generator(0))) - 0.2) < 0.005)
    True
    """
    return normal(shape, 0.0, _scale(gain) / math.sqrt(_positive(fans(shape)[0])), rng=rng, dtype=dtype)


def he_uniform(
    shape: _Shape, gain: float = math.sqrt(2), *, rng: random.Generator | None = None, dtype: Any = np.float32
) -> Any:
    """Uniform with variance gain^2 / fan_in (He, Zhang, Ren and Sun, 2015).

    >>> bool(np.all(np.abs(he_uniform((6, 2))) <= 1))
    True
    """
    bound = _scale(gain) * math.sqrt(3 / _positive(fans(shape)[0]))
    return _uniform(shape, -bound, bound, rng=rng, dtype=dtype)


def orthogonal(
    shape: _Shape, gain: float = 1.0, *, rng: random.Generator | None = None, dtype: Any = np.float32
) -> Any:
    """Rows or columns, whichever are fewer, orthonormal, times gain (Saxe, McClelland and Ganguli, 2014).

    All axes but the first are taken as one.

    >>> w = orthogonal((4, 2), rng=random.generator(0), dtype=float)
    >>> np.round(w.T @ w, 6) + 0.0
    array([[1., 0.],
           [0., 1.]])
    """
    shape, dtype = checked_shape(shape), floating_type(dtype)
    if len(shape) < 2:
        raise InputError(f"an orthogonal weight has at least two axes, not the shape {shape}")
    rows, columns = shape[0], math.prod(shape[1:])
    a = normal((max(rows, columns), min(rows, columns)), rng=rng, dtype=float)
    q, r = np.linalg.qr(a)
    q = q * np.where(np.diagonal(r) < 0, -1.0, 1.0)  # else the distribution would not be uniform
    return (_scale(gain) * (q if rows >= columns else q.T)).reshape(shape).astype(dtype)


def _scale(gain: float) -> float:
    if not gain >= 0:
        raise InputError(f"gain scales the weights and is not negative, as {gain} is")
    return float(gain)


def _positive(fan: int) -> int:
    return max(fan, 1)
