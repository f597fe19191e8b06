"""Batches of changing sizes: rare ones run node by node, with the same numbers as a replay."""

from contextlib import nullcontext

import numpy as np
import pytest

import ntb.compat as ntb
from ntb.compat import GraphError
from ntb.replay import many_sizes
from tests.compat.graphs import without_programs

rng = np.random.default_rng(0)


def network(rule="adam", dtype=float):
    """A graph with most kinds of nodes; what to fetch, and a function that feeds n rows."""
    g = ntb.ComputationGraph(dtype=dtype)
    with ntb.default_graph(g):
        x, y, train, lr = ntb.Placeholder([-1, 1, 6, 6]), ntb.Placeholder([-1]), ntb.Placeholder(), ntb.Placeholder()
        h, w, _ = ntb.conv_layer(x, 3, 3, 3, padding="minimal")
        h, _, _ = ntb.spatial_batchnorm_layer(ntb.max_pool_layer(ntb.Relu(h), 2, 2), train)
        h, _, _ = ntb.affine_layer(ntb.Dropout(h, 0.8), 5)
        scores, _, _ = ntb.affine_layer(ntb.Tanh(h) / 2.0 + np.exp(-ntb.Sigmoid(h)), 4)
        penalty = 0.01 * ntb.weight_decay(ntb.CrossEntropyLogits(scores, y))
        loss = ntb.CrossEntropyLogits(scores, y) + penalty + (ntb.Grad(penalty, w) ** 2).sum()
        opt = ntb.Optim(loss, lr=lr, update_rule=rule)
        accuracy = ntb.ClassAccuracy(ntb.Argmax(scores, axis=1), y)
    data = np.random.default_rng(1)
    images, labels = data.normal(size=(40, 1, 6, 6)), data.integers(0, 4, 40)

    def step(n):
        return g.run(
            [loss, opt, accuracy, ntb.Softmax(scores)[0]], {x: images[:n], y: labels[:n], train: 1.0, lr: 0.01}
        )

    return g, step


@pytest.mark.uncounted
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("rule", ["sgd", "rmsprop", "adam"])
def test_a_run_without_a_program_gives_the_same_bits(rule, dtype):
    np.random.seed(0)
    replayed, replay = network(rule, dtype)
    walked, walk = network(rule, dtype)
    walked.load(replayed.save())
    for seed, n in enumerate([5, 5, 3, 5, 3, 1, 5]):
        np.random.seed(seed)
        expected = replay(n)
        np.random.seed(seed)
        with without_programs():
            got = walk(n)
        for a, b in zip(expected, got):
            np.testing.assert_array_equal(a, b)
            assert type(a) is type(b) and getattr(a, "dtype", None) == getattr(b, "dtype", None)
    for a, b in zip(replayed.mutable_nodes, walked.mutable_nodes):
        np.testing.assert_equal(a.save_attributes(), b.save_attributes())


def images(x, y):
    h, _, _ = ntb.conv_layer(x, 3, 3, 3, padding="minimal")
    h, _, _ = ntb.spatial_batchnorm_layer(ntb.max_pool_layer(ntb.Relu(h), 2, 2), 1.0)
    h, _, _ = ntb.affine_layer(ntb.Dropout(ntb.BatchFlatten(h), 0.5), 5)
    return ntb.CrossEntropyLogits(h, y) + 0.1 * ntb.weight_decay((h * h).mean())


def sequences(x, y):
    w, b = ntb.Variable(shape=(4, 5)), ntb.Variable(shape=(5,))
    h = ntb.Tanh(ntb.TemporalAffine(x, w, b))
    return ntb.TemporalCE(h, y, y > 0) + ntb.TemporalDot(h, ntb.Variable(shape=(5, 2))).mean()


def words(x, y):
    lstm = ntb.Lstm(3)
    h, state = lstm(ntb.Embed(y, ntb.Variable(shape=(5, 4))), ntb.Placeholder([2, -1, 3]))
    return ntb.L2(h) + h.mean() * x.sum() + state.sum()


def parts(x, y):
    h = x[:, :2] * x[:, 2:4] + ntb.Softmax(x)[:, :2]
    return (h[::-1] * h).sum() + (np.transpose(x).mean(axis=1) ** 2).sum() + ntb.Equals(y, y).mean() + 0.1 / x.mean()


def many(x, y):
    """Functions of NumPy."""
    h = np.concatenate([x[:, :3], np.expand_dims(x[:, 3], 1)], axis=1)
    h = np.clip(np.where(h > 0.1, h, -h), -1, 1) + np.flip(h, axis=0) * np.cumsum(h, axis=0) + np.max(h, axis=0)
    h = np.stack([h, np.moveaxis(np.swapaxes(h, 0, 1), 0, 1)]) - np.std(h, axis=0) + np.broadcast_to(np.min(h), (4,))
    spread = np.var(np.outer(np.ravel(x), np.squeeze(x[:1, :2]))) + np.exp(-np.mean(np.reshape(x, (-1,))))
    return np.sum(h * h) + spread + np.dot(np.transpose(x), x).sum()


MODELS = {
    "images": (images, [-1, 2, 6, 6], lambda n, m: (n, 2, 6, 6), lambda n, m: (n,)),
    "sequences": (sequences, [-1, -1, 4], lambda n, m: (n, m, 4), lambda n, m: (n, m)),
    "words": (words, [-1, -1], lambda n, m: (n, m), lambda n, m: (n, 4)),
    "parts": (parts, [-1, -1], lambda n, m: (n, m + 4), lambda n, m: (n,)),
    "many": (many, [-1, -1], lambda n, m: (n, m + 4), lambda n, m: (n,)),
}
"""For each a loss of floats and integers, the shape of the floats as it is declared, and both as they are fed."""
SIZES = [(5, 3), (4, 6), (7, 4), (3, 5), (6, 2), (9, 7), (2, 2), (5, 9), (4, 4), (1, 4), (12, 11), (40, 1), (9, 7)]


