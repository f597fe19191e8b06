"""Cross-entropy: how improbable the labels are under the scores of classes."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...habits import knows_habits
from ...ops.safe import scale
from ...ops.scores import label_loss, log_softmax
from ..ranges import checked_numbers
from .common import option, reduced
from .labels import classified, of_label, weights_of_classes

LEAST_PROBABILITY = 1e-37
"""What a probability of 0 counts as: about the least that single precision holds, so that its logarithm is finite."""


@knows_habits
def cross_entropy(
    logits: Any, labels: Any, *,
    mask: Any = None, weights: Any = None, class_weights: Any = None, label_smoothing: float = 0.0,
    ignore_index: int | None = None, axis: int = -1, reduction: str = "mean",
) -> Any:  # fmt: skip
    """The negative log-probability of the labels, `-log softmax(logits)[label]`, without ever taking log of softmax.

    Args:
        logits: (..., K): unnormalised log-probabilities; the classes may lie on another axis.
        labels: integers of any size, of the logits' shape without the axis of classes, each 0 … K-1; or soft labels:
            floating-point probabilities from 0 to 1, of the logits' whole shape. They need not sum to 1.
        mask: bools of the integer labels' shape: which examples count. Neither the logits nor the labels of the others
            matter, whatever they hold.
        weights: numbers of that shape; the mean is `sum(weights * losses) / sum(weights)`, for which they must not be
            negative.
        class_weights: (K,), not negative: each class's loss counts so much. The mean of integer labels is divided by
            the sum of their classes' weights, that of soft labels by the number of examples, as in PyTorch.
        label_smoothing: from 0 to 1: `(1 - label_smoothing) * labels + label_smoothing / K` takes the place of the
            labels, so that the model does not become too sure (Szegedy et al., 2016).
        ignore_index: an integer label that stands for none, often -100 or that of padding; such examples do not count.
        axis: the axis of the classes, in logits and soft labels.
        reduction: "mean", "sum" or "none" (the loss of each example).

    Returns:
        A number, or with "none" one for each example, of the logits' type.

    Raises:
        InputError: shapes that do not fit; a label that is negative, too large or not a number from 0 to 1; a mask that
            is not of bools; a weight that is negative or NaN; a label_smoothing out of range.

    >>> cross_entropy(np.array([[0.0, 0.0], [1e4, 0.0]]), [0, 1]).item()
    5000.34657359028
    >>> cross_entropy(np.array([[0.0, 0.0], [1e4, 0.0]]), [0, -100], ignore_index=-100).item()
    0.6931471805599453
    """
    smoothing = option(label_smoothing, "label_smoothing", most=1.0)
    logits, labels, mask, dtype = classified(logits, labels, mask, weights, axis, "logits", ignore_index)
    if class_weights is None and not smoothing and labels.dtype.kind != "f":
        return reduced(label_loss(logits, labels), mask, weights, reduction, dtype)
    losses, shares = _losses(log_softmax(logits), labels, class_weights, smoothing)
    return reduced(losses, mask, weights, reduction, dtype, shares)


def nll(
    log_probabilities: Any, labels: Any, *,
    mask: Any = None, weights: Any = None, class_weights: Any = None, ignore_index: int | None = None,
    axis: int = -1, reduction: str = "mean",
) -> Any:  # fmt: skip
    """The negative log-likelihood of labels under given log-probabilities, `-log_probabilities[label]`.

    Args:
        log_probabilities: (..., K), real numbers of any precision, whose type the loss has.
        labels, mask, weights, class_weights, ignore_index, axis, reduction: as in `cross_entropy`; what it returns and
            raises, too.

    >>> nll(np.log(np.array([[0.5, 0.5]])), [1], reduction="sum").item()
    0.6931471805599453
    """
    scores, labels, mask, dtype = classified(
        log_probabilities, labels, mask, weights, axis, "log-probabilities", ignore_index
    )
    losses, shares = _losses(scores, labels, class_weights, 0.0)
    return reduced(losses, mask, weights, reduction, dtype, shares)


def categorical_cross_entropy(
    probabilities: Any, labels: Any, *,
    mask: Any = None, weights: Any = None, class_weights: Any = None, ignore_index: int | None = None,
    axis: int = -1, reduction: str = "mean",
) -> Any:  # fmt: skip
    """The negative log-probability of the labels, `-log(probabilities[label])`, of a model that ends in a softmax.

    `cross_entropy` of the logits is more accurate, and learns from an example whose label has the probability 0. Here
    such a probability counts as 1e-37, and has no gradient.

    Args:
        probabilities: (..., K), from 0 to 1, of any precision, whose type the loss has. Their sums are not looked at.
        labels, mask, weights, class_weights, ignore_index, axis, reduction: as in `cross_entropy`; what it returns and
            raises, too, and an InputError if a probability is out of range, as logits are.

    >>> categorical_cross_entropy(np.array([[0.5, 0.5], [0.25, 0.75]]), [1, 0], reduction="none")
    array([0.69314718, 1.38629436])
    """
    p, labels, mask, dtype = classified(probabilities, labels, mask, weights, axis, "probabilities", ignore_index)
    scores = np.log(np.maximum(checked_numbers(p, 0, 1, "probabilities"), LEAST_PROBABILITY))
    losses, shares = _losses(scores, labels, class_weights, 0.0)
    return reduced(losses, mask, weights, reduction, dtype, shares)


def focal(
    logits: Any, labels: Any, *,
    gamma: float = 2.0, mask: Any = None, weights: Any = None, ignore_index: int | None = None, axis: int = -1,
    reduction: str = "mean",
) -> Any:  # fmt: skip
    """Cross-entropy times `(1 - p)^gamma`, p the probability of the label (Lin et al., "Focal loss", 2017).

    For classes of which some are rare: what is easy counts little. `binary_focal` is for classes of yes and no.

    Args:
        logits, labels, mask, weights, ignore_index, axis, reduction: as in `cross_entropy`: logits (..., K) of any
            precision, labels (...); what it returns and raises, too. Soft labels weight the losses of all classes.
        gamma: how little easy examples count; 0 or more, else an InputError.

    >>> focal(np.array([[0.0, 0.0], [2.0, 0.0]]), [0, 0], reduction="none")
    array([0.1732868 , 0.00180356])
    """
    gamma = option(gamma, "gamma")
    logits, labels, mask, dtype = classified(logits, labels, mask, weights, axis, "logits", ignore_index)
    losses = -log_softmax(logits)
    losses = (-np.expm1(-losses)) ** gamma * losses  # 1 - p without loss of digits
    return reduced(of_label(losses, labels), mask, weights, reduction, dtype)


def _losses(log_probabilities: Any, labels: Any, class_weights: Any, smoothing: float) -> tuple[Any, Any]:
    """The loss of each example, and the weights of the classes in it, by which the mean is divided."""
    losses, shares = -log_probabilities, None
    if class_weights is not None:
        class_weights = weights_of_classes(class_weights, losses)
        losses = scale(class_weights, losses)  # a weight of 0 times an infinite loss is 0
        shares = None if labels.dtype.kind == "f" else of_label(np.broadcast_to(class_weights, losses.shape), labels)
    picked = of_label(losses, labels)
    if smoothing:
        picked = (1 - smoothing) * picked + smoothing * np.mean(losses, axis=-1)
    return picked, shares
