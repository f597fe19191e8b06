"""Samples of recurrent layers."""

import numpy as np

from ntb.forms import blocks
from ntb.nn.recurrent.gru import gru_sequence
from ntb.nn.recurrent.lstm import lstm_sequence
from ntb.nn.recurrent.rnn import rnn_sequence
from ntb.tuned.lstm import lstm_pull, lstm_run, lstm_states
from ntb.tuned.rnn import rnn_pull, rnn_states

from .base import form_of, row, small


def recurrent_shapes(gates, states, biases):
    """Of x (N, T, D), the states, weights and biases; each of N and D is 0 once."""
    sizes = ((2, 1, 2, 1), (1, 2, 2, 2), (0, 3, 2, 1), (2, 2, 0, 1))
    rest = lambda n, d, h: [(n, h)] * states + [(d, gates * h), (h, gates * h)] + [(gates * h,)] * biases
    return [((n, t, d), *rest(n, d, h)) for n, t, d, h in sizes]


def two_layers(x, *weights):
    """The states of the first layer are the inputs of the second; both begin at zero, and share their weights."""
    h = np.zeros((x.shape[0], x.shape[2]), x.dtype)
    states, *_ = lstm_sequence(x, h, h, *weights)
    return lstm_sequence(states, h, h, *weights)


row(form_of(lstm_sequence), lstm_sequence, recurrent_shapes(4, 2, 1), small)
row(form_of(lstm_sequence), two_layers, [((2, 2, 1), (1, 4), (1, 4), (4,))], small, label="two layers from zero")
row(blocks[rnn_sequence][1].function, rnn_sequence, recurrent_shapes(1, 1, 1), small)
row(form_of(gru_sequence), gru_sequence, recurrent_shapes(3, 1, 2), small)

MASK = np.array([[True, False, True, False], [False, True, True, False], [False] * 4])  # the last one hides everything


def masked(sequence):
    """The sequence with a mask of holes, and of steps at either end that are hidden."""
    return lambda x, *rest: sequence(x, *rest, MASK)


row(form_of(lstm_sequence), masked(lstm_sequence), [((3, 4, 1), (3, 1), (3, 1), (1, 4), (1, 4), (4,))], small, "masked")
row(
    blocks[rnn_sequence][0].function, masked(rnn_sequence), [((3, 4, 1), (3, 1), (1, 1), (1, 1), (1,))], small, "masked"
)
row(form_of(gru_sequence), masked(gru_sequence), [((3, 4, 1), (3, 1), (1, 3), (1, 3), (3,), (3,))], small, "masked")

LSTM_PARTS = ((2, 1, 3), (1, 2), (1, 2), (3, 8), (2, 8), (8,))  # x (T, N, D), h, c, wx, wh, b
row(lstm_states, lambda *parts: lstm_states(parts, lstm_run(*parts)), [LSTM_PARTS], small)
row(
    lstm_pull,
    lambda g, *parts: lstm_pull((g, *parts), lstm_run(*parts)),
    [((4, 1, 2), *LSTM_PARTS)],
    small,
)
HIDDEN = np.array([[True], [False]])  # (T, N)
row(lstm_states, lambda *parts: lstm_states(parts, lstm_run(*parts, HIDDEN), HIDDEN), [LSTM_PARTS], small, "masked")
row(
    lstm_pull,
    lambda g, *parts: lstm_pull((g, *parts), lstm_run(*parts, HIDDEN), HIDDEN),
    [((4, 1, 2), *LSTM_PARTS)],
    small,
    "masked",
)

RNN_SIZES = ((1, 1, 1), (3, 1, 2), (2, 2, 1), (2, 0, 1))  # T, N, H
row(rnn_states, lambda *parts: rnn_states(parts), [((t, n, h), (n, h), (h, h)) for t, n, h in RNN_SIZES], small)
row(rnn_pull, rnn_pull, [((t, n, h), (t, n, h), (h, h)) for t, n, h in RNN_SIZES], small)
