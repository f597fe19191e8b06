"""Subclasses of nodes, optimizers and graphs that override what the earlier ntb called: they work, or are refused."""

import numpy as np
import pytest

import ntb.compat as ntb
from ntb.compat import GraphError

X = np.array([[-1.0, 2.0], [3.0, -4.0]])


class LeakyRelu(ntb.Relu):
    def init(self, slope=0.1):
        self.slope = slope

    def forw_eval(self, x):
        return np.where(x > 0, x, self.slope * x), x

    def back_eval(self, Dout, cache, bp_mask=(True,)):
        return (Dout * np.where(cache > 0, 1.0, self.slope),)


def gradient(node, x):
    return ntb.Grad(node.sum(), x)


def test_both_methods_overridden(g):
    x = ntb.Placeholder([-1, 2])
    y = LeakyRelu(x)
    d = gradient(y, x)
    for _ in range(3):
        value, slope = g.run([y, d], {x: X})
        assert value.tolist() == [[-0.1, 2.0], [3.0, -0.4]] and slope.tolist() == [[0.1, 1.0], [1.0, 0.1]]
    y.slope = 0.5
    assert g.run([y], {x: X})[0].tolist() == [[-0.5, 2.0], [3.0, -2.0]]


def test_a_training_step_through_an_overridden_node(g):
    x, w = ntb.Placeholder([-1, 2]), ntb.Variable(value=np.array([[1.0], [1.0]]))
    opt = ntb.Optim(LeakyRelu(x.dot(w)).sum(), lr=1.0, config={"momentum": 0.0})
    g.run([opt], {x: X})
    assert w.value.tolist() == [[1 - (-1 + 0.1 * 3)], [1 - (2 - 0.1 * 4)]]


def test_the_backward_method_alone(g):
    class Clipped(ntb.Tanh):
        def back_eval(self, Dout, cache, bp_mask):
            return tuple(np.minimum(d, 0.05) for d in super().back_eval(Dout, cache, bp_mask))

    class Straight(ntb.Relu):
        def back_eval(self, Dout, cache, bp_mask):
            return (Dout,)

    x = ntb.Placeholder([-1, 2])
    clipped, straight = gradient(Clipped(x), x), gradient(Straight(x), x)
    for _ in range(2):
        a, b = g.run([clipped, straight], {x: X})
        np.testing.assert_allclose(a, np.minimum(1 - np.tanh(X) ** 2, 0.05))
        assert b.tolist() == [[1, 1], [1, 1]]


UNARY = [
    "Relu", "Sigmoid", "Tanh", "Softmax", "Maxout", "Sum", "Mean", "BatchFlatten", "L2", "L1",
]  # fmt: skip


@pytest.mark.parametrize("name", [*UNARY, "Add", "Sub", "Mult", "Div"])
def test_each_node_is_what_super_calls(g, name):
    kind = getattr(ntb, name)

    class Tripled(kind):
        def forw_eval(self, *inputs):
            value, cache = super().forw_eval(*inputs)
            return 3.0 * value, cache

        def back_eval(self, Dout, cache, bp_mask):
            return [3.0 * d for d in super().back_eval(Dout, cache, bp_mask)]

    x = ntb.Placeholder([-1, 2])
    inputs = (x,) if name in UNARY else (x, x)
    once, thrice = kind(*inputs), Tripled(*inputs)
    for _ in range(2):
        plain = g.run([once, gradient(once, x)], {x: X})
        for a, b in zip(plain, g.run([thrice, gradient(thrice, x)], {x: X})):
            np.testing.assert_allclose(b, 3.0 * a)


def test_convolution_pooling_and_losses(g):
    class Twice(ntb.Conv2d):
        def forw_eval(self, *inputs):
            value, cache = super().forw_eval(*inputs)
            return 2 * value, cache

        def back_eval(self, Dout, cache, bp_mask):
            return [2 * d for d in super().back_eval(Dout, cache, bp_mask)]

    class Blocked(ntb.MaxPool):
        def back_eval(self, Dout, cache, bp_mask):
            return [0 * d for d in super().back_eval(Dout, cache, bp_mask)]

    class Warm(ntb.CrossEntropyLogits):
        def forw_eval(self, x, y):
            return super().forw_eval(x / 2, y)

        def back_eval(self, Dout, cache, bp_mask):
            dx, dy = super().back_eval(Dout, cache, bp_mask)
            return dx / 2, dy

    images = ntb.Placeholder([-1, 1, 4, 4])
    w, b = ntb.Variable(value=np.ones((1, 1, 2, 2))), ntb.Variable(value=np.zeros(1))
    conv = Twice(images, w, b, stride=2, pad=(0, 0))
    pool = Blocked(conv, pool_size=(2, 2), pad=(0, 0))
    fetches = [conv.sum(), pool.sum(), gradient(conv, w).sum(), gradient(pool, w).sum()]
    assert g.run(fetches, {images: np.ones((1, 1, 4, 4))}) == (32, 8, 32, 0)

    x, y = ntb.Placeholder([-1, 2]), ntb.Placeholder([-1])
    warm, usual = Warm(x, y), ntb.CrossEntropyLogits(x / 2, y)
    for a, b in zip(*[g.run([l, ntb.Grad(l, x)], {x: X, y: [0, 1]}) for l in (warm, usual)]):
        np.testing.assert_allclose(a, b)


