"""The normal distribution of vectors. Its parameters are real numbers of any type; what it gives has their type."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import random
from ..errors import InputError
from ..nn.checks import floating, following, real_numbers
from ..values.creation import in_type
from .base import Distribution, outcome


class MultivariateNormal(Distribution):
    """The normal distribution of vectors of length D.

    Args:
        mean: (..., D).
        covariance: (..., D, D), symmetric and positive definite.
        cholesky: in the place of the covariance its lower factor L, for which `covariance = L @ L.T`.

    Raises:
        InputError: both or neither of covariance and cholesky; shapes that do not fit.
        numpy.linalg.LinAlgError: a covariance that is not positive definite.

    >>> MultivariateNormal([0.0, 0.0], np.eye(2)).log_prob([1.0, 1.0]).round(6).item()
    -2.837877
    """

    def __init__(self, mean: Any, covariance: Any = None, *, cholesky: Any = None) -> None:
        if (covariance is None) == (cholesky is None):
            raise InputError("MultivariateNormal takes a covariance or cholesky=, and just one of the two")
        given = covariance if cholesky is None else cholesky
        mean, matrix = (real_numbers(a, "the parameters of MultivariateNormal") for a in floating(mean, given))
        if not mean.ndim or matrix.shape[-2:] != mean.shape[-1:] * 2:
            raise InputError(
                "MultivariateNormal takes a mean (..., D) and a matrix (..., D, D), "
                f"not {mean.shape} and {matrix.shape}"
            )
        self.dtype = np.result_type(mean.dtype, matrix.dtype)
        self.mean, matrix = in_type(mean, self.dtype), in_type(matrix, self.dtype)
        self.cholesky = np.linalg.cholesky(matrix) if cholesky is None else np.tril(matrix)
        self.shape = (*np.broadcast_shapes(mean.shape[:-1], matrix.shape[:-2]), mean.shape[-1])

    def _drawn(self, shape: tuple[int, ...], rng: random.Generator) -> Any:
        noise = following(rng.normal(size=shape), self.mean)
        return self.mean + np.matmul(self.cholesky, np.expand_dims(noise, -1))[..., 0]

    def log_prob(self, x: Any) -> Any:
        """The logarithm of the density at vectors (..., D)."""
        difference = np.expand_dims(outcome(self, x) - self.mean, -1)
        z = np.linalg.solve(self.cholesky, difference)[..., 0]
        return -0.5 * np.sum(z * z, axis=-1) - self._log_volume() - 0.5 * self.shape[-1] * math.log(2 * math.pi)

    def entropy(self) -> Any:
        constant = 0.5 * self.shape[-1] * math.log(2 * math.pi * math.e)
        return np.broadcast_to(self._log_volume() + constant, self.shape[:-1])

    def _log_volume(self) -> Any:
        """Half the logarithm of the covariance's determinant."""
        return np.sum(np.log(np.abs(np.diagonal(self.cholesky, axis1=-2, axis2=-1))), axis=-1)
