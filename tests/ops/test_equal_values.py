"""Where eigenvalues or singular values are equal, or nearly so: derivatives are right, or a LinAlgError, in each mode.

What is right is told by differences of order eight of the whole function, smooth where its decomposition is not.
"""

import warnings

import numpy as np
import pytest
from numpy.linalg import LinAlgError

import ntb

RNG = np.random.default_rng(0)


def turned(*values):
    """A symmetric matrix with these eigenvalues."""
    q = np.linalg.qr(RNG.normal(size=(len(values),) * 2))[0]
    return (q * np.array(values)) @ q.T


def oblong(*values):
    """A matrix of one row more than columns with these singular values."""
    n = len(values)
    u, v = (np.linalg.qr(RNG.normal(size=shape))[0] for shape in ((n + 1, n), (n, n)))
    return (u * np.array(values)) @ v.T


def weights(a):
    return np.sin(1.0 + np.arange(a.shape[-1] * a.shape[-2]).reshape(a.shape[-2:]))


def of_vectors(f):
    """v f(w) vᵀ"""

    def total(a):
        w, v = np.linalg.eigh(a)
        return np.sum((v * f(w)) @ v.T * weights(a))

    return total


def of_both_sides(f):
    """u f(s) vᵀ"""

    def total(a):
        u, s, vh = np.linalg.svd(a, full_matrices=False)
        return np.sum((u * f(s)) @ vh * weights(a))

    return total


def projector(a):
    v = np.linalg.eigh(a)[1]
    return np.sum(v @ v.T * weights(a)) + np.sum(a**2)


def similar(a):
    w, v = np.linalg.eig(a)
    return np.sum(np.real((v * np.exp(w)) @ np.linalg.inv(v)) * weights(a))


def factors(a):
    q, r = np.linalg.qr(a)
    return np.sum((q @ r) ** 2 * weights(a))


MATRICES = {
    "unit": np.eye(2),
    "unit of 3": np.eye(3),
    "pair": turned(1.0, 1.0, 2.0),
    "two pairs": turned(1.0, 1.0, 3.0, 3.0),
    "zeros": np.zeros((2, 2)),
    "rank 1": turned(0.0, 0.0, 3.0),
    "gap of 1e-9": turned(1.0, 1.0 + 1e-9, 2.0),
    "gap of 1e-13": turned(1.0, 1.0 + 1e-13, 2.0),
    "apart": turned(1.0, 2.0, 4.0),
}
OBLONG = {
    "oblong pair": oblong(1.0, 1.0, 2.0),
    "oblong of rank 1": oblong(1.0, 0.0),
    "oblong zeros": np.zeros((3, 2)),
    "oblong gap": oblong(1.0, 1.0 + 1e-9, 3.0),
}
SYMMETRIC = {
    "sum of squares": lambda a: np.sum(np.linalg.eigvalsh(a) ** 2),
    "sum of exponentials": lambda a: np.sum(np.exp(np.linalg.eigvalsh(a))),
    "product": lambda a: np.prod(2 + np.linalg.eigvalsh(a)),
    "softmax": lambda a: np.log(np.sum(np.exp(np.linalg.eigvalsh(a)))),
    "upper triangle": lambda a: np.sum(np.linalg.eigvalsh(a, "U") ** 3),
    "values of eigh": lambda a: np.sum(np.linalg.eigh(a)[0] ** 3),
    "identity": of_vectors(lambda w: w),
    "exponential": of_vectors(np.exp),
    "logarithm": of_vectors(lambda w: np.log(w + 1 - np.floor(w[0] + 0.5))),
    "projector": projector,
}
OF_VALUES = {
    "squares": lambda a: np.sum(np.linalg.svdvals(a) ** 2),
    "fourth powers": lambda a: np.sum(np.linalg.svdvals(a) ** 4),
    "cosh": lambda a: np.sum(np.cosh(np.linalg.svdvals(a))),
    "values of svd": lambda a: np.sum(np.linalg.svd(a)[1] ** 2),
}
GENERAL = {
    "identity": of_both_sides(lambda s: s),
    "cube": of_both_sides(lambda s: s**3),
    "eigenvalues": lambda a: np.real(np.sum(np.exp(np.linalg.eigvals(a)))),
    "similar": similar,
    "determinant": np.linalg.det,
}
CASES = {
    **{f"{f}, {m}": (SYMMETRIC[f], MATRICES[m], True) for f in SYMMETRIC for m in MATRICES},
    **{f"singular {f}, {m}": (OF_VALUES[f], a, False) for f in OF_VALUES for m, a in (MATRICES | OBLONG).items()},
    **{f"general {f}, {m}": (GENERAL[f], a, False) for f in GENERAL for m, a in MATRICES.items()},
    **{f"factors, {m}": (factors, a, False) for m, a in (MATRICES | OBLONG).items()},
}
BY_VALUES = {
    "sum of squares", "sum of exponentials", "product", "softmax", "upper triangle", "singular squares",
    "singular fourth powers", "singular cosh", "general determinant",
}  # fmt: skip
"""Losses of eigenvalues or singular values alone, which have derivatives in these modes everywhere."""
STENCIL = {1: 4 / 5, 2: -1 / 5, 3: 4 / 105, 4: -1 / 280}