def test_dropout_draws_the_same_through_super(g):
    class Mine(ntb.Dropout):
        def forw_eval(self, x, p):
            value, cache = super().forw_eval(x, p)
            return value + 1.0, cache

    x = ntb.Placeholder([-1, 2])
    mine, usual = Mine(x, 0.5), ntb.Dropout(x, 0.5)
    drawn = []
    for node in (mine, usual):
        np.random.seed(0)
        drawn.append([g.run([node], {x: np.ones((3, 2))})[0] for _ in range(4)])
    np.testing.assert_array_equal(drawn[0], np.add(drawn[1], 1.0))


@pytest.mark.parametrize("name", ["Batchnorm", "SpatialBatchnorm", "TemporalBatchnorm"])
def test_a_batchnorm_keeps_its_statistics_through_super(g, name):
    kind = getattr(ntb, name)
    shape = {"Batchnorm": (4, 3), "SpatialBatchnorm": (4, 3, 2, 2), "TemporalBatchnorm": (4, 2, 3)}[name]

    class Twice(kind):
        def forw_eval(self, *inputs):
            value, cache = super().forw_eval(*inputs)
            return 2 * value, cache

    x, train = ntb.Placeholder([-1, *shape[1:]]), ntb.Placeholder()
    mine, usual = (k(x, np.ones(3), np.zeros(3), train) for k in (Twice, kind))
    data = np.random.default_rng(0).normal(size=shape)
    for mode in (1.0, 0.0, 1.0, 0.0):
        a, b = g.run([mine, usual], {x: data, train: mode})
        np.testing.assert_allclose(a, 2 * b)
    np.testing.assert_allclose(mine.mu, usual.mu)
    g.reset()
    assert mine.mu.tolist() == [0, 0, 0]


def test_variables_and_placeholders(g):
    class Positive(ntb.Variable):
        def forw_eval(self):
            return np.exp(self.value), None

    class WithDefault(ntb.Placeholder):
        def forw_eval(self):
            return 7.0, None

    w, p = Positive(value=0.0), WithDefault()
    opt = ntb.Optim(w * w, lr=0.5, config={"momentum": 0.0})
    for _ in range(2):
        assert g.run([p * 2.0]) == (14.0,) and g.run([p * 2.0], {p: 1.0}) == (2.0,)
    assert g.run([w, opt, w]) == (1.0, True, np.exp(-1.0)) and w.value == -1


def test_gradients_and_assignments(g):
    class Clipped(ntb.Grad):
        def forw_eval(self, y, x):
            return np.clip(y, -1.0, 1.0), None

    class Doubled(ntb.Assign):
        def forw_eval(self, variable, value):
            return super().forw_eval(variable, 2 * value)

    w = ntb.Variable(value=5.0)
    clipped, doubled = Clipped(w * w, w), Doubled(w, w + 1.0)
    assert g.run([clipped]) == (1.0,)
    assert [g.run([w, doubled, w]) for _ in range(2)] == [(5.0, 12.0, 12.0), (12.0, 26.0, 26.0)]


def test_an_optimizer_that_clips(g):
    class Clipped(ntb.Optim):
        def forw_eval(self, lr, d_loss):
            return super().forw_eval(lr, {w: np.clip(d, -1, 1) for w, d in d_loss.items()})

    w = ntb.Variable(value=5.0)
    l = w * w
    opt = Clipped(l, lr=0.1, config={"momentum": 0.0})
    for i in range(3):
        assert g.run([l, opt])[0] == pytest.approx((5.0 - 0.1 * i) ** 2)
        np.testing.assert_allclose(w.value, 5.0 - 0.1 * (i + 1))


