"""Activations, linear, embedding, normalisation, dropout and initialisers."""

import functools
import math

import numpy as np
import pytest

import ntb
from ntb import nn
from ntb.nn import initializers

RNG = np.random.default_rng(0)
X = RNG.normal(size=(3, 4)) * 2

DEFINITIONS = {
    nn.relu: lambda x: max(x, 0),
    nn.leaky_relu: lambda x: x if x > 0 else 0.01 * x,
    nn.elu: lambda x: x if x > 0 else math.exp(x) - 1,
    nn.selu: lambda x: 1.0507009873554805 * (x if x > 0 else 1.6732632423543772 * (math.exp(x) - 1)),
    nn.silu: lambda x: x / (1 + math.exp(-x)),
    nn.sigmoid: lambda x: 1 / (1 + math.exp(-x)),
    nn.softplus: lambda x: math.log(1 + math.exp(x)),
    nn.log_sigmoid: lambda x: -math.log(1 + math.exp(-x)),
}


@pytest.mark.parametrize("function", DEFINITIONS, ids=lambda f: f.__name__)
def test_activations_are_their_definitions(function):
    np.testing.assert_allclose(function(X), np.vectorize(DEFINITIONS[function])(X))
    ntb.check_gradients(function, X)


def test_gelu_is_near_the_exact_one():
    exact = np.vectorize(lambda x: x * (1 + math.erf(x / math.sqrt(2))) / 2)(X)
    np.testing.assert_allclose(nn.gelu(X), exact, atol=5e-4)


@pytest.mark.parametrize("function", [*DEFINITIONS, nn.gelu], ids=lambda f: f.__name__)
def test_activations_are_quiet_far_out_and_keep_float32(function):
    with ntb.Tape() as tape:
        x = tape.watch(np.array([-1e4, -100, 0, 100, 1e4], np.float32))
        y = function(x)
    g = tape.gradient(y, x, seed=np.ones(5, np.float32))
    assert y.dtype == g.dtype == np.float32
    assert np.isfinite(y.numpy()).all() and np.isfinite(g.numpy()).all()


def test_slopes_at_zero():
    for function, slope in [(nn.leaky_relu, 0.01), (nn.elu, 1.0), (nn.relu, 0.0)]:
        assert ntb.grad(function)(0.0).item() == slope


def test_maxout():
    assert np.array_equal(nn.maxout(X), X.max(-1))
    ntb.check_gradients(nn.maxout, X)
    assert ntb.grad(nn.maxout)(np.array([1.0, 1.0])).tolist() == [0.5, 0.5]


@pytest.mark.parametrize("shape", [(4,), (3, 4), (0, 4), (2, 3, 4), (2, 0, 4)])
def test_linear(shape):
    x, w, b = RNG.normal(size=shape), RNG.normal(size=(4, 5)), RNG.normal(size=5)
    np.testing.assert_allclose(nn.linear(x, w, b), x @ w + b, rtol=1e-12, atol=1e-12)
    with pytest.raises(ntb.InputError, match="Flatten"):
        nn.linear(x, w.T)


def test_embedding_adds_up_the_gradients_of_repeated_ids():
    w = ntb.Variable(RNG.normal(size=(4, 2)))
    ids = np.array([[1, 3, 1], [1, 0, 0]])
    with ntb.Tape() as tape:
        y = nn.embedding(ids, w)
        loss = np.sum(y)
    assert np.array_equal(y.numpy(), w.value[ids])
    assert tape.gradient(loss, w).tolist() == [[2, 2], [3, 3], [0, 0], [1, 1]]
    ntb.check_gradients(lambda w: nn.embedding(ids, w), w.value)


@pytest.mark.parametrize("ids", [[-1], [4], [0.5]])
def test_ids_are_checked(ids):
    for call in (lambda i: nn.embedding(i, np.ones((4, 2))), lambda i: nn.one_hot(i, 4)):
        with pytest.raises(ntb.InputError, match="ids"):
            call(ids)
        with pytest.raises(ntb.InputError, match="ids"):
            call(ntb.tensor(ids))


