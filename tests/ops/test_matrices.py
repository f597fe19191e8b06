"""What rows of samples cannot say of linear algebra: refusals, choices among vectors, names of results, traces."""

from __future__ import annotations

import math
import string
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ntb
from ntb.ops import linalg

RNG = np.random.default_rng(0)


def gradient(f, *points):
    """Gradients of the real part of the sum."""
    with ntb.Tape() as tape:
        xs = [tape.watch(np.array(x)) for x in points]
        y = np.sum(np.real(f(*xs)))
    found = [g.numpy() for g in tape.gradient(y, xs)]
    return found[0] if len(found) == 1 else found


# --- vectors that are a choice


def spectral(f):
    """f(a) = v f(w) vᵀ by the eigenvectors of a symmetric matrix."""

    def of_matrix(a):
        w, v = np.linalg.eigh(a)
        return (v * f(w)) @ v.mT

    return of_matrix


@pytest.mark.parametrize("a", [np.eye(3), np.diag([2.0, 2.0, 5.0]), np.zeros((2, 2)), np.eye(2) * (1 + 0j)])
def test_equal_eigenvalues_have_a_gradient_where_their_vectors_do_not_matter(a):
    c = RNG.normal(size=a.shape)
    np.testing.assert_array_equal(gradient(lambda a: spectral(np.ones_like)(a) * c, a), 0)
    total = gradient(lambda a: np.linalg.eigh(a)[0] ** 2, a)
    np.testing.assert_allclose(total, 2 * a, atol=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    "f",
    [
        lambda a: np.linalg.eigh(a)[1][1, 0],
        lambda a: np.linalg.svd(a)[0][1, 0],
        lambda a: np.linalg.svd(a)[2][1, 0],
        lambda a: np.linalg.eig(a)[1][1, 0],
        lambda a: spectral(np.exp)(a) * np.arange(4.0).reshape(2, 2),
        lambda a: np.linalg.svd(a[:1], full_matrices=True)[2][1:].T @ np.ones((1, 2)),
    ],
    ids=["eigh", "svd left", "svd right", "eig", "function of a matrix", "fine"],
)
def test_a_loss_that_depends_on_the_choice_is_refused(f, dtype, request):
    if "fine" in request.node.callspec.id:
        gradient(f, np.eye(2, dtype=dtype))  # a single further vector is determined up to its sign
        return
    with pytest.raises(np.linalg.LinAlgError, match="choice among vectors"):
        gradient(f, np.eye(2, dtype=dtype))


def test_bases_of_what_is_left_are_a_choice():
    a = RNG.normal(size=(4, 2))
    with pytest.raises(np.linalg.LinAlgError, match="choice"):
        gradient(lambda a: np.linalg.svd(a)[0][0, 3], a)
    with pytest.raises(np.linalg.LinAlgError, match="choice"):
        gradient(lambda a: np.linalg.qr(a, "complete")[0][0, 3], a)


def test_a_phase_is_a_choice():
    a = RNG.normal(size=(3, 3)) + 1j * RNG.normal(size=(3, 3))
    for f in (lambda a: np.linalg.eigh(a)[1], lambda a: np.linalg.svd(a)[0] * 1j):
        with pytest.raises(np.linalg.LinAlgError, match="phase"):
            gradient(f, a)
    ntb.check_gradients(lambda a: np.abs(np.linalg.eigh(a)[1]), a)


def test_orthogonal_factors_of_matrices_with_equal_singular_values():
    """The polar factor u vᴴ is smooth there: its derivative at the unit matrix is the skew part."""
    c = RNG.normal(size=(3, 3))

    def polar(a):
        u, _, vh = np.linalg.svd(a)
        return (u @ vh) * c

    np.testing.assert_allclose(gradient(polar, np.eye(3)), (c - c.T) / 2, atol=1e-12)


def test_eigenvectors_of_any_matrix_keep_the_length_and_phase_that_lapack_gives_them():
    rng = np.random.default_rng(3)
    for kind in (float, complex):
        for _ in range(10):
            a = rng.normal(size=(3, 3)) + np.diag([0.0, 2.0, 4.0])
            a = a + 1j * rng.normal(size=(3, 3)) if kind is complex else a
            change, weights = rng.normal(size=(2, 3, 3))
            v = np.linalg.eig(a)[1]

            def loss(a, v=v, weights=weights):
                found = np.linalg.eig(a)[1]
                sign = np.sign(np.real(np.sum(np.conjugate(v) * ntb.stop_gradient(found), 0)))  # LAPACK's may jump
                return found * np.real(sign) * (weights + 1j * weights[::-1])

            step = 1e-6 * change
            difference = np.sum(np.real(loss(ntb.tensor(a + step)) - loss(ntb.tensor(a - step))).numpy()) / 2e-6
            along = np.sum(np.real(np.conjugate(gradient(loss, a)) * change))
            np.testing.assert_allclose(along, difference, rtol=1e-5, atol=1e-6)


