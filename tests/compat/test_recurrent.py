"""Section 7: recurrent nodes, embeddings, affine maps of sequences."""

import numpy as np
import pytest

import ntb.compat as ntb
from ntb.compat import GraphError

rng = np.random.default_rng(3)
N, T, D, H = 2, 4, 3, 5


def run(node, feed=None):
    return node.graph.run([node], feed)[0]


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def lstm_step(x, state, Wx, Wh, b):
    i, f, o, c = np.split(x @ Wx + state[0] @ Wh + b, 4, axis=1)
    cell = sigmoid(f) * state[1] + sigmoid(i) * np.tanh(c)
    return np.stack([sigmoid(o) * np.tanh(cell), cell])


def test_lstm_steps_and_sequences(g):
    step, sequence, s = ntb.Placeholder([-1, D]), ntb.Placeholder([-1, T, D]), ntb.Placeholder([2, -1, H])
    lstm = ntb.Lstm(H)
    h, state = lstm(step, s)
    weights = (lstm.Wx, lstm.Wh, lstm.b)
    out, last = lstm(sequence, s)
    assert (lstm.Wx, lstm.Wh, lstm.b) == weights and len(g.mutable_nodes) == 3  # shared
    assert h.shape == (-1, H) and state.shape == (2, -1, H) and out.shape == (-1, T, H) and last.shape == (2, -1, H)
    assert [w.value.shape for w in weights] == [(D, 4 * H), (H, 4 * H), (4 * H,)]
    assert lstm.b.value.tolist() == [0] * 3 * H + [1] * H
    data, first = rng.normal(size=(N, T, D)), rng.normal(size=(2, N, H))
    values = [w.value for w in weights]
    expected = [first]
    for t in range(T):
        expected.append(lstm_step(data[:, t], expected[-1], *values))
    feed = {step: data[:, 0], sequence: data, s: first}
    for _ in range(2):
        got = g.run([h, state, out, last], feed)
        np.testing.assert_allclose(got[0], expected[1][0])
        np.testing.assert_allclose(got[1], expected[1])
        np.testing.assert_allclose(got[2], np.stack([e[0] for e in expected[1:]], axis=1))
        np.testing.assert_allclose(got[3], expected[-1])


@pytest.mark.parametrize("unpacked", ["h", "state", "both"])
def test_gradients_of_lstms_twice_in_a_run(g, unpacked):
    sequence, s = ntb.Placeholder([-1, T, D]), ntb.Placeholder([2, -1, H])
    lstm = ntb.Lstm(H)
    out, last = lstm(sequence, s)
    l = {"h": out.sum(), "state": (last * last).sum(), "both": (out**2).sum() + last.sum()}[unpacked]
    feed = {sequence: rng.normal(size=(N, T, D)), s: rng.normal(size=(2, N, H))}
    nodes = [sequence, s, lstm.Wx, lstm.Wh, lstm.b]
    first = g.run([ntb.Grad(l, n) for n in nodes], feed)
    second = g.run([ntb.Grad(l, n) for n in nodes] + [ntb.Grad(2 * l, s)], feed)
    for n, a, b in zip(nodes, first, second):
        value = feed.get(n, getattr(n, "value", None))
        numeric = ntb.num_grad(lambda v, n=n: run(l, {**feed, n: v}), value, dx=1e-5)
        np.testing.assert_allclose(a, numeric, atol=1e-7)
        np.testing.assert_array_equal(a, b)


def test_zero_states(g):
    lstm = ntb.Lstm(H)
    assert lstm.get_zero_state(N).tolist() == np.zeros((2, N, H)).tolist()
    node = lstm.get_zero_state(N, as_node=True)
    assert node.shape == (2, -1, H) and not node.learnable and node.value.shape == (2, N, H)
    assert lstm.get_zero_state(N, learnable=True, as_node=True).learnable
    assert lstm.get_zero_state(1, as_node=True, graph=ntb.ComputationGraph()).graph is not g


