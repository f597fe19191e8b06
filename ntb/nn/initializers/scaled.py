"""Initializers that keep the variance of signals, or of gradients, from layer to layer: the more inputs are summed, the
smaller are the weights.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ... import random
from ...errors import InputError
from ..checks import checked_shape
from .basic import Shape, normal, truncated_normal, uniform


def fans(shape: Shape) -> tuple[int, int]:
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


def variance_scaling(
    shape: Shape,
    scale: float = 1.0,
    mode: str = "fan_in",
    distribution: str = "normal",
    *,
    rng: random.Generator | None = None,
    dtype: Any = np.float32,
) -> Any:
    """Mean 0 and variance scale / n, in an array of that shape, where n is by `mode` "fan_in", "fan_out", or "fan_avg",
    their mean; by `distribution` "normal", "uniform", or "truncated_normal" at two standard deviations.

    Raises:
        InputError: another mode or distribution, or a negative scale.

    >>> w = variance_scaling((100, 400), 3.0, "fan_out", "uniform", rng=random.generator(0))
    >>> bool(abs(np.var(w) - 3 / 400) < 1e-4)
    True
    """
    fan_in, fan_out = fans(shape)
    fan = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}.get(mode)
    if fan is None:
        raise InputError(f'mode is "fan_in", "fan_out" or "fan_avg", not {mode!r}')
    std = math.sqrt(_scale(scale) / max(fan, 1))
    if distribution == "normal":
        return normal(shape, 0.0, std, rng=rng, dtype=dtype)
    if distribution == "uniform":
        return uniform(shape, -math.sqrt(3) * std, math.sqrt(3) * std, rng=rng, dtype=dtype)
    if distribution == "truncated_normal":
        return truncated_normal(shape, 0.0, std / _CUT, rng=rng, dtype=dtype)
    raise InputError(f'distribution is "normal", "uniform" or "truncated_normal", not {distribution!r}')


_CUT = 0.8796256610342398
"""The standard deviation of a normal distribution that is cut at -2 and 2: sqrt(1 - 4 pdf(2) / (2 cdf(2) - 1))."""


def xavier_normal(
    shape: Shape, gain: float = 1.0, *, rng: random.Generator | None = None, dtype: Any = np.float32
) -> Any:
    """Normal with variance 2 / (fan_in + fan_out) (Glorot and Bengio, 2010).

    >>> bool(abs(np.std(xavier_normal((300, 100), rng=random.generator(0))) - 200 ** -0.5) < 0.001)
    True
    """
    return normal(shape, 0.0, _scale(gain) * math.sqrt(2 / _positive(sum(fans(shape)))), rng=rng, dtype=dtype)


def xavier_uniform(
    shape: Shape, gain: float = 1.0, *, rng: random.Generator | None = None, dtype: Any = np.float32
) -> Any:
    """Uniform with variance 2 / (fan_in + fan_out) (Glorot and Bengio, 2010).

    >>> bool(np.all(np.abs(xavier_uniform((4, 2))) <= 1))
    True
    """
    bound = _scale(gain) * math.sqrt(6 / _positive(sum(fans(shape))))
    return uniform(shape, -bound, bound, rng=rng, dtype=dtype)


def he_normal(
    shape: Shape, gain: float = math.sqrt(2), *, rng: random.Generator | None = None, dtype: Any = np.float32
) -> Any:
    """Normal with variance gain^2 / fan_in, for layers followed by relu (He, Zhang, Ren and Sun, 2015).

    >>> bool(abs(np.std(he_normal((50, 400), rng=random.generator(0))) - 0.2) < 0.005)
    True
    """
    return normal(shape, 0.0, _scale(gain) / math.sqrt(_positive(fans(shape)[0])), rng=rng, dtype=dtype)


def he_uniform(
    shape: Shape, gain: float = math.sqrt(2), *, rng: random.Generator | None = None, dtype: Any = np.float32
) -> Any:
    """Uniform with variance gain^2 / fan_in (He, Zhang, Ren and Sun, 2015).

    >>> bool(np.all(np.abs(he_uniform((6, 2))) <= 1))
    True
    """
    bound = _scale(gain) * math.sqrt(3 / _positive(fans(shape)[0]))
    return uniform(shape, -bound, bound, rng=rng, dtype=dtype)


def lecun_normal(shape: Shape, *, rng: random.Generator | None = None, dtype: Any = np.float32) -> Any:
    """Normal with variance 1 / fan_in, as selu needs it (LeCun et al., "Efficient backprop", 1998).

    >>> bool(abs(np.std(lecun_normal((400, 50), rng=random.generator(0))) - 0.05) < 0.001)
    True
    """
    return he_normal(shape, 1.0, rng=rng, dtype=dtype)


def lecun_uniform(shape: Shape, *, rng: random.Generator | None = None, dtype: Any = np.float32) -> Any:
    """Uniform with variance 1 / fan_in (LeCun et al., "Efficient backprop", 1998).

    >>> bool(np.all(np.abs(lecun_uniform((3, 2))) <= 1))
    True
    """
    return he_uniform(shape, 1.0, rng=rng, dtype=dtype)


def _scale(gain: float) -> float:
    if not gain >= 0:
        raise InputError(f"gain scales the weights and is not negative, as {gain} is")
    return float(gain)


def _positive(fan: int) -> int:
    return max(fan, 1)
