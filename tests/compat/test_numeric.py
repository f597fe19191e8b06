"""Section 10: numerical gradients."""

import numpy as np
import pytest

import ntb.compat as ntb


def test_num_grad():
    x = np.array([[1, 2], [3, 4]])
    np.testing.assert_allclose(ntb.num_grad(lambda a: np.sum(a**2), x), 2.0 * x, rtol=1e-8)
    assert x.dtype == int
    y = np.array([1.0, 2.0])
    y.flags.writeable = False
    np.testing.assert_allclose(ntb.num_grad(lambda a: float(np.sum(a**3)), y, dx=1e-4), 3 * y**2, rtol=1e-6)


def test_errors_of_right_and_wrong_gradients():
    np.random.seed(0)
    x = np.random.normal(size=(5, 4))
    f = lambda a: float(np.sum(np.sin(a)))
    relative, absolute, dx = ntb.num_grad_sparse_error(f, x, np.cos(x))
    assert relative < 1e-6 and absolute < 1e-6 and 0 < dx <= 2e-5
    assert ntb.num_grad_sparse_error(f, x, np.cos(x) + 0.1, num_samples=20)[0] > 1e-2
    assert ntb.num_grad_sparse_error(f, np.zeros(3), np.ones(3))[0] < 1e-6
    kink = ntb.num_grad_sparse_error(lambda a: float(np.sum(np.abs(a))), np.zeros(3), np.ones(3))
    assert kink[0] < 1e-6  # one side of a kink is enough


def test_errors_are_relative_to_both_gradients():
    relative, absolute, _ = ntb.num_grad_sparse_error(lambda x: np.sum(3 * x), np.ones(2), np.ones(2))
    np.testing.assert_allclose([relative, absolute], [2 / (3 + 1), 2], rtol=1e-6)


def test_numbers_are_arrays_of_one_element():
    assert ntb.num_grad(lambda x: x**2, 3.0) == pytest.approx(6)
    assert ntb.num_grad_sparse_error(lambda x: x**2, 3.0, 6.0)[1] == pytest.approx(0, abs=1e-8)


def test_gradients_of_a_graph(g):
    x, y, p = ntb.Placeholder([-1, 3]), ntb.Placeholder([-1]), ntb.Placeholder()
    h, w, b = ntb.affine_layer(x, 4)
    h = ntb.Tanh(h)
    l = ntb.CrossEntropyLogits(h * p, y)
    feed = {x: np.random.default_rng(0).normal(size=(5, 3)), y: [0, 1, 2, 3, 0], p: 2.0, h: np.zeros((5, 4))}
    before = dict(feed)
    values, gradients, errors = ntb.test_num_grads(l, feed, num_samples=5)
    assert feed.keys() == before.keys()
    assert {w, b, h} <= set(errors) and set(values) == set(gradients) == set(errors) and x not in errors
    assert all(relative < 1e-5 for relative, _, _ in errors.values())
    assert values[w].shape == gradients[w].shape == (3, 4)
    assert h not in ntb.test_num_grads(l, {x: feed[x], y: feed[y], p: 1.0}, exclude=[h])[2]
    g.set_d_nodes(l, [x])
    errors = ntb.test_num_grads(l, {x: feed[x], y: feed[y], p: 1.0})[2]
    assert x in errors and w not in errors and errors[x][0] < 1e-5


def test_the_module_is_not_collected():
    with pytest.raises(AttributeError):
        ntb.num_grad.num_grad  # noqa: B018