def test_a_state_is_fed_with_another_batch_size_and_carried_on(g):
    x = ntb.Placeholder([-1, D])
    lstm = ntb.Lstm(H)
    zero = lstm.get_zero_state(N, as_node=True)
    h, state = lstm(x, zero)
    data = rng.normal(size=(7, D))
    now = np.zeros((2, 7, H))
    values = (lstm.Wx.value, lstm.Wh.value, lstm.b.value)
    for _ in range(3):
        expected = lstm_step(data, now, *values)
        got_h, now = g.run([h, state], {x: data, zero: now})
        np.testing.assert_allclose(now, expected)
        np.testing.assert_array_equal(got_h, now[0])
    assert run(h, {x: data[:N]}).shape == (N, H)
    assert run(h, {state: np.full((2, 1, H), 4.0)}).tolist() == [[4.0] * H]  # the new state is a node as well


def test_two_layers(g):
    x = ntb.Placeholder([-1, T, D])
    a, b = ntb.Lstm(H), ntb.Lstm(2)
    h, s1 = a(x, a.get_zero_state(N))
    h, s2 = b(h, b.get_zero_state(N))
    l = (h**2).mean()
    opt = ntb.Optim(l, lr=0.5)
    feed = {x: rng.normal(size=(N, T, D))}
    losses = [g.run([l, opt], feed)[0] for _ in range(5)]
    assert losses[-1] < losses[0] and g.run([s1, s2], feed)[1].shape == (2, N, 2)


def test_shapes_of_recurrent_nodes(g):
    weights = (np.ones((D, 4 * H)), np.ones((H, 4 * H)), np.ones(4 * H))
    with pytest.raises(GraphError, match="Invalid input shape"):
        ntb.Lstm(H)(ntb.Placeholder([3]), np.zeros((2, 1, H)))
    with pytest.raises(ValueError, match="LstmCell_Raw"):
        ntb.LstmCell_Raw(ntb.Placeholder([-1, D]), np.zeros((2, 1, H)), np.ones((D, H)), np.ones((H, H)), np.ones(H))
    with pytest.raises(ValueError, match="LstmCell_Raw"):
        ntb.LstmCell_Raw(ntb.Placeholder([D]), np.zeros((2, 1, H)), *weights)
    out, _ = ntb.Lstm(H)(ntb.Placeholder([-1, T, D]), np.zeros((2, N, H)))
    (rnn,) = g.inputs[out]
    with pytest.raises(GraphError, match="as a whole"):
        run(out, {rnn: np.zeros((N, T, H))})


def test_vanilla_cells(g):
    x, s = ntb.Placeholder([-1, D]), ntb.Placeholder([1, -1, H])
    Wx, Wh, b = (ntb.Variable(value=rng.normal(size=shape)) for shape in ((D, H), (H, H), (H,)))
    cell = ntb.VanillaRnnCell(x, s, Wx, Wh, b)
    h, state = cell
    assert state is cell and state.shape == (1, -1, H) and h.shape == (-1, H) and isinstance(cell, ntb.RnnCell)
    data, first = rng.normal(size=(N, T, D)), rng.normal(size=(1, N, H))
    np.testing.assert_allclose(
        run(h, {x: data[:, 0], s: first}), np.tanh(data[:, 0] @ Wx.value + first[0] @ Wh.value + b.value)
    )
    sequence = ntb.Placeholder([-1, T, D])
    out, last = ntb.Rnn(sequence, s, Wx, Wh, b, rnn_cell=ntb.VanillaRnnCell)
    assert isinstance(out, ntb.Projection) and out.shape == (-1, T, H) and last.shape == (1, -1, H)
    expected, now = [], first[0]
    for t in range(T):
        now = np.tanh(data[:, t] @ Wx.value + now @ Wh.value + b.value)
        expected.append(now)
    got = g.run([out, last], {sequence: data, s: first})
    np.testing.assert_allclose(got[0], np.stack(expected, axis=1))
    np.testing.assert_allclose(got[1], now[None])