def test_one_hot():
    assert np.array_equal(nn.one_hot([[0, 2], [1, 1]], 3), np.eye(3)[[[0, 2], [1, 1]]])
    assert nn.one_hot([0], 3).dtype == np.float32


# --- normalisation


@pytest.mark.parametrize(("shape", "axis"), [((6, 3), 1), ((2, 3, 2, 3), 1), ((2, 4, 3), -1), ((1, 3, 2, 2), 1)])
def test_batch_norm_in_training(shape, axis):
    x, gamma, beta = RNG.normal(size=shape) * 3 + 1, RNG.normal(size=3), RNG.normal(size=3)
    mean, var = ntb.Variable(np.zeros(3), trainable=False), ntb.Variable(np.ones(3), trainable=False)
    y = nn.batch_norm(x, gamma, beta, mean, var, train=True, axis=axis, momentum=0.2)
    rows = np.moveaxis(x, axis, -1).reshape(-1, 3)
    expected = gamma * (rows - rows.mean(0)) / np.sqrt(rows.var(0) + 1e-5) + beta
    np.testing.assert_allclose(np.moveaxis(y, axis, -1).reshape(-1, 3), expected)
    np.testing.assert_allclose(mean.value, 0.2 * rows.mean(0))
    np.testing.assert_allclose(var.value, 0.8 + 0.2 * rows.var(0))


def test_batch_norm_in_evaluation():
    x, gamma, beta = RNG.normal(size=(5, 3)), RNG.normal(size=3), RNG.normal(size=3)
    mean, var = RNG.normal(size=3), RNG.uniform(1, 2, size=3)
    held = ntb.Variable(mean), ntb.Variable(var)
    expected = gamma * (x - mean) / np.sqrt(var + 1e-5) + beta
    for statistics in ((mean, var), held):
        np.testing.assert_allclose(nn.batch_norm(x, gamma, beta, *statistics, train=False), expected)
    assert np.array_equal(held[0].value, mean)
    with ntb.Tape() as tape:
        loss = np.sum(nn.batch_norm(x, gamma, beta, *held, train=False) ** 2)
    assert tape.gradient(loss, held) == (None, None)  # they count as constants
    ntb.check_gradients(lambda x, g, b: nn.batch_norm(x, g, b, mean, var, train=False), x, gamma, beta)
    with pytest.raises(ntb.InputError, match="running_mean"):
        nn.batch_norm(x, train=False)


def test_batch_norm_of_one_example_and_of_large_offsets():
    one = nn.batch_norm(np.array([[5.0, 7.0]]), np.ones(2), np.array([1.0, 2.0]), train=True)
    assert one.tolist() == [[1.0, 2.0]]
    x = np.array([[1e4 + 1], [1e4 + 3]], np.float32)
    np.testing.assert_allclose(nn.batch_norm(x, train=True), [[-1], [1]], rtol=1e-3)


def test_layer_norm():
    x, gamma, beta = RNG.normal(size=(2, 3, 4)), RNG.normal(size=4), RNG.normal(size=4)
    expected = gamma * (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5) + beta
    np.testing.assert_allclose(nn.layer_norm(x, gamma, beta), expected)
    two = nn.layer_norm(x, axis=(-2, -1))
    np.testing.assert_allclose(two.reshape(2, -1), nn.layer_norm(x.reshape(2, -1)))
    assert not nn.layer_norm(np.ones((2, 3))).any()


@pytest.mark.parametrize("train", [True, False])
def test_normalisation_keeps_float32(train):
    layer = nn.BatchNorm(3)
    with ntb.Tape() as tape:
        x = tape.watch(X[:, :3].astype(np.float32))
        y = nn.LayerNorm(3)(layer(x, train=train))
    g = tape.gradient(y, x, seed=np.ones(y.shape, np.float32))
    assert y.dtype == g.dtype == np.float32
    assert {v.dtype for v in layer.variables()} == {np.dtype(np.float32)}


# --- dropout


def test_dropout_drops_the_fraction_p_and_keeps_the_mean():
    x = np.ones((200, 200), np.float32)
    for p in (0.2, 0.5, 0.9):
        y = nn.dropout(x, p, rng=ntb.random.generator(1))
        assert y.dtype == np.float32
        assert np.mean(y == 0) == pytest.approx(p, abs=0.02)
        assert y[y != 0] == pytest.approx(1 / (1 - p))


