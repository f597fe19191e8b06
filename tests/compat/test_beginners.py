"""What somebody writes who knows NumPy or TensorFlow: it works, or an error of ours says what to write."""

import numpy as np
import pytest

import ntb as eager
import ntb.compat as ntb
from ntb.compat import GraphError

A = np.random.default_rng(0).uniform(0.5, 2.0, size=(4, 3))

ELEMENTWISE = [
    np.exp, np.log, np.sqrt, np.sin, np.tanh, np.log1p, np.square, np.reciprocal, np.abs, np.negative, np.cbrt,
    lambda x: np.maximum(x, 1.0), lambda x: np.clip(x, 0.7, 1.5), lambda x: np.where(x > 1, x, 0.1 * x),
    lambda x: np.add(x, 1), lambda x: np.power(x, 3.0), lambda x: np.multiply(2.0, x), lambda x: x**x, lambda x: 2.0**x,
    lambda x: np.arctan2(x, 1.0), lambda x: np.hypot(x, 2.0),
]  # fmt: skip
SHAPING = [
    np.mean, np.sum, np.max, np.prod, np.var, np.std, np.transpose, np.ravel, np.cumsum, np.sort,
    lambda x: np.mean(x, axis=0), lambda x: np.sum(x, axis=1, keepdims=True), lambda x: np.reshape(x, (-1, 1)),
    lambda x: np.concatenate([x, x], axis=1), lambda x: np.stack([x, x]), lambda x: np.expand_dims(x, 0),
    lambda x: np.dot(x, np.ones((3, 2))), lambda x: np.matmul(x, np.ones((3, 2))),
    lambda x: np.einsum("ij,kj->ik", x, x),
    lambda x: np.pad(x, 1), lambda x: np.flip(x, 1), lambda x: np.roll(x, 1), lambda x: np.linalg.norm(x),
    lambda x: np.tile(x, (2, 1)), lambda x: np.take(x, [0, 2], axis=1),
    lambda x: np.outer(x, x), lambda x: np.cross(x, x + 1.0), lambda x: x // 0.7, lambda x: x % 0.7,
]  # fmt: skip


@pytest.mark.parametrize("f", [*ELEMENTWISE, *SHAPING])
def test_functions_of_numpy_make_nodes(g, f):
    x = ntb.Placeholder([-1, 3])
    y = f(x)
    d = ntb.Grad(np.sum(np.sin(y)), x)
    expected, slope = f(A), eager.grad(lambda a: np.sum(np.sin(f(a))))(A)
    assert isinstance(y, ntb.Node) and ntb.shape_matches(y.shape, np.shape(expected))
    for _ in range(2):
        value, gradient = g.run([y, d], {x: A})
        np.testing.assert_allclose(value, expected, rtol=1e-12)
        np.testing.assert_allclose(gradient, np.asarray(slope), rtol=1e-10)


def test_integers_of_a_function_of_numpy_do_not_wrap_around(g):
    x = ntb.Placeholder([2])
    assert g.run([np.add(x, x), np.exp(x * 0)], {x: np.array([200, 100], np.uint8)})[0].tolist() == [400, 200]


def test_bools_of_comparisons(g):
    x = ntb.Placeholder([4])
    inside = (x > 0) & (x < 2)
    assert g.run([inside, ~(x > 0)], {x: [-1.0, 1.0, 2.0, 0.5]})[0].tolist() == [False, True, False, True]


def test_names_of_functions_in_programs(g):
    x = ntb.Placeholder([3])
    y = np.exp(x)
    assert "y = np.exp(x)" in g.program([y], {x: np.ones(3)}).source and "y = Exp(x)" in str(g)


def test_none_is_a_size_that_is_not_known(g):
    x = ntb.Placeholder(shape=[None, 3])
    assert x.shape == (-1, 3) and g.run([x.sum()], {x: np.ones((5, 3))}) == (15.0,)
    w = ntb.Variable(value=np.zeros((2, 3)), shape=(None, 3))
    assert w.shape == (-1, 3)
    for shape in (3, [2.0, 3], [-2, 3], "ab", [[1]]):
        with pytest.raises(ValueError, match="no list of sizes"):
            ntb.Placeholder(shape=shape)


def test_things_that_are_no_number_before_a_run(g):
    x = ntb.Placeholder()
    for f in (float, int, complex, round, np.array, np.asarray, len, range, "{:.3f}".format, [1, 2].__getitem__):
        with pytest.raises(GraphError, match=r"g\.run\(\[x\]\)"):
            f(x)
    for f in (bool, lambda x: max(x, 0.0), lambda x: 1 if x > 0 else 2, lambda x: not x):
        with pytest.raises(GraphError, match="truth"):
            f(x)
    for f in (list, sum, lambda x: 1.0 in x, lambda x: dict(zip(x, x))):
        with pytest.raises(GraphError, match="iterated"):
            f(x)
    for f in (lambda x: x == 3, lambda x: x != np.ones(3), lambda x: x == 1.0):
        with pytest.raises(GraphError, match="Equals"):
            f(x)
    assert x in [x] and x != "x" and str(x) == f"{x}" and {x: 1}[x] == 1


