"""Sections 3 and 4: leaves, operators, arithmetic, shapes and reductions; user-defined nodes are in test_custom.py."""

import numpy as np
import pytest

import ntb.compat as ntb
from ntb.compat import GraphError

rng = np.random.default_rng(0)
A = rng.normal(size=(3, 4))


def run(node, feed=None):
    return node.graph.run([node], feed)[0]


def gradient(y, x, feed=None):
    return x.graph.run([ntb.Grad(y.sum(), x)], feed)[0]


# --- leaves


def test_variable_precedence_and_forms(g):
    assert ntb.Variable(lambda: np.full(2, 3.0), value=1.0).value.tolist() == [3.0, 3.0]
    assert ntb.Variable(value=[1, 2], shape=(2,)).value.tolist() == [1.0, 2.0]
    assert ntb.Variable().value.shape == () and ntb.Variable(shape=[2, 3]).value.shape == (2, 3)
    assert ntb.Variable(ntb.const_init(1.0), None, False).learnable is False
    assert ntb.Variable(value=1.0).learnable and ntb.Variable(value=1.0).mutable
    assert ntb.Variable(value=1.0, graph=ntb.ComputationGraph()).graph is not g


def test_variable_shapes(g):
    state = ntb.Variable(value=np.zeros((2, 5, 3)), shape=(2, -1, 3))
    assert state.shape == (2, -1, 3)
    assert run(state.sum(), {state: np.ones((2, 7, 3))}) == 42.0
    state.value = np.zeros((2, 6, 3))
    assert run(state * 1).shape == (2, 6, 3)
    with pytest.raises(GraphError, match="Initial value shape does not match specified shape"):
        ntb.Variable(value=0.0, shape=(3,))
    with pytest.raises(ValueError, match="shape"):
        ntb.Variable(shape=(2, -1))
    with pytest.raises(GraphError, match="cannot take a value of shape"):
        state.value = np.zeros((3, 5, 3))
    with pytest.raises(ValueError, match="numbers"):
        ntb.Variable(value="text")


def test_value_is_read_only_and_assigned_as_a_whole(g):
    w = ntb.Variable(value=np.zeros(2))
    with pytest.raises(ValueError, match="read-only"):
        w.value[0] = 1.0
    source = np.ones(2)
    w.value = source
    source[...] = 5.0
    assert w.value.tolist() == [1.0, 1.0]


def test_a_fetched_variable_is_a_copy(g):
    w = ntb.Variable(value=np.zeros(2))
    for _ in range(2):
        run(w)[0] = 9.0
    assert w.value.tolist() == [0.0, 0.0]


def test_learnable_integers_are_floats_and_others_stay(g):
    assert ntb.Variable(value=3).value.dtype == np.float64
    assert ntb.Variable(value=3, learnable=False).value.dtype == np.int64


def test_placeholder_is_a_scalar_by_itself(g):
    assert ntb.Placeholder().shape == () and ntb.Placeholder([-1, 2]).shape == (-1, 2)
    assert ntb.Placeholder(shape=(3,)).shape == (3,)
    x = ntb.Placeholder()
    with pytest.raises(GraphError, match="No value assigned to Placeholder node"):
        run(x)
    assert run(x, {x: 4}) == 4


# --- operators


OPERATORS = {
    "x + 2": lambda x: x + 2, "2 + x": lambda x: 2 + x, "x - 2": lambda x: x - 2, "2 - x": lambda x: 2 - x,
    "x * 2": lambda x: x * 2, "2 * x": lambda x: 2 * x, "x / 2": lambda x: x / 2, "2 / x": lambda x: 2 / x,
    "1 / x": lambda x: 1 / x, "x ** 2": lambda x: x**2, "x ** -1.5": lambda x: abs(x) ** -1.5, "-x": lambda x: -x,
    "abs": lambda x: abs(x), "x + x": lambda x: x + x, "x / (x*x)": lambda x: x / (x * x), "x[1:]": lambda x: x[1:],
    "A * x": lambda x: A * x, "x * A": lambda x: x * A, "A - x": lambda x: A - x, "A / x": lambda x: A / x,
    "np.float64 * x": lambda x: np.float64(3) * x, "x - np.float32": lambda x: x - np.float32(0.5),
    "x @ A.T": lambda x: x @ A.T, "A.T @ x": lambda x: A.T @ x, "x.dot": lambda x: x.dot(A.T),
    "sum": lambda x: x.sum(), "sum0": lambda x: x.sum(axis=0), "sum-1": lambda x: x.sum(axis=-1),
    "mean": lambda x: x.mean(), "mean1": lambda x: x.mean(axis=1), "mean keepdims": lambda x: x - x.mean(1, True),
    "x[1, 2]": lambda x: x[1, 2], "x[::2, -1]": lambda x: x[::2, -1],
}  # fmt: skip


