"""Losses of yes and no: each element is a class of its own, so that an example may belong to several or none."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...forms import block
from ...habits import knows_habits
from ...ops.safe import scale
from ...ops.special import log_sigmoid, sigmoid
from ..ranges import checked_numbers
from .common import compared, option, reduced
from .cross_entropy import LEAST_PROBABILITY


@knows_habits
def binary_cross_entropy_with_logits(
    logits: Any, targets: Any, *, mask: Any = None, weights: Any = None, reduction: str = "mean"
) -> Any:
    """`-t log sigmoid(x) - (1 - t) log(1 - sigmoid(x))`, accurate however large the logits.

    Args:
        logits: any shape.
        targets: probabilities of that shape, 0 and 1 for certainty; integers and bools are welcome. Other numbers than
            0 … 1 are put into the formula.
        mask: bools of that shape: which elements count. What the others hold does not matter.
        weights: numbers of that shape; the mean is `sum(weights * losses) / sum(weights)`, for which they must not be
            negative. `np.where(targets, 5.0, 1.0)` weights what is rare.
        reduction: "mean", "sum" or "none" (the loss of each element).

    Returns:
        A number, or with "none" an array of that shape; of the logits' type.

    Raises:
        InputError: shapes that do not fit; a mask that is not of bools; a weight that is negative or NaN.

    >>> binary_cross_entropy_with_logits(np.array([0.0, 1e3]), np.array([1.0, 1.0])).item()
    0.34657359027997264
    """
    x, t, mask, dtype = compared(mask, logits=logits, targets=targets)
    return reduced(losses_of_logits(x, t), mask, weights, reduction, dtype)


def binary_cross_entropy(
    probabilities: Any, targets: Any, *, mask: Any = None, weights: Any = None, reduction: str = "mean"
) -> Any:
    """`-t log p - (1 - t) log(1 - p)`, of a model that ends in a sigmoid.

    `binary_cross_entropy_with_logits` is more accurate, and learns from an element that is wrong with certainty. Here a
    probability of 0 counts as 1e-37, and has no gradient.

    Args:
        probabilities: any shape, from 0 to 1, of any precision, whose type the loss has.
        targets, mask, weights, reduction: as in `binary_cross_entropy_with_logits`; what it returns and raises,
            too, and an InputError if a probability is out of range, as logits are.

    >>> binary_cross_entropy(np.array([0.5, 0.75]), [1, 0], reduction="none")
    array([0.69314718, 1.38629436])
    """
    p, t, mask, dtype = compared(mask, probabilities=probabilities, targets=targets)
    p = checked_numbers(p, 0, 1, "probabilities")
    yes, no = np.log(np.maximum(p, LEAST_PROBABILITY)), np.log(np.maximum(1 - p, LEAST_PROBABILITY))
    return reduced(-(t * yes + (1 - t) * no), mask, weights, reduction, dtype)


def binary_focal(
    logits: Any, targets: Any, *, gamma: float = 2.0, alpha: float | None = None,
    mask: Any = None, weights: Any = None, reduction: str = "mean",
) -> Any:  # fmt: skip
    """Binary cross-entropy times `(1 - p)^gamma`, p the probability of the target (Lin et al., "Focal loss", 2017).

    For classes of which one is rare: what is easy counts little, so that many easy examples do not drown the few hard
    ones.

    Args:
        logits, targets, mask, weights, reduction: as in `binary_cross_entropy_with_logits`, of one shape and any
            precision; what it returns and raises, too. Between targets 0 and 1 the probability is
            `p t + (1 - p) (1 - t)`.
        gamma: how little easy elements count; 0 or more, else an InputError.
        alpha: the weight of targets 1, from 0 to 1 (else an InputError); that of targets 0 is 1 - alpha. Without it
            both have the weight 1.

    >>> binary_focal(np.array([0.0, 2.0]), [1, 1], reduction="none")
    array([0.1732868 , 0.00180356])
    """
    gamma = option(gamma, "gamma")
    x, t, mask, dtype = compared(mask, logits=logits, targets=targets)
    improbability = sigmoid(x) * (1 - t) + sigmoid(-x) * t
    losses = improbability**gamma * losses_of_logits(x, t)
    if alpha is not None:
        alpha = option(alpha, "alpha", most=1.0)
        losses = losses * (alpha * t + (1 - alpha) * (1 - t))
    return reduced(losses, mask, weights, reduction, dtype)


@block
def losses_of_logits(x: Any, t: Any) -> Any:
    """-t log s(x) - (1 - t) log s(-x) of each element, with s the sigmoid."""
    return -(scale(t, log_sigmoid(x)) + scale(1 - t, log_sigmoid(-x)))  # a target of 0 times -inf is 0
