"""Every transformation inside every other, eagerly and traced, against what mathematics says.

The functions are sums of exponentials, w₁ exp(a₁·x) + w₂ exp(a₂·x) + …, as each transformation makes one of these
again: the derivative along c multiplies the weights by a·c. So the right answer is known in closed form.
"""

import itertools
import random

import numpy as np
import pytest
from numpy.testing import assert_allclose

import ntb

A = np.array([[0.5, -0.3], [-0.2, 0.7], [0.4, 0.1]])
W = np.array([1.0, -2.0, 0.5])
C = np.array([0.6, -1.1])
X = np.array([0.3, -0.4])
SCALES = np.array([1.0, 0.5, -0.8])


def base(x):
    return np.sum(W * np.exp(A @ x))


def value(terms, x):
    w, a = terms
    return np.sum(w * np.exp(a @ x))


# --- what the transformations do to functions of a vector, and to the terms


def by_grad(f):
    return lambda x: np.sum(ntb.grad(f)(x) * C)


def by_value_and_grad(f):
    def g(x):
        y, slope = ntb.value_and_grad(f)(x)
        return y + np.sum(slope * C)

    return g


def by_vjp(f):
    def g(x):
        _, pull = ntb.vjp(f, x)
        return np.sum(pull(2.0)[0] * C)

    return g


def by_jvp(f):
    return lambda x: ntb.jvp(f, (x,), (C,))[1]


def by_linearize(f):
    def g(x):
        y, push = ntb.linearize(f, x)
        return y + push(C) + push(2 * C)

    return g


def by_jacobian(f):
    return lambda x: np.sum(ntb.jacobian(lambda z: np.stack([f(z), f(z) * 2]))(x) * C)


def by_forward_jacobian(f):
    return lambda x: ntb.jacobian(f, mode="fwd")(x) @ C


def by_hessian(f):
    return lambda x: np.sum(ntb.hessian(f)(x) @ C)


def by_hvp(f):
    return lambda x: np.sum(ntb.hvp(f, x, C))


def by_checkpoint(f):
    return ntb.checkpoint(f)


def by_custom_gradient(f):
    @ntb.custom_gradient
    def g(x):
        return f(x) * 1.0, lambda seed: seed * ntb.grad(f)(x)

    return g


def by_scan(f):
    return lambda x: ntb.scan(lambda total, s: (total + f(x * s), None), 0.0, SCALES)[0]


def by_fixed_point(f):
    return lambda x: ntb.fixed_point(lambda z, x: 0.3 * z + 0.7 * f(x), 0.0, x)


def by_root(f):
    return lambda x: ntb.root(lambda z: 2.0 * (z - f(x)), 0.0)


def by_function(f):
    return ntb.function(f)


same = lambda w, a: (w, a)
along = lambda w, a: (w * (a @ C), a)
TRANSFORMATIONS = {
    by_grad: along,
    by_value_and_grad: lambda w, a: (w * (1 + a @ C), a),
    by_vjp: lambda w, a: (2 * w * (a @ C), a),
    by_jvp: along,
    by_linearize: lambda w, a: (w * (1 + 3 * (a @ C)), a),
    by_jacobian: lambda w, a: (3 * w * (a @ C), a),
    by_forward_jacobian: along,
    by_hessian: lambda w, a: (w * (a @ C) * np.sum(a, axis=1), a),
    by_hvp: lambda w, a: (w * (a @ C) * np.sum(a, axis=1), a),
    by_checkpoint: same,
    by_custom_gradient: same,
    by_scan: lambda w, a: (np.concatenate([w] * 3), np.concatenate([s * a for s in SCALES])),
    by_fixed_point: same,
    by_root: same,
    by_function: same,
}
name = lambda t: t.__name__.removeprefix("by_")


def check(*chain):
    """The transformations, the innermost last, eagerly and traced and replayed."""
    f, terms = base, (W, A)
    for t in reversed(chain):
        f, terms = t(f), TRANSFORMATIONS[t](*terms)
    assert_allclose(np.asarray(f(X)), value(terms, X), rtol=1e-9, atol=1e-10)
    traced = ntb.function(f)
    for x in (X, X, 2 * X):
        assert_allclose(np.asarray(traced(x)), value(terms, x), rtol=1e-9, atol=1e-10)
    assert len(traced.programs) == 1
    assert ntb.tape.listener.listeners.get() == ()


@pytest.mark.uncounted
@pytest.mark.parametrize("inner", TRANSFORMATIONS, ids=name)
@pytest.mark.parametrize("outer", TRANSFORMATIONS, ids=name)
def test_every_pair(outer, inner):
    check(outer, inner)


CHOICE = random.Random(0)
DEEP = [tuple(CHOICE.choice(list(TRANSFORMATIONS)) for _ in range(3)) for _ in range(40)]


@pytest.mark.uncounted
@pytest.mark.parametrize("chain", DEEP, ids=lambda chain: "-".join(map(name, chain)))
def test_some_of_three(chain):
    check(*chain)


def test_the_gradient_of_a_jacobian_of_a_traced_function():
    f = ntb.function(lambda x: np.stack([np.sin(x[0] * x[1]), x[0] ** 2]))
    g = ntb.grad(lambda x: np.sum(ntb.jacobian(f)(x) ** 2))(X)
    x, y = X  # J = [[y cos(xy), x cos(xy)], [2x, 0]], |J|² = (x² + y²) cos²(xy) + 4x²
    c, s = np.cos(x * y), np.sin(x * y)
    turn = -2 * (x * x + y * y) * c * s
    assert_allclose(np.asarray(g), [2 * x * c * c + turn * y + 8 * x, 2 * y * c * c + turn * x], rtol=1e-12)


def test_levels_do_not_mix():
    """Perturbations of two levels stay apart (Siskind and Pearlmutter, "Perturbation confusion", 2005)."""
    inner = {
        "jvp": lambda f, y: ntb.jvp(f, (y,), (1.0,))[1],
        "grad": lambda f, y: ntb.grad(f)(y),
        "vjp": lambda f, y: ntb.vjp(f, y)[1](1.0)[0],
        "jacobian": lambda f, y: ntb.jacobian(f, mode="fwd")(y),
    }
    for d, e in itertools.product(inner.values(), repeat=2):
        assert d(lambda x, e=e: x * e(lambda y: x + y, 1.0), 1.0).item() == 1.0
        assert d(lambda x, e=e: x * e(lambda y: x * y, 2.0), 3.0).item() == 6.0