def on_arrays(f):
    class Array(np.ndarray):
        def mean(self, axis=None, keepdims=False):
            return np.mean(np.asarray(self), axis=axis, keepdims=keepdims)

    return np.asarray(f(A.view(Array)))


@pytest.mark.parametrize("name", OPERATORS)
@pytest.mark.parametrize("pattern", [(3, 4), (-1, 4), (-1, -1)])
def test_operators(g, name, pattern):
    f = OPERATORS[name]
    x = ntb.Placeholder(pattern)
    y = f(x)
    expected = on_arrays(f)
    for _ in range(2):
        result = run(y, {x: A})
        np.testing.assert_array_equal(result, expected)
        assert ntb.shape_matches(y.shape, np.shape(result))
    weights = rng.normal(size=expected.shape)
    numeric = ntb.num_grad(lambda a: float(np.sum(run(y, {x: a}) * weights)), A, dx=1e-6)
    np.testing.assert_allclose(gradient(y * weights, x, {x: A}), numeric, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("op", ["<", "<=", ">", ">="])
def test_comparisons(g, op):
    x = ntb.Placeholder([-1])
    node = eval(f"x {op} 2")
    assert run(node, {x: [1, 2, 3]}).tolist() == eval(f"(np.arange(1, 4) {op} 2).tolist()")
    assert gradient(x * (x > 2), x, {x: [1.0, 3.0]}).tolist() == [0.0, 1.0]


def test_equality_is_identity_and_nodes_are_keys(g):
    x, y = ntb.Placeholder(), ntb.Placeholder()
    assert x == x and x != y and len({x: 1, y: 2}) == 2 and x in [y, x]
    with pytest.raises(GraphError, match="no truth"):
        bool(x)


def test_operators_that_are_errors(g):
    x = ntb.Placeholder([2])
    for f in (lambda: x + "a", lambda: "a" + x, lambda: x * None):
        with pytest.raises(GraphError, match="numbers"):
            f()
    for f in (lambda: list(x), lambda: dict(x)):
        with pytest.raises(GraphError, match="cannot be iterated"):
            f()
    with pytest.raises(GraphError, match="numbers"):
        x + np.array(["a", "b"])
    with pytest.raises(GraphError, match="cannot be iterated"):
        _a, _b = x


def test_operators_of_others_have_their_turn(g):
    class Other:
        __array_ufunc__ = None  # as NumPy asks of who wants it

        def __radd__(self, other):
            return "theirs"

    x = ntb.Placeholder([2])
    y = x
    y += 1.0
    assert x + Other() == "theirs" and y is not x and g.run([+x, y], {x: [1, 2]})[1].tolist() == [2, 3]
    array = np.ones(2)
    with pytest.raises(GraphError, match="out="):
        array += x


def test_powers_at_zero(g):
    x = ntb.Placeholder([-1])
    zero = {x: np.zeros(1)}
    assert gradient(x**0, x, zero) == 0 and gradient(x**2, x, zero) == 0
    with np.errstate(divide="ignore"):
        assert gradient(x**0.5, x, zero) == np.inf


# --- arithmetic


BINARY = [(ntb.Add, np.add), (ntb.Sub, np.subtract), (ntb.Mult, np.multiply), (ntb.Div, np.divide)]


@pytest.mark.parametrize("kind, f", BINARY)
@pytest.mark.parametrize("shape", [(), (4,), (3, 1), (3, 4), (1, 1), (2, 3, 4)])
def test_broadcasting_nodes(g, kind, f, shape):
    b = 1 + rng.random(shape)
    x, y = ntb.Placeholder((3, 4)), ntb.Placeholder(shape)
    z = kind(x, y)
    feed = {x: A, y: b}
    np.testing.assert_array_equal(run(z, feed), f(A, b))
    for node, array in ((x, A), (y, b)):
        numeric = ntb.num_grad(lambda a, n=node: float(np.sum(run(z, {**feed, n: a}))), array)
        np.testing.assert_allclose(gradient(z, node, feed), numeric, rtol=1e-6, atol=1e-7)


def test_default_result_shape():
    assert ntb.default_result_shape((-1,), (5,)) == (5,) and ntb.default_result_shape((-1,), (1,)) == (-1,)
    assert ntb.default_result_shape((3, 1), (4,)) == (3, 4) and ntb.default_result_shape((2,), (3,)) is None
    assert ntb.default_result_shape() == () and ntb.default_result_shape((-1,), (-1,)) == (-1,)


def test_shape_matches():
    assert ntb.shape_matches(None, (1, 2)) and ntb.shape_matches((-1, 2), (9, 2)) and ntb.shape_matches((), ())
    assert not ntb.shape_matches((-1,), ()) and not ntb.shape_matches((3,), (4,))


def test_sum_to_match_and_fix_ds():
    ones = np.ones((2, 3))
    assert ntb.sum_to_match(ones, ()) == 6 and ntb.sum_to_match(ones, (2, 3)) is not None
    assert ntb.sum_to_match(ones, (1, 3)).tolist() == [[2, 2, 2]] and ntb.sum_to_match(ones, (3,)).tolist() == [2, 2, 2]
    assert [d.shape for d in ntb.fix_ds(ones, ones, (3,), (2, 3), [True, True])] == [(3,), (2, 3)]
    assert ntb.fix_ds(ones, None, (3,), (2, 3), [True, False])[1] is None


def test_dot_and_affine(g):
    x, w, b = ntb.Placeholder([-1, 3]), ntb.Variable(value=A), ntb.Variable(value=np.arange(4.0))
    data = rng.normal(size=(5, 3))
    assert ntb.Dot(x, w).shape == ntb.Affine(x, w, b).shape == (-1, 4)
    np.testing.assert_array_equal(run(x.dot(w), {x: data}), data @ A)
    np.testing.assert_array_equal(run(ntb.Affine(x, w, b), {x: data}), data @ A + np.arange(4.0))
    np.testing.assert_allclose(gradient(ntb.Affine(x, w, b), w, {x: data}), data.T @ np.ones((5, 4)))
    np.testing.assert_allclose(gradient(ntb.Affine(x, w, b), b, {x: data}), np.full(4, 5.0))
    long = ntb.Variable(shape=(3,))
    for bad in (
        lambda: ntb.Dot(x, b),
        lambda: ntb.Dot(x, long),
        lambda: ntb.Dot(w, w),
        lambda: ntb.Affine(x, w, w),
        lambda: x @ b,
    ):
        with pytest.raises(ValueError, match="shapes"):
            bad()


def test_function1d(g):
    x = ntb.Placeholder([-1])
    y = ntb.Function1d(x, f=np.sin, df=np.cos)
    data = np.array([0.5, 1.0])
    for _ in range(2):
        np.testing.assert_array_equal(run(y * y, {x: data}), np.sin(data) ** 2)
        np.testing.assert_allclose(gradient(y * y, x, {x: data}), 2 * np.sin(data) * np.cos(data))
    assert run(y, {x: [0, 1]}).dtype == np.float64


def test_reshape_and_flatten(g):
    x = ntb.Placeholder([-1, 2, 3])
    data = rng.normal(size=(4, 2, 3))
    y = ntb.Reshape(x, shape=[-1, 3])
    assert y.shape == (-1, 3) and ntb.BatchFlatten(x).shape == (-1, 6)
    assert ntb.BatchFlatten(ntb.Placeholder([4, -1, 2])).shape == (4, -1)
    np.testing.assert_array_equal(run(y, {x: data}), data.reshape(-1, 3))
    np.testing.assert_array_equal(run(ntb.BatchFlatten(x), {x: data}), data.reshape(4, 6))
    assert gradient(ntb.BatchFlatten(x) * 2, x, {x: data}).shape == data.shape
    assert run(ntb.Reshape(x, shape=(-1,)), {x: data.astype(np.uint8)}).dtype == np.uint8
    with pytest.raises(GraphError, match="Reshape"):
        run(ntb.Reshape(x, shape=(5, -1)), {x: data})


@pytest.mark.parametrize("kind, f", [(ntb.Sum, np.sum), (ntb.Mean, np.mean)])
@pytest.mark.parametrize("axis", [None, 0, 1, 2, -1, -3, (0, 2), (1, -1), ()])
@pytest.mark.parametrize("keepdims", [False, True])
def test_reductions(g, kind, f, axis, keepdims):
    data = rng.normal(size=(3, 3, 4))
    x = ntb.Placeholder([-1, 3, 4])
    y = kind(x, axis=axis, keepdims=keepdims)
    expected = f(data, axis=axis, keepdims=keepdims)
    np.testing.assert_array_equal(run(y, {x: data}), expected)
    assert ntb.shape_matches(y.shape, expected.shape)


def test_the_case_that_was_silently_wrong(g):
    x = ntb.Placeholder([3, 3, 4])
    data, weights = rng.normal(size=(3, 3, 4)), rng.normal(size=(3, 3))
    expected = np.repeat(weights[:, :, None], 4, axis=2)
    np.testing.assert_array_equal(gradient(x.sum(axis=2) * weights, x, {x: data}), expected)
    assert ntb.Placeholder([-1, 3]).sum(axis=-1).shape == (-1,)
    with pytest.raises(ValueError, match="axis 3"):
        x.sum(axis=3)


def test_argmax_and_equals(g):
    x, y = ntb.Placeholder([-1, 3]), ntb.Placeholder([-1])
    feed = {x: [[1.0, 5.0, 2.0], [7.0, 0.0, 0.0]], y: [1, 2]}
    best = ntb.Argmax(x, axis=1)
    assert best.shape == (-1,) and run(best, feed).tolist() == [1, 0] and run(best, feed).dtype.kind == "i"
    same = ntb.Equals(best, y)
    assert run(same, feed).tolist() == [True, False] and run(same.mean(axis=0), feed) == 0.5
    assert run(ntb.ClassAccuracy(best, y), feed) == 0.5
    l = (x * 0.0).sum() + same.mean(axis=0) + (best * 1.0).sum()
    assert run(ntb.Grad(l, x), feed).tolist() == np.zeros((2, 3)).tolist()
    with pytest.raises(TypeError):
        ntb.Argmax(x)


def test_equals_of_large_integers_is_exact(g):
    x, y = ntb.Placeholder([1]), ntb.Placeholder([1])
    assert run(ntb.Equals(x, y), {x: [2**60], y: [2**60 + 1]}).tolist() == [False]


def test_argmax_of_large_integers_is_exact(g):
    x = ntb.Placeholder([2])
    assert run(ntb.Argmax(x, axis=0), {x: [2**60, 2**60 + 1]}) == 1


@pytest.mark.parametrize("p", [np.array([[0, 1, 0.0], [1, 0, 0]]), np.array([[[0, 1.0]], [[1, 0]]])])
def test_sample_of_certainties(g, p):
    x = ntb.Placeholder([-1, *p.shape[1:]])
    s = ntb.Sample(x)
    assert s.shape == (-1, *p.shape[1:-1])
    np.testing.assert_array_equal(run(s, {x: p}), np.argmax(p, axis=-1))


def test_sample_draws_from_numpy_by_the_probabilities(g):
    p = ntb.Placeholder([-1, 3])
    s = ntb.Sample(p)
    weights = np.tile([0.2, 0.5, 0.3], (4000, 1))
    np.random.seed(0)
    first, second = run(s, {p: weights}), run(s, {p: weights})
    np.random.seed(0)
    assert np.array_equal(first, run(s, {p: weights})) and not np.array_equal(first, second)
    np.testing.assert_allclose(np.bincount(first, minlength=3) / 4000, [0.2, 0.5, 0.3], atol=0.03)
    run(s, {p: 7 * weights})  # rows are scaled to sum to one
    with pytest.raises(ValueError, match="shape .N, K. or"):
        ntb.Sample(ntb.Placeholder([3]))
    assert run(ntb.Grad(p.sum() + (s * 1.0).sum(), p), {p: weights}).tolist() == np.ones((4000, 3)).tolist()


INDICES = [0, -1, slice(None), slice(1, None), slice(None, None, 2), slice(None, None, -1), (1, 2), (slice(None), 1),
           (slice(0, 2), slice(1, None, 2)), (Ellipsis, 0), (None, 1), np.array([0, 0, 2]), [1, 1], (slice(0, 0),),
           (np.array([0, 0]), np.array([1, 1]))]  # fmt: skip


@pytest.mark.parametrize("index", INDICES, ids=str)
@pytest.mark.parametrize("pattern", [(3, 4), (-1, 4)])
def test_subscripts(g, index, pattern):
    x = ntb.Placeholder(pattern)
    y = ntb.Subscript(x, index=index)
    expected = A[tuple(index) if isinstance(index, tuple) else index]
    for _ in range(2):
        np.testing.assert_array_equal(run(y, {x: A}), expected)
    assert ntb.shape_matches(y.shape, expected.shape) and (pattern[0] == -1 or y.shape == expected.shape)
    weights = rng.normal(size=expected.shape)
    counted = np.zeros_like(A)
    np.add.at(counted, index, weights)
    np.testing.assert_allclose(gradient(x[index] * weights, x, {x: A}), counted)


def test_subscripts_of_vectors_and_errors(g):
    x = ntb.Placeholder([4])
    assert x[0].shape == () and x[::2].shape == (2,) and run(x[-1], {x: np.arange(4)}) == 3
    for index in (4, (0, 0), -5):
        with pytest.raises(ValueError, match=r"\(4,\)"):
            x[index]


def test_grad_of_anything(g):
    w, x = ntb.Variable(value=2.0), ntb.Placeholder()
    h = w * x
    l = h**3
    assert g.run([ntb.Grad(l, n) for n in (w, x, h, l)], {x: 1.0}) == (12.0, 24.0, 12.0, 1.0)
    assert g.run([ntb.Grad(h, ntb.Variable(value=np.ones(3)))], {x: 1.0})[0].tolist() == [0, 0, 0]
    assert g.run([ntb.Grad(l, x)], {x: 2}) == (3 * 16.0 * 2,)
    v = ntb.Placeholder([1])
    for bad in (v, v * 2):
        with pytest.raises(GraphError, match="not a scalar"):
            ntb.Grad(bad, v)


def test_gradients_of_gradients(g):
    x = ntb.Placeholder()
    y = x**4
    d1 = ntb.Grad(y, x)
    d2 = ntb.Grad(d1, x)
    d3 = ntb.Grad(d2 * 2, x)
    for _ in range(2):
        assert g.run([d1, d2, d3], {x: 2.0}) == (32.0, 48.0, 96.0)
    w = ntb.Variable(value=np.array([1.0, 2.0]))
    penalty = (ntb.Grad((w**3).sum(), w) ** 2).sum()
    opt = ntb.Optim(penalty, lr=0.001, config={"momentum": 0.0})
    g.run([opt])
    np.testing.assert_allclose(w.value, [1 - 0.001 * 36, 2 - 0.001 * 36 * 8])


def test_grad_of_a_node_that_is_its_input(g):
    x = ntb.Placeholder([2])
    same = ntb.Reshape(x, shape=(2,))
    kept = ntb.Dropout(x, 1.0)
    l = (same * kept * x).sum()
    feed = {x: np.array([2.0, 3.0])}
    results = g.run([ntb.Grad(l, n) for n in (same, kept, x)], feed)
    assert [r.tolist() for r in results] == [[4, 9], [4, 9], [12, 27]]
