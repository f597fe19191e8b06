"""Losses, and the accuracy of a classifier."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ... import nn
from ...errors import InputError
from ...nn.checks import whole_numbers
from ..misc import Shape
from ..node import Node

if TYPE_CHECKING:
    pass


def batch_of_labels(node: Node, x: Shape, y: Shape) -> None:
    """Check the shapes of scores (N, C) and labels (N,)."""
    if len(x) != 2 or len(y) != 1 or (x[0] != y[0] and -1 not in (x[0], y[0])):
        raise InputError(
            f"{node.kind}: scores of shape {x} and labels of shape {y} do not fit; expected (N, C) and (N,)"
        )


def labels(y: Any) -> Any:
    """Labels as integers, which may have been fed as floats, if these are whole."""
    return whole_numbers(y) if y.dtype.kind == "f" else y


class CrossEntropy(Node):
    """The mean of -log p[i, y[i]], for probabilities p (N, C) and integer labels y (N,)."""

    integers = True

    def infer_shape(self, p: Shape, y: Shape) -> Shape:
        batch_of_labels(self, p, y)
        return ()

    def compute(self, p: Any, y: Any) -> Any:
        return nn.nll(np.log(p), labels(y))


class CrossEntropyLogits(Node):
    """The mean of -log softmax(x)[i, y[i]], for scores x (N, C) and integer labels y (N,)."""

    integers = True

    def infer_shape(self, x: Shape, y: Shape) -> Shape:
        batch_of_labels(self, x, y)
        return ()

    def compute(self, x: Any, y: Any) -> Any:
        return nn.cross_entropy(x, labels(y))


class TemporalCE(Node):
    """-sum(mask * log softmax(x)[y]) / N, for scores x (N, T, V), integer labels and mask (N, T)."""

    integers = True

    def infer_shape(self, x: Shape, y: Shape, mask: Shape) -> Shape:
        fits = len(x) == 3 and all(len(s) == 2 and all(-1 in p or len({*p}) == 1 for p in zip(x, s)) for s in (y, mask))
        if not fits:
            raise InputError(
                f"TemporalCE: shapes {x}, {y} and {mask} do not fit; expected (N, T, V), (N, T) and (N, T)"
            )
        return ()

    def compute(self, x: Any, y: Any, mask: Any) -> Any:
        if mask.shape != x.shape[:2]:
            raise InputError(f"the mask has the shape {mask.shape}; expected {x.shape[:2]}, a number for each label")
        losses = nn.cross_entropy(x, labels(y), reduction="none")
        return np.divide(np.sum(np.multiply(mask.astype(x.dtype), losses)), x.shape[0])


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