def difference(f, a, e, h=1e-2):
    return sum(c * (f(a + i * h * e) - f(a - i * h * e)) / h for i, c in STENCIL.items())


def inner(a, b):
    return float(np.sum(np.asarray(a) * b))


FIRST = {
    "grad": lambda f, a, e: inner(ntb.grad(f)(a), e),
    "jvp": lambda f, a, e: float(np.asarray(ntb.jvp(f, (a,), (e,))[1])),
    "jacobian": lambda f, a, e: inner(ntb.jacobian(f, mode="fwd")(a), e),
    "linearize": lambda f, a, e: float(np.asarray(ntb.linearize(f, a)[1](e))),
    "traced": lambda f, a, e: inner(ntb.function(ntb.grad(f))(a), e),
}
SECOND = {
    "hvp": lambda f, a, e, d: inner(ntb.hvp(f, a, d), e),
    "hessian": lambda f, a, e, d: inner(np.tensordot(np.asarray(ntb.hessian(f)(a)), d, 2), e),
    "grad of grad": lambda f, a, e, d: inner(ntb.grad(lambda x: np.sum(ntb.grad(f)(x) * e))(a), d),
    "grad of jvp": lambda f, a, e, d: inner(ntb.grad(lambda x: ntb.jvp(f, (x,), (e,))[1])(a), d),
    "jvp of jvp": lambda f, a, e, d: float(np.asarray(ntb.jvp(lambda x: ntb.jvp(f, (x,), (e,))[1], (a,), (d,))[1])),
}


@pytest.mark.uncounted
@pytest.mark.parametrize("case", CASES)
def test_each_derivative_is_right_or_an_error(case):
    f, a, symmetric = CASES[case]
    rng = np.random.default_rng(1)
    e, d = rng.normal(size=a.shape), rng.normal(size=a.shape)
    g = (lambda x: f((x + x.T) / 2)) if symmetric else f
    failed = set()
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        first = difference(g, a, e)
        second = difference(lambda x: difference(g, x, e), a, d)
        scale = max(1.0, abs(first), abs(second))
        for name, mode in FIRST.items():
            try:
                assert abs(mode(g, a, e) - first) < 2e-6 * scale, name
            except LinAlgError:
                failed.add(name)
        for name, mode in SECOND.items():
            try:
                assert abs(mode(g, a, e, d) - second) < 2e-4 * scale, name
            except LinAlgError:
                failed.add(name)
    if case.partition(", ")[0] in BY_VALUES:
        assert not failed & ({*FIRST, "hvp", "hessian"} if "1e-13" not in case else FIRST.keys())
    if symmetric and "gap" not in case:
        assert "jvp" not in failed
    if "apart" in case:
        assert not failed


