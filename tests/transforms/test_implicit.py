"""fixed_point and root: solutions and their derivatives by the implicit function theorem."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings
from numpy.testing import assert_allclose, assert_array_equal

import ntb
from ntb import ConvergenceError, InputError, Tape, TapeError, Variable, fixed_point, function, grad, root
from tests.replay.parity import check
from tests.transforms.base import both

RNG = np.random.default_rng(0)
A = RNG.normal(size=(3, 3)) * 0.2


def contraction(z, p):
    return {"a": np.tanh(p["w"] @ z["a"] + p["b"]), "b": 0.3 * z["b"] * np.sum(z["a"]) + p["b"][:2]}


Z0 = {"a": np.zeros(3), "b": np.ones(2)}
P = {"w": A, "b": RNG.normal(size=3) * 0.3}


def iterated(p):
    """The same by a loop that the tapes see."""
    z = Z0
    for _ in range(60):
        z = contraction(z, p)
    return z


DERIVATIVES = {
    "gradient": lambda f: grad(f),
    "second": lambda f: grad(lambda p: sum(np.sum(g * g) for g in grad(f)(p).values())),
    "forward": lambda f: lambda p: ntb.jvp(f, (p,), (P,))[1],
    "forward over reverse": lambda f: lambda p: ntb.hvp(f, p, P),
    "reverse over forward": lambda f: grad(lambda p: ntb.jvp(f, (p,), (P,))[1]),
    "forward over forward": lambda f: lambda p: ntb.jvp(lambda q: ntb.jvp(f, (q,), (P,))[1], (p,), (P,))[1],
}


@pytest.mark.uncounted
@pytest.mark.parametrize("what", DERIVATIVES)
@pytest.mark.parametrize("solver", ["fixed_point", "root"])
def test_derivatives_are_those_of_the_long_iteration(what, solver):
    def loss(z):
        return np.sum(np.sin(z["a"])) + np.sum(z["b"] ** 2)

    def difference(z, p):
        new = contraction(z, p)
        return {k: new[k] - z[k] for k in z}

    solved = {
        "fixed_point": lambda p: loss(fixed_point(contraction, Z0, p)),
        "root": lambda p: loss(root(difference, Z0, p)),
    }[solver]
    expected = DERIVATIVES[what](lambda p: loss(iterated(p)))(P)
    found = DERIVATIVES[what](solved)(P)
    traced = function(DERIVATIVES[what](solved))
    answers = [found, traced(P), traced(P)]
    leaves = lambda t: list(t.values()) if isinstance(t, dict) else [t]
    for answer in answers:
        for a, b in zip(leaves(answer), leaves(expected), strict=True):
            assert_allclose(np.asarray(a), np.asarray(b), rtol=1e-7, atol=1e-9)
    for answer in answers[1:]:
        for a, b in zip(leaves(answer), leaves(found), strict=True):
            assert_array_equal(np.asarray(a), np.asarray(b))
    assert len(traced.programs) == 1


@settings(max_examples=20)
@given(st.integers(0, 2**32), st.sampled_from([np.float64, np.float32]), st.integers(1, 4))
def test_roots_of_random_systems(seed, dtype, n):
    """x + 0.3 M tanh(x) = b, of which dx/db is (I + 0.3 M diag(1 - tanh²))⁻¹."""
    rng = np.random.default_rng(seed)
    m, b = (rng.normal(size=(n, n)) / n).astype(dtype), rng.normal(size=n).astype(dtype)
    f = lambda x, b: x + 0.3 * (m @ np.tanh(x)) - b
    x = root(f, np.zeros(n, dtype), b)
    tolerance = 1e-3 if dtype == np.float32 else 1e-9
    assert x.dtype == dtype
    assert_allclose(f(np.asarray(x), b), 0, atol=tolerance)
    j = ntb.jacobian(lambda b: root(f, np.zeros(n, dtype), b))(b)
    expected = np.linalg.inv(np.eye(n) + 0.3 * m * (1 - np.tanh(np.asarray(x)) ** 2))
    assert j.dtype == dtype
    assert_allclose(np.asarray(j), expected, rtol=tolerance * 10, atol=tolerance * 10)


def test_against_numerical_derivatives():
    ntb.check_gradients(lambda c: root(lambda x: x**3 + x - c, 0.5), 1.7, order=3, modes=("rev",))
    ntb.check_gradients(lambda a: fixed_point(lambda x: np.cos(a * x), 0.7), 0.8, order=2)


def test_variables_closures_and_the_start():
    w = Variable(2.0, name="w")

    def train(start, rate):
        with Tape() as tape:
            x0 = tape.watch(start * 1.0)
            doubled = x0 * 0.0 + 3.0
            x = root(lambda x: x * x * w - doubled, x0)
            w.assign_add(1.0)  # what the walk sees is the value from before
        g = tape.gradient(x, [w, x0], unconnected="zero")
        w.assign_sub(rate * g[0] + 1.0)
        return x, g

    x, (dw, dx0) = train(1.0, 0.0)
    assert_allclose(np.asarray(x), np.sqrt(1.5))
    assert_allclose(np.asarray(dw), -0.5 * np.sqrt(3) * 2**-1.5)
    assert abs(dx0.item()) < 1e-12
    w.assign(2.0)
    check(train, [(1.0, 0.1), (2.0, 0.2), (0.5, 0.1)], [w])


def test_one_record_and_a_fixed_number_of_instructions():
    slow = lambda rate: lambda a: fixed_point(lambda x: rate * x + (1 - rate) * np.cos(a * x), 0.5)
    counts = set()
    for rate in (0.1, 0.9):
        with Tape() as tape:
            slow(rate)(tape.watch(1.0))
        counts.add((len(tape), len(function(grad(slow(rate))).trace(1.0).code.instructions)))
    assert len(counts) == 1


def test_complex_roots():
    z = root(lambda z: z**2 + 1.0, 0.5 + 0.5j)
    assert_allclose(np.asarray(z), 1j, atol=1e-12)
    c = np.array(2.0 + 1j)
    derivative = ntb.jacobian(lambda c: root(lambda z: z**2 - c, 1.0 + 0.1j))(c)
    assert_allclose(np.asarray(derivative), 0.5 / np.sqrt(c), rtol=1e-10)
    with pytest.raises(TapeError, match="decide by the value"):
        function(lambda c: root(lambda z: z**2 - c, 1.0 + 0.1j))(c)
    for call in both(lambda c: fixed_point(lambda z: (z + c / z) / 2, 1.0 + 0.1j, tol=1e-14)):
        assert_allclose(np.asarray(call(c)), np.sqrt(c), rtol=1e-13)


def test_what_does_not_converge():
    cases = [
        (lambda a: fixed_point(lambda x: a * x + 1.0, 1.0), ConvergenceError, "diverged|did not converge"),
        (lambda a: fixed_point(lambda x: -x + a, 1.0, steps=7), ConvergenceError, "step 7 still changed the values by"),
        (lambda a: root(lambda x: x * x + a, 1.0), ConvergenceError, "did not converge|diverged"),
        (lambda a: root(lambda x: (x - 1.0) ** 2 * a - 1.0, 1.0), ConvergenceError, "singular matrix in step 1"),
        (lambda a: fixed_point(lambda x: x[:1] * a, np.ones(2)), InputError, "keeps the form of x"),
        (lambda a: fixed_point(lambda x: x, 1), InputError, "starts from arrays of floats"),
        (lambda a: root(lambda x: x[:1] * a, np.ones(2)), InputError, "1 numbers for 2"),
        (lambda a: root(lambda x: x, ()), InputError, "starts from arrays of floats"),
        (lambda a: root(lambda x: x + ntb.random.default().normal(), a), TapeError, "draws random numbers"),
    ]
    for f, error, message in cases:
        for call in (f, function(f), grad(f)):
            with np.errstate(all="ignore"), pytest.raises(error, match=message):
                call(3.0)
            assert ntb.tape.listener.listeners.get() == ()


def test_tolerance():
    values = [fixed_point(np.cos, 1.0, tol=tol).item() for tol in (1e-2, 1e-6, None)]
    errors = [abs(v - 0.7390851332151607) for v in values]
    assert 1e-2 > errors[0] > errors[1] > errors[2] and errors[2] < 1e-13
    for call in both(lambda x: fixed_point(np.cos, x, tol=1e-2)):
        assert call(1.0).item() == values[0]


@pytest.mark.uncounted
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size", [1e-12, 1e-6, 1.0, 1e6, 1e12])
def test_tolerances_are_relative(dtype, size):
    """x = 0.9 x + a has the solution 10 a, and the derivative 10 by the element, however large a is."""
    a = np.full(100, size, dtype)
    rtol = 2e-4 if dtype == np.float32 else 1e-12
    solve = lambda a: ntb.fixed_point(lambda x: dtype(0.9) * x + a, np.zeros_like(a))
    assert_allclose(np.asarray(solve(a)), 10 * a, rtol=rtol)
    weight = dtype(size)
    mean = lambda a: np.mean(solve(a)) * weight
    assert_allclose(np.asarray(ntb.grad(mean)(a)), np.full(100, 0.1 * size), rtol=rtol)
    assert_allclose(np.asarray(ntb.jvp(mean, (a,), (a,))[1]), 10 * size * size, rtol=rtol)
    whole = ntb.jacobian(lambda a: solve(a)[:2] * weight)(a)
    assert_allclose(np.asarray(whole)[0, 0], 10 * size, rtol=rtol)
    squares = lambda a: ntb.root(lambda x: x * x - a, np.sqrt(a) * dtype(1.5))
    small = a[:3]
    if 1e-8 < size < 1e8 or dtype == np.float64:
        assert_allclose(np.asarray(squares(small)), np.sqrt(small), rtol=rtol)
        expected = np.full(3, 0.5 / np.sqrt(size))
        assert_allclose(np.asarray(ntb.grad(lambda a: np.sum(squares(a)))(small)), expected, rtol=rtol)


def test_a_mean_over_many_unknowns():
    a = np.ones(100_000, np.float32)
    solve = lambda a: ntb.fixed_point(lambda x: np.float32(0.9) * x + a, np.zeros_like(a))
    assert_allclose(np.asarray(ntb.grad(lambda a: np.mean(solve(a)))(a)), np.full(a.shape, 1e-4), rtol=2e-4)


def test_arrays_of_different_sizes_are_solved_each_to_its_own_precision():
    start = {"large": np.ones(2), "small": np.ones(2)}
    step = lambda x: {"large": 0.5 * x["large"] + 1e9, "small": 0.7 * x["small"] + 1e-9}
    found = ntb.fixed_point(step, start)
    assert_allclose(np.asarray(found["large"]), np.full(2, 2e9), rtol=1e-12)
    assert_allclose(np.asarray(found["small"]), np.full(2, 1e-9 / 0.3), rtol=1e-12)


def test_solutions_that_are_zero():
    assert abs(float(np.asarray(ntb.fixed_point(lambda x: 0.5 * x, 1.0)))) < 1e-20
    assert abs(float(np.asarray(ntb.fixed_point(lambda x: 0.5 * (np.cos(x + 1) - np.cos(1.0)), 0.5)))) < 1e-15
    assert abs(float(np.asarray(ntb.root(lambda x: (x + 1) ** 2 - 1, 0.5)))) < 1e-15
    assert float(np.asarray(ntb.fixed_point(lambda x: 0.0 * x, 1.0))) == 0.0
