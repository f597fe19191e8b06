"""Scores of classes and their labels: integers, or soft labels, which are a probability for each class."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import InputError
from ...ops.safe import scale
from ...ops.scores import picked_loss
from ...values.creation import in_type
from ..checks import as_array, class_axis, contained, floating, of_shape, real_numbers, widened
from ..ranges import checked_labels, checked_mask, checked_numbers


def classified(
    scores: Any, labels: Any, mask: Any, weights: Any, axis: int, what: str, ignore_index: int | None = None
) -> tuple:
    """Scores and labels with the classes on the last axis, and the mask, all checked; and the type of the result.

    Scores of half precision come as single. Labels of floating-point numbers are soft ones, of the scores' type. What
    the mask excludes comes as 0. The mask leaves out labels of `ignore_index`, too.
    """
    (scores,) = floating(real_numbers(as_array(scores, what), what))
    labels, dtype = contained(labels), scores.dtype
    classes = class_axis(scores, axis, what)
    soft = labels.dtype.kind == "f"
    examples = scores.shape[:classes] + scores.shape[classes + 1 :]
    if labels.shape != (scores.shape if soft else examples):
        raise InputError(
            f"log-probabilities or logits of shape {scores.shape} need integer labels of shape {examples} "
            f"or soft labels (floats) of shape {scores.shape}; these are {labels.dtype} of shape {labels.shape}. "
            ".astype converts them, np.squeeze takes an axis of length 1 away"
        )
    _check_weights(weights, examples, scores.shape[classes])
    scores = widened(scores)
    if soft:
        labels = in_type(as_array(labels), scores.dtype)
    if classes != scores.ndim - 1:
        scores = np.moveaxis(scores, classes, -1)
        labels = np.moveaxis(labels, classes, -1) if soft else labels
    mask = None if mask is None else checked_mask(mask, examples)
    if ignore_index is not None:
        mask = _without(labels, ignore_index, mask)
    if mask is not None:
        scores = np.where(np.expand_dims(mask, -1), scores, 0.0)
    if not soft:
        return scores, checked_labels(labels, scores.shape[-1], mask), mask, dtype
    labels = labels if mask is None else np.where(np.expand_dims(mask, -1), labels, 0.0)
    return scores, checked_numbers(labels, 0, 1, "soft labels"), mask, dtype


def of_label(losses: Any, labels: Any) -> Any:
    """From the losses of all classes, (..., K), that of the label; of soft labels the mean that they weight."""
    if labels.dtype.kind == "f":
        return np.sum(scale(labels, losses), axis=-1)  # a label of 0 times an infinite loss is 0
    return -picked_loss(losses, labels)


def weights_of_classes(weights: Any, like: Any) -> Any:
    """Weights of classes, (K,), in the type of scores (..., K)."""
    weights = real_numbers(as_array(weights, "class_weights"), "class_weights")
    weights = in_type(of_shape(like.shape[-1:], weights, "class_weights"), like.dtype)
    return checked_numbers(weights, 0.0, np.inf, "class_weights")


def _check_weights(weights: Any, examples: tuple[int, ...], classes: int) -> None:
    if weights is not None and contained(weights).shape == (classes,) != examples:
        raise InputError(
            f"weights= are one for each example, of shape {examples}, and these are of shape {(classes,)}, one for "
            "each class; class_weights= takes those"
        )


def _without(labels: Any, ignore_index: int, mask: Any) -> Any:
    """The mask that leaves out labels of `ignore_index` as well."""
    if labels.dtype.kind not in "iu":
        raise InputError(
            f"ignore_index= is one of integer labels, and these are {labels.dtype}; mask= leaves examples out"
        )
    counted = np.not_equal(labels, ignore_index)
    return counted if mask is None else np.logical_and(mask, counted)
