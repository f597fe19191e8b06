"""custom_gradient and numpy_function: eagerly and inside traced functions."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import ntb
from ntb import GradientError, InputError, Tape, custom_gradient, function, grad
from ntb.tape.listener import listeners
from tests.transforms.base import both


@custom_gradient
def scaled(x, y):
    return np.sin(x) * y, lambda g: (g * 10.0 * y, None)


@custom_gradient
def swapped(x, y):
    return (x * 2.0, y * 3.0), lambda g, h: (h, g)


@custom_gradient
def cubed(x):
    return x * x * x, lambda g: g * 3 * x * x


def test_the_rule_is_used():
    for call in both(lambda x, y: grad(lambda *a: np.sum(scaled(*a)), (0, 1))(x, y)):
        dx, dy = call(np.ones(2), np.array([3.0, 4.0]))
        assert (dx.tolist(), dy.tolist()) == ([30.0, 40.0], [0.0, 0.0])
    assert_array_equal(np.asarray(scaled(np.ones(2), np.ones(2))), np.sin(np.ones(2)))


def test_results_that_are_tuples():
    def f(x, y):
        a, b = swapped(x, y)
        return np.sum(a * 5 + b * 7), np.sum(a * 5)

    x, y = np.ones(2), np.ones(2)
    for call in both(lambda x, y: grad(lambda *a: f(*a)[0], (0, 1))(x, y)):
        assert [g.tolist() for g in call(x, y)] == [[7.0, 7.0], [5.0, 5.0]]
    for call in both(lambda x, y: grad(lambda *a: f(*a)[1], (0, 1))(x, y)):  # the second result is not used
        assert [g.tolist() for g in call(x, y)] == [[0.0, 0.0], [5.0, 5.0]]


def test_order_two_and_three_of_a_custom_gradient():
    for call in both(grad(cubed)), both(grad(grad(cubed))), both(grad(grad(grad(cubed)))):
        assert len({tuple(f(x).item() for x in (2.0, 3.0)) for f in call}) == 1
    assert [f(2.0).item() for f in (grad(cubed), grad(grad(cubed)), grad(grad(grad(cubed))))] == [12.0, 12.0, 6.0]


def test_operations_without_a_rule_may_be_inside():
    @custom_gradient
    def halves(x):
        return np.histogram_bin_edges(x, 2), lambda g: g

    for call in both(grad(lambda x: np.sum(halves(x * 2.0) ** 2))):
        x = np.array([0.0, 3.0, 6.0])
        assert_allclose(np.asarray(call(x)), 8 * x)
    with Tape() as tape:
        x = tape.watch(np.ones(3))
        halves(x)
        with pytest.raises(GradientError, match="np.histogram_bin_edges"):
            np.histogram_bin_edges(x)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda g: (g, g), "returned 2 gradients for 1 arguments"),
        (lambda g: (), "returned 0 gradients for 1 arguments"),
        (lambda g: np.ones(5), r"argument 0, float64\[2\], has the shape \(5,\)"),
        (lambda g: 1.0, r"has the shape \(\)"),
    ],
)
def test_wrong_gradients_are_refused(answer, message):
    wrong = custom_gradient(lambda x: (x * 2.0, answer))
    for call in both(lambda x: grad(lambda z: np.sum(wrong(z)))(x)):
        with pytest.raises(InputError, match=message):
            call(np.ones(2))
    assert listeners.get() == ()


def test_dtypes_and_untracked_arguments():
    mixed = custom_gradient(lambda x, n, mode="a": (x * n, lambda g: (g * np.ones(2) * n, None)))
    with Tape() as tape:
        x = tape.watch(np.ones(2, np.float32))
        y = mixed(x, 3, mode="b")
    assert y.dtype == np.float32
    g = tape.gradient(y, x, seed=np.ones(2, np.float32))
    assert (g.dtype, g.tolist()) == (np.float32, [3.0, 3.0])


def test_an_error_inside_a_custom_function_restores_leniency():
    broken = custom_gradient(lambda x: 1 / 0)
    with Tape() as tape:
        x = tape.watch(np.ones(3))
        with pytest.raises(ZeroDivisionError):
            broken(x)
        with pytest.raises(GradientError):
            np.histogram_bin_edges(x)


def test_returning_the_argument_itself():
    reverse = custom_gradient(lambda x: (x, lambda g: -g))
    for call in both(grad(lambda x: np.sum(reverse(x * 2.0) * 3.0))):
        assert call(np.ones(2)).tolist() == [-6.0, -6.0]


def test_a_gradient_that_is_the_argument_is_not_aliased():
    odd = custom_gradient(lambda x: (x * 2.0, lambda g: x))
    with Tape() as tape:
        x = tape.watch(np.ones(2))
        y = odd(x)
    assert not np.shares_memory(tape.gradient(y, x, seed=np.ones(2)).value, x.value)


# --- operations of two functions on plain arrays


def test_numpy_function_is_called_anew_in_each_replay():
    calls = []

    def forward(x):
        calls.append("forward")
        out = np.empty_like(x)
        for i, v in enumerate(x):  # anything NumPy can do
            out[i] = v * v
        return out, x.copy()

    square = ntb.numpy_function(forward, lambda g, x, wanted, shape: [2 * g * x])
    f = function(grad(lambda x: np.sum(square(x * 3.0))))
    for n in range(1, 4):
        assert f(np.full(2, float(n))).tolist() == [18.0 * n] * 2
        assert len(calls) == n
    with pytest.raises(GradientError, match="first derivative only"):
        grad(lambda x: np.sum(grad(lambda z: np.sum(square(z)))(x)))(np.ones(2))