def churn(name):
    """The results of a model for each of `SIZES`, its variables in the end, and its plan."""
    build, shape, of_x, of_y = MODELS[name]
    np.random.seed(0)
    g = ntb.ComputationGraph()
    with ntb.default_graph(g):
        x, y = ntb.Placeholder(shape), ntb.Placeholder([-1] * len(of_y(1, 1)))
        loss = build(x, y)
        opt = ntb.Optim(loss, lr=0.01, update_rule="adam") if g.mutable_nodes else loss
        dx = ntb.Grad(loss, x)
    (state,) = [node for node in g.nodes if isinstance(node, ntb.Placeholder) and node not in (x, y)] or [None]
    draws = np.random.default_rng(0)
    results = []
    for n, m in SIZES:
        feed = {x: draws.normal(size=of_x(n, m)), y: draws.integers(0, 5, of_y(n, m))}
        results.append(g.run([loss, dx, opt], feed | ({} if state is None else {state: draws.normal(size=(2, n, 3))})))
    (plan,) = g.session.plans.values()
    return results, g.save(), plan


@pytest.mark.parametrize("name", MODELS)
def test_one_program_serves_all_sizes(name):
    got, state, plan = churn(name)
    with without_programs():
        expected, walked, _ = churn(name)
    np.testing.assert_equal(state, walked)
    np.testing.assert_equal(got, expected)
    assert len(plan.function.programs) == 1 and plan.function.any_size


def test_rare_sizes_are_not_traced():
    """Random sizes cost few traces, and a size that comes again and again gets its own."""
    g = ntb.ComputationGraph()
    with ntb.default_graph(g):
        x = ntb.Placeholder([-1])
        y = (x * x).sum()
    for n in rng.integers(1, 201, 500):
        assert g.run([y], {x: np.ones(n)}) == (n,)
    (plan,) = g.session.plans.values()
    assert len(plan.function.programs) < 10
    for _ in range(300):
        g.run([y], {x: np.ones(300)})
    assert any("float64[300]" in repr(program) for program in plan.function.programs)


def test_the_programs_of_a_plan_are_bounded(monkeypatch):
    monkeypatch.setattr(many_sizes, "_MOST_PROGRAMS", 3)
    monkeypatch.setattr(many_sizes, "_RUNS_FOR_A_TRACE", 1)
    g = ntb.ComputationGraph()
    with ntb.default_graph(g):
        x = ntb.Placeholder([-1])
        y = x.sum()
    for n in range(1, 8):
        for _ in range(20):
            assert g.run([y], {x: np.ones(n)}) == (n,)
    (plan,) = g.session.plans.values()
    assert len(plan.function.programs) <= 3


def test_an_error_without_a_program_changes_nothing(g):
    """As an error in a replay: variables, statistics and NumPy's generator are as before."""
    x, train, y = ntb.Placeholder([-1, 2]), ntb.Placeholder(), ntb.Placeholder([-1])
    h, gamma, _ = ntb.batchnorm_layer(x, train)
    h = ntb.Dropout(h, 0.5)
    first = ntb.Optim((h * h).sum(), lr=0.1)
    last = ntb.CrossEntropyLogits(h, y)
    bn = next(node for node in g.nodes if node.kind == "Batchnorm")
    np.random.seed(0)
    before, state = g.save(), np.random.get_state()[2]
    with without_programs(), pytest.raises(GraphError, match="last"):
        g.run([first, last], {x: rng.normal(size=(3, 2)), train: 1.0, y: [0, 1, 5]})
    np.testing.assert_equal(g.save(), before)
    assert np.random.get_state()[2] == state and bn.mu.tolist() == [0, 0] and gamma.value.tolist() == [1, 1]


class Halved(ntb.Node):
    """A node of a user's, in plain Python on arrays; of more than 20 rows it takes the first 20."""

    def forw_eval(self, x):
        return x[:20] / 2, x.shape

    def back_eval(self, Dout, cache, bp_mask):
        d = np.zeros(cache)
        d[:20] = Dout / 2
        return (d,)


@pytest.mark.parametrize("sizes", [[5, 6, 9, 7, 12, 4, 20], [5, 6, 9, 7, 12, 30, 8, 40, 7]])
def test_a_users_node_runs_anew_in_the_program_for_any_size(sizes):
    """And where it gives a result of another size than the traces tell, there is no such program any more."""
    results = []
    for programs in (nullcontext, without_programs):
        g = ntb.ComputationGraph()
        with ntb.default_graph(g), programs():
            x, w = ntb.Placeholder([-1, 2]), ntb.Variable(value=np.ones(2))
            loss = (Halved(x * w, shape=(-1, 2)) ** 2).mean()
            step = ntb.Optim(loss, lr=0.1)
            draws = np.random.default_rng(0)
            results.append([g.run([loss, step], {x: draws.normal(size=(n, 2))})[0] for n in sizes])
            results.append(w.value)
            (plan,) = g.session.plans.values()
            if programs is nullcontext:
                assert (plan.function.any_size is not None) == (max(sizes) <= 20)
    np.testing.assert_array_equal(results[0], results[2])
    np.testing.assert_array_equal(results[1], results[3])