@pytest.mark.parametrize("kind", [float, ntb.tensor, lambda p: ntb.tensor(p, dtype=np.float32)])
def test_dropout_at_its_limits(kind):
    for dtype in (np.float32, np.float64):
        x = X.astype(dtype)
        assert np.array_equal(np.asarray(nn.dropout(x, kind(0.0))), x)
        nothing = np.asarray(nn.dropout(x, kind(1.0)))
        assert nothing.dtype == dtype and not nothing.any()
        with ntb.Tape() as tape:
            w = tape.watch(x)
            y = nn.dropout(w, kind(1.0))
        assert not tape.gradient(y, w, seed=np.ones(x.shape, dtype)).numpy().any()


def test_dropout_uses_one_mask_forward_and_backward():
    rng = ntb.random.generator(3)
    with ntb.Tape() as tape:
        x = tape.watch(np.ones(100))
        y = nn.dropout(x, 0.5, rng=rng)
    assert np.array_equal(tape.gradient(y, x, seed=np.ones(100)).numpy(), y.numpy())
    with pytest.raises(ntb.InputError, match="probability"):
        nn.dropout(X, 1.5)


def test_dropout_draws_anew_in_each_replay():
    step = ntb.function(lambda x: nn.dropout(x, 0.5))
    ntb.random.seed(0)
    replayed = [np.asarray(step(np.ones(50))) for _ in range(3)]
    ntb.random.seed(0)
    assert np.array_equal(replayed, [nn.dropout(np.ones(50), 0.5) for _ in range(3)])
    assert not np.array_equal(replayed[1], replayed[2])


def test_dropout_takes_its_probability_as_an_argument_of_a_traced_function():
    step = ntb.function(lambda x, p: nn.dropout(x, p))
    x = np.ones(1000, np.float32)
    for p in (0.5, 0.2, 0.0, 1.0):
        y = np.asarray(step(x, p))
        assert y.dtype == np.float32
        assert np.mean(y == 0) == pytest.approx(p, abs=0.1)
    assert len(step.programs) == 1


# --- initialisers


@pytest.mark.parametrize(
    ("initializer", "std"),
    [
        (initializers.xavier_normal, lambda i, o: math.sqrt(2 / (i + o))),
        (initializers.xavier_uniform, lambda i, o: math.sqrt(2 / (i + o))),
        (initializers.he_normal, lambda i, o: math.sqrt(2 / i)),
        (initializers.he_uniform, lambda i, o: math.sqrt(2 / i)),
        (initializers.lecun_normal, lambda i, o: math.sqrt(1 / i)),
        (initializers.lecun_uniform, lambda i, o: math.sqrt(1 / i)),
        (functools.partial(initializers.variance_scaling, scale=3.0), lambda i, o: math.sqrt(3 / i)),
        (functools.partial(initializers.variance_scaling, mode="fan_out"), lambda i, o: math.sqrt(1 / o)),
        (functools.partial(initializers.variance_scaling, mode="fan_avg"), lambda i, o: math.sqrt(2 / (i + o))),
        (functools.partial(initializers.variance_scaling, distribution="uniform"), lambda i, o: math.sqrt(1 / i)),
        (functools.partial(initializers.variance_scaling, distribution="truncated_normal"), lambda i, o: i**-0.5),
    ],
)
@pytest.mark.parametrize(("shape", "fans"), [((300, 200), (300, 200)), ((64, 32, 5, 5), (800, 1600))])
def test_spread_of_initializers(initializer, std, shape, fans):
    assert initializers.fans(shape) == fans
    w = initializer(shape, rng=ntb.random.generator(0))
    assert w.dtype == np.float32 and w.shape == shape
    assert w.std() == pytest.approx(std(*fans), rel=0.02)
    assert abs(w.mean()) < 0.01
    assert np.array_equal(w, initializer(shape, rng=ntb.random.generator(0)))
    if "uniform" in str(initializer):
        assert abs(w).max() <= std(*fans) * math.sqrt(3)