def test_only_the_triangle_that_is_read_has_a_gradient():
    a = np.array([[4.0, 1.0, 0.5], [1.0, 3.0, 0.2], [0.5, 0.2, 2.0]])
    for f in (np.linalg.cholesky, np.linalg.eigvalsh, lambda a: np.linalg.pinv(a, hermitian=True)):
        assert not np.triu(gradient(f, a), 1).any()
    for f in (lambda a: np.linalg.cholesky(a, upper=True), lambda a: np.linalg.eigvalsh(a, "U")):
        assert not np.tril(gradient(f, a), -1).any()
    both = gradient(lambda a: np.linalg.eigvalsh(a) ** 3, a)
    np.testing.assert_allclose((both + both.T) / 2, 3 * a @ a, atol=1e-10)


def test_second_derivative_of_the_nuclear_norm_of_an_orthogonal_matrix():
    q = np.linalg.qr(RNG.normal(size=(3, 3)))[0]
    ntb.check_gradients(lambda a: np.linalg.norm(a, "nuc"), q)


# --- determinants and inverses


def test_third_derivative_of_a_determinant():
    """It is a polynomial of degree three in the elements of a 3x3 matrix."""

    def nth(f, n):
        return f if n == 0 else ntb.grad(lambda a: np.sum(nth(f, n - 1)(a) * weights[n - 1]))

    weights = RNG.normal(size=(3, 3, 3))
    a = np.eye(3) + 0.2 * RNG.normal(size=(3, 3))
    third = np.asarray(nth(np.linalg.det, 3)(a))
    np.testing.assert_allclose(np.asarray(nth(np.linalg.det, 3)(np.eye(3))), third, rtol=1e-9)  # degree three: constant
    second = nth(np.linalg.det, 2)
    step = 1e-3 * RNG.normal(size=(3, 3))
    slope = np.sum((np.asarray(second(a + step)) - np.asarray(second(a - step))) * weights[2]) / 2
    np.testing.assert_allclose(np.sum(third * step), slope, rtol=1e-8)


def test_singular_matrices():
    singular = np.array([[1.0, 2.0], [2.0, 4.0]])
    np.testing.assert_allclose(gradient(np.linalg.det, singular), [[4, -2], [-2, 1]])
    stack = np.stack([singular, np.eye(2)])
    np.testing.assert_allclose(gradient(np.linalg.det, stack)[1], np.eye(2), atol=1e-12)
    assert np.linalg.cond(ntb.tensor(singular), 1).numpy() == np.linalg.cond(singular, 1) == math.inf
    found, expected = (np.linalg.cond(x, "fro") for x in (ntb.tensor(stack), stack))
    np.testing.assert_allclose(found.numpy(), expected)
    for p in (None, -2):
        np.testing.assert_array_equal(
            np.linalg.cond(ntb.tensor(np.zeros((2, 2))), p).numpy(), np.linalg.cond(np.zeros((2, 2)), p)
        )
    with pytest.raises(np.linalg.LinAlgError):
        gradient(np.linalg.inv, singular)


# --- forms of calls and results


def test_results_have_the_names_that_numpy_gives_them():
    a = ntb.tensor(np.diag([2.0, 1.0]))
    assert np.linalg.eigh(a).eigenvalues.shape == (2,)
    assert np.linalg.eig(a).eigenvectors.shape == np.linalg.qr(a).R.shape == np.linalg.svd(a).Vh.shape == (2, 2)
    assert np.linalg.slogdet(a).logabsdet.numpy() == pytest.approx(math.log(2))
    ntb.check_gradients(lambda a: np.linalg.slogdet(a), np.diag([2.0, 1.0]))
    traced = ntb.function(lambda a: np.linalg.eigh(a))
    for _ in range(2):
        assert [y.shape for y in traced(np.eye(2))] == [(2,), (2, 2)]


