"""Activations of several numbers along an axis: competing pieces, halves of which one gates the other, and scores that
become weights. (Softmax itself: `ntb/ops/scores.py`.)

They take real numbers of any precision, in arrays, tensors, variables or lists. The result has the type of x; integers
and bools are taken as float64. The other axes may have the length 0.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ... import random
from ...errors import InputError
from ...ops.scores import softmax
from ...ops.special import sigmoid
from ...ops.stopping import stop_gradient
from ..checks import as_array, class_axis, following, real_floating, weak


def maxout(x: Any, axis: int = -1) -> Any:
    """The maximum over an axis of competing pieces (Goodfellow et al., 2013): (..., K) -> (...); ties share gradients.

    x is of numbers of any type, which is that of the result; K is 1 or more.

    >>> maxout(np.array([[1.0, 3.0], [5.0, 4.0]]))
    array([3., 5.])
    """
    x = as_array(x)
    if not x.ndim or not -x.ndim <= axis < x.ndim or not x.shape[axis]:
        raise InputError(f"maxout takes the maximum over pieces on axis {axis}; x of shape {x.shape} has none there")
    return np.max(x, axis=axis)


def glu(x: Any, axis: int = -1, gate: Callable[[Any], Any] = sigmoid) -> Any:
    """The first half of an axis times a gate, a function of the second: (..., 2 K) -> (..., K).

    With the sigmoid this is the gated linear unit (Dauphin et al., 2017); the gates relu, gelu and silu make it ReGLU,
    GEGLU and SwiGLU (Shazeer, "GLU variants improve transformer", 2020).

    x is of real numbers; the result has its type, float64 for integers and bools.

    Raises:
        InputError: the axis has an odd length.

    >>> glu(np.array([1.0, 2.0, 0.0, 100.0]))
    array([0.5, 2. ])
    """
    x = real_floating(x, "activations")
    if not x.ndim or not -x.ndim <= axis < x.ndim or x.shape[axis] % 2:
        raise InputError(f"glu halves axis {axis}, which must have an even length; x has the shape {x.shape}")
    values, gates = np.split(x, 2, axis=axis)
    return values * gate(gates)


def softmin(x: Any, axis: int = -1) -> Any:
    """`softmax(-x)` along an axis: the smallest number gets the greatest weight.

    x is of real numbers of any shape; the result has its floating type, float64 for integers and bools.

    >>> softmin(np.array([0.0, 0.0, 1000.0]))
    array([0.5, 0.5, 0. ])
    """
    return softmax(-real_floating(x, "activations"), axis)


def sparsemax(x: Any, axis: int = -1) -> Any:
    """The weights nearest to the scores, `max(x - tau, 0)` with the tau for which they sum to one; small scores get
    none (Martins and Astudillo, "From softmax to sparsemax", 2016).

    x is of real numbers, with one or more along the axis; the result has its type, float64 for integers and bools.

    >>> sparsemax(np.array([1.0, 0.8, -1.0]))
    array([0.6, 0.4, 0. ])
    """
    x = real_floating(x, "activations")
    class_axis(x, axis, "scores")
    scores = stop_gradient(x)
    falling = -np.sort(-scores, axis=axis)
    sums = np.cumsum(falling, axis=axis) - 1
    place = np.expand_dims(np.arange(1, x.shape[axis] + 1), tuple(range(1, x.ndim - axis % x.ndim)))
    count = np.sum(place * falling > sums, axis=axis, keepdims=True)
    support = scores >= np.take_along_axis(falling, np.maximum(count - 1, 0), axis=axis)
    tau = (np.sum(np.where(support, x, 0), axis=axis, keepdims=True) - 1) / np.sum(support, axis=axis, keepdims=True)
    return np.where(support, x - following(tau, x), 0)


def gumbel_softmax(
    x: Any, temperature: float = 1.0, *, hard: bool = False, axis: int = -1, rng: random.Generator | None = None
) -> Any:
    """A softened draw of a class, through which gradients flow: `softmax((x + noise) / temperature)` with noise of the
    Gumbel distribution (Jang, Gu and Poole, 2017; Maddison, Mnih and Teh, 2017).

    Args:
        x: unnormalised logarithms of the probabilities, real numbers; the result has its shape and floating type.
        temperature: positive; towards 0 the draw becomes a vector of one 1 and zeros.
        hard: give that vector, with the gradient of the soft draw.
        axis: of the classes.
        rng: the generator that draws the noise.

    Raises:
        InputError: no class along the axis; a temperature that is not positive.

    >>> np.sum(gumbel_softmax(np.zeros((2, 5)), hard=True), axis=-1)
    array([1., 1.])
    """
    if not temperature > 0:
        raise InputError(f"the temperature of gumbel_softmax is positive, not {temperature}")
    x = real_floating(x, "activations")
    axis = class_axis(x, axis, "scores")
    uniform = (rng or random.default()).random(x.shape)
    noise = -np.log(-np.log1p(-np.maximum(uniform, 2.0**-54)))  # it may be 0, whose noise would be infinite
    soft = softmax((x + following(noise, x)) / weak(temperature), axis)
    if not hard:
        return soft
    best = np.expand_dims(np.argmax(stop_gradient(soft), axis=axis), axis)
    places = np.expand_dims(np.arange(x.shape[axis]), tuple(range(1, x.ndim - axis)))
    return following(best == places, x) - stop_gradient(soft) + soft
