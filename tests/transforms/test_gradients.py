"""grad, value_and_grad, vjp: eagerly and inside traced functions."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from ntb import GradientError, InputError, grad, value_and_grad, vjp
from ntb.tape.listener import listeners
from tests.transforms.base import both


def test_argnums():
    def f(x, y, z=1.0):
        return np.sum(x * y**2) * z

    x, y = np.array([1.0, 2.0]), np.array([3.0, 4.0])
    assert grad(f)(x, y).tolist() == [9.0, 16.0]
    assert grad(f, 1)(x, y, z=2.0).tolist() == [12.0, 32.0]
    assert grad(f, -1)(x, y).tolist() == [6.0, 16.0]
    dy, dx = grad(f, (1, 0))(x, y)
    assert (dx.tolist(), dy.tolist()) == ([9.0, 16.0], [6.0, 16.0])
    assert type(grad(f, (0,))(x, y)) is tuple
    for wrong in (2, -3, (0, 5)):
        with pytest.raises(InputError, match="does not fit a call with 2 positional arguments"):
            grad(f, wrong)(x, y)


def test_value_and_aux():
    value, slope = value_and_grad(lambda x: x * x)(3.0)
    assert (value.item(), slope.item()) == (9.0, 6.0)
    (value, aux), slope = value_and_grad(lambda x: (x * x, {"twice": 2 * x, "name": "n"}), has_aux=True)(3.0)
    assert (value.item(), aux["twice"].item(), aux["name"], slope.item()) == (9.0, 6.0, "n", 6.0)


def test_structures():
    def f(parameters, x):
        h = x
        for w, b in parameters["layers"]:
            h = np.tanh(h @ w + b)
        return np.sum(h) * parameters["scale"]

    rng = np.random.default_rng(0)
    parameters = {"layers": [(rng.normal(size=(2, 2)), rng.normal(size=2)) for _ in range(2)], "scale": 2.0}
    g = grad(f)(parameters, np.ones((3, 2)))
    assert [(w.shape, b.shape) for w, b in g["layers"]] == [((2, 2), (2,))] * 2
    assert_allclose(g["scale"].item(), f(parameters, np.ones((3, 2))) / 2)
    for call in both(lambda: grad(f)(parameters, np.ones((3, 2)))):
        assert_array_equal(np.asarray(call()["layers"][0][0]), np.asarray(g["layers"][0][0]))


def test_nested_and_the_same_argument_twice():
    cube = lambda x: x**3
    assert [f(2.0).item() for f in (grad(cube), grad(grad(cube)), grad(grad(grad(cube))))] == [12.0, 12.0, 6.0]
    x = np.array([3.0])
    dx, dy = grad(lambda x, y: np.sum(x * x * y), (0, 1))(x, x)
    assert (dx.item(), dy.item()) == (18.0, 9.0)
    inner = lambda y: grad(lambda x: x * y)(y)  # d(xy)/dx = y, whose derivative by y is 1, not 2
    assert grad(inner)(5.0).item() == 1.0
    for call in both(grad(grad(cube))):
        assert [call(2.0).item(), call(3.0).item()] == [12.0, 18.0]


def test_a_source_that_does_not_matter_has_a_gradient_of_zeros():
    assert grad(lambda x, y: np.sum(x), 1)(np.ones(2), np.ones((3, 2))).tolist() == np.zeros((3, 2)).tolist()


def test_errors_leave_no_tape_open():
    with pytest.raises(InputError, match="a gradient is of a scalar"):
        grad(lambda x: x)(np.ones(2))
    with pytest.raises(GradientError, match="dtype int64"):
        grad(lambda x: x)(3)
    with pytest.raises(ZeroDivisionError):
        grad(lambda x: 1 / 0)(1.0)
    assert listeners.get() == ()


# --- vjp


def test_vjp_of_structures():
    def f(p, n, x):
        return {"y": p["w"] @ x * n, "z": [np.sum(x), n]}

    w, x = np.arange(6.0).reshape(2, 3), np.array([1.0, 2.0, 3.0])
    y, pull = vjp(f, {"w": w, "name": "n"}, 2, x)
    assert y["z"][1] == 2
    for scale in (1.0, 3.0):
        dp, dn, dx = pull({"y": np.array([1.0, 0.0]) * scale, "z": [10.0, None]})
        assert dn is None and dp["name"] is None
        assert_array_equal(np.asarray(dp["w"]), [2 * scale * x, 0 * x])
        assert_array_equal(np.asarray(dx), 2 * scale * w[0] + 10)
    dp, _, dx = pull(None)
    assert not np.asarray(dp["w"]).any() and not np.asarray(dx).any()
    with pytest.raises(InputError, match="the weights"):
        pull({"y": np.ones(3), "z": None})


def test_vjp_with_the_same_result_twice_and_the_argument_itself():
    x = np.array([1.0, 2.0])
    _, pull = vjp(lambda x: (x, x, x * 2), x)
    w = np.ones(2)
    (g,) = pull((w, w, w))
    assert g.tolist() == [4.0, 4.0]
    (g,) = pull((w, None, None))
    assert g.tolist() == [1.0, 1.0] and not np.shares_memory(g, w)
    _, pull, aux = vjp(lambda x: (x * x, "aux"), x, has_aux=True)
    assert aux == "aux"


def test_vjp_can_be_differentiated_by_argument_and_weights():
    x, w = np.array([1.0, 2.0]), np.array([3.0, 5.0])
    for call in both(grad(lambda x, w: np.sum(vjp(lambda x: x**3, x)[1](w)[0] ** 2), (0, 1))):
        dx, dw = call(x, w)
        assert_allclose(np.asarray(dx), 36 * x**3 * w**2, rtol=1e-13)
        assert_allclose(np.asarray(dw), 18 * x**4 * w, rtol=1e-13)


def test_vjp_is_conjugated_for_complex_numbers_as_gradients_are():
    z, g = np.array([1 + 2j]), np.array([0.5 - 1j])
    assert_allclose(np.asarray(vjp(np.exp, z)[1](g)[0]), g * np.conjugate(np.exp(z)))
