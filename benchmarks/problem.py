"""The data and first weights of a workload: the same arrays for every library."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Step = Callable[[], Any]
"""A step of training: takes nothing, changes the parameters, returns the loss before."""


@dataclass
class Problem:
    """What a library is given.

    Attributes:
        parameters: first weights by name, in the order of the layers. Dense weights are (inputs, outputs), filters
            (F, C, KH, KW), the gates of an LSTM in the order input, forget, output, candidate.
        batch: what each step is fed: floating-point arrays of the dtype, int64 labels.
        keep: the probability with which dropout keeps an element. Libraries draw differently, so that losses are
            compared with 1, and times with the network's own.
        sizes: numbers that the arrays do not tell, such as that of the heads of an attention.
    """

    parameters: dict[str, np.ndarray]
    batch: tuple[np.ndarray, ...]
    keep: float = 1.0
    sizes: dict[str, int] | None = None

    @property
    def dtype(self) -> np.dtype:
        return next(iter(self.parameters.values())).dtype


class Draw:
    """Seeded arrays of one dtype."""

    def __init__(self, dtype: str) -> None:
        self.dtype = np.dtype(dtype)
        self.rng = np.random.default_rng(0)

    def uniform(self, *shape: int, low: float = 0.0, high: float = 1.0) -> np.ndarray:
        return self.rng.uniform(low, high, shape).astype(self.dtype)

    def labels(self, count: int, *shape: int) -> np.ndarray:
        return self.rng.integers(0, count, shape)

    def dense(self, inputs: int, outputs: int) -> np.ndarray:
        """Weights (inputs, outputs), of variance 1 / inputs."""
        return (self.rng.normal(size=(inputs, outputs)) / math.sqrt(inputs)).astype(self.dtype)

    def filters(self, count: int, channels: int, size: int) -> np.ndarray:
        """Weights (F, C, K, K), of variance 1 / (C K K)."""
        return self.dense(channels * size * size, count).T.reshape(count, channels, size, size).copy()

    def zeros(self, *shape: int) -> np.ndarray:
        return np.zeros(shape, self.dtype)

    def ones(self, *shape: int) -> np.ndarray:
        return np.ones(shape, self.dtype)
