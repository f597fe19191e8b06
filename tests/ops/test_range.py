"""Values and derivatives far from 1, where a rule could overflow, or lose all digits."""

import warnings

import numpy as np
import pytest

import ntb
from ntb import nn


def slopes(f, x):
    """f, f' and f'' of each element; any warning is an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with ntb.Tape() as outer:
            x = outer.watch(x)
            with ntb.Tape() as inner:
                inner.watch(x)
                y = f(x)
            first = inner.gradient(y, x, seed=np.ones_like(x.numpy()), unconnected="zero")
        second = outer.gradient(first, x, seed=np.ones_like(x.numpy()), unconnected="zero")
    return y.numpy(), first.numpy(), second.numpy()


def test_inverse_functions_in_half_precision():
    for f in (np.arcsinh, np.arccosh):
        np.testing.assert_allclose(slopes(f, np.float16([300, 60000]))[1], [1 / 300, 1 / 60000], rtol=5e-3)
    np.testing.assert_allclose(slopes(np.arctan, np.float16([300]))[1], [1 / 90001], rtol=5e-3)


@pytest.mark.parametrize(
    ("f", "at", "first", "second"),
    [
        (np.arctan, np.inf, 0, 0),
        (np.arcsinh, -np.inf, 0, 0),
        (np.arccosh, np.inf, 0, 0),
        (np.arccosh, 1.0, np.inf, -np.inf),
        (np.arcsin, 1.0, np.inf, np.inf),
        (np.arccos, -1.0, -np.inf, np.inf),
        (np.arctanh, -1.0, np.inf, -np.inf),
        (np.cbrt, np.inf, 0, 0),
        (np.arcsinh, 1e200, 1e-200, 0),
        (np.arctan, 1e160, 1e-320, 0),
        (np.expm1, -100.0, np.exp(-100), np.exp(-100)),
        (nn.elu, -100.0, np.exp(-100), np.exp(-100)),
        (nn.silu, np.inf, 1, 0),
        (nn.silu, -np.inf, 0, 0),
        (nn.gelu, np.inf, 1, 0),
        (nn.gelu, -np.inf, 0, 0),
        (nn.sigmoid, 1e-20, 0.25, -1e-20 / 8),
        (nn.sigmoid, -745.0, 5e-324, 5e-324),
        (nn.sigmoid, 745.0, 5e-324, -5e-324),
    ],
)
def test_ends_of_the_range(f, at, first, second):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # NumPy's own, of the value
        f(np.array([at]))
    _, *found = quiet(f, at)
    np.testing.assert_allclose(np.ravel(found), [first, second], rtol=1e-12, atol=0)


def quiet(f, at):
    with np.errstate(all="ignore"):
        return slopes(f, np.array([at]))


def test_a_small_sigmoid_is_not_zero():
    np.testing.assert_allclose(nn.sigmoid(np.float16([-11.5, -16.5])), [1.0133e-05, 6.8e-08], rtol=0.2)
    x = np.array([[-800.0, -720.0, 0.5], [np.nan, -745.0, 3.0]])
    np.testing.assert_array_equal(nn.sigmoid(x), np.vectorize(lambda n: nn.sigmoid(np.array(n)))(x))
    y = x.copy()
    assert nn.sigmoid(y, out=y) is y  # a result may take the place of the argument
    np.testing.assert_array_equal(y, nn.sigmoid(x))


def test_the_softmax_of_a_row_does_not_depend_on_the_other_rows():
    rows = np.array([[-30.0, -np.inf], [np.inf, 0.0], [-np.inf, -np.inf], [2.0, 3.0]])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for f in (nn.log_softmax, nn.softmax, lambda x: nn.cross_entropy(x, np.zeros(len(x), int), reduction="none")):
            np.testing.assert_allclose(f(rows), np.concatenate([f(row[None]) for row in rows]), rtol=1e-15)
    assert nn.log_softmax(rows)[0].tolist() == [0, -np.inf]


def test_log_softmax_of_large_scores_keeps_its_digits():
    np.testing.assert_allclose(nn.log_softmax(np.float16([3000, 3000])), np.log([0.5, 0.5]), rtol=1e-3)
    loss = nn.cross_entropy(np.float16([[3000, 3000]]), np.array([1]))
    np.testing.assert_allclose(loss, np.log(2), rtol=1e-3)


def test_the_gradient_of_a_sure_label_is_that_of_the_others():
    grad = ntb.grad(lambda x: nn.cross_entropy(x, np.array([0])))(np.array([[60.0, 0.0, 1.0]]))
    others = np.exp([-60.0, -59.0])
    np.testing.assert_allclose(np.asarray(grad), [[-others.sum(), *others]], rtol=1e-12)


def test_a_label_of_zero_excludes_an_infinite_score():
    logits = np.array([[0.0, -np.inf]])
    loss, grad = ntb.value_and_grad(lambda x: nn.cross_entropy(x, np.array([[1.0, 0.0]])))(logits)
    assert float(loss) == 0 and np.asarray(grad).tolist() == [[0, 0]]
    assert float(nn.nll(logits, np.array([[1.0, 0.0]]))) == 0
    x, t = np.array([np.inf, -np.inf]), np.array([1.0, 0.0])
    loss, grad = ntb.value_and_grad(lambda x: nn.binary_cross_entropy_with_logits(x, t))(x)
    assert float(loss) == 0 and np.asarray(grad).tolist() == [0, 0]


def test_huber_is_smooth_at_zero_and_exact_for_small_errors():
    _, first, second = slopes(lambda x: nn.huber(x, np.zeros(3), reduction="none"), np.array([0.0, 1e-20, -3.0]))
    assert first.tolist() == [0, 1e-20, -1] and second.tolist() == [1, 1, 0]


def test_a_square_in_half_precision():
    with np.errstate(over="ignore"):  # the value is beyond the largest number
        assert np.asarray(ntb.grad(lambda x: nn.l2(x))(np.float16([40000]))).tolist() == [40000]
    assert slopes(np.log10, np.float16([60000]))[1] > 0
