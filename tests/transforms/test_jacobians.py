"""jacobian, hessian, hvp, tape.jacobian."""

import itertools

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings
from numpy.testing import assert_allclose

import ntb
from ntb import GradientError, InputError, Tape, hessian, hvp, jacobian
from tests.transforms.base import both

RNG = np.random.default_rng(0)
MODES = ("auto", "rev", "fwd")


def f(x):
    return np.tanh(x[..., None] * np.arange(1.0, 4.0)).sum(axis=0) * x[0]


def numerical(f, x, h=1e-5):
    columns = []
    for i in range(x.size):
        e = np.zeros(x.shape)
        e.flat[i] = h
        columns.append((f(x + e) - f(x - e)) / (2 * h))
    return np.moveaxis(np.reshape(columns, x.shape + columns[0].shape), range(x.ndim), range(-x.ndim, 0))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("shape", [(), (1,), (4,), (2, 3), (2, 1, 2)])
def test_shapes(mode, shape):
    x = RNG.normal(size=shape)
    g = lambda x: np.sin(np.stack([x, x * x])) * np.sum(x)
    for call in both(jacobian(g, mode=mode)):
        j = call(x)
        assert j.shape == (2, *shape, *shape)
        assert_allclose(np.asarray(j), numerical(g, x), rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("mode", MODES)
def test_empty_arrays(mode):
    j = jacobian(lambda x: x[:0] * 2, mode=mode)(np.ones(3))
    assert j.shape == (0, 3)
    j = jacobian(lambda x: np.sum(x) * np.ones(2), mode=mode)(np.ones((0, 3)))
    assert j.shape == (2, 0, 3)


@pytest.mark.parametrize("mode", MODES)
def test_structures(mode):
    def g(p, q):
        return {"a": p["x"] * q, "b": [np.sum(p["x"]), p["y"] * 3.0]}

    p = {"x": np.array([1.0, 2.0]), "y": np.array([[5.0]])}
    j, aux = jacobian(lambda *a: (g(*a), "aux"), (0, 1), has_aux=True, mode=mode)(p, 7.0)
    assert aux == "aux"
    assert j["a"][0]["x"].tolist() == [[7.0, 0.0], [0.0, 7.0]] and j["a"][1].tolist() == [1.0, 2.0]
    assert j["b"][0][0]["x"].tolist() == [1.0, 1.0] and j["b"][1][0]["y"].tolist() == [[[[3.0]]]]
    assert j["a"][0]["y"].shape == (2, 1, 1) and not np.asarray(j["a"][0]["y"]).any()
    assert type(j["a"]) is tuple and type(jacobian(g, 1)(p, 7.0)["a"]) is np.ndarray


def test_the_shorter_way_is_taken():
    def records(g, x):
        with Tape() as outer:
            outer.watch(x)
            jacobian(g)(x)
        return len(outer)

    x, wide = ntb.tensor(np.ones(2)), np.ones((50, 2))
    assert records(lambda x: np.sin(wide @ x), x) < 40  # two pushes, not fifty walks
    y = ntb.tensor(np.ones(50))
    assert records(lambda y: np.sin(wide.T @ y), y) < 40


def test_single_precision_and_integers():
    for mode in MODES:
        assert jacobian(lambda x: x * x, mode=mode)(np.ones(2, np.float32)).dtype == np.float32
        with pytest.raises(GradientError, match="int64"):
            jacobian(lambda x: x * 1.0, mode=mode)(np.arange(3))
        with pytest.raises(InputError, match="returns floats"):
            jacobian(lambda x: np.argmax(x), mode=mode)(np.ones(3))
    with pytest.raises(InputError, match='"auto", "rev" or "fwd"'):
        jacobian(f, mode="sideways")
    with pytest.raises(InputError, match="pair"):
        jacobian(f, has_aux=True)(np.ones(3))
    with pytest.raises(InputError, match="argnums"):
        jacobian(f, 1)(np.ones(3))


# --- complex numbers


@pytest.mark.parametrize("mode", MODES)
def test_holomorphic_functions_have_their_derivative(mode):
    z = RNG.normal(size=3) + 1j * RNG.normal(size=3)
    a = RNG.normal(size=(2, 3)) + 1j * RNG.normal(size=(2, 3))
    assert_allclose(np.asarray(jacobian(lambda z: a @ np.exp(z), mode=mode)(z)), a * np.exp(z), rtol=1e-13)
    assert_allclose(np.asarray(jacobian(jacobian(lambda z: z**3, mode=mode), mode=mode)(z[0])), 6 * z[0], rtol=1e-13)
    for call in both(jacobian(lambda z: np.sin(z) * z[0], mode=mode)):
        expected = np.diag(np.cos(z) * z[0])
        expected[:, 0] += np.sin(z)
        assert_allclose(np.asarray(call(z)), expected, rtol=1e-13)


@pytest.mark.parametrize("mode", MODES)
def test_complex_functions_of_real_numbers_and_the_other_way(mode):
    x = np.array([0.3, 0.8])
    j = jacobian(lambda x: np.exp(1j * x), mode=mode)(x)
    assert_allclose(np.asarray(j), np.diag(1j * np.exp(1j * x)), rtol=1e-13)
    z = np.array([1 + 2j, 3 - 1j])
    assert_allclose(np.asarray(jacobian(lambda z: np.abs(z) ** 2, mode=mode)(z)), np.diag(2 * z), rtol=1e-13)
    loss = lambda z: np.sum(np.abs(z) ** 2)
    assert_allclose(np.asarray(jacobian(loss, mode=mode)(z)), np.asarray(ntb.grad(loss)(z)), rtol=1e-13)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("g", [np.conjugate, lambda z: z * np.abs(z), lambda z: z + 1j * np.imag(z)])
def test_functions_that_are_not_holomorphic_are_refused(g, mode):
    for call in both(jacobian(g, mode=mode)):
        with pytest.raises(GradientError, match="not holomorphic"):
            call(np.array([1.0 + 2j, 0.5 - 1j]))
    with pytest.raises(GradientError, match="not holomorphic"):
        hessian(lambda z: np.sum(np.abs(z) ** 4))(np.array([1.0 + 2j]))


# --- second derivatives


STEPS = [
    lambda h, u, c: np.tanh(c @ h),
    lambda h, u, c: h * np.sum(u),
    lambda h, u, c: np.sort(h) + 0.1 * h**2,
    lambda h, u, c: h[::-1] * h,
    lambda h, u, c: np.concatenate([h[1:], h[:1]]) * np.sin(h),
    lambda h, u, c: np.cumsum(h) / (1 + h * h),
    lambda h, u, c: h + np.linalg.norm(u) * np.exp(-h * h),
]


@pytest.mark.uncounted
@settings(max_examples=25)
@given(st.data())
def test_second_derivatives_of_random_programs(data):
    """hessian, hvp, and jacobians of gradients in all modes agree, over structures and dtypes."""
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    n, m = data.draw(st.integers(1, 3)), data.draw(st.integers(1, 3))
    steps = data.draw(st.lists(st.integers(0, 6), min_size=1, max_size=5))
    c = rng.normal(size=(n, n))

    def g(p):
        h, u = p["a"], p["b"][0]
        for i in steps:
            h = STEPS[i](h, u, c)
        return np.sum(h * h) + np.sum(u**3)

    p = {"a": rng.normal(size=n), "b": [rng.normal(size=(m, 2))]}
    v = {"a": rng.normal(size=n), "b": [rng.normal(size=(m, 2))]}
    h = hessian(g)(p)
    flat = lambda t: [t["a"], t["b"][0]]
    pick = lambda i, j: np.asarray(flat(flat(h)[i])[j])
    product = hvp(g, p, v)
    for i in (0, 1):
        total = sum(np.tensordot(pick(i, j), flat(v)[j], axes=flat(v)[j].ndim) for j in (0, 1))
        assert_allclose(np.asarray(flat(product)[i]), total, rtol=1e-8, atol=1e-8)
    for mode in ("rev", "fwd"):
        other = jacobian(ntb.grad(g), mode=mode)(p)
        for i, j in itertools.product((0, 1), repeat=2):
            assert_allclose(np.asarray(flat(flat(other)[i])[j]), pick(i, j), rtol=1e-8, atol=1e-8)
    traced = ntb.function(hessian(g))
    traced(p)
    again = traced(p)
    for i, j in itertools.product((0, 1), repeat=2):
        np.testing.assert_array_equal(np.asarray(flat(flat(again)[i])[j]), pick(i, j))


def test_the_hessian_of_a_vector():
    x = np.array([1.0, 2.0])
    h = hessian(lambda x: np.stack([x[0] * x[1], x[0] ** 3, x[1]]))(x)
    assert h.tolist() == [[[0.0, 1.0], [1.0, 0.0]], [[6.0, 0.0], [0.0, 0.0]], [[0.0, 0.0], [0.0, 0.0]]]
    third = jacobian(hessian(lambda x: x[0] ** 3 * x[1]))(x)
    assert third[0, 0].tolist() == [12.0, 6.0]


def test_hvp_of_a_real_function_of_complex_numbers():
    z, v = np.array([1 + 1j]), np.array([1j])
    loss = lambda z: np.sum(np.abs(z) ** 4)
    h = 1e-6
    expected = (np.asarray(ntb.grad(loss)(z + h * v)) - np.asarray(ntb.grad(loss)(z - h * v))) / (2 * h)
    assert_allclose(np.asarray(hvp(loss, z, v)), expected, rtol=1e-8)


def test_tape_jacobian():
    with Tape(persistent=True) as tape:
        x, z = tape.watch(np.array([1.0, 2.0])), tape.watch(np.array([1j, 2.0]))
        y, w = x * x, z * z
        both_ = x * z
    assert tape.jacobian(w, [z, x])[0].tolist() == [[2j, 0], [0, 4]]
    assert not np.asarray(tape.jacobian(w, [z, x])[1]).any()
    assert [j.tolist() for j in tape.jacobian(both_, [x, z])] == [[[1j, 0], [0, 2]], [[1, 0], [0, 2]]]
    assert tape.jacobian(y, x).tolist() == [[2.0, 0.0], [0.0, 4.0]]