@pytest.mark.parametrize("shape", [(), (3,), (0, 2)])
def test_initializers_of_small_shapes(shape):
    for initializer in (initializers.xavier_normal, initializers.he_uniform, initializers.constant):
        assert initializer(shape, dtype=np.float64).shape == shape


def test_other_initializers():
    assert initializers.constant((2,), 3.0).tolist() == [3, 3]
    assert abs(initializers.normal((1000,), 10.0, 0.5, rng=ntb.random.generator(0)).mean() - 10) < 0.05
    for shape in [(6, 4), (4, 6), (4, 2, 3)]:
        q = initializers.orthogonal(shape, dtype=float, rng=ntb.random.generator(0)).reshape(shape[0], -1)
        product = q.T @ q if shape[0] >= q.shape[1] else q @ q.T
        np.testing.assert_allclose(product, np.eye(len(product)), atol=1e-12)
    with pytest.raises(ntb.InputError, match="two axes"):
        initializers.orthogonal((3,))


def test_initializers_of_matrices_of_a_special_kind():
    rng = ntb.random.generator(0)
    x = rng.normal(size=(2, 3, 7))
    passed_on = nn.conv1d(x, initializers.dirac((3, 3, 5), dtype=float), padding="same")
    assert np.array_equal(passed_on, x)
    kept = nn.conv2d(x[None], initializers.delta_orthogonal((4, 2, 3, 3), dtype=float, rng=rng), padding="same")
    np.testing.assert_allclose(np.sum(kept**2), np.sum(x**2))
    w = initializers.sparse((50, 20), 0.7, 1.0, rng=rng)
    assert np.all(np.sum(w == 0, axis=0) == 35) and 0.8 < np.std(w[w != 0]) < 1.2
    x = initializers.truncated_normal((10_000,), 5.0, 2.0, -1.0, 0.5, rng=rng)
    assert x.min() >= 3 and x.max() <= 6 and x.dtype == np.float32
    each = initializers.stacked(initializers.xavier_uniform)((3, 30, 30), rng=rng)
    assert each.std() == pytest.approx(math.sqrt(1 / 30), rel=0.05) and not np.array_equal(each[0], each[1])


def test_a_truncated_normal_has_the_moments_of_its_definition():
    x = initializers.truncated_normal((100_000,), rng=ntb.random.generator(0))
    assert x.mean() == pytest.approx(0, abs=0.01) and x.std() == pytest.approx(0.8796256610342398, abs=0.005)


def test_lists_are_taken_for_arrays():
    image, rows = np.ones((1, 2, 4, 4)), [[1.0, 2.0], [3.0, 5.0]]
    w, b, zeros = np.ones((1, 3)), np.zeros(3), np.zeros((1, 3))
    wh = np.ones((3, 3))
    for call, arrays in [
        (nn.linear, (rows, rows, [1.0, 2.0])),
        (nn.conv2d, (image.tolist(), np.ones((1, 2, 2, 2)).tolist())),
        (lambda x: nn.max_pool2d(x, 2), (image.tolist(),)),
        (lambda x: nn.avg_pool2d(x, 2), (image.tolist(),)),
        (nn.global_avg_pool, (image.tolist(),)),
        (lambda x: nn.batch_norm(x, train=True), (rows,)),
        (nn.layer_norm, (rows,)),
        (nn.embedding, ([0, 1], rows)),
        (nn.cross_entropy, (rows, [0, 1])),
        (nn.binary_cross_entropy_with_logits, (rows, rows)),
        (nn.mse, (rows, rows)),
        (nn.accuracy, (rows, [0, 1])),
        (lambda x: nn.dropout(x, 0.0), (rows,)),
        *[(f, (rows,)) for f in (nn.leaky_relu, nn.elu, nn.selu, nn.gelu, nn.silu, nn.maxout, nn.l1, nn.l2)],
        (lambda x: nn.rnn_cell(x, zeros.tolist(), w.tolist(), wh.tolist(), b.tolist()), ([[1.0]],)),
    ]:
        np.testing.assert_array_equal(call(*arrays), call(*map(np.asarray, arrays)))
