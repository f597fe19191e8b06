"""Sequences of unequal lengths, layers of recurrent networks in both directions, and what stands beside them."""

import copy

import numpy as np
import pytest

import ntb
from ntb import nn

RNG = np.random.default_rng(1)
N, T, D, H = 3, 5, 2, 3
LENGTHS = np.array([5, 2, 0])
KINDS = [nn.RNN, nn.LSTM, nn.GRU, nn.LayerNormLSTM]


def made(kind, **options):
    return kind(D, H, dtype=np.float64, rng=ntb.random.generator(0), **options)


def parts(state):
    return state if isinstance(state, tuple) else (state,)


def first_state(kind, count=1):
    shape = (N, H) if count == 1 else (count, N, H)
    return tuple(RNG.normal(size=shape) for _ in "hc") if issubclass(kind, nn.LSTM) else RNG.normal(size=shape)


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_padded_sequences_give_what_each_gives_alone(kind, bidirectional):
    layer = made(kind, layers=2, bidirectional=bidirectional)
    x, state = RNG.normal(size=(N, T, D)), first_state(kind, len(layer.sides()))
    for i, length in enumerate(LENGTHS):
        x[i, length:] = np.nan  # what does not count may be anything
    outputs, last = layer(x, state=state, lengths=LENGTHS)
    for i, length in enumerate(LENGTHS):
        assert not outputs[i, length:].numpy().any()
        one = tuple([s[:, i : i + 1] for s in parts(state)])
        if length:
            alone, one = layer(x[i : i + 1, :length], state=one if len(one) == 2 else one[0])
            np.testing.assert_allclose(outputs[i, :length].numpy(), alone[0].numpy(), rtol=1e-13, atol=1e-13)
        for found, expected in zip(parts(last), parts(one)):
            np.testing.assert_allclose(np.asarray(found)[:, i], np.asarray(expected)[:, 0], rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize("kind", KINDS)
def test_a_mask_of_holes_leaves_steps_out(kind):
    layer, mask = made(kind), np.array([True, False, True, True, False])
    x = RNG.normal(size=(1, T, D))
    outputs, last = layer(x, mask=mask[None])
    alone, end = layer(x[:, mask])
    np.testing.assert_allclose(outputs[:, mask].numpy(), alone.numpy(), rtol=1e-13, atol=1e-13)
    for found, expected in zip(parts(last), parts(end)):
        np.testing.assert_allclose(found.numpy(), expected.numpy(), rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_hidden_has_no_gradient(kind):
    layer = made(kind, bidirectional=True)
    x = RNG.normal(size=(N, T, D))
    x[1, 2:] = np.nan
    with ntb.Tape() as tape:
        watched = tape.watch(ntb.tensor(x))
        loss = np.sum(layer(watched, lengths=LENGTHS)[0] ** 2)
    d_x, *rest = tape.gradient(loss, [watched, *layer.trainable_variables()])
    counts = nn.length_mask(LENGTHS, T)
    assert np.all(d_x.numpy()[counts] != 0) and not d_x.numpy()[~counts].any()
    assert all(np.isfinite(g.numpy()).all() for g in rest)


@pytest.mark.parametrize("kind", KINDS)
def test_eager_traced_tuned_and_plain_agree(kind):
    layer = made(kind, layers=2, bidirectional=True)
    x = RNG.normal(size=(N, T, D))

    def gradients(x, lengths):
        with ntb.Tape() as tape:
            outputs, last = layer(x, lengths=lengths)
            loss = np.sum(outputs**2) + sum(np.sum(part) for part in parts(last))
        return tape.gradient(loss, layer.trainable_variables())

    eager, traced = gradients(x, LENGTHS), ntb.function(gradients)
    for _ in range(2):
        for found, expected in zip(traced(x, LENGTHS), eager):
            np.testing.assert_array_equal(np.asarray(found), expected.numpy())
    with ntb.tuned.off():
        for found, expected in zip(gradients(x, LENGTHS), eager):
            np.testing.assert_allclose(found.numpy(), expected.numpy(), rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_recurrent_layers_in_sequential(kind):
    x = RNG.normal(size=(N, T, D))
    model = nn.Sequential(kind(D, H, return_state=False), kind(H, 4, bidirectional=True), nn.Last(), nn.Linear(8, 1))
    assert model(x).shape == (N, 1)
    layer = kind(D, H, layers=2, bidirectional=True, rng=ntb.random.generator(0))
    outputs, last = layer(x)
    found = nn.Last()((outputs, last)).numpy()
    np.testing.assert_array_equal(found, np.concatenate([outputs[:, -1, :H], outputs[:, 0, H:]], axis=1).numpy())
    assert np.array_equal(nn.Last()(outputs), outputs[:, -1])


@pytest.mark.parametrize("kind", KINDS)
def test_dropout_is_for_training(kind):
    x = RNG.normal(size=(N, T, D))
    between, within = made(kind, layers=2, dropout=0.5), made(kind, recurrent_dropout=0.5)
    assert repr(within).endswith(", recurrent_dropout=0.5)")
    for layer in (between, within):
        calm, drawn = layer(x)[0].numpy(), layer(x, train=True)[0].numpy()
        assert np.array_equal(calm, layer(x)[0].numpy()) and not np.allclose(calm, drawn)
        assert not np.allclose(drawn, layer(x, train=True)[0].numpy())
    assert np.array_equal(made(kind, dropout=0.5)(x, train=True)[0], made(kind)(x)[0])  # it is between layers
    below = made(kind)
    assert np.array_equal(made(kind, recurrent_dropout=0.5)(x[:, :1], train=True)[0], below(x[:, :1])[0])


def test_a_state_may_be_learned():
    layer, first = made(nn.GRU), ntb.Variable(np.zeros(H))
    with ntb.Tape() as tape:
        _, last = layer(RNG.normal(size=(N, T, D)), state=np.broadcast_to(first, (N, H)))
        loss = np.sum(last)
    assert np.all(tape.gradient(loss, first).numpy() != 0)


def test_layers_are_copied_saved_and_named(tmp_path):
    layer = made(nn.LSTM, layers=2, bidirectional=True)
    assert list(layer.named_variables()) == [
        f"{path}{name}" for path in ("", "reverse.", "above.0.", "above.0.reverse.") for name in ("wx", "wh", "b")
    ]
    assert all(side.b.value[H : 2 * H].tolist() == [1] * H for side in layer.sides())
    x, other = RNG.normal(size=(N, T, D)), nn.LSTM(D, H, layers=2, bidirectional=True, dtype=np.float64)
    ntb.io.save(tmp_path / "layer.npz", layer)
    ntb.io.load(tmp_path / "layer.npz", other)
    for found in (copy.deepcopy(layer)(x), other(x)):
        np.testing.assert_array_equal(found[0].numpy(), layer(x)[0].numpy())


def test_time_distributed_is_the_layer_at_each_step():
    layer, x = nn.Conv2d(2, 3, 2, dtype=np.float64), RNG.normal(size=(2, 3, 2, 4, 4))
    found = nn.TimeDistributed(layer)(x).numpy()
    np.testing.assert_allclose(found, np.stack([layer(x[:, t]).numpy() for t in range(3)], axis=1))
    x = np.ones((2, 3, 4), np.float32)
    assert nn.TimeDistributed(nn.Dropout(0.5))(x, train=True).shape == x.shape


def test_padding():
    x, lengths = nn.pad_sequences([np.ones((2, 3)), np.zeros((0, 3)), np.ones((1, 3))], value=-1)
    assert x.shape == (3, 2, 3) and lengths.tolist() == [2, 0, 1]
    assert np.array_equal(x[..., 0] == -1, ~nn.length_mask(lengths, 2))
    check = lambda a, b: nn.pad_sequences([a, b])[0]
    ntb.check_gradients(check, RNG.normal(size=(2, 2)), RNG.normal(size=(3, 2)))
    assert nn.length_mask([[1], [0]], 2).shape == (2, 1, 2)


def test_a_padding_row_is_zero_and_stays_so():
    layer = nn.Embedding(4, 2, padding_idx=1)
    assert not layer.weight.value[1].any() and layer.weight.value[0].all()
    layer.weight.assign(np.ones((4, 2)))
    assert layer([[0, 1]]).numpy().tolist() == [[[1, 1], [0, 0]]]
    with ntb.Tape() as tape:
        loss = np.sum(layer([1, 1, 2]))
    assert tape.gradient(loss, layer.weight).numpy().tolist() == [[0, 0], [0, 0], [1, 1], [0, 0]]


def test_bags():
    w = RNG.normal(size=(5, 2))
    for mode in ("mean", "sum", "max"):
        bag = nn.EmbeddingBag(5, 2, mode=mode, padding_idx=0, dtype=np.float64)
        bag.weight.assign(w)
        rows = w[[3, 1]]
        expected = {"mean": rows.mean(0), "sum": rows.sum(0), "max": rows.max(0)}[mode]
        np.testing.assert_allclose(bag([[3, 0, 1], [0, 0, 0]]).numpy(), [expected, [0, 0]])


def test_weights_are_tied():
    layer = nn.Embedding(5, 2, dtype=np.float64)
    with ntb.Tape() as tape:
        scores = layer.attend(layer([1, 2]))
        loss = np.sum(scores)
    np.testing.assert_allclose(scores.numpy(), layer.weight.value[[1, 2]] @ layer.weight.value.T)
    assert np.all(tape.gradient(loss, layer.weight).numpy() != 0)


def test_a_convolutional_lstm_is_an_lstm_where_images_are_single_pixels():
    layer, lstm = nn.ConvLSTM2d(D, H, 1, dtype=np.float64), made(nn.LSTM)
    for name in ("wx", "wh"):
        getattr(lstm, name).assign(np.transpose(getattr(layer, name).value[..., 0, 0]))
    x = RNG.normal(size=(N, T, D))
    states, (h, c) = layer(x[..., None, None])
    expected, last = lstm(x)
    np.testing.assert_allclose(states[..., 0, 0].numpy(), expected.numpy())
    again, _ = layer(x[..., None, None], state=(h, c))
    np.testing.assert_allclose(again[..., 0, 0].numpy(), lstm(x, state=last)[0].numpy())
