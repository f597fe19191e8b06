"""Samples of connectionist temporal classification."""

import numpy as np

from ntb.nn.losses.ctc import ways_to_the_end
from ntb.tuned.ctc import probability_of_states

from .base import form_of, row

SHAPES = [(1, 1, 1), (3, 2, 3), (4, 1, 5), (0, 2, 1), (2, 0, 3)]
"""Steps, sequences, and states, of which there is one more than twice the labels."""


def on_states(function):
    """The function of emissions: the second sequence is a step shorter than the first; equal labels alternate."""

    def call(emissions):
        steps, n, length = emissions.shape
        counts = np.arange(steps)[:, None] < steps - np.arange(n)
        may_skip = np.tile(np.arange(length) % 4 == 3, (n, 1))
        ends = np.tile(np.arange(length) >= length - 2, (n, 1))
        return function(emissions, counts[..., None], may_skip, ends)

    return call


row(form_of(ways_to_the_end), on_states(ways_to_the_end), SHAPES)
row(probability_of_states, on_states(probability_of_states), SHAPES)