@pytest.mark.parametrize(
    "name", ["T", "reshape", "max", "numpy", "eval", "value", "grad", "backward", "ndim", "assign"]
)
def test_attributes_of_arrays_and_tensors(g, name):
    x = ntb.Placeholder([3])
    with pytest.raises(AttributeError, match=rf"no attribute '{name}'; \w"):
        getattr(x, name)
    assert not hasattr(x, name)


def test_values_of_variables_are_assigned_as_a_whole(g):
    w = ntb.Variable(value=np.zeros(3))
    with pytest.raises(GraphError, match="as a whole"):
        w[0] = 1.0
    with pytest.raises(ValueError, match="read-only"):
        w.value[0] = 1.0
    for value in (np.zeros(3), 3.0, [1.0, 2.0], (3, 2), "w"):
        with pytest.raises(GraphError, match="initializer"):
            ntb.Variable(value)
    with pytest.raises(GraphError, match="is no number before a run"):
        ntb.Variable(value=w)


def test_feeds_of_many_kinds(g):
    x = ntb.Placeholder([-1, 2])
    y = (x * 2.0).sum()
    data = [[1, 2], [3, 4]]
    feeds = [data, tuple(map(tuple, data)), np.array(data), np.array(data, np.uint8), np.asfortranarray(data),
             np.array(data, np.float16), np.array(data)[::-1], eager.tensor(np.array(data, float))]  # fmt: skip
    assert [g.run([y], {x: feed}) for feed in feeds] == [(20.0,)] * len(feeds)
    for feed in ("text", None, {"a": 1}, [[1], [1, 2]], np.array([[None, 1]]), y, lambda: 1):
        with pytest.raises(GraphError, match="assigned to <Placeholder x"):
            g.run([y], {x: feed})


def test_layers_say_what_they_take(g):
    rows, x = ntb.Placeholder([-1, 784]), ntb.Placeholder([-1, -1])
    for f in (lambda: ntb.conv_layer(rows, 4, 5, 5), lambda: ntb.max_pool_layer(rows, 2, 2),
              lambda: ntb.affine_layer(x, 3), lambda: ntb.batchnorm_layer(x, True),
              lambda: ntb.affine_layer(np.ones((2, 3)), 3), lambda: ntb.Relu(ntb.affine_layer(rows, 3)),
              lambda: ntb.Relu(None), lambda: ntb.Optim(rows.sum())):  # fmt: skip
        with pytest.raises(GraphError):
            f()


@pytest.mark.parametrize("p", [-0.1, 1.5, np.nan, np.inf])
def test_a_probability_that_is_none(g, p):
    x, keep = ntb.Placeholder([3]), ntb.Placeholder()
    y = ntb.Dropout(x, keep)
    for _ in range(3):
        g.run([y], {x: np.ones(3), keep: 0.5})
        with pytest.raises(GraphError, match="between 0 and 1"):
            g.run([y], {x: np.ones(3), keep: p})
    with pytest.raises(GraphError, match="between 0 and 1"):
        ntb.Dropout(x, p)


def test_shapes_of_metrics_and_losses(g):
    n, column, scores = ntb.Placeholder([-1]), ntb.Placeholder([-1, 1]), ntb.Placeholder([-1, 3])
    for a, b in ((column, n), (n, column), (column, column), (scores, n), (ntb.Placeholder([3]), ntb.Placeholder([4]))):
        with pytest.raises(ValueError, match="ClassAccuracy"):
            ntb.ClassAccuracy(a, b)
    accuracy = ntb.ClassAccuracy(n, ntb.Argmax(scores, axis=1))
    assert g.run([accuracy], {n: [2, 0], scores: np.eye(3)[[2, 0]]}) == (1.0,)
    with pytest.raises(GraphError, match="do not fit"):
        g.run([accuracy], {n: [2], scores: np.eye(3)})
    for loss in (ntb.CrossEntropy(scores, n), ntb.CrossEntropyLogits(scores, n)):
        for labels in ([0], [0, 1, 2, 0], [0.5, 1.0, 2.0], [0, 1, 3], [0, 1, -1]):
            with pytest.raises(GraphError, match="failed on"):
                g.run([loss], {scores: np.full((3, 3), 1 / 3), n: labels})


def test_debug_nans_around_a_run(g):
    x = ntb.Placeholder([2])
    y = np.log(x)
    with np.errstate(invalid="ignore"), eager.debug_nans(), pytest.raises(Exception, match="log"):
        g.run([y], {x: [1.0, -2.0]})
