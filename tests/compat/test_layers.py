"""Section 6: layer functions, convolution, pooling, batch normalisation, and the helpers on images."""

import numpy as np
import pytest

import ntb.compat as ntb
from ntb.compat import GraphError

rng = np.random.default_rng(2)


def run(node, feed=None):
    return node.graph.run([node], feed)[0]


# --- layer functions


def test_affine_layer(g):
    x = ntb.Placeholder([-1, 2, 3])
    out, w, b = ntb.affine_layer(x, 4)
    assert out.shape == (-1, 4) and w.value.shape == (6, 4) and b.value.tolist() == [0] * 4
    data = rng.normal(size=(5, 2, 3))
    np.testing.assert_allclose(run(out, {x: data}), data.reshape(5, 6) @ w.value)


def test_conv_layer(g):
    x = ntb.Placeholder([-1, 3, 28, 28])
    out, w, b = ntb.conv_layer(x, 8, 5, 5)
    assert out.shape == (-1, 8, 29, 29) and w.value.shape == (8, 3, 5, 5)
    np.testing.assert_allclose(b.value, 0.1)
    assert ntb.conv_layer(x, 8, 5, 5, stride=2)[0].shape == (-1, 8, 15, 15)
    assert ntb.conv_layer(x, 8, 5, 5, stride=2, padding="minimal")[0].shape == (-1, 8, 13, 13)
    assert run(out, {x: np.zeros((2, 3, 28, 28), np.uint8)}).shape == (2, 8, 29, 29)


def test_max_pool_layer(g):
    x = ntb.Placeholder([-1, 3, 29, 29])
    assert ntb.max_pool_layer(x, 2, 2).shape == (-1, 3, 15, 15)
    assert ntb.max_pool_layer(x, 3, 3, stride=2).shape == (-1, 3, 14, 14)
    assert ntb.max_pool_layer(x, 3, 2).shape == ntb.max_pool_layer(x, 3, 2, 2).shape


def test_batchnorm_layers(g):
    x, images = ntb.Placeholder([-1, 3, 2]), ntb.Placeholder([-1, 3, 4, 4])
    out, gamma, beta = ntb.batchnorm_layer(x, ntb.Placeholder())
    assert out.shape == (-1, 3, 2) and gamma.value.tolist() == np.ones((3, 2)).tolist() and beta.value.sum() == 0
    out, gamma, beta = ntb.spatial_batchnorm_layer(images, True)
    assert out.shape == (-1, 3, 4, 4) and gamma.value.shape == beta.value.shape == (3,)


def test_layers_work_outside_of_a_default_graph():
    g = ntb.ComputationGraph()
    x = ntb.Placeholder([-1, 1, 8, 8], graph=g)
    h = ntb.spatial_batchnorm_layer(ntb.conv_layer(x, 2, 3, 3)[0], 1)[0]
    out = ntb.affine_layer(ntb.max_pool_layer(h, 2, 2), 3)[0]
    h, _ = ntb.Lstm(4)(out, np.zeros((2, 5, 4)))
    assert run(h, {x: np.ones((5, 1, 8, 8))}).shape == (5, 4)


# --- padding


