"""Losses of distributions: how improbable the targets are under the distribution that a model predicts."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...habits import knows_habits
from ...ops.safe import scale
from ...ops.stopping import stop_gradient
from ..checks import as_array, class_axis
from ..ranges import checked_numbers
from .common import compared, option, reduced


@knows_habits
def kl_div(
    log_probabilities: Any, targets: Any, *,
    mask: Any = None, weights: Any = None, axis: int = -1, reduction: str = "mean",
) -> Any:  # fmt: skip
    """The Kullback-Leibler divergence `sum(t (log t - log_probabilities))` of a prediction from target distributions.

    For a student that learns from the probabilities of a teacher, as `kl_div(log_softmax(x), softmax(y))`. It is
    `cross_entropy` with soft labels less the entropy of these, so that it is 0 where both are the same.

    Args:
        log_probabilities: (..., K): real numbers of any precision, the classes on the last axis or another.
        targets: probabilities of that shape, from 0 to 1; a target of 0 counts as 0.
        mask: bools of that shape without the axis of classes: which examples count. What the others hold does not
            matter.
        weights: numbers of that shape; the mean is `sum(weights * losses) / sum(weights)`, for which they must not be
            negative.
        axis: the axis of the classes.
        reduction: "mean" over the examples (what PyTorch calls "batchmean"), "sum" or "none" (the loss of each
            example).

    Returns:
        A number, or with "none" one for each example, of the log-probabilities' type.

    Raises:
        InputError: shapes that do not fit; targets out of range; a mask or weights as in `cross_entropy`.

    >>> kl_div(np.log(np.array([[0.5, 0.5], [0.5, 0.5]])), np.array([[0.5, 0.5], [1.0, 0.0]]), reduction="none")
    array([0.        , 0.69314718])
    """
    scores, targets = as_array(log_probabilities, "log_probabilities"), as_array(targets, "targets")
    classes = class_axis(scores, axis, "log-probabilities")
    if classes != scores.ndim - 1 and scores.shape == targets.shape:
        scores, targets = np.moveaxis(scores, classes, -1), np.moveaxis(targets, classes, -1)
    scores, t, mask, dtype = compared(mask, log_probabilities=scores, targets=targets, vectors=True)
    t = checked_numbers(t, 0, 1, "targets")
    logarithms = np.log(np.where(t > 0, t, 1.0))
    return reduced(np.sum(scale(t, logarithms - scores), axis=-1), mask, weights, reduction, dtype)


def gaussian_nll(
    predictions: Any, targets: Any, variances: Any, *,
    eps: float = 1e-6, mask: Any = None, weights: Any = None, reduction: str = "mean",
) -> Any:  # fmt: skip
    """The mean of `(log v + d^2 / v) / 2`: targets as normally distributed around predictions (Nix and Weigend, 1994).

    For a model that also predicts how uncertain it is. The constant `log(2 pi) / 2` is left out.

    Args:
        predictions, targets: of one shape, any; real numbers.
        variances: of that shape; 0 or more. `nn.softplus` makes them of any numbers.
        eps: what a smaller variance counts as, so that the loss has a least value; its gradient is passed on.
        mask, weights, reduction: as in `mse`.

    Returns:
        A number, or with "none" an array of that shape; of the predictions' type.

    Raises:
        InputError: shapes differ; a variance that is negative or NaN; an eps below 0; a mask or weights as in `mse`.

    >>> gaussian_nll(np.array([1.0, 1.0]), np.array([1.0, 3.0]), np.array([1.0, 4.0]), reduction="none")
    array([0.        , 1.19314718])
    """
    eps = option(eps, "eps")
    x, t, v, mask, dtype = compared(mask, predictions=predictions, targets=targets, variances=variances)
    v = checked_numbers(v if mask is None else np.where(mask, v, 1.0), 0.0, np.inf, "variances")
    v = v + stop_gradient(np.maximum(eps - v, 0.0))
    return reduced(0.5 * (np.log(v) + np.square(x - t) / v), mask, weights, reduction, dtype)


def poisson_nll(log_rates: Any, targets: Any, *, mask: Any = None, weights: Any = None, reduction: str = "mean") -> Any:
    """The mean of `exp(x) - t x`: targets as counts, Poisson-distributed with the logarithm x of their rate.

    For counts of events. The constant `log(t!)` is left out.

    Args:
        log_rates: any shape, real numbers of any precision; of a model that predicts rates, their logarithms.
        targets: counts of that shape.
        mask, weights, reduction: as in `mse`; what it returns and raises, too.

    >>> poisson_nll(np.array([0.0, 1.0]), [2, 3], reduction="none")
    array([ 1.        , -0.28171817])
    """
    x, t, mask, dtype = compared(mask, log_rates=log_rates, targets=targets)
    return reduced(np.exp(x) - t * x, mask, weights, reduction, dtype)
