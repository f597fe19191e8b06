"""custom_gradient and numpy_function: eagerly and inside traced functions."""

import gc
import weakref

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


# --- how arguments are given


@custom_gradient
def product(x, y=2.0, z=3.0):
    return x * y * z, lambda g: (g * y * z, g * x * z, g * x * y)


@custom_gradient
def stretched(x, factor=2.0):
    return x * factor, lambda g: g * factor


@custom_gradient
def total(*xs, weight=1.0, **options):
    return sum(xs) * weight, lambda g: [g * weight for _ in xs]


def test_arguments_by_keyword_and_defaults_have_their_gradients():
    calls = {
        lambda x: product(x=x): 6.0,
        lambda x: product(x): 6.0,
        lambda x: product(5.0, z=x): 10.0,
        lambda x: product(z=x, x=5.0): 10.0,
        lambda x: product(y=x, x=5.0): 15.0,
        lambda x: product(x, 7.0): 21.0,
        lambda x: product(x, z=x): 16.0,
        lambda x: stretched(x): 2.0,
        lambda x: stretched(x=x, factor=5.0): 5.0,
        lambda x: stretched(x, factor=5.0): 5.0,
        lambda x: total(x, x, weight=3.0, name="any"): 6.0,
    }
    for f, expected in calls.items():
        for call in both(grad(f)):
            assert float(np.asarray(call(4.0))) == expected
        assert float(np.asarray(ntb.jvp(f, (4.0,), (1.0,))[1])) == expected
        assert float(np.asarray(ntb.jacobian(f, mode="fwd")(4.0))) == expected


def test_an_argument_without_a_gradient_of_its_own_is_refused():
    with pytest.raises(InputError, match="returned 1 gradients for 2 arguments"):
        grad(lambda s: stretched(1.0, s))(2.0)
    with pytest.raises(InputError, match="returned 1 gradients for 2 arguments"):
        grad(lambda s: stretched(1.0, factor=s))(2.0)
    with pytest.raises(GradientError, match="'weight' has a gradient"):
        grad(lambda s: total(1.0, weight=s))(2.0)
    with pytest.raises(GradientError, match="'other' has a gradient"):
        grad(lambda s: total(1.0, other=s))(2.0)
    with pytest.raises(TypeError, match="unexpected keyword"):
        product(1.0, w=2.0)


@pytest.mark.parametrize(
    "rule",
    [
        lambda g: np.clip(g, -1.0, 1.0),
        lambda g: np.sign(g),
        lambda g: np.maximum(g, 0.0),
        lambda g: np.minimum(g, 1e3),
        lambda g: g * np.abs(g),
        lambda g: g + 1.0,
        lambda g: g / np.linalg.norm(g),
    ],
)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_forward_mode_refuses_a_rule_that_is_not_linear(rule, dtype):
    f = custom_gradient(lambda x: (x * 1.0, rule))
    x = np.array([2.0, 3.0], dtype)
    for call in (
        lambda: ntb.jvp(f, (x,), (x,)),
        lambda: ntb.jacobian(f, mode="fwd")(x),
        lambda: ntb.linearize(f, x)[1](x),
        lambda: function(lambda x: ntb.jvp(f, (x,), (x,))[1])(x),
    ):
        with pytest.raises(GradientError, match="not linear in the gradient"):
            call()
    assert np.asarray(grad(lambda x: np.sum(f(x) * 0.5))(x)).dtype == dtype


def test_forward_mode_takes_linear_rules_of_all_kinds():
    a = np.array([[1.0, 2.0], [3.0, 4.0]])
    for rule in (
        lambda g: g * 1e6, lambda g: -g, lambda g: a.T @ g, lambda g: np.cumsum(g), lambda g: g[::-1], lambda g: None,
        lambda g: np.where(np.array([True, False]), g, 0),
    ):  # fmt: skip
        f = custom_gradient(lambda x, rule=rule: (x * 1.0, rule))
        x, t = np.array([2.0, 3.0]), np.array([0.5, -1.0])
        found = np.asarray(ntb.jvp(f, (x,), (t,))[1])
        rows = [np.asarray(ntb.vjp(f, x)[1](row)[0]) for row in np.eye(2)]
        assert_allclose(found, np.array(rows) @ t)


def test_numpy_functions_take_keywords():
    cube = ntb.numpy_function(lambda x, scale: (scale * x**3, (x, scale)), _cube_backward)
    for call in both(grad(lambda x: cube(x=x, scale=2.0))), both(grad(lambda x: cube(x, scale=2.0))):
        assert [float(np.asarray(f(2.0))) for f in call] == [24.0, 24.0]


def _cube_backward(g, cache, wanted, *shapes):
    x, scale = cache
    return [3 * g * scale * x**2, g * x**3]


def test_records_keep_no_arrays_that_the_rule_does_not():
    @custom_gradient
    def halved(pair):
        return [pair[0] - 2.0, pair[1] + 1.0], lambda gs: [gs[0] / 2, gs[1] / 2]

    with Tape() as tape:
        x = tape.watch(np.ones(3))
        made = x * 1.0
        y = halved([made, made])
        seen = [weakref.ref(t.value) for t in (made, *y)]
        total = np.sum(y[0]) + np.sum(y[1])
        del made, y
        gc.collect()
        assert all(ref() is None for ref in seen)
    assert_array_equal(np.asarray(tape.gradient(total, x)), np.ones(3))