@pytest.mark.parametrize("size", range(4, 12))
@pytest.mark.parametrize("window", [1, 2, 3, 4])
@pytest.mark.parametrize("stride", [1, 2, 3])
def test_get_pad(size, window, stride):
    ceil = lambda a, b: -(-a // b)
    minimal, _ = ntb.get_pad(size, size, window, window, stride)
    same, other = ntb.get_pad(size, size, window, window, stride, "same")
    assert minimal == -(size - window) % stride and same == other == window + -size % stride
    assert (size + minimal - window) // stride + 1 == ceil(size - window, stride) + 1
    assert (size + same - window) // stride + 1 == ceil(size, stride) + 1


def test_padding_is_split_with_the_greater_half_after():
    x = np.ones((1, 1, 2, 2))
    padded = ntb.pad_4d(x, (3, 1), c=7.0)
    assert padded.shape == (1, 1, 5, 3) and padded[0, 0, 0].tolist() == [7, 7, 7] and padded[0, 0, 1, 0] == 1
    assert ntb.unpad_4d(padded, (3, 1)).tolist() == x.tolist()
    assert ntb.unpad_4d(ntb.pad_4d(x, (0, 0)), (0, 0)).tolist() == x.tolist()


def test_columns():
    x = rng.normal(size=(2, 3, 5, 6))
    views = ntb.as_strided(x, 2, 3, 1)
    assert views.shape == (2, 3, 2, 3, 4, 4) and views[1, 2, 1, 2, 3, 3] == x[1, 2, 4, 5]
    columns = ntb.im2col_aux(x, 2, 3, 1)
    assert columns.shape == (18, 32)
    assert np.array_equal(ntb.im2col(x, 2, 3, (0, 0), 1), columns)
    assert ntb.im2col(x, 2, 2, (1, 0), 2).shape == (12, 18)
    y = rng.normal(size=ntb.im2col(x, 2, 2, (1, 0), 2).shape)
    back = ntb.col2im(y, x.shape, 2, 2, (1, 0), 2)
    assert np.vdot(back, x) == pytest.approx(np.vdot(y, ntb.im2col(x, 2, 2, (1, 0), 2)))  # the adjoint


# --- convolution and pooling


def naive_conv(x, w, b, stride, pad):
    x = ntb.pad_4d(x, pad)
    rows, across = (x.shape[2] - w.shape[2]) // stride + 1, (x.shape[3] - w.shape[3]) // stride + 1
    y = np.empty((len(x), len(w), rows, across))
    for i in range(rows):
        for j in range(across):
            window = x[:, :, i * stride : i * stride + w.shape[2], j * stride : j * stride + w.shape[3]]
            y[:, :, i, j] = np.einsum("nchw,fchw->nf", window, w) + b
    return y


@pytest.mark.parametrize("stride, pad", [(1, (0, 0)), (1, (3, 2)), (2, (2, 1))])
def test_conv2d(g, stride, pad):
    x = ntb.Placeholder([-1, 2, 5, 6])
    w, b = ntb.Variable(value=rng.normal(size=(3, 2, 3, 3))), ntb.Variable(value=rng.normal(size=3))
    y = ntb.Conv2d(x, w, b, stride=stride, pad=pad)
    data = rng.normal(size=(2, 2, 5, 6))
    expected = naive_conv(data, w.value, b.value, stride, pad)
    np.testing.assert_allclose(run(y, {x: data}), expected, atol=1e-12)
    assert y.shape[1:] == expected.shape[1:]
    weights = rng.normal(size=expected.shape)
    l = (y * weights).sum()
    for node, value in ((x, data), (w, w.value), (b, b.value)):
        numeric = ntb.num_grad(lambda a, n=node: run(l, {x: data, n: a}), value, dx=1e-5)
        np.testing.assert_allclose(run(ntb.Grad(l, node), {x: data}), numeric, atol=1e-7)


def test_conv2d_that_does_not_fit(g):
    x, w, b = ntb.Placeholder([-1, 2, 5, 6]), np.ones((3, 2, 3, 3)), np.zeros(3)
    with pytest.raises(ValueError, match="height does not work"):
        ntb.Conv2d(x, w, b, stride=2, pad=(1, 1))
    with pytest.raises(ValueError, match="width does not work"):
        ntb.Conv2d(x, w, b, stride=2, pad=(0, 0))
    with pytest.raises(TypeError):
        ntb.Conv2d(x, w, b)
    with pytest.raises(ValueError, match="do not fit"):
        ntb.Conv2d(x, np.ones((3, 1, 3, 3)), b, stride=1, pad=(0, 0))


def test_pooling_without_overlap(g):
    x = ntb.Placeholder([-1, 1, 3, 3])
    y = ntb.MaxPool(x, pool_size=(2, 2), pad=(1, 1))
    assert y.stride == 2 and y.shape == (-1, 1, 2, 2)
    data = -np.ones((1, 1, 3, 3))
    assert run(y, {x: data}).tolist() == [[[[-1, -1], [-1, -1]]]]  # padded with -inf
    assert run(ntb.Grad(y.sum(), x), {x: data})[0, 0].tolist() == [[0.25, 0.25, 0.5], [0.25, 0.25, 0.5], [0.5, 0.5, 1]]
    assert run(y, {x: np.arange(9, dtype=np.uint8).reshape(1, 1, 3, 3)}).tolist() == [[[[4, 5], [7, 8]]]]


def test_pooling_with_overlap_pads_zeros_and_the_first_wins(g):
    x = ntb.Placeholder([-1, 1, 3, 3])
    y = ntb.MaxPool(x, pool_size=(2, 2), pad=(1, 1), stride=1)
    data = -np.ones((1, 1, 3, 3))
    assert run(y, {x: data})[0, 0].tolist() == [[-1, -1, 0], [-1, -1, 0], [0, 0, 0]]
    assert run(ntb.Grad(y.sum(), x), {x: data})[0, 0].tolist() == [[1, 1, 0], [1, 1, 0], [0, 0, 0]]
    with pytest.raises(ValueError, match="known"):
        ntb.MaxPool(ntb.Placeholder([-1, 1, -1, 3]), pool_size=(2, 2), pad=(0, 0))
    with pytest.raises(TypeError):
        ntb.MaxPool(x)


# --- batch normalisation


KINDS = [
    (ntb.Batchnorm, (6, 3), (0,), (3,)), (ntb.Batchnorm, (6, 3, 2), (0,), (3, 2)),
    (ntb.TemporalBatchnorm, (4, 5, 3), (0, 1), (3,)), (ntb.SpatialBatchnorm, (4, 3, 2, 5), (0, 2, 3), (3,)),
]  # fmt: skip


def over(values, axes, rank):
    """Parameters of the axes that are not averaged over, ready to be broadcast."""
    for axis in axes:
        values = np.expand_dims(values, axis)
    assert values.ndim == rank
    return values


@pytest.mark.parametrize("kind, shape, axes, parameter", KINDS)
def test_batchnorm(g, kind, shape, axes, parameter):
    x, train = ntb.Placeholder((-1, *shape[1:])), ntb.Placeholder()
    gamma, beta = ntb.Variable(value=1 + rng.random(parameter)), ntb.Variable(value=rng.normal(size=parameter))
    bn = kind(x, gamma, beta, train, mu=0.5, var=2.0, eps=1e-3, learning_rate=0.25)
    assert bn.shape == x.shape
    data = rng.normal(size=shape)
    mean, var = data.mean(axis=axes), data.var(axis=axes)

    def normalised(m, v):
        m, v, gm, bt = (over(a, axes, len(shape)) for a in (m, v, gamma.value, beta.value))
        return (data - m) / np.sqrt(v + 1e-3) * gm + bt

    half, two = np.full(parameter, 0.5), np.full(parameter, 2.0)
    np.testing.assert_allclose(run(bn, {x: data, train: False}), normalised(half, two))
    np.testing.assert_allclose(bn.mu, half)
    np.testing.assert_allclose(run(bn, {x: data, train: True}), normalised(mean, var))
    np.testing.assert_allclose(bn.mu, 0.75 * half + 0.25 * mean)
    np.testing.assert_allclose(bn.var, 0.75 * two + 0.25 * var)
    assert bn.eps == 1e-3 and bn.lr == 0.25
    saved = bn.save_attributes()
    assert [np.shape(s) for s in saved] == [parameter, parameter, (), ()]
    bn.reset()
    np.testing.assert_allclose(bn.mu, half)
    bn.load_attributes(saved)
    np.testing.assert_allclose(bn.var, saved[1])
    weights = rng.normal(size=shape)
    l = (bn * weights).sum()
    for mode in (0, 1):
        numeric = ntb.num_grad(lambda a, m=mode: run(l, {x: a, train: m}), data, dx=1e-5)
        if mode == 0:
            bn.load_attributes(saved)
            numeric = ntb.num_grad(lambda a: run(l, {x: a, train: 0}), data, dx=1e-5)
        np.testing.assert_allclose(run(ntb.Grad(l, x), {x: data, train: mode}), numeric, atol=1e-6)


def test_a_fed_mode_is_no_decision_of_the_program(g):
    x, train = ntb.Placeholder([-1, 3]), ntb.Placeholder()
    y, *_ = ntb.batchnorm_layer(x, train)
    for mode in (0.0, 1.0):
        code = g.program([y], {x: np.ones((2, 3)), train: mode}).code
        assert not [i for i in code.instructions if i.effect == "guard"]


def test_the_attributes_of_batchnorm_are_set(g):
    x = ntb.Placeholder([-1, 1])
    bn = ntb.Batchnorm(x, np.ones(1), np.zeros(1), False)
    feed = {x: [[3.0]]}
    assert run(bn, feed)[0, 0] == pytest.approx(3.0 / np.sqrt(1 + 1e-5))
    bn.mu, bn.var, bn.eps = [1.0], 4.0, 0.0
    assert run(bn, feed).tolist() == [[1.0]]
    bn.lr = 0.5
    assert bn.save_attributes()[3] == 0.5


@pytest.mark.parametrize("make", [lambda t: t, lambda t: t * 1, lambda t: ntb.Equals(t, 1)])
def test_the_mode_may_be_any_node(g, make):
    x, train = ntb.Placeholder([-1, 1]), ntb.Placeholder()
    bn = ntb.Batchnorm(x, np.ones(1), np.zeros(1), make(train))
    data = np.array([[1.0], [5.0]])
    for _ in range(3):
        assert run(bn, {x: data, train: 1}).sum() == pytest.approx(0)
        mu = bn.mu.copy()
        assert run(bn, {x: data, train: 0}).sum() > 1
        assert np.array_equal(bn.mu, mu)


def test_a_batch_of_one(g):
    x = ntb.Placeholder([-1, 2])
    bn = ntb.Batchnorm(x, np.ones(2), np.full(2, 3.0), 1)
    for _ in range(200):
        assert run(bn, {x: [[5.0, 7.0]]}).tolist() == [[3, 3]]
    np.testing.assert_allclose(bn.var, 0, atol=1e-8)


def test_shapes_of_batchnorm(g):
    x = ntb.Placeholder([-1, 3])
    with pytest.raises(ValueError, match=r"expected \(3,\)"):
        ntb.Batchnorm(x, np.ones(2), np.zeros(3), 1)
    with pytest.raises(ValueError, match=r"expected \(3,\)"):
        ntb.Batchnorm(x, np.ones(3), np.zeros(2), 1)
    with pytest.raises(GraphError, match="saved value"):
        ntb.Batchnorm(x, np.ones(3), np.zeros(3), 1)
        g.load([(np.zeros(4), np.zeros(3), 1e-5, 0.1)])