def test_a_cell_of_ones_own_along_a_sequence(g):
    class Sum(ntb.RnnCell):
        def compute(self, x, state, Wx, Wh, b):
            return state + x

    x, s = ntb.Placeholder([-1, H]), ntb.Placeholder([1, -1, H])
    weights = (np.ones((H, H)), np.ones((H, H)), np.ones(H))
    h, _state = Sum(x, s, *weights)
    assert run(h, {x: np.ones((2, H)), s: np.ones((1, 2, H))}).tolist() == np.full((2, H), 2.0).tolist()
    with pytest.raises(GraphError, match="`sequence"):
        ntb.Rnn(ntb.Placeholder([-1, T, H]), s, *weights, rnn_cell=Sum)


def test_temporal_affine_and_dot(g):
    x = ntb.Placeholder([-1, T, D])
    w, b = ntb.Variable(value=rng.normal(size=(D, 6))), ntb.Variable(value=rng.normal(size=6))
    data = rng.normal(size=(N, T, D))
    affine, dot = ntb.TemporalAffine(x, w, b), ntb.TemporalDot(x, w)
    assert affine.shape == dot.shape == (-1, T, 6)
    np.testing.assert_allclose(run(affine, {x: data}), data @ w.value + b.value)
    np.testing.assert_allclose(run(dot, {x: data}), data @ w.value)
    np.testing.assert_allclose(run(ntb.Grad(affine.sum(), b), {x: data}), np.full(6, N * T))
    assert ntb.TemporalAffine(ntb.Placeholder([-1, -1, D]), w, b).shape == (-1, -1, 6)
    with pytest.raises(ValueError, match=r"TemporalDot: arrays of shapes \(-1, 4, 3\), \(4, 2\)"):
        ntb.TemporalDot(x, ntb.Variable(value=np.ones((D + 1, 2))))


@pytest.mark.parametrize("dtype", [np.int64, np.uint8, float])
def test_embed_counts_repeated_indices(g, dtype):
    x, w = ntb.Placeholder([-1, 3]), ntb.Variable(value=rng.normal(size=(5, D)))
    y = ntb.Embed(x, w)
    index = np.array([[0, 0, 4], [0, 1, 4]], dtype)
    assert y.shape == (-1, 3, D)
    np.testing.assert_array_equal(run(y, {x: index}), w.value[index.astype(int)])
    assert run(ntb.Grad(y.sum(), w), {x: index})[:, 0].tolist() == [3, 1, 0, 0, 2]
    with pytest.raises(GraphError, match="Embed"):
        run(y, {x: np.full((1, 3), 5)})


def test_a_recurrent_graph_may_be_float32():
    g = ntb.ComputationGraph(dtype=np.float32)
    with ntb.default_graph(g):
        x = ntb.Placeholder([-1, T])
        lstm = ntb.Lstm(H)
        w = ntb.Variable(shape=(D, 7))
        h, state = lstm(ntb.Embed(x, ntb.Variable(shape=(9, D))), lstm.get_zero_state(N))
        scores = ntb.TemporalAffine(h, ntb.Variable(shape=(H, 7)), np.zeros(7))
        l = ntb.TemporalCE(scores, x, np.ones((N, T)) / T) + ntb.L2(w)
        draw = ntb.Sample(ntb.Softmax(scores / 0.5))
        opt = ntb.Optim(l, lr=0.1, update_rule="rmsprop")
    feed = {x: rng.integers(0, 7, (N, T))}
    code = g.program([l, opt, state], feed).code
    assert {s.dtype for s in code.specs.values() if s.dtype is not None and s.dtype.kind == "f"} == {np.dtype("f4")}
    assert g.run([l, state, draw], feed)[1].dtype == np.float32
