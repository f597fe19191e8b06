"""Margins: losses that are 0 where the right answer leads by enough, as in support vector machines."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import InputError
from ...ops.special import relu, softplus
from ..ranges import checked_numbers, checked_signs
from .common import compared, option, reduced
from .labels import classified


def hinge(scores: Any, targets: Any, *, mask: Any = None, weights: Any = None, reduction: str = "mean") -> Any:
    """The mean of `max(0, 1 - t x)`: scores of the right sign, by at least 1 (Cortes and Vapnik, 1995).

    Args:
        scores: any shape, real numbers of any precision.
        targets: -1 or 1, of that shape.
        mask: bools of that shape: which elements count. What the others hold does not matter.
        weights: numbers of that shape; the mean is `sum(weights * losses) / sum(weights)`, for which they must not be
            negative.
        reduction: "mean", "sum" or "none" (the loss of each element).

    Returns:
        A number, or with "none" an array of that shape; of the scores' type.

    Raises:
        InputError: shapes differ; a target that is neither -1 nor 1; a mask that is not of bools; a weight that is
            negative or NaN.

    >>> hinge(np.array([0.5, 2.0, 2.0]), [1, 1, -1], reduction="none")
    array([0.5, 0. , 3. ])
    """
    x, t, mask, dtype = _signed(mask, scores=scores, targets=targets)
    return reduced(relu(1 - t * x), mask, weights, reduction, dtype)


def squared_hinge(scores: Any, targets: Any, *, mask: Any = None, weights: Any = None, reduction: str = "mean") -> Any:
    """The mean of `max(0, 1 - t x)^2`, the `hinge` loss squared, which is smooth.

    Shapes, element types, `mask`, `weights`, `reduction`, what it returns and raises are as for `hinge`.

    >>> squared_hinge(np.array([0.5, 2.0, 2.0]), [1, 1, -1], reduction="none")
    array([0.25, 0.  , 9.  ])
    """
    x, t, mask, dtype = _signed(mask, scores=scores, targets=targets)
    return reduced(np.square(relu(1 - t * x)), mask, weights, reduction, dtype)


def soft_margin(scores: Any, targets: Any, *, mask: Any = None, weights: Any = None, reduction: str = "mean") -> Any:
    """The mean of `log(1 + exp(-t x))`: binary cross-entropy for targets -1 and 1, a `hinge` without a corner.

    Shapes, element types, `mask`, `weights`, `reduction`, what it returns and raises are as for `hinge`.

    >>> soft_margin(np.array([0.0, 100.0]), [1, -1], reduction="none")
    array([  0.69314718, 100.        ])
    """
    x, t, mask, dtype = _signed(mask, scores=scores, targets=targets)
    return reduced(softplus(-t * x), mask, weights, reduction, dtype)


def margin_ranking(
    first: Any, second: Any, targets: Any, *,
    margin: float = 0.0, mask: Any = None, weights: Any = None, reduction: str = "mean",
) -> Any:  # fmt: skip
    """The mean of `max(0, margin - t (first - second))`: which of two scores shall be the greater one.

    Args:
        first, second: of one shape, any; real numbers of any precision.
        targets: 1 where the first shall be greater, -1 where the second.
        margin: by how much it shall be.
        mask, weights, reduction: as in `hinge`; what it returns and raises, too.

    >>> margin_ranking(np.array([2.0, 2.0]), np.array([1.0, 1.0]), [1, -1], margin=0.5, reduction="none")
    array([0. , 1.5])
    """
    margin = option(margin, "margin")
    a, b, t, mask, dtype = _signed(mask, first=first, second=second, targets=targets)
    return reduced(relu(margin - t * (a - b)), mask, weights, reduction, dtype)


def multi_margin(
    scores: Any, labels: Any, *,
    margin: float = 1.0, mask: Any = None, weights: Any = None, axis: int = -1, reduction: str = "mean",
) -> Any:  # fmt: skip
    """The hinge of several classes, summed over the others: `sum(max(0, margin + x_j - x_label)) / K`, j not the label.

    From support vector machines (Weston and Watkins, 1999). `multiclass_hinge` looks at the strongest other alone.

    Args:
        scores: (..., K): real numbers of any precision, the classes on the last axis or another.
        labels: integers of any size, of that shape without the axis of classes, each 0 … K-1.
        margin: by how much the label's score shall lead; 0 or more.
        mask, weights, axis, reduction: as in `cross_entropy`; what it returns and raises, too.

    >>> multi_margin(np.array([[2.0, 1.5, 0.0]]), [0], reduction="none")
    array([0.16666667])
    """
    leads, mask, dtype = _leads(scores, labels, mask, weights, axis)
    losses = np.sum(relu(option(margin, "margin") - leads), axis=-1) / leads.shape[-1]
    return reduced(losses, mask, weights, reduction, dtype)


def multiclass_hinge(
    scores: Any, labels: Any, *,
    margin: float = 1.0, mask: Any = None, weights: Any = None, axis: int = -1, reduction: str = "mean",
) -> Any:  # fmt: skip
    """The hinge of several classes, of the strongest other: `max(0, margin + max(x_j) - x_label)`, j not the label.

    From support vector machines (Crammer and Singer, 2001). Arguments, what it returns and raises are as for
    `multi_margin`: scores (..., K) of any precision, integer labels (...).

    >>> multiclass_hinge(np.array([[2.0, 1.5, 0.0]]), [0], reduction="none")
    array([0.5])
    """
    leads, mask, dtype = _leads(scores, labels, mask, weights, axis)
    losses = relu(option(margin, "margin") - np.min(leads, axis=-1))
    return reduced(losses, mask, weights, reduction, dtype)


def multilabel_margin(
    scores: Any, targets: Any, *, mask: Any = None, weights: Any = None, reduction: str = "mean"
) -> Any:
    """The hinge of examples with several labels: `sum(max(0, 1 - (x_i - x_j))) / K`, i a label and j none.

    Args:
        scores: (..., K): real numbers of any precision.
        targets: of that shape: 1 for each of an example's labels, 0 for the other classes; bools are welcome.
        mask, weights: bools and numbers for the examples, (...), as in `cross_entropy`.
        reduction: "mean", "sum" or "none" (the loss of each example).

    Returns:
        A number, or with "none" one for each example, of the scores' type.

    Raises:
        InputError: shapes differ; a target out of 0 … 1; a mask or weights as in `cross_entropy`.

    >>> multilabel_margin(np.array([[2.0, 1.5, 0.0]]), [[True, False, False]], reduction="none")
    array([0.16666667])
    """
    x, t, mask, dtype = compared(mask, scores=scores, targets=targets, vectors=True)
    t = checked_numbers(t, 0, 1, "targets")
    leads = np.expand_dims(x, -1) - np.expand_dims(x, -2)  # of i over j
    pairs = np.expand_dims(t, -1) * np.expand_dims(1 - t, -2)
    losses = np.sum(pairs * relu(1 - leads), axis=(-2, -1)) / max(x.shape[-1], 1)
    return reduced(losses, mask, weights, reduction, dtype)


def _signed(mask: Any, **arrays: Any) -> tuple:
    """`compared`, and the last array, the targets, is of -1 and 1 where the mask does not exclude it."""
    *found, t, mask, dtype = compared(mask, **arrays)
    return (*found, checked_signs(t if mask is None else np.where(mask, t, 1.0)), mask, dtype)


def _leads(scores: Any, labels: Any, mask: Any, weights: Any, axis: int) -> tuple:
    """By how much the label's score leads over each class (infinitely over itself); the mask; the type of the loss."""
    x, labels, mask, dtype = classified(scores, labels, mask, weights, axis, "scores")
    if labels.dtype.kind == "f":
        raise InputError("a margin is that of one label, an integer; of several labels it is nn.multilabel_margin")
    own = np.expand_dims(labels, -1)
    leads = np.take_along_axis(x, own, axis=-1) - x
    return np.where(np.equal(np.arange(x.shape[-1]), own), np.inf, leads), mask, dtype