@pytest.mark.parametrize("rule", ["sgd", "rmsprop", "adam"])
def test_an_optimizer_that_only_calls_super_is_the_usual_one(rule):
    class Same(ntb.Optim):
        def forw_eval(self, lr, d_loss):
            return super().forw_eval(lr, d_loss)

    values = []
    for kind in (ntb.Optim, Same):
        g = ntb.ComputationGraph()
        with ntb.default_graph(g):
            x, w = ntb.Placeholder([-1, 2]), ntb.Variable(value=np.ones((2, 3)))
            opt = kind((ntb.Tanh(x.dot(w)) ** 2).mean(), lr=0.1, update_rule=rule)
        for _ in range(5):
            g.run([opt], {x: X})
        values.append([w.value, *[v for v in opt.configs[0].values()]])
    for a, b in zip(*values):
        np.testing.assert_array_equal(a, b)


def test_a_rule_of_ones_own(g):
    class Signs(ntb.Optim):
        def signs(w, dw, lr, config):  # as the earlier ntb wrote rules
            config["steps"] = config.get("steps", 0) + 1
            return w - lr * np.sign(dw)

    w = ntb.Variable(value=5.0)
    opt = Signs(w * w, lr=0.5, update_rule="signs", config={"steps": 10})
    for _ in range(2):
        g.run([opt])
    assert w.value == 4.0 and opt.configs == [{"steps": 12}]
    saved = g.save()
    g.run([opt])
    g.load(saved)
    assert w.value == 4.0 and opt.configs == [{"steps": 12}]
    g.reset()
    assert opt.configs == [{"steps": 10}]


def test_a_rule_of_ones_own_in_the_place_of_one_of_ours(g):
    class Halves(ntb.Optim):
        def sgd(w, dw, lr, config):
            return w / 2

    w = ntb.Variable(value=8.0)
    usual, halves = ntb.Optim(w * w, lr=0.25), Halves(w * w)
    g.run([halves])
    assert w.value == 4.0
    g.run([usual])
    assert w.value == 2.0


def test_other_nodes_of_an_optimizer_of_ones_own(g):
    class Same(ntb.Optim):
        def forw_eval(self, lr, d_loss):
            return super().forw_eval(lr, d_loss)

    a, b = ntb.Variable(value=5.0), ntb.Variable(value=7.0)
    opt = Same(a * a + b * b, lr=0.1, variables=[a])
    g.run([opt])
    opt.nodes = [a, b]
    g.run([opt])
    np.testing.assert_allclose(b.value, 7.0 - 0.1 * 14)


def test_an_error_in_an_optimizer_of_ones_own_changes_nothing(g):
    class Breaks(ntb.Optim):
        def forw_eval(self, lr, d_loss):
            super().forw_eval(lr, d_loss)
            raise ArithmeticError("no")

    w = ntb.Variable(value=5.0)
    opt = Breaks(w * w, lr=0.5)
    before = g.save()
    with pytest.raises(GraphError, match="opt.*no"):
        g.run([opt])
    assert w.value == 5.0 and g.save()[2][0]["velocity"] == before[2][0]["velocity"] == 0


def test_methods_that_are_put_in_later(g):
    class Mine(ntb.Relu):
        pass

    x = ntb.Placeholder([2])
    one, other = Mine(x), ntb.Relu(x)
    feed = {x: [-1.0, 1.0]}
    assert [v.tolist() for v in g.run([one, other], feed)] == [[0, 1], [0, 1]]
    other.forw_eval = lambda v: (v * 10, None)
    assert [v.tolist() for v in g.run([one, other], feed)] == [[0, 1], [-10, 10]]
    Mine.forw_eval = lambda self, v: (v * 2, None)
    assert [v.tolist() for v in g.run([one, other], feed)] == [[-2, 2], [-10, 10]]


def test_a_compute_nearer_than_the_protocol_counts(g):
    class Back(LeakyRelu):
        def compute(self, x):
            return np.maximum(x, 0.0) * 5.0

    x = ntb.Placeholder([-1, 2])
    y = Back(x)
    assert g.run([y, gradient(y, x)], {x: X})[1].tolist() == [[0, 5], [5, 0]]


def test_graphs_and_solvers(g):
    class Counting(ntb.ComputationGraph):
        runs = 0

        def run(self, nodes, assign_dict=None):
            self.runs += 1
            return super().run(nodes, assign_dict)

    mine = Counting()
    w = ntb.Variable(value=1.0, graph=mine)
    assert mine.run([w]) == (1.0,) and mine.runs == 1

    class InOrder(ntb.Solver):
        def _sample(self, X, y, size):
            return X[:size], y[:size]

    seen = []
    model = ntb.Model(lambda X, y: seen.append(len(X)) or [], lambda *_: [], None, None, None, None)
    data = {"X_train": np.zeros((3, 2)), "y_train": np.zeros(3), "X_val": np.zeros((3, 2)), "y_val": np.zeros(3)}
    InOrder(data, model, verbose=False).train(1)
    assert seen == [3, 3]
