"""Nodes of non-linearities, losses and regularisers."""

from __future__ import annotations

from typing import Any

import numpy as np

from ... import InputError, nn, random
from ..graph import GraphError
from ..node import Node
from ..shapes import Shape, shape_matches


class Elementwise(Node):
    """The base of non-linearities."""

    def init(self, shape: Any = None) -> None: ...


class Relu(Elementwise):
    """max(x, 0); the derivative at 0 is 0."""

    def compute(self, x: Any) -> Any:
        return nn.relu(x)


class Sigmoid(Elementwise):
    """1 / (1 + exp(-x))."""

    def compute(self, x: Any) -> Any:
        return nn.sigmoid(x)


class Tanh(Elementwise):
    """tanh(x)."""

    def compute(self, x: Any) -> Any:
        return np.tanh(x)


class Softmax(Elementwise):
    """Probabilities along the last axis."""

    def compute(self, x: Any) -> Any:
        return nn.softmax(x, axis=-1)


class Maxout(Node):
    """The maximum over the last axis; equal maxima share the gradient."""

    def infer_shape(self, x: Shape) -> Shape:
        return x[:-1]

    def compute(self, x: Any) -> Any:
        return nn.maxout(x)


def batch_of_labels(node: Node, x: Shape, y: Shape) -> None:
    """Check the shapes of scores (N, C) and labels (N,)."""
    if len(x) != 2 or len(y) != 1 or (x[0] != y[0] and -1 not in (x[0], y[0])):
        raise InputError(
            f"{node.kind}: scores of shape {x} and labels of shape {y} do not fit; expected (N, C) and (N,)"
        )


def labels(y: Any) -> Any:
    """Labels as integers, which may have been fed as floats."""
    return y.astype(np.int64) if y.dtype.kind == "f" else y


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
        fits = len(x) == 3 and len(y) == len(mask) == 2 and (shape_matches(x[:2], y) or -1 in y)
        if not fits:
            raise InputError(
                f"TemporalCE: shapes {x}, {y} and {mask} do not fit; expected (N, T, V), (N, T) and (N, T)"
            )
        return ()

    def compute(self, x: Any, y: Any, mask: Any) -> Any:
        losses = nn.cross_entropy(x, labels(y), reduction="none")
        return np.divide(np.sum(np.multiply(mask.astype(x.dtype), losses)), x.shape[0])


class ClassAccuracy(Node):
    """The share of equal labels, for two arrays (N,); no gradient."""

    differentiable = False
    integers = True

    def infer_shape(self, prediction: Shape, y: Shape) -> Shape:
        return ()

    def compute(self, prediction: Any, y: Any) -> Any:
        return np.mean(np.equal(prediction, y))


class Sample(Node):
    """An index along the last axis, drawn with the probabilities p, whose rows are scaled to sum to one."""

    def infer_shape(self, p: Shape) -> Shape:
        if len(p) not in (2, 3):
            raise InputError(f"Sample: probabilities have rank 2 or 3, not shape {p}")
        return p[:-1]

    def compute(self, p: Any) -> Any:
        return random.of_numpy().categorical(p)


class Norm(Node):
    """The base of penalties on any number of nodes."""

    def infer_shape(self, *shapes: Shape) -> Shape:
        return ()


class L2(Norm):
    """Half the sum of squares."""

    def compute(self, *xs: Any) -> Any:
        return nn.l2(*xs)


class L1(Norm):
    """The sum of absolute values."""

    def compute(self, *xs: Any) -> Any:
        return nn.l1(*xs)


def weight_decay(loss_node: Node, decay_class: type[Node] = L2) -> Node:
    """A penalty on all learnable variables of rank 2 and more of a loss: `loss + reg * weight_decay(loss)`."""
    weights = [v for v in loss_node.graph.learnable(loss_node) if len(v.shape) > 1]
    if not weights:
        raise GraphError(
            f"{loss_node} depends on no learnable variable of rank 2 or more, so there is nothing to decay"
        )
    return decay_class(*weights)


def sigmoid(x: Any) -> Any:
    """1 / (1 + exp(-x)) of an array.

    >>> sigmoid(0)
    np.float64(0.5)
    """
    return np.asarray(nn.sigmoid(np.asarray(x)))[()]