def test_traces_notice_what_depends_on_the_numbers():
    traced = ntb.function(lambda a: np.linalg.eigvals(a))
    pairs, apart = np.array([[0.0, -1.0], [1.0, 0.0]]), np.diag([1.0, 2.0])
    for a in (apart, pairs, apart, pairs):
        np.testing.assert_array_equal(np.asarray(traced(a)), np.linalg.eigvals(a))
    residuals = ntb.function(lambda a: np.linalg.lstsq(a, np.ones(3))[1])
    for a in (np.eye(3, 2), np.ones((3, 2)), np.eye(3, 2)):
        np.testing.assert_array_equal(np.asarray(residuals(a)), np.linalg.lstsq(a, np.ones(3))[1])


def test_eigenvalues_found_in_another_order_get_their_own_gradients():
    for a in (np.diag([3.0, 1.0, 2.0]), RNG.normal(size=(12, 12))):
        weights = RNG.normal(size=len(a))
        found = gradient(lambda a, weights=weights: np.linalg.eigvals(a) * weights, a)
        expected = gradient(lambda a, weights=weights: np.linalg.eig(a)[0] * weights, a)
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


def test_modes_and_orders_without_derivative_say_so():
    with ntb.Tape() as tape:
        a = tape.watch(np.eye(2))
        with pytest.raises(ntb.GradientError, match="reduced"):
            np.linalg.qr(a, mode="raw")
        with pytest.raises(ValueError, match="norm order"):
            np.linalg.norm(a, 3)
        with pytest.raises(ValueError, match="norm order"):
            np.linalg.norm(a[0], "fro")
        with pytest.raises(ValueError, match="dimensions"):
            np.linalg.norm(a[None], 2)
        with pytest.raises(ValueError, match="3-dimensional"):
            np.linalg.cross(a, a)
        with pytest.raises(ValueError, match="one-dimensional"):
            np.linalg.outer(a, a)
        with pytest.raises(np.linalg.LinAlgError):
            np.linalg.tensorsolve(np.ones((2, 3)) * a[0, 0], a[0])
        assert np.linalg.matrix_rank(a) == 2
    np.testing.assert_array_equal(np.linalg.qr(ntb.tensor(np.eye(2)), "raw")[0].numpy(), np.eye(2))


def test_cross_products_of_the_plane_where_numpy_has_them():
    a, b, c = RNG.normal(size=(2, 2)), RNG.normal(size=(2, 2)), RNG.normal(size=(2, 3))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        for x, y in ((a, b), (a, c), (c, a)):
            try:
                expected = np.cross(x, y)
            except ValueError:
                continue
            np.testing.assert_array_equal(np.cross(ntb.tensor(x), ntb.tensor(y)).numpy(), expected)
            ntb.check_gradients(np.cross, x, y)


@st.composite
def contractions(draw):
    """An einsum: subscripts with repeated, summed-out and missing letters, ellipses and sizes of one; its shapes."""
    letters = draw(st.lists(st.sampled_from("abcd"), min_size=1, max_size=4, unique=True))
    sizes = {letter: draw(st.integers(0, 3)) for letter in letters}
    dots = draw(st.lists(st.integers(1, 2), max_size=2))
    terms, shapes = [], []
    for _ in range(draw(st.integers(1, 3))):
        term = draw(st.lists(st.sampled_from(letters), max_size=3))
        own = dots[draw(st.integers(0, len(dots))) :]
        whole = draw(st.booleans())
        place = draw(st.integers(0, len(term)))
        shape = [sizes[letter] for letter in term]
        if len(set(term)) == len(term):
            shape = [1 if draw(st.integers(0, 4)) == 0 else n for n in shape]
        if whole:
            shape[place:place] = own
            term[place:place] = ["..."]
        terms.append("".join(term))
        shapes.append(tuple(shape))
    used = [letter for letter in letters if any(letter in term for term in terms)]
    kept = draw(st.permutations(used))[: draw(st.integers(0, len(used)))]
    result = [*kept]
    if any("..." in term for term in terms):
        result.insert(draw(st.integers(0, len(kept))), "...")
    arrow = "->" + "".join(result) if draw(st.booleans()) else ""
    return ",".join(terms) + arrow, shapes


