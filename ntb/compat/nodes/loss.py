"""Losses, and the accuracy of a classifier."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import InputError
from ..misc import Shape
from ..node import Node
from .table import CrossEntropy, CrossEntropyLogits, TemporalCE

__all__ = ["ClassAccuracy", "CrossEntropy", "CrossEntropyLogits", "TemporalCE"]


class ClassAccuracy(Node):
    """The share of equal labels, for two arrays (N,); no gradient."""

    differentiable = False
    integers = True

    def infer_shape(self, prediction: Shape, y: Shape) -> Shape:
        self.check(prediction, y)
        return ()

    def check(self, prediction: Shape, y: Shape) -> None:
        if len(prediction) != 1 or len(y) != 1 or (prediction != y and -1 not in prediction + y):
            raise InputError(
                f"ClassAccuracy: predictions of shape {prediction} and labels of shape {y} do not fit; expected (N,) "
                "and (N,): Argmax(scores, axis=1) makes labels of scores, and Reshape(x, shape=[-1]) a row of a column"
            )

    def compute(self, prediction: Any, y: Any) -> Any:
        self.check(prediction.shape, y.shape)
        return np.mean(np.equal(prediction, y))
