"""Continuous distributions of single numbers.

Their parameters and outcomes are real numbers of any type and shape; what they give has the floating type of the
parameters.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import random
from ..nn.checks import following
from ..nn.ranges import checked_numbers
from .base import Distribution, outcome, parameters


def _positive(x: Any, what: str) -> Any:
    return checked_numbers(x, 0, np.inf, what)


class Normal(Distribution):
    """The normal distribution: `exp(-((x - mean) / std)^2 / 2) / (std sqrt(2 pi))`.

    Args:
        mean: of any shape.
        std: the standard deviation, not negative.

    Raises:
        InputError: shapes that do not fit each other, a negative std.

    >>> Normal(0.0, [1.0, 2.0]).log_prob(0.0)
    array([-0.91893853, -1.61208571])
    """

    def __init__(self, mean: Any, std: Any) -> None:
        self.mean, self.std = parameters(self, mean=mean, std=std)
        self.std = _positive(self.std, "std of Normal")

    def _drawn(self, shape: tuple[int, ...], rng: random.Generator) -> Any:
        return self.mean + self.std * following(rng.normal(size=shape), self.mean)

    def log_prob(self, x: Any) -> Any:
        z = (outcome(self, x) - self.mean) / self.std
        return -0.5 * z * z - np.log(self.std) - 0.5 * math.log(2 * math.pi)

    def entropy(self) -> Any:
        return np.broadcast_to(np.log(self.std) + 0.5 * math.log(2 * math.pi * math.e), self.shape)


class LogNormal(Distribution):
    """The distribution of a positive number whose logarithm is normal.

    Args:
        mean, std: of the logarithm, of any shapes; std is not negative.

    Raises:
        InputError: as for `Normal`.

    >>> LogNormal(0.0, 1.0).log_prob(1.0).item() == Normal(0.0, 1.0).log_prob(0.0).item()
    True
    """

    def __init__(self, mean: Any, std: Any) -> None:
        self.logarithm = Normal(mean, std)
        self.shape, self.dtype = self.logarithm.shape, self.logarithm.dtype

    def _drawn(self, shape: tuple[int, ...], rng: random.Generator) -> Any:
        return np.exp(self.logarithm._drawn(shape, rng))

    def log_prob(self, x: Any) -> Any:
        x = outcome(self, x)
        log_x = np.log(np.where(x > 0, x, 1))
        return np.where(x > 0, self.logarithm.log_prob(log_x) - log_x, -np.inf)

    def entropy(self) -> Any:
        return self.logarithm.entropy() + self.logarithm.mean


class Uniform(Distribution):
    """The uniform distribution between two bounds, `1 / (high - low)`.

    Args:
        low, high: the bounds, of any shapes.

    Raises:
        InputError: shapes that do not fit each other, a lower bound above the upper one.

    >>> Uniform(0.0, 2.0).log_prob([1.0, 3.0])
    array([-0.69314718,        -inf])
    """

    def __init__(self, low: Any, high: Any) -> None:
        self.low, self.high = parameters(self, low=low, high=high)
        self.width = _positive(self.high - self.low, "high - low of Uniform")

    def _drawn(self, shape: tuple[int, ...], rng: random.Generator) -> Any:
        return self.low + self.width * following(rng.random(shape), self.low)

    def log_prob(self, x: Any) -> Any:
        x = outcome(self, x)
        return np.where(np.logical_and(x >= self.low, x <= self.high), -np.log(self.width), -np.inf)

    def entropy(self) -> Any:
        return np.broadcast_to(np.log(self.width), self.shape)


class Laplace(Distribution):
    """The Laplace distribution, `exp(-|x - mean| / scale) / (2 scale)`.

    Args:
        mean: of any shape.
        scale: the mean distance from it, not negative.

    Raises:
        InputError: shapes that do not fit each other, a negative scale.

    >>> Laplace(0.0, 1.0).log_prob(2.0).round(6).item()
    -2.693147
    """

    def __init__(self, mean: Any, scale: Any) -> None:
        self.mean, self.scale = parameters(self, mean=mean, scale=scale)
        self.scale = _positive(self.scale, "scale of Laplace")

    def _drawn(self, shape: tuple[int, ...], rng: random.Generator) -> Any:
        u = rng.random(shape) - 0.5  # from -1/2 on, below 1/2
        noise = -np.sign(u) * np.log1p(-np.minimum(2 * np.abs(u), 1 - 2.0**-53))
        return self.mean + self.scale * following(noise, self.mean)

    def log_prob(self, x: Any) -> Any:
        return -np.abs(outcome(self, x) - self.mean) / self.scale - np.log(2 * self.scale)

    def entropy(self) -> Any:
        return np.broadcast_to(1 + np.log(2 * self.scale), self.shape)


class Exponential(Distribution):
    """The exponential distribution of numbers from 0 on, `rate exp(-rate x)`.

    Args:
        rate: one over the mean, not negative, of any shape.

    Raises:
        InputError: a negative rate.

    >>> Exponential(2.0).log_prob([0.0, -1.0])
    array([0.69314718,       -inf])
    """

    def __init__(self, rate: Any) -> None:
        (self.rate,) = parameters(self, rate=rate)
        self.rate = _positive(self.rate, "rate of Exponential")

    def _drawn(self, shape: tuple[int, ...], rng: random.Generator) -> Any:
        return following(-np.log1p(-rng.random(shape)), self.rate) / self.rate

    def log_prob(self, x: Any) -> Any:
        x = outcome(self, x)
        return np.where(x >= 0, np.log(self.rate) - self.rate * x, -np.inf)

    def entropy(self) -> Any:
        return 1 - np.log(self.rate)
