"""Draws from what a language model predicts: by temperature, among the likeliest."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import random
from ..errors import InputError
from ..ops.scores import softmax
from .checks import as_array, class_axis, floating, real_numbers, whole_number, widened


def sample(
    scores: Any,
    *,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
    rng: random.Generator | None = None,
) -> Any:
    """Draw a class by its score: with the probabilities `softmax(scores / temperature)`, of which the smallest may be
    left out.

    Args:
        scores: (..., K), real numbers of any type, with one class or more.
        temperature: below 1 the likely classes become likelier; 0 takes the best.
        top_k: draw among so many of the likeliest (Fan, Lewis and Dauphin, 2018); more if the last ones are equal.
        top_p: draw among the likeliest that together have at least this probability (Holtzman et al., "The curious case
            of neural text degeneration", 2020), more than 0 and at most 1.
        rng: the generator that draws; by default the one that `ntb.random.seed` seeds.

    Returns:
        Integers (...).

    Raises:
        InputError: no classes; a negative temperature; a top_k below 1; a top_p outside of (0, 1].

    >>> sample(np.array([[0.0, 9.0, 8.0], [5.0, 1.0, 2.0]]), top_k=1)
    array([1, 0])
    """
    scores = widened(real_numbers(floating(as_array(scores))[0], "scores"))
    class_axis(scores, -1, "scores")
    if not temperature >= 0:
        raise InputError(f"a temperature is not negative, as {temperature} is")
    if temperature == 0:
        return np.argmax(scores, axis=-1)
    scores = scores / temperature
    if top_k is not None:
        falling = -np.sort(-scores, axis=-1)
        least = falling[..., min(whole_number(top_k, "top_k"), scores.shape[-1]) - 1]
        scores = np.where(scores >= np.expand_dims(least, -1), scores, -np.inf)
    probabilities = softmax(scores)
    if top_p is not None:
        if not 0 < top_p <= 1:
            raise InputError(f"top_p is a probability, more than 0 and at most 1, not {top_p}")
        falling = -np.sort(-probabilities, axis=-1)
        before = np.cumsum(falling, axis=-1) - falling  # the probability of all that are likelier
        least = np.min(np.where(before < top_p, falling, np.inf), axis=-1, keepdims=True)
        probabilities = np.where(probabilities >= least, probabilities, 0)
    return (rng or random.default()).categorical(probabilities)