@settings(max_examples=15)
@given(contractions(), st.booleans(), st.booleans())
def test_einsum(contraction, optimize, complex_numbers):
    subscripts, shapes = contraction
    rng = np.random.default_rng(0)
    arrays = [np.asarray(rng.normal(size=shape)) for shape in shapes]
    if complex_numbers:
        arrays[0] = np.asarray(arrays[0] + 1j * rng.normal(size=shapes[0]))
    try:
        expected = np.einsum(subscripts, *arrays, optimize=optimize)
    except ValueError:
        return  # sizes of one where a letter repeats inside a term
    found = np.einsum(subscripts, *[ntb.tensor(x) for x in arrays], optimize=optimize)
    np.testing.assert_array_equal(found.numpy(), expected)
    ntb.check_gradients(lambda *xs: np.einsum(subscripts, *xs, optimize=optimize), *arrays, directions=3)
    numbers = [
        [Ellipsis if part == "." else string.ascii_letters.index(part) for part in term.replace("...", ".")]
        for term in subscripts.partition("->")[0].split(",")
    ]
    if "->" not in subscripts:
        interleaved = [x for pair in zip(arrays, numbers, strict=True) for x in pair]
        tensors = [ntb.tensor(x) if isinstance(x, np.ndarray) else x for x in interleaved]
        np.testing.assert_array_equal(np.einsum(*tensors).numpy(), np.einsum(*interleaved))


@pytest.mark.parametrize("labels", [[0, 26], [26, 0], [51, 25], [3, 2]])
def test_einsum_takes_numbers_in_their_order(labels):
    a = np.arange(6.0).reshape(2, 3)
    np.testing.assert_array_equal(np.einsum(ntb.tensor(a), labels).numpy(), np.einsum(a, labels))


REFUSED = [
    ("...i->",),
    ("...i->i",),
    ("......",),
    ("ij->......",),
    ("ij. ..",),
    ("i.j",),
    ([0, -1],),
    ([0, 52],),
    ([..., ..., 0],),
]


@pytest.mark.parametrize("call", REFUSED, ids=str)
def test_einsum_refuses_what_numpy_refuses(call):
    a = np.ones((2, 3))
    bare, watched = [(*call, x) if isinstance(call[0], str) else (x, *call) for x in (a, ntb.tensor(a))]
    with pytest.raises(ValueError):
        np.einsum(*bare)
    with pytest.raises(ntb.InputError, match="einsum"):
        np.einsum(*watched)
    if call == ("...i->i",):  # summed over where NumPy optimizes, as tensors do
        np.testing.assert_array_equal(np.einsum(*watched, optimize=True).numpy(), np.einsum(*bare, optimize=True))


@pytest.mark.parametrize(
    "subscripts, shapes", [("ij->j", [(2, 0)]), ("i,i->", [(0,), (1,)]), ("ij,i->j", [(1, 2), (0,)])]
)
def test_einsum_of_nothing_has_gradients(subscripts, shapes):
    ntb.check_gradients(lambda *xs: np.einsum(subscripts, *xs), *[np.ones(shape) for shape in shapes])


@pytest.mark.parametrize("order", [1, 2, 3])
def test_gradients_of_products_lie_by_rows(order):
    """A gradient that lies by columns is added to others two to three times as slowly."""
    x, v = np.ones((5, 3)), np.ones((3, 4))

    def f(w):
        y = np.tanh(np.matmul(x, w))
        for _ in range(order - 1):
            with ntb.Tape() as tape:
                u = tape.watch(w)
                loss = np.sum(np.tanh(np.matmul(x, u)) ** 2)
            w = tape.gradient(loss, u) * v
            y = np.tanh(np.matmul(x, w))
        return np.sum(y)

    program = ntb.function(ntb.grad(f)).trace(v)
    functions = [i.function for i in program.code.instructions]
    assert np.matmul in functions and not {np.swapaxes, np.transpose} & set(functions)
    assert np.asarray(ntb.grad(f)(v)).flags.c_contiguous


@pytest.mark.parametrize(
    "product", [lambda a, b: a.mT @ b, linalg.transposed_times, lambda a, b: linalg.times_transposed(a.mT, b.mT)]
)
def test_operands_of_products_are_not_made_one(product):
    """NumPy multiplies an array by its own transpose in another order of sums than by an equal array's."""
    step = ntb.function(lambda x: product(np.tanh(x), np.tanh(x)))
    x = np.random.default_rng(0).normal(size=(300, 90))
    eager, replayed = np.asarray(step(x)), np.asarray(step(x))
    np.testing.assert_array_equal(replayed, eager)
    assert sum(i.function is np.tanh for i in step.programs[-1].code.instructions) == 2