def test_the_identity_by_eigenvectors():
    f = of_vectors(lambda w: w)
    e = np.array([[0.0, 1.0], [1.0, 0.0]])
    np.testing.assert_allclose(np.asarray(ntb.jvp(f, (np.eye(2),), (e,))[1]), np.sum(e * weights(e)))
    v = lambda a: (lambda w, v: (v * w) @ v.T)(*np.linalg.eigh(a))
    np.testing.assert_allclose(np.asarray(ntb.jvp(v, (np.eye(2),), (e,))[1]), e, atol=1e-15)
    with pytest.raises(LinAlgError):
        ntb.grad(f)(np.eye(2))


def test_a_symmetric_function_of_equal_eigenvalues_is_smooth():
    squares = lambda a: np.sum(np.linalg.eigvalsh(a) ** 2)
    for call in (ntb.hessian(squares), ntb.function(ntb.hessian(squares))):
        h = np.asarray(call(np.eye(2)))
        assert h[1, 0, 1, 0] == pytest.approx(4.0)
        assert h[0, 0, 0, 0] == pytest.approx(2.0) and h[0, 0, 1, 1] == pytest.approx(0.0, abs=1e-12)


def test_complex_matrices():
    rng = np.random.default_rng(2)
    draw = lambda *shape: rng.normal(size=shape) + 1j * rng.normal(size=shape)
    hermitian = lambda x: (x + np.conjugate(x).T) / 2
    q, p = np.linalg.qr(draw(3, 3))[0], np.linalg.qr(draw(4, 4))[0]
    a = (q * np.array([1.0, 1.0, 2.0])) @ np.conjugate(q).T
    b = (p[:, :3] * np.array([2.0, 2.0, 0.0])) @ np.conjugate(q).T
    of_eigenvalues = lambda x: np.sum(np.linalg.eigvalsh(hermitian(x)) ** 3)
    of_singular = lambda x: np.sum(np.linalg.svdvals(x) ** 4)
    for f, x, e, d in ((of_eigenvalues, a, draw(3, 3), draw(3, 3)), (of_singular, b, draw(4, 3), draw(4, 3))):
        real = lambda g, e: float(np.sum(np.real(np.conjugate(np.asarray(g)) * e)))
        first = difference(f, x, e)
        second = difference(lambda x, f=f, e=e: difference(f, x, e), x, d)
        assert real(ntb.grad(f)(x), e) == pytest.approx(first, rel=1e-8)
        assert float(np.asarray(ntb.jvp(f, (x,), (e,))[1])) == pytest.approx(first, rel=1e-8)
        assert real(ntb.hvp(f, x, d), e) == pytest.approx(second, rel=1e-6)


def test_a_value_of_equals_has_derivatives_along_directions_only():
    first = lambda a: np.linalg.eigvalsh(a)[0]
    e = np.array([[1.0, 2.0], [2.0, -1.0]])
    along = float(np.asarray(ntb.jvp(first, (np.eye(2),), (e,))[1]))
    assert along == pytest.approx((first(np.eye(2) + 1e-6 * e) - 1) / 1e-6, rel=1e-6)
    for call in (ntb.grad(first), ntb.jacobian(first, mode="fwd"), ntb.jacobian(first, mode="rev"), ntb.hessian(first)):
        with pytest.raises(LinAlgError):
            call(np.eye(2))


@pytest.mark.parametrize("ord", [2, -2, "nuc"])
def test_norms_share_among_equals_in_all_modes(ord):
    rng = np.random.default_rng(3)
    q = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    for a in (q, np.eye(3), np.zeros((3, 2)), np.zeros((2, 2)), oblong(1.0, 1.0), np.stack([q, np.zeros((3, 3))])):
        e = rng.normal(size=a.shape)
        f = lambda x: np.sum(np.linalg.norm(x, ord, (-2, -1)))
        slope = inner(ntb.grad(f)(a), e)
        assert float(np.asarray(ntb.jvp(f, (a,), (e,))[1])) == pytest.approx(slope, abs=1e-12)
        assert inner(ntb.jacobian(f, mode="fwd")(a), e) == pytest.approx(slope, abs=1e-12)
        assert np.all(np.isfinite(np.asarray(ntb.hessian(f)(a))))
    np.testing.assert_allclose(np.asarray(ntb.grad(np.linalg.cond)(q)), np.zeros((3, 3)), atol=1e-12)


