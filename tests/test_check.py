"""check_gradients accepts right derivatives and catches planted wrong ones."""

from __future__ import annotations

import numpy as np
import pytest

import ntb
from ntb.check import GradientCheckError
from ntb.ops.reductions import spread
from ntb.primitive import primitive
from ntb.tape.operation import UNKNOWN
from ntb.tape.rules import derivative, operation_of

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("x", [3.0, np.array([1, 2]), np.ones((2, 3), np.float32), np.zeros((0, 2)), [1.0, -2.0]])
@pytest.mark.parametrize("kind", [np.asarray, ntb.tensor, ntb.Variable])
def test_numerical_gradients_are_those_of_the_rules(x, kind):
    before = np.array(x)
    found = ntb.numerical_gradient(lambda x: np.sum(np.sin(x)), kind(x))
    assert found.dtype == np.float64 and type(found) is np.ndarray
    np.testing.assert_allclose(found, np.cos(before.astype(float)), rtol=1e-8)
    np.testing.assert_array_equal(x, before)


def test_a_numerical_gradient_has_the_error_of_its_step():
    """A third of dx^2 for a cube, whose third derivative is 6: what the central difference leaves out, exactly."""
    np.testing.assert_allclose(ntb.numerical_gradient(lambda x: x**3, 1.0, dx=0.5), 3 + 0.25)


@pytest.fixture
def planted():
    """Declares an operation with wrong rules, for one test."""
    made = []

    def plant(function, *rules, **options):
        function = primitive(function)
        derivative(function, *rules, **options)
        made.append(function)
        return function

    yield plant
    for function in made:
        operation_of(function).derivative = UNKNOWN


def one_element_wrong(g):
    return g * np.where(np.arange(g.size).reshape(g.shape) == 3, 1.001, 1.0)


WRONG = {
    "sign": (lambda x: np.sin(x), lambda g, _y, x: -g * np.cos(x)),
    "factor": (lambda x: x * x, lambda g, _y, x: g * x),
    "small factor": (lambda x: x * x, lambda g, _y, x: g * x * 2.0001),
    "constant": (lambda x: np.exp(x), lambda g, y, _x: g * y + 1e-3),
    "zero": (lambda x: 3.0 * x, lambda g, _y, _x: g * 0.0),
    "NaN": (lambda x: 3.0 * x, lambda g, _y, _x: g * np.nan),
    "infinite": (lambda x: 3.0 * x, lambda g, _y, _x: g * np.inf),
    "one element": (lambda x: 2.0 * x, lambda g, _y, _x: 2.0 * one_element_wrong(g)),
    "order of elements": (lambda x: 2.0 * x, lambda g, _y, _x: 2.0 * np.flip(g)),
    "axis": (lambda x: np.cumsum(x, 0), lambda g, _y, _x: np.flip(np.cumsum(np.flip(g, 1), 1), 1)),
    "sum for mean": (lambda x: np.mean(x, 0), lambda g, _y, _x: np.broadcast_to(spread(g, 0, False), _x.shape)),
    "transpose": (lambda x: x.T.copy(), lambda g, _y, _x: g),
    "ignores the incoming gradient": (lambda x: np.exp(x), lambda g, y, _x: y),
}


@pytest.mark.parametrize("directions", [None, 3, 1])
@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_rule_is_caught(planted, what, directions):
    f, rule = WRONG[what]
    wrong = planted(f, rule)
    with pytest.raises(GradientCheckError) as caught:
        ntb.check_gradients(wrong, RNG.normal(size=(3, 3)), directions=directions)
    assert caught.value.order == 1 and caught.value.argument == 0 and (caught.value.index is None) == bool(directions)


def test_the_place_of_the_worst_error_is_told(planted):
    wrong = planted(lambda x, y: x + 2.0 * y, lambda g, _y, _a, _b: g, lambda g, _y, _a, _b: 2.0 * one_element_wrong(g))
    with pytest.raises(GradientCheckError, match=r"argument 1, at index \(1, 1\)") as caught:
        ntb.check_gradients(wrong, RNG.normal(size=(2, 2)), RNG.normal(size=(2, 2)))
    error = caught.value
    assert (error.order, error.argument, error.index) == (1, 1, (1, 1))
    assert error.analytic == pytest.approx(1.001 * error.numerical, rel=1e-6)
    assert isinstance(error, AssertionError) and isinstance(error, ntb.NtbError)


def test_a_missing_sum_over_a_broadcast_axis_is_caught(planted):
    wrong = planted(
        lambda x, y: x * y, lambda g, _y, _x, z: g * z, lambda g, _y, x, _z: np.mean(g * x, 0), broadcasts=True
    )
    with pytest.raises(GradientCheckError):
        ntb.check_gradients(wrong, RNG.normal(size=(3, 2)), RNG.normal(size=2))
    unsummed = planted(lambda x, y: x * y, lambda g, _y, _x, z: g * z, lambda g, _y, x, _z: g * x)
    with pytest.raises(ntb.GradientError, match="shape"):
        ntb.check_gradients(unsummed, RNG.normal(size=(3, 2)), RNG.normal(size=2))


