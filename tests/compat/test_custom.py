"""Section 3: nodes of a user's own, on plain arrays."""

import numpy as np
import pytest

import ntb as eager
import ntb.compat as ntb
from ntb.compat import GraphError
from tests import oldest


class Product(ntb.Node):
    """x * y * scale, with everything that the protocol has."""

    def init(self, scale=1.0):
        self.scale = scale
        self.forward_calls = self.backward_calls = 0

    def forw_eval(self, x, y):
        assert type(x) is np.ndarray or np.isscalar(x)
        self.forward_calls += 1
        return x * y * self.scale, (x, y)

    def back_eval(self, Dout, cache, bp_mask):
        assert len(bp_mask) == 2 and all(isinstance(m, (bool, np.bool_)) for m in bp_mask)
        self.backward_calls += 1
        x, y = cache
        return ntb.sum_to_match(Dout * y * self.scale, np.shape(x)), ntb.sum_to_match(
            Dout * x * self.scale, np.shape(y)
        )


class Lookup(ntb.Node):
    """Rows of w by integers; 0 stands for the gradient of the integers."""

    def infer_shape(self, x, w):
        return [*x, w[1]]

    def forw_eval(self, x, w):
        return w[x], (x, w.shape)

    def back_eval(self, Dout, cache, bp_mask):
        x, shape = cache
        assert not bp_mask[0] and bp_mask[1]
        dw = np.zeros(shape)
        np.add.at(dw, x, Dout)
        return 0, dw


class Square(ntb.Node):
    """Returns its gradient without a tuple."""

    def forw_eval(self, x):
        return x * x, x

    def back_eval(self, Dout, cache, bp_mask):
        return 2 * Dout * cache


class Counter(ntb.Node):
    """A mutable node without inputs."""

    mutable = True

    def init(self, start=0.0, shape=()):
        self.start, self.count = start, start

    def forw_eval(self):
        self.count += 1
        return self.count, None

    def back_eval(self, Dout, cache, bp_mask):
        return ()

    def reset(self):
        self.count = self.start

    def save_attributes(self):
        return self.count

    def load_attributes(self, x):
        self.count = x


class Noise(ntb.Node):
    """Draws from NumPy in every run."""

    def infer_shape(self, x):
        return x

    def forw_eval(self, x):
        return x + np.random.normal(size=x.shape), None

    def back_eval(self, Dout, cache, bp_mask):
        return [Dout]


def run(node, feed=None):
    return node.graph.run([node], feed)[0]


def test_values_and_gradients_in_a_bigger_graph(g):
    x, w = ntb.Placeholder([-1, 3]), ntb.Variable(value=np.array([1.0, 2.0, 3.0]))
    p = Product(x * 2, w, scale=0.5)
    l = (ntb.Tanh(p) * w).sum()
    assert p.shape == (-1, 3)
    rng = np.random.default_rng(0)
    for n in (2, 2, 4):
        data = rng.normal(size=(n, 3))
        np.testing.assert_allclose(run(p, {x: data}), data * w.value)
        d = run(ntb.Grad(l, w), {x: data})
        np.testing.assert_allclose(d, ntb.num_grad(lambda a, data=data: run(l, {x: data, w: a}), w.value), rtol=1e-6)


def test_called_once_per_run_and_anew_in_each(g):
    x = ntb.Placeholder()
    p = Product(x, x, scale=3.0)
    y = p + p * p
    d = ntb.Grad(y, x)
    for i in range(1, 4):
        g.run([y, p, d, y], {x: 2.0})
        assert p.forward_calls == i and p.backward_calls == i
    p.scale = 1.0  # what it does may change between runs
    assert run(p, {x: 2.0}) == 4.0


def test_trained_by_an_optimizer_twice_in_a_run(g):
    w = ntb.Variable(value=3.0)
    l = Square(w)
    opt = ntb.Optim(l, lr=0.1, config={"momentum": 0.0})
    for _ in range(3):
        w.value = 3.0
        results = g.run([l, opt, l, opt, l])
        np.testing.assert_allclose(results[::2], [9.0, 9 * 0.64, 9 * 0.64**2])


def test_a_mask_and_a_zero(g):
    x, w = ntb.Placeholder([-1]), ntb.Variable(value=np.arange(6.0).reshape(3, 2))
    rows = Lookup(x, w)
    assert rows.shape == (-1, 2)
    for _ in range(2):
        assert run(rows, {x: [0, 2]}).tolist() == [[0, 1], [4, 5]]
        assert run(ntb.Grad(rows.sum(), w), {x: [0, 2, 2]}).tolist() == [[1, 1], [0, 0], [2, 2]]


@oldest.names
def test_mutable_nodes(g):
    c, w = Counter(start=10.0), ntb.Variable(value=1.0)
    y = c * w
    assert [float(run(y)) for _ in range(4)] == [11.0, 12.0, 13.0, 14.0]
    assert g.mutable_nodes == [c, w] and g.save()[0] == 14.0
    state = g.save()
    run(y)
    g.load(state)
    assert run(y) == 15.0
    program = g.program([y])
    assert "c = Counter()" in str(g) and c.count == 15.0 and program is not None
    g.reset()
    assert run(y) == 11.0


