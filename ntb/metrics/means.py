"""Means over examples. Each example has a number; a metric adds the numbers up and counts them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .examples import plain
from .metric import Metric


class Averaged(Metric):
    """The mean of one number for each example that counts; 0 without any."""

    def first(self) -> dict[str, np.ndarray]:
        return {"total": np.array(0.0), "count": np.array(0)}

    def add(self, numbers: np.ndarray) -> None:
        """Add the numbers of a batch."""
        self.sums["total"] = self.sums["total"] + np.sum(numbers)
        self.sums["count"] = self.sums["count"] + numbers.size

    def result(self) -> float:
        """The metric of all examples since the last reset."""
        return float(self.sums["total"] / max(self.sums["count"], 1))


class Mean(Averaged):
    """The mean of what a function gives for batches, each batch weighted by its number of rows.

    Right for functions that are themselves means over rows, as losses are.

    Args:
        function: (predictions, targets) -> a number.

    >>> from ntb import nn
    >>> m = Mean(nn.mse)
    >>> m.update(np.zeros(3), np.ones(3))
    >>> m.update(np.zeros(1), np.array([5.0]))
    >>> m.result()
    7.0
    """

    def __init__(self, function: Callable[[Any, Any], Any]) -> None:
        self.function = function
        super().__init__()

    def update(self, predictions: Any, targets: Any) -> None:
        """Add a batch: predictions and targets (N, ...), as the function takes them."""
        value = float(plain(self.function(predictions, targets), "what the function gives"))
        self.add(np.full(plain(targets, "targets").shape[:1], value))