def test_one_singular_matrix_of_a_stack_does_not_disturb_the_others():
    stack = np.stack([2 * np.eye(2), np.ones((2, 2)), np.array([[1.0, 2.0], [3.0, 5.0]])])
    mask = np.array([True, False, True])
    masked = lambda a: np.sum(np.where(mask, np.linalg.slogdet(a)[1], 0))
    expected = np.zeros((3, 2, 2))
    expected[mask] = np.linalg.inv(stack[mask]).swapaxes(-1, -2)
    for call in (ntb.grad(masked), ntb.function(ntb.grad(masked)), ntb.jacobian(masked, mode="fwd")):
        np.testing.assert_allclose(np.asarray(call(stack)), expected, atol=1e-12)
    second = np.asarray(ntb.hessian(masked)(stack))
    alone = np.asarray(ntb.hessian(lambda a: np.linalg.slogdet(a)[1])(stack[2]))
    np.testing.assert_allclose(second[2, :, :, 2], alone)
    assert np.all(second[1] == 0) and np.all(np.isfinite(second))
    whole = np.asarray(ntb.grad(lambda a: np.sum(np.linalg.slogdet(a)[1]))(stack))
    np.testing.assert_allclose(whole[mask], expected[mask], atol=1e-12)
    assert np.all(np.isinf(whole[1]))


def test_defective_matrices():
    a = np.array([[1.0, 1.0], [0.0, 1.0]])
    np.testing.assert_allclose(np.asarray(ntb.grad(lambda a: np.real(np.sum(np.linalg.eigvals(a))))(a)), np.eye(2))
    with pytest.raises(LinAlgError):
        ntb.grad(lambda a: np.real(np.linalg.eigvals(a)[0]))(a)


@pytest.mark.parametrize("a", [np.array([[1.0, 2.0], [2.0, 4.0]]), np.zeros((3, 3)), np.diag([0.0, 0.0, 2.0])])
def test_second_derivatives_of_determinants_of_singular_matrices(a):
    rng = np.random.default_rng(4)
    e, d = rng.normal(size=a.shape), rng.normal(size=a.shape)
    expected = difference(lambda x: difference(np.linalg.det, x, e), a, d)
    for mode in SECOND.values():
        assert mode(np.linalg.det, a, e, d) == pytest.approx(expected, abs=1e-8)


def test_dependent_columns_have_no_factors():
    for a in (np.ones((3, 2)), np.zeros((2, 2)), oblong(1.0, 0.0)):
        for part in (0, 1):
            with pytest.raises(LinAlgError, match="dependent"):
                ntb.grad(lambda a, part=part: np.sum(np.linalg.qr(a)[part]))(a)
            with pytest.raises(LinAlgError, match="dependent"):
                ntb.jvp(lambda a, part=part: np.linalg.qr(a)[part], (a,), (np.ones(a.shape),))


def test_vectors_that_the_loss_leaves_alone_may_be_of_equal_values():
    """Principal components of data in a plane: the other eigenvalues are all 0."""
    data = np.random.default_rng(5).normal(size=(8, 2)) @ np.array([[1.0, 2.0, 0.0, 1.0], [0.0, 1.0, 1.0, -1.0]])

    def loss(x):
        w, v = np.linalg.eigh(x.T @ x)
        return np.sum((v[:, -2:] * w[-2:]) @ v[:, -2:].T * weights(v)) / 100

    e = np.random.default_rng(6).normal(size=(8, 2)) @ np.array([[1.0, 2.0, 0.0, 1.0], [0.0, 1.0, 1.0, -1.0]])
    expected = difference(loss, data, e, 1e-3)
    assert inner(ntb.grad(loss)(data), e) == pytest.approx(expected, rel=1e-7)
    assert float(np.asarray(ntb.jvp(loss, (data,), (e,))[1])) == pytest.approx(expected, rel=1e-7)