def test_draws_of_a_users_node(g):
    x = ntb.Placeholder([-1])
    noisy = Noise(x)
    np.random.seed(0)
    first, second = run(noisy, {x: np.zeros(3)}), run(noisy, {x: np.zeros(3)})
    np.random.seed(0)
    assert np.array_equal(first, np.random.normal(size=3)) and np.array_equal(second, np.random.normal(size=3))
    np.random.seed(0)
    g.program([noisy], {x: np.zeros(3)})
    assert np.array_equal(run(noisy, {x: np.zeros(3)}), first)


def test_constant_inputs_freeze_nothing(g):
    noisy = Noise(ntb.Reshape(np.zeros((2, 2)), shape=(4,)))
    assert not np.array_equal(run(noisy), run(noisy))


@pytest.mark.parametrize("replayed", [False, True])
def test_errors_name_the_node(g, replayed):
    class Picky(ntb.Node):
        def forw_eval(self, x):
            if x.sum() > 5:
                raise RuntimeError("too much")
            return x, x

        def back_eval(self, Dout, cache, bp_mask):
            if cache.sum() < 0:
                raise RuntimeError("too little")
            return [Dout]

    x = ntb.Placeholder([-1])
    p = Picky(x)
    l = (p * 2).sum()
    d = ntb.Grad(l, x)
    if replayed:
        g.run([l, d], {x: np.ones(2)})
    with pytest.raises(GraphError, match=r"<Picky p of shape \(-1,\), made at test_custom.py:\d+> failed.*too much"):
        g.run([l, d], {x: np.full(2, 5.0)})
    with pytest.raises(GraphError, match=r"<Picky p .*failed.*too little"):
        g.run([l, d], {x: np.full(2, -5.0)})
    assert g.run([l], {x: np.ones(2)}) == (4.0,)


def test_wrong_gradients_name_the_node(g):
    class Wrong(ntb.Node):
        def init(self, gradients):
            self.gradients = gradients

        def forw_eval(self, x):
            return x * 1, None

        def back_eval(self, Dout, cache, bp_mask):
            return self.gradients

    x = ntb.Placeholder([2])
    for gradients, message in (([0, 0], "2 gradients for 1 inputs"), ([np.ones(3)], r"shape \(3,\)")):
        wrong = Wrong(x, gradients=gradients)
        with pytest.raises(GraphError, match=message):
            run(ntb.Grad(wrong.sum(), x), {x: np.ones(2)})


def test_nodes_that_miss_a_method(g):
    class Empty(ntb.Node):
        pass

    class NoShape(Empty):
        def infer_shape(self, x):
            return None

    x = ntb.Placeholder()
    with pytest.raises(GraphError, match="Empty.*forw_eval"):
        run(Empty(x), {x: 1.0})
    with pytest.raises(GraphError, match="NoShape gave no shape"):
        NoShape(x)


def test_a_second_derivative_does_not_exist(g):
    x = ntb.Placeholder()
    d = ntb.Grad(Square(x), x)
    assert run(d, {x: 3.0}) == 6.0
    with pytest.raises(GraphError, match="first derivative"):
        run(ntb.Grad(d * d, x), {x: 3.0})


def test_an_assigned_user_node_is_not_called(g):
    x = ntb.Placeholder()
    p = Product(x, x)
    d = ntb.Grad(p * 3, p)
    assert g.run([p * 2, d], {p: 4.0}) == (8.0, 3.0) and p.forward_calls == 0


def test_a_float32_graph_stays_so():
    g = ntb.ComputationGraph(dtype=np.float32)
    with ntb.default_graph(g):
        x, w = ntb.Placeholder([-1, 3]), ntb.Variable(value=np.ones(3))
        l = Product(x, w, scale=np.float64(2.0)).sum()
    l, d = g.run([l, ntb.Grad(l, w)], {x: np.ones((2, 3))})
    assert l == 12.0 and l.dtype == d.dtype == np.float32


def test_keyword_arguments_and_shape(g):
    node = Counter(start=2.0, shape=())
    assert node.shape == () and node.start == 2.0
    assert Counter(graph=ntb.ComputationGraph()).graph is not g
    with pytest.raises(TypeError):
        Counter(begin=1)


def test_a_run_that_is_interrupted_leaves_the_names_of_other_programs_alone():
    class Stopped(ntb.Node):
        def infer_shape(self, x):
            return x

        def forw_eval(self, x):
            raise KeyboardInterrupt

    g = ntb.ComputationGraph()
    with ntb.default_graph(g):
        x = ntb.Placeholder([-1])
        y = Stopped(x)
    with pytest.raises(KeyboardInterrupt):
        g.run([y], {x: np.ones(2)})

    def f(x):
        hidden = np.tanh(x)
        return hidden * 2.0 + hidden

    assert "hidden = np.tanh(x)" in eager.function(f).trace(np.ones(2)).source
