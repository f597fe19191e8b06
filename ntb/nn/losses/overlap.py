"""Losses of segmentation: how well a predicted region and the true one overlap."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import InputError
from ..ranges import checked_numbers
from .common import compared, option, reduced


def dice(
    probabilities: Any, targets: Any, *,
    smooth: float = 1.0, mask: Any = None, weights: Any = None, reduction: str = "mean",
) -> Any:  # fmt: skip
    """The mean of `1 - 2 |P T| / (|P| + |T|)`, P the predicted region and T the true one (Milletari et al., 2016).

    For regions that are small, of which a loss of single elements sees little. Arguments, what it returns and raises
    are as for `tversky`, whose both weights are 1/2 here: probabilities and targets (N, ...) of any precision.

    >>> dice(np.array([[1.0, 1.0, 0.0, 0.0]]), np.array([[1.0, 0.0, 1.0, 0.0]]), smooth=0.0).item()
    0.5
    """
    return tversky(probabilities, targets, smooth=smooth, mask=mask, weights=weights, reduction=reduction)


def tversky(
    probabilities: Any, targets: Any, *,
    alpha: float = 0.5, beta: float = 0.5, smooth: float = 1.0,
    mask: Any = None, weights: Any = None, reduction: str = "mean",
) -> Any:  # fmt: skip
    """The mean of `1 - (h + s) / (h + alpha f + beta m + s)`, of hits h, false alarms f and misses m (Salehi, 2017).

    Args:
        probabilities: (N, ...): of each element, from 0 to 1; real numbers of any precision. Each row is an example;
            regions of several classes are rows of their own, after np.reshape(p, (N * C, -1)).
        targets: of that shape, 0 and 1, or probabilities.
        alpha: the weight of false alarms, `sum(p (1 - t))`; 0 or more.
        beta: the weight of misses, `sum((1 - p) t)`; above alpha it finds more of small regions, and more that is none.
        smooth: s, which lets an example without a true region learn to predict none; 0 or more. An example without
            either region has the loss 0.
        mask: bools of the probabilities' shape: which elements count.
        weights: (N,), for the examples, as in `cross_entropy`.
        reduction: "mean" over the examples, "sum" or "none" (the loss of each example).

    Returns:
        A number, or with "none" (N,), of the probabilities' type.

    Raises:
        InputError: shapes that do not fit; probabilities or targets out of range, as logits are; alpha, beta or smooth
            below 0; a mask or weights as in `cross_entropy`.

    >>> tversky(np.array([[1.0, 1.0, 0.0, 0.0]]), np.array([[1.0, 0.0, 1.0, 0.0]]), alpha=0.25, beta=0.75).item()
    0.3333333333333333
    """
    alpha, beta, smooth = option(alpha, "alpha"), option(beta, "beta"), option(smooth, "smooth")
    p, t, mask, dtype = compared(mask, probabilities=probabilities, targets=targets)
    if not p.ndim:
        raise InputError("a region is made of the elements of an example, (N, ...), not a single number")
    p, t = checked_numbers(p, 0, 1, "probabilities"), checked_numbers(t, 0, 1, "targets")
    elements = tuple(range(1, p.ndim))
    hits = np.sum(p * t, axis=elements)
    false_alarms, misses = np.sum(p, axis=elements) - hits, np.sum(t, axis=elements) - hits
    wrong = alpha * false_alarms + beta * misses
    whole = hits + wrong + smooth
    losses = wrong / np.where(np.equal(whole, 0), 1.0, whole)
    return reduced(losses, None, weights, reduction, dtype)
