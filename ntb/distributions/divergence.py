"""The divergence of two distributions of one kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import InputError
from ..values.creation import in_type
from .continuous import Exponential, Laplace, LogNormal, Normal, Uniform
from .discrete import Bernoulli, Categorical
from .multivariate import MultivariateNormal


def kl_divergence(p: Any, q: Any) -> Any:
    """The mean of `p.log_prob(x) - q.log_prob(x)` over x drawn from p, in nats (Kullback and Leibler, 1951).

    Args:
        p, q: of one kind, whose shapes are broadcast against each other. The result has that shape, without the axis of
            vectors for `MultivariateNormal`, and the floating type of p.

    Raises:
        InputError: two kinds. (The mean over draws, `np.mean(p.log_prob(x) - q.log_prob(x))`, is near it.)

    >>> kl_divergence(Normal(1.0, 1.0), Normal(0.0, 1.0)).item()
    0.5
    """
    formula = _FORMULAS.get(type(p))
    if formula is None or type(p) is not type(q):
        raise InputError(
            f"there is no formula for the divergence of {p!r} from {q!r}; with x = p.sample(1000) the mean of "
            "p.log_prob(x) - q.log_prob(x) is near it"
        )
    return in_type(formula(p, q), p.dtype)


def _normal(p: Normal, q: Normal) -> Any:
    ratio, distance = p.std / q.std, (p.mean - q.mean) / q.std
    return 0.5 * (ratio * ratio + distance * distance - 1) - np.log(ratio)


def _laplace(p: Laplace, q: Laplace) -> Any:
    distance = np.abs(p.mean - q.mean)
    return (distance + p.scale * np.exp(-distance / p.scale)) / q.scale - 1 - np.log(p.scale / q.scale)


def _uniform(p: Uniform, q: Uniform) -> Any:
    inside = np.logical_and(q.low <= p.low, p.high <= q.high)
    return np.where(inside, np.log(q.width / p.width), np.inf)


def _exponential(p: Exponential, q: Exponential) -> Any:
    return np.log(p.rate / q.rate) + q.rate / p.rate - 1


def _bernoulli(p: Bernoulli, q: Bernoulli) -> Any:
    one, zero = p.log_one - q.log_one, p.log_zero - q.log_zero
    return p.probabilities * one + (1 - p.probabilities) * zero


def _categorical(p: Categorical, q: Categorical) -> Any:
    share = np.exp(p.log_probabilities)
    difference = np.where(share > 0, p.log_probabilities, 0) - np.where(share > 0, q.log_probabilities, 0)
    return np.sum(share * difference, axis=-1)


def _multivariate(p: MultivariateNormal, q: MultivariateNormal) -> Any:
    ratio = np.linalg.solve(q.cholesky, p.cholesky)
    distance = np.linalg.solve(q.cholesky, np.expand_dims(p.mean - q.mean, -1))[..., 0]
    squares = np.sum(ratio * ratio, axis=(-2, -1)) + np.sum(distance * distance, axis=-1)
    return 0.5 * (squares - p.shape[-1]) + q._log_volume() - p._log_volume()


_FORMULAS: dict[Any, Callable[[Any, Any], Any]] = {
    Normal: _normal,
    LogNormal: lambda p, q: _normal(p.logarithm, q.logarithm),
    Laplace: _laplace,
    Uniform: _uniform,
    Exponential: _exponential,
    Bernoulli: _bernoulli,
    Categorical: _categorical,
    MultivariateNormal: _multivariate,
}