def test_what_is_wrong_in_second_order_only_is_caught(planted):
    frozen = planted(lambda x: np.sin(x), lambda g, _y, x: g * ntb.stop_gradient(np.cos(x)))
    ntb.check_gradients(frozen, RNG.normal(size=3), order=1)
    with pytest.raises(GradientCheckError) as caught:
        ntb.check_gradients(frozen, RNG.normal(size=3))
    assert caught.value.order == 2
    slope = planted(lambda x: np.cos(x), lambda g, _y, x: g * np.sin(x))  # the sign
    curved = planted(lambda x: np.sin(x), lambda g, _y, x: g * slope(x))
    ntb.check_gradients(curved, RNG.normal(size=3), order=1)
    with pytest.raises(GradientCheckError):
        ntb.check_gradients(curved, RNG.normal(size=3), order=2)


def test_a_wrong_third_order_needs_order_three(planted):
    slope = planted(lambda x: 3.0 * x * x, lambda g, _y, x: g * 6.0 * ntb.stop_gradient(x))
    cube = planted(lambda x: x * x * x, lambda g, _y, x: g * slope(x))
    ntb.check_gradients(cube, 0.7, order=2)
    with pytest.raises(GradientCheckError) as caught:
        ntb.check_gradients(cube, 0.7, order=3)
    assert caught.value.order == 3


def test_one_wrong_element_of_a_large_array_is_caught(planted):
    wrong = planted(
        lambda x: 2.0 * x, lambda g, _y, _x: g * np.where(np.arange(g.size).reshape(g.shape) == 777, 2.5, 2.0)
    )
    with pytest.raises(GradientCheckError):
        ntb.check_gradients(wrong, RNG.normal(size=(50, 40)), order=1)


def test_right_derivatives_pass():
    x, y = RNG.normal(size=(2, 3)), RNG.normal(size=3)
    ntb.check_gradients(lambda x, y: np.tanh(x * y) @ y, x, y, order=3)
    ntb.check_gradients(lambda x: {"a": x * x, "b": [np.sin(x), x > 0]}, x)
    ntb.check_gradients(np.exp, 1.5)
    ntb.check_gradients(np.exp, 2)
    ntb.check_gradients(lambda x, i: x[i], x, np.array([0, 1, 0]))
    ntb.check_gradients(lambda x: np.tanh(x) * 3, x.astype(np.float32))
    ntb.check_gradients(lambda x: np.tanh(x), x.astype(np.longdouble))
    ntb.check_gradients(np.exp, x + 1j)
    ntb.check_gradients(np.sum, np.zeros((0, 3)))
    ntb.check_gradients(lambda x: 1e6 * np.sin(x), x)
    ntb.check_gradients(lambda x: 1e-3 * np.sin(x), x, atol=1e-10)
    ntb.check_gradients(np.square, RNG.normal(size=500), order=1)
    w = ntb.Variable(y)
    ntb.check_gradients(lambda x: x * w, w)


def test_points_are_not_changed():
    x = np.array([1.0, 2.0])
    ntb.check_gradients(np.sin, x)
    np.testing.assert_array_equal(x, [1.0, 2.0])


def test_what_cannot_be_checked_says_so():
    with pytest.raises(ntb.InputError, match="integers"):
        ntb.check_gradients(np.sin, np.array([1, 2]))
    with pytest.raises(ntb.InputError, match="expected floats"):
        ntb.check_gradients(lambda x: x > 0, np.ones(2))
    with pytest.raises(ntb.InputError, match="directions"):
        ntb.check_gradients(np.sin, 1.0, directions=0)
    with pytest.raises(ntb.InputError, match="modes"):
        ntb.check_gradients(np.sin, 1.0, modes=("rev", "forward"))


def test_both_modes_are_checked(planted):
    """A rule that is not linear in the gradient is wrong in forward mode too, and the error tells where it was seen."""
    wrong = planted(lambda x: np.sin(x), lambda g, _y, x: np.abs(g) * np.cos(x))
    for mode in ("rev", "fwd"):
        with pytest.raises(GradientCheckError) as caught:
            ntb.check_gradients(wrong, RNG.normal(size=20), order=1, modes=(mode,))
        assert caught.value.mode == mode and ("in forward mode" in str(caught.value)) == (mode == "fwd")
    ntb.check_gradients(lambda x, s: (x * s, np.sum(x)), np.ones(2), np.array([1, 2]), order=3, modes=("fwd",))
    ntb.check_gradients(lambda z: z * np.conjugate(z) * z, np.array([1 + 2j, 0.5]), modes=("fwd",))


@pytest.mark.parametrize("size", [1e-9, 1e-6, 1.0, 1e6])
@pytest.mark.parametrize("mode", ["rev", "fwd"])
def test_small_derivatives_are_checked_as_closely_as_large_ones(size, mode):
    right = lambda x: size * np.sin(x) ** 2
    ntb.check_gradients(right, np.array([0.5, 2.0]), modes=[mode])
    wrong = lambda x: size * np.sin(x) * ntb.stop_gradient(np.sin(x))
    with pytest.raises(GradientCheckError):
        ntb.check_gradients(wrong, np.array([0.5, 2.0]), modes=[mode], order=1)
