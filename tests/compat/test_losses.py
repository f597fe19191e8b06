"""Section 5: non-linearities, losses and penalties."""

import numpy as np
import pytest

import ntb.compat as ntb
from ntb.compat import GraphError

rng = np.random.default_rng(1)


def run(node, feed=None):
    return node.graph.run([node], feed)[0]


def softmax(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


@pytest.mark.parametrize(
    "kind, f",
    [
        (ntb.Relu, lambda x: np.maximum(x, 0)), (ntb.Tanh, np.tanh), (ntb.Sigmoid, lambda x: 1 / (1 + np.exp(-x))),
        (ntb.Softmax, softmax), (ntb.Maxout, lambda x: x.max(axis=-1)),
    ],
)  # fmt: skip
def test_values_and_gradients(g, kind, f):
    x = ntb.Placeholder([-1, 5])
    y = kind(x)
    data = rng.normal(size=(3, 5))
    np.testing.assert_allclose(run(y, {x: data}), f(data), rtol=1e-14)
    weights = rng.normal(size=f(data).shape)
    d = run(ntb.Grad((y * weights).sum(), x), {x: data})
    np.testing.assert_allclose(d, ntb.num_grad(lambda a: float(np.sum(f(a) * weights)), data), atol=1e-8)


def test_relu_at_zero(g):
    x = ntb.Placeholder([3])
    assert run(ntb.Grad(ntb.Relu(x).sum(), x), {x: [-1.0, 0.0, 1.0]}).tolist() == [0, 0, 1]


def test_sigmoid_of_integers_and_extremes(g):
    assert np.round(ntb.sigmoid([0, 1, -3]), 4).tolist() == [0.5, 0.7311, 0.0474]
    assert ntb.sigmoid(0.0) == 0.5 and ntb.sigmoid(np.array([-1e4, 1e4])).tolist() == [0, 1]
    x = ntb.Placeholder([3])
    assert run(ntb.Sigmoid(x), {x: [0, 1, -3]}).tolist() == ntb.sigmoid([0, 1, -3]).tolist()


def test_softmax_of_extremes(g):
    x = ntb.Placeholder([2])
    assert run(ntb.Softmax(x), {x: [1e4, -1e4]}).tolist() == [1, 0]


def test_maxout_backward_and_ties(g):
    x = ntb.Placeholder([-1, 2, 3])
    data = rng.normal(size=(4, 2, 3))
    d = run(ntb.Grad(ntb.Maxout(x).sum(), x), {x: data})
    np.testing.assert_array_equal(d, data == data.max(axis=-1, keepdims=True))
    assert ntb.Maxout(x).shape == (-1, 2)
    assert run(ntb.Grad(ntb.Maxout(x).sum(), x), {x: np.ones((1, 2, 3))}).sum() == pytest.approx(2)


@pytest.mark.parametrize("labels", [[0, 2, 1], np.array([0, 2, 1], np.uint8), np.array([0.0, 2.0, 1.0])])
def test_cross_entropies(g, labels):
    x, y = ntb.Placeholder([-1, 4]), ntb.Placeholder([-1])
    scores = rng.normal(size=(3, 4))
    p = softmax(scores)
    expected = -np.log(p[np.arange(3), np.asarray(labels, int)]).mean()
    onehot = np.eye(4)[np.asarray(labels, int)]
    l = ntb.CrossEntropyLogits(x, y)
    for _ in range(2):
        assert run(l, {x: scores, y: labels}) == pytest.approx(expected)
        np.testing.assert_allclose(run(ntb.Grad(3 * l, x), {x: scores, y: labels}), (p - onehot), atol=1e-15)
    assert run(ntb.CrossEntropy(x, y), {x: p, y: labels}) == pytest.approx(expected)
    assert run(ntb.CrossEntropy(ntb.Softmax(x), y), {x: scores, y: labels}) == pytest.approx(expected)


def test_a_hopeless_score_has_a_finite_loss(g):
    x, y = ntb.Placeholder([1, 2]), ntb.Placeholder([1])
    assert run(ntb.CrossEntropyLogits(x, y), {x: [[0.0, 1e4]], y: [0]}) == 1e4
    with np.errstate(divide="ignore"):
        assert run(ntb.CrossEntropy(x, y), {x: [[0.0, 1.0]], y: [0]}) == np.inf


def test_shapes_of_labels(g):
    x = ntb.Placeholder([-1, 4])
    for kind in (ntb.CrossEntropy, ntb.CrossEntropyLogits):
        assert kind(x, ntb.Placeholder([-1])).shape == ()
        for wrong in (ntb.Placeholder([-1, 4]), ntb.Placeholder()):
            with pytest.raises(ValueError, match="need integer labels of shape"):
                kind(x, wrong)
        with pytest.raises(ValueError, match="labels of shape"):
            kind(ntb.Placeholder([3, 4]), ntb.Placeholder([5]))


def test_labels_out_of_range(g):
    x, y = ntb.Placeholder([-1, 4]), ntb.Placeholder([-1])
    for bad in ([4], [-1]):
        with pytest.raises(GraphError, match="labels"):
            run(ntb.CrossEntropyLogits(x, y), {x: np.zeros((1, 4)), y: bad})


def test_temporal_cross_entropy(g):
    x, y, mask = ntb.Placeholder([-1, 3, 5]), ntb.Placeholder([-1, 3]), ntb.Placeholder([-1, 3])
    scores, labels = rng.normal(size=(2, 3, 5)), np.array([[0, 1, 2], [4, 3, 2]])
    weights = rng.random((2, 3))
    p = softmax(scores)
    log_p = np.log(np.take_along_axis(p, labels[..., None], axis=-1)[..., 0])
    l = ntb.TemporalCE(x, y, mask)
    feed = {x: scores, y: labels, mask: weights}
    assert run(l, feed) == pytest.approx(-(weights * log_p).sum() / 2)
    d = (p - np.eye(5)[labels]) * weights[..., None] / 2
    np.testing.assert_allclose(run(ntb.Grad(l, x), feed), d, atol=1e-15)
    np.testing.assert_allclose(run(ntb.Grad(2 * l + l, x), feed), 3 * d, atol=1e-15)  # the weight of a loss counts
    assert run(l, {**feed, mask: np.ones((2, 3), int)}) == pytest.approx(-log_p.sum() / 2)
    with pytest.raises(ValueError, match="expected"):
        ntb.TemporalCE(x, y, ntb.Placeholder([-1]))


def test_penalties(g):
    a, b = ntb.Variable(value=np.array([[1.0, -2.0]])), ntb.Variable(value=np.array([0.0, 3.0]))
    assert run(ntb.L2(a, b)) == 7.0 and run(ntb.L1(a, b)) == 6.0
    assert ntb.L2(a).shape == ntb.L1(a, b).shape == ()
    assert run(ntb.Grad(ntb.L2(a, b), a)).tolist() == [[1, -2]]
    assert run(ntb.Grad(ntb.L1(a, b), b)).tolist() == [0, 1]


def test_weight_decay(g):
    x = ntb.Placeholder([-1, 2])
    h, w, b = ntb.affine_layer(x, 3)
    frozen = ntb.Variable(value=np.ones((3, 3)), learnable=False)
    unused = ntb.Variable(value=np.ones((3, 3)))
    l = (h.dot(frozen)).sum() + 0
    decay = ntb.weight_decay(l)
    assert g.inputs[decay] == (w,) and run(decay) == pytest.approx(0.5 * (w.value**2).sum())
    assert isinstance(ntb.weight_decay(l, decay_class=ntb.L1), ntb.L1) and unused.value.sum() == 9
    assert b not in g.inputs[decay]
    regularised = l + 0.1 * decay
    assert run(regularised, {x: np.ones((1, 2))}) == pytest.approx(run(l, {x: np.ones((1, 2))}) + 0.1 * run(decay))
    with pytest.raises(GraphError, match="nothing to decay"):
        ntb.weight_decay(b.sum())


@pytest.mark.parametrize("p", [1.0, 0.5, 0.25])
def test_dropout_keeps_with_probability_p(g, p):
    x, keep = ntb.Placeholder([-1]), ntb.Placeholder()
    y = ntb.Dropout(x, keep)
    np.random.seed(3)
    values = run(y, {x: np.ones(4000), keep: p})
    assert set(np.unique(values)) <= {0.0, 1 / p} and np.mean(values > 0) == pytest.approx(p, abs=0.03)
    np.random.seed(3)
    assert np.array_equal(values, run(ntb.Dropout(x, p), {x: np.ones(4000)}))
    y, d = g.run([y, ntb.Grad(y.sum(), x)], {x: np.ones(50), keep: p})
    np.testing.assert_array_equal(y, d)


def test_dropout_that_keeps_nothing(g):
    x = ntb.Placeholder([4])
    assert run(ntb.Dropout(x, 0.0), {x: np.ones(4)}).tolist() == [0, 0, 0, 0]
    keep = ntb.Placeholder()
    assert run(ntb.Dropout(x, keep), {x: np.ones(4), keep: 0}).tolist() == [0, 0, 0, 0]
