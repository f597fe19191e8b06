"""Distributions over classes, given by scores (logits) or by probabilities. Their draws carry no gradient.

Scores and probabilities are real numbers of any type; log-probabilities have their floating type.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import random
from ..errors import InputError
from ..nn.checks import class_axis, contained, following
from ..nn.ranges import checked_indices, checked_numbers
from ..ops.scores import log_softmax
from ..ops.special import log_sigmoid, sigmoid
from ..ops.stopping import stop_gradient
from .base import Distribution, outcome, parameters


def _one_of(kind: Distribution, scores: Any, probabilities: Any) -> str:
    if (scores is None) == (probabilities is None):
        raise InputError(f"{type(kind).__name__} takes scores or probabilities=, and just one of the two")
    return "scores" if probabilities is None else "probabilities"


class Bernoulli(Distribution):
    """The distribution of a 1 or 0.

    Args:
        scores: the logits of a 1, of any shape: its probability is `sigmoid(scores)`.
        probabilities: of a 1, in the place of scores.

    Raises:
        InputError: both or neither; a probability outside of [0, 1].

    >>> Bernoulli(0.0).log_prob([0, 1])
    array([-0.69314718, -0.69314718])
    """

    def __init__(self, scores: Any = None, *, probabilities: Any = None) -> None:
        if _one_of(self, scores, probabilities) == "scores":
            (scores,) = parameters(self, scores=scores)
            self.probabilities = sigmoid(scores)
            self.log_one, self.log_zero = log_sigmoid(scores), log_sigmoid(-scores)
        else:
            (p,) = parameters(self, probabilities=probabilities)
            self.probabilities = p = checked_numbers(p, 0, 1, "probabilities of Bernoulli")
            self.log_one, self.log_zero = np.log(_not_zero(p)), np.log(_not_zero(1 - p))

    def _drawn(self, shape: tuple[int, ...], rng: random.Generator) -> Any:
        return following(rng.random(shape) < stop_gradient(self.probabilities), self.probabilities)

    def log_prob(self, x: Any) -> Any:
        """The log-probability of numbers from 0 to 1; those between count as shares of both outcomes."""
        x = checked_numbers(outcome(self, x), 0, 1, "outcomes of Bernoulli")
        return x * self.log_one + (1 - x) * self.log_zero

    def entropy(self) -> Any:
        p = self.probabilities
        return -(p * self.log_one + (1 - p) * self.log_zero)


class Categorical(Distribution):
    """The distribution of one of K classes.

    Args:
        scores: the logits, (..., K): the probabilities are `softmax(scores)`.
        probabilities: in the place of scores, scaled to sum to one.

    Raises:
        InputError: both or neither; no classes; a negative probability.

    >>> Categorical(probabilities=[0.25, 0.75]).log_prob([0, 1])
    array([-1.38629436, -0.28768207])
    """

    def __init__(self, scores: Any = None, *, probabilities: Any = None) -> None:
        if _one_of(self, scores, probabilities) == "scores":
            (scores,) = parameters(self, scores=scores)
        else:
            (p,) = parameters(self, probabilities=probabilities)
            scores = np.log(_not_zero(checked_numbers(p, 0, np.inf, "probabilities of Categorical")))
        class_axis(scores, -1, "scores of Categorical")
        self.shape, self.classes = self.shape[:-1], scores.shape[-1]
        self.log_probabilities = log_softmax(scores)

    def _drawn(self, shape: tuple[int, ...], rng: random.Generator) -> Any:
        p = np.exp(stop_gradient(self.log_probabilities))
        return rng.categorical(np.broadcast_to(p, (*shape, self.classes)))

    def log_prob(self, x: Any) -> Any:
        """The log-probabilities of classes 0 … K - 1, integers whose shape broadcasts with that of a draw."""
        x = checked_indices(contained(x), self.classes, "outcomes of Categorical")
        shape = np.broadcast_shapes(x.shape, self.shape)
        table = np.broadcast_to(self.log_probabilities, (*shape, self.classes))
        return np.take_along_axis(table, np.expand_dims(np.broadcast_to(x, shape), -1), axis=-1)[..., 0]

    def entropy(self) -> Any:
        p = np.exp(self.log_probabilities)
        return -np.sum(np.where(p > 0, p * np.where(p > 0, self.log_probabilities, 0), 0), axis=-1)


def _not_zero(p: Any) -> Any:
    """A probability of 0 as the smallest number, so that 0 log 0 is 0."""
    return np.maximum(p, np.finfo(p.dtype).tiny)
