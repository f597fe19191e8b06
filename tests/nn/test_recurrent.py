"""Recurrent networks against the textbook equations, written the other way round: batch first, gate by gate."""

import numpy as np
import pytest

import ntb
from ntb import nn

RNG = np.random.default_rng(0)
N, T, D, H = 2, 4, 2, 3


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def textbook_rnn(x, h, wx, wh, b):
    return np.tanh(x @ wx + h @ wh + b)


def textbook_lstm(x, state, wx, wh, b):
    h, c = state
    gate = lambda k: slice(k * H, (k + 1) * H)
    i, f, o = (sigmoid(x @ wx[:, gate(k)] + h @ wh[:, gate(k)] + b[gate(k)]) for k in range(3))
    g = np.tanh(x @ wx[:, gate(3)] + h @ wh[:, gate(3)] + b[gate(3)])
    c = f * c + i * g
    return o * np.tanh(c), c


def textbook_gru(x, h, wx, wh, bx, bh):
    gate = lambda k: slice(k * H, (k + 1) * H)
    r, z = (sigmoid(x @ wx[:, gate(k)] + h @ wh[:, gate(k)] + bx[gate(k)] + bh[gate(k)]) for k in range(2))
    n = np.tanh(x @ wx[:, gate(2)] + bx[gate(2)] + r * (h @ wh[:, gate(2)] + bh[gate(2)]))
    return (1 - z) * n + z * h


def weights(gates, biases):
    return [RNG.normal(size=s) for s in [(D, gates * H), (H, gates * H)] + [(gates * H,)] * biases]


CASES = [
    (nn.rnn_cell, nn.rnn, textbook_rnn, 1, 1),
    (nn.lstm_cell, nn.lstm, textbook_lstm, 4, 1),
    (nn.gru_cell, nn.gru, textbook_gru, 3, 2),
]


def first_state(textbook, n=N):
    h = RNG.normal(size=(n, H))
    return (h, RNG.normal(size=(n, H))) if textbook is textbook_lstm else h


@pytest.mark.parametrize(("cell", "sequence", "textbook", "gates", "biases"), CASES)
@pytest.mark.parametrize("n", [0, 1, N])
def test_cells_and_sequences_follow_the_textbook(cell, sequence, textbook, gates, biases, n):
    ws = weights(gates, biases)
    x, state = RNG.normal(size=(n, T, D)), first_state(textbook, n)
    out, last = sequence(x, state, *ws)
    assert out.shape == (n, T, H)
    for t in range(T):
        now = cell(x[:, t], state, *ws)
        state = textbook(x[:, t], state, *ws)
        np.testing.assert_allclose(now, state)
        np.testing.assert_allclose(out[:, t], state[0] if textbook is textbook_lstm else state)
    np.testing.assert_allclose(last, state)


@pytest.mark.parametrize("layer", [nn.RNN, nn.LSTM, nn.GRU])
def test_layers_keep_float32_and_take_a_state(layer):
    rnn = layer(D, H, rng=ntb.random.generator(0))
    x = RNG.normal(size=(N, T, D)).astype(np.float32)
    with ntb.Tape() as tape:
        out, last = rnn(x)
        loss = np.sum(out)
    assert all(g.dtype == np.float32 for g in tape.gradient(loss, rnn.trainable_variables()))
    assert out.dtype == np.float32
    first, middle = rnn(x[:, :2])
    second, end = rnn(x[:, 2:], state=middle)
    np.testing.assert_allclose(np.concatenate([first, second], axis=1).numpy(), out.numpy(), rtol=1e-5, atol=1e-6)
    last, end = (last[1], end[1]) if layer is nn.LSTM else (last, end)
    np.testing.assert_allclose(end.numpy(), last.numpy(), rtol=1e-5, atol=1e-6)


def test_forget_bias():
    assert nn.LSTM(2, 3).b.value.tolist() == [0] * 3 + [1] * 3 + [0] * 6
    assert not nn.LSTM(2, 3, forget_bias=0.0).b.value.any()


def test_shapes_that_do_not_fit():
    wx, wh, b = weights(1, 1)
    with pytest.raises(ntb.InputError, match="state has shape"):
        nn.rnn(np.ones((N, T, D)), np.zeros((1, H)), wx, wh, b)
    with pytest.raises(ntb.InputError, match="do not fit"):
        nn.rnn(np.ones((N, T, D + 1)), np.zeros((N, H)), wx, wh, b)
    with pytest.raises(ntb.InputError, match="T > 0"):
        nn.rnn(np.ones((N, 0, D)), np.zeros((N, H)), wx, wh, b)
