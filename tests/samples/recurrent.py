"""Samples of recurrent layers."""

from functools import partial

import numpy as np

from ntb.nn.recurrent.gru import gru_sequence
from ntb.nn.recurrent.lstm import lstm_sequence
from ntb.nn.recurrent.rnn import rnn_sequence
from ntb.ops.stopping import stop_gradient
from ntb.tuned.gru import gru_pull, gru_run, gru_states
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
row(form_of(rnn_sequence), rnn_sequence, recurrent_shapes(1, 1, 1), small)
row(form_of(gru_sequence), gru_sequence, recurrent_shapes(3, 1, 2), small)

MASK = np.array([[True, False, True, False], [False, True, True, False], [False] * 4])  # the last one hides everything


def masked(sequence):
    """The sequence with a mask of holes, and of steps at either end that are hidden."""
    return lambda x, *rest: sequence(x, *rest, MASK)


row(form_of(lstm_sequence), masked(lstm_sequence), [((3, 4, 1), (3, 1), (3, 1), (1, 4), (1, 4), (4,))], small, "masked")
row(form_of(rnn_sequence), masked(rnn_sequence), [((3, 4, 1), (3, 1), (1, 1), (1, 1), (1,))], small, "masked")
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

SIZES = ((1, 1, 1), (3, 1, 2), (2, 2, 1), (2, 0, 1))  # T, N, H
RNN_PARTS = [((t, n, 2), (n, h), (2, h), (h, h), (h,)) for t, n, h in SIZES]  # x, the first state, wx, wh, b
GRU_PARTS = [((t, n, 2), (n, h), (2, 3 * h), (h, 3 * h), (3 * h,), (3 * h,)) for t, n, h in SIZES]


HIDDEN_PARTS = [
    ((2, 1, 1), (1, 2), (1, 2), (2, 2), (2,)),
    ((2, 1, 1), (1, 1), (1, 3), (1, 3), (3,), (3,)),
]


def with_gradient(parts):
    """The gradient of the states before the parts."""
    return [((x[0], *h), x, h, *rest) for x, h, *rest in parts]


def pulled_rnn(g, *parts, mask=()):
    return rnn_pull((g, *parts), stop_gradient(rnn_states(parts, *mask)), *mask)


def pulled_gru(g, *parts, mask=()):
    return gru_pull((g, *parts), gru_run(*parts, *mask), *mask)


row(rnn_states, lambda *parts: rnn_states(parts), RNN_PARTS, small)
row(rnn_pull, pulled_rnn, with_gradient(RNN_PARTS), small)
row(gru_states, lambda *parts: gru_states(parts, gru_run(*parts)), GRU_PARTS, small)
row(gru_pull, pulled_gru, with_gradient(GRU_PARTS), small)
row(rnn_pull, partial(pulled_rnn, mask=[HIDDEN]), with_gradient(HIDDEN_PARTS[:1]), small, "masked")
row(gru_pull, partial(pulled_gru, mask=[HIDDEN]), with_gradient(HIDDEN_PARTS[1:]), small, "masked")
