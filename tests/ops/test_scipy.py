"""SciPy's functions: every ufunc is decided; conventions at special points; accuracy; ntb.scipy beside SciPy."""

import subprocess
import sys
import warnings
from pathlib import Path

import hypothesis.strategies as st
import numpy as np
import pytest
import scipy.linalg
from hypothesis import given, settings
from scipy import special

import ntb
from ntb.ops.scipy_special.incomplete import betainc_change, gammainc_change
from ntb.scipy import linalg
from ntb.scipy import special as ours
from ntb.tape.rules import operation_of

REMOVED = {"sph_harm"}  # from SciPy 1.17
UFUNCS = {name: f for name, f in vars(special).items() if isinstance(f, np.ufunc) and name not in REMOVED}


def slopes(f, *xs):
    """First derivatives at numbers; any warning is an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return [float(np.asarray(d)) for d in ntb.grad(f, tuple(range(len(xs))))(*[np.float64(x) for x in xs])]


# --- the table


def state(f):
    operation = operation_of(f)
    if operation.derivative.rules:
        return "derivative"
    return "no gradient" if operation.traits.constant else "refused" if operation.refusal else None


def test_every_ufunc_is_differentiable_flat_or_refused_with_a_reason():
    assert [name for name, f in UFUNCS.items() if state(f) is None] == []
    counts = {kind: sum(state(f) == kind for f in UFUNCS.values()) for kind in ("derivative", "no gradient", "refused")}
    assert counts["derivative"] > 165 and counts["no gradient"] == 2 and counts["refused"] < 60


def test_what_is_refused_says_why():
    with ntb.Tape() as tape:
        x = tape.watch(0.5)
        for call, reason in [
            (lambda: special.kelvin(x), "use ber"),
            (lambda: special.airye(x), "not analytic"),
            (lambda: special.stdtridf(x, 1.0), "search"),
            (lambda: special.kolmogorov(x), "not made of SciPy's functions"),
        ]:
            with pytest.raises(ntb.GradientError, match=f"has no derivative rule: .*{reason}"):
                call()
        special.gammasgn(x), special.round(x)
        assert len(tape) == 0
    for call in (
        lambda v: special.jv(v, 1.0),
        lambda v: special.pdtr(v, 1.0),
        lambda v: special.eval_jacobi(2, v, 1.0, 0.5),
    ):
        with pytest.raises(ntb.GradientError, match=r"scipy\.special\..* with respect to its argument .*: "):
            ntb.grad(call)(2.0)
    with pytest.raises(ntb.GradientError, match="zeta functions with respect to x"):
        ntb.grad(lambda x: special.zeta(x, 1.0))(2.0)
    with pytest.raises(ntb.GradientError, match="third"):
        ntb.grad(ntb.grad(ntb.grad(lambda a: special.gammainc(a, 2.0))))(3.0)


def test_python_functions_refuse_tracked_tensors_and_name_the_part_that_takes_them():
    with ntb.Tape() as tape:
        x = tape.watch(np.eye(2))
        for f in (special.logsumexp, scipy.linalg.expm):
            with pytest.raises(ntb.ConversionError, match=r"ntb\.scipy"):
                f(x)
    assert special.erf is ours.erf
    with pytest.raises(AttributeError, match="takes no tensors"):
        ours.factorial  # noqa: B018
    with pytest.raises(AttributeError, match="linalg and special"):
        ntb.scipy.fft  # noqa: B018


# --- conventions


@pytest.mark.parametrize(
    ("f", "at", "expected"),
    [
        (special.xlogy, (0, 0), (0, 0)),
        (special.xlogy, (0, 2), (np.log(2), 0)),
        (special.xlogy, (2, 0), (-np.inf, np.inf)),
        (special.xlog1py, (0, -1), (0, 0)),
        (special.entr, (0,), (np.inf,)),
        (special.rel_entr, (0, 0), (1, 0)),
        (special.rel_entr, (0, 1), (-np.inf, 0)),
        (special.kl_div, (0, 0), (0, 1)),
        (special.kl_div, (1, 1), (0, 0)),
        (special.logit, (0,), (np.inf,)),
        (special.logit, (1,), (np.inf,)),
        (special.expit, (1000,), (0,)),
        (special.expit, (-1000,), (0,)),
        (special.log_expit, (-1000,), (1,)),
        (special.log_ndtr, (-1e8,), (1e8,)),
        (special.log_ndtr, (1e8,), (0,)),
        (special.ndtri_exp, (0,), (np.inf,)),
        (special.erfinv, (1,), (np.inf,)),
        (special.exprel, (0,), (0.5,)),
        (special.spence, (1,), (-1,)),
        (special.boxcox, (3, 0), (1 / 3, np.log(3) ** 2 / 2)),
        (special.boxcox, (0, 2), (0, 0.25)),
        (special.inv_boxcox, (1, 0), (np.e, -np.e / 2)),
        (special.huber, (1, 1), (0, 1)),
        (special.pseudo_huber, (1, 0), (0, 0)),
        (special.rgamma, (-2,), (2,)),
        (special.binom, (1, 2), (0.5, -0.5)),
        (special.gammainc, (2, 0), (0, 0)),
        (special.gammainc, (1, 0), (0, 1)),
        (special.gammainc, (3, np.inf), (0, 0)),
        (special.gammaincinv, (2, 0), (0, np.inf)),
        (special.betainc, (1, 1, 0), (0, 0, 1)),
        (special.betainc, (1, 1, 1), (0, 0, 1)),
        (special.j1, (0,), (0.5,)),
        (special.i0e, (0,), (0,)),
        (special.ellipk, (0,), (np.pi / 8,)),
        (special.ellipk, (1,), (np.inf,)),
        (special.ellipe, (0,), (-np.pi / 8,)),
        (lambda x: special.sici(x)[0], (0,), (1,)),
        (lambda x: special.shichi(x)[0], (0,), (1,)),
        (lambda x: special.itj0y0(x)[0], (0,), (1,)),
        (lambda x: np.real(special.lambertw(x)), (0,), (1,)),
        (special.agm, (1, 1), (0.5, 0.5)),
    ],
)
def test_special_points(f, at, expected):
    np.testing.assert_allclose(slopes(f, *at), expected, rtol=1e-14, atol=1e-300)


@pytest.mark.parametrize(
    "f",
    [
        *(special.logit, special.entr, special.gammaln, special.digamma, special.ndtri, special.erfcinv, special.y0),
        *(special.k0, special.exp1, special.spence, special.ellipkm1, lambda x: special.boxcox(x, 0.5)),
        *(lambda x: special.xlogy(2.0, x), lambda x: special.kv(0.5, x), lambda x: special.gammainc(0.5, x)),
        *(lambda x: special.betainc(0.5, 2.0, x), lambda x: special.zeta(2.0, x)),
    ],
)
def test_a_masked_branch_does_not_spoil_the_gradient(f):
    """Where the slope at 0 is infinite, or the value, and np.where takes another."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = np.asarray(ntb.grad(lambda x: np.sum(np.where(x > 0, f(x), 0.0)))(np.array([0.0, 0.5])))
    assert found[0] == 0 and np.isfinite(found[1]) and found[1] != 0


def test_tails_keep_their_digits():
    np.testing.assert_allclose(slopes(special.log_ndtr, -40.0), [40.02496884720726], rtol=1e-14)
    np.testing.assert_allclose(slopes(special.expit, 40.0), [np.exp(-40.0)], rtol=1e-12)
    np.testing.assert_allclose(slopes(special.ellipkm1, 1e-20), [-0.5e20], rtol=1e-12)
    np.testing.assert_allclose(slopes(special.pseudo_huber, 1.0, 1e-3)[0], 0.25e-12, rtol=1e-5)
    np.testing.assert_allclose(slopes(special.boxcox, 2.0, 1e-12)[1], np.log(2.0) ** 2 / 2, rtol=1e-11)


# --- incomplete gamma and beta functions in their parameters: values by mpmath with 50 digits

GAMMAINC = [  # a, x, first and second derivative in a
    (0.01, 0.5, -0.5655459117152578, -0.5677203168932935),
    (0.01, 7.0, -0.0001216668980167421, -0.000627860132308079),
    (1.0, 1e-08, -1.884346498733351e-7, 3.544312404431211e-6),
    (2.5, 1.75, -0.2689411128257063, 0.1028145111546738),
    (2.5, 2.5, -0.2608449623686694, 0.003555667152540584),
    (30.0, 25.0, -0.04995487742583486, 0.009137883116240922),
    (30.0, 60.0, -5.086422279260005e-6, -3.534937036753765e-6),
    (1000.0, 1000.0, -0.01261671399406962, 1.051567790325393e-9),
    (100000.0, 100200.0, -0.00103212723198368, -2.062194667615999e-6),
]
BETAINC = [  # a, b, x, the derivatives of orders (1, 0), (0, 1), (2, 0), (1, 1), (0, 2) in a and b
    (0.01, 2.0, 0.3,
     [-0.5062684388492538, 0.003672947232990691, -0.2231615156455653, 0.3654464385280192, -0.003545565030276578]),
    (0.5, 0.5, 0.01,
     [-0.3326579607401764, 0.08818850772358067, 1.780453101922908, -0.3554376008148095, -0.08782959637609287]),
    (2.0, 3.0, 0.4,
     [-0.2408693760875566, 0.1563443364135988, 0.05839660125154109, 0.008923407670034283, -0.0357293592773749]),
    (2.0, 3.0, 0.9,
     [-0.003720681749892342, 0.007619564844077965, -0.002175739262587591, 0.006868545849221845, -0.01547236984138078]),
    (40.0, 0.25, 0.99,
     [-0.003712825515537046, 0.7605600997457024, 0.0001075798033981526, -0.01222392248363694, -0.0385145473521104]),
    (300.0, 700.0, 0.31,
     [-0.0149926058120709, 0.006576898799340795, -0.0004766848073121529, 0.0002200517372063909,
      -0.0001012176354056621]),
]  # fmt: skip


def test_incomplete_functions_in_their_parameters():
    a, x, first, second = np.array(GAMMAINC).T
    np.testing.assert_allclose(gammainc_change(a, x), first, rtol=1e-11)
    np.testing.assert_allclose(gammainc_change(a, x, 2), second, rtol=1e-11, atol=1e-17)
    np.testing.assert_allclose(gammainc_change(a.astype("f"), x.astype("f")), first, rtol=2e-2)
    assert gammainc_change(a.astype("f"), x.astype("f")).dtype == np.float32
    for a, b, x, expected in BETAINC:
        found = [betainc_change(a, b, x, *orders) for orders in ((1, 0), (0, 1), (2, 0), (1, 1), (0, 2))]
        np.testing.assert_allclose(found, expected, rtol=1e-11)


def test_large_arrays_are_computed_in_blocks():
    x = np.linspace(0.1, 20.0, 9001).reshape(9001, 1)
    a = np.array([0.5, 7.0])
    np.testing.assert_array_equal(gammainc_change(a, x)[::500], gammainc_change(a, x[::500]))
    assert np.isnan(gammainc_change(-1.0, 2.0)) and np.isnan(betainc_change(1.0, 1.0, 1.5))


@settings(max_examples=40)
@given(
    st.floats(-2, 4).map(lambda e: 10**e),
    st.floats(1e-6, 1 - 1e-6),
    st.sampled_from([1, 2]),
)
def test_gammainc_in_its_parameter(a, p, order):
    """Against differences of order eight of SciPy's own values, on the side where these are small numbers."""
    x = float(special.gammaincinv(a, p))
    f, sign = (special.gammainc, 1) if x < a else (special.gammaincc, -1)
    step = min(a, np.sqrt(a)) * 0.02
    compare(lambda d: sign * f(a + d, x), step, order, gammainc_change(a, x, order), f(a, x))


def compare(f, step, order, found, size):
    """Central differences of f at 0."""
    first, second = (4 / 5, -1 / 5, 4 / 105, -1 / 280), (8 / 5, -1 / 5, 8 / 315, -1 / 560)
    if order == 1:
        numerical = sum(c * (f(i * step) - f(-i * step)) for i, c in enumerate(first, 1)) / step
    else:
        around = sum(c * (f(i * step) + f(-i * step)) for i, c in enumerate(second, 1))
        numerical = (around - 205 / 72 * f(0)) / step**2
    np.testing.assert_allclose(found, numerical, rtol=1e-7, atol=1e-11 * abs(size) / step**order)


# --- complex numbers


def test_complex_arguments():
    rng = np.random.default_rng(1)
    z = rng.uniform(0.3, 1.5, 2) + 1j * rng.uniform(0.3, 1.5, 2)
    names = "erf erfc erfcx erfi dawsn wofz ndtr log_ndtr expm1 log1p exp1 expi spence wrightomega lambertw"
    for name in names.split():
        ntb.check_gradients(getattr(special, name), z)
    for f in (special.gamma, special.loggamma, special.rgamma):
        ntb.check_gradients(f, z, order=1)
    for f in (special.jv, special.yv, special.iv, special.kv, special.kve, special.hankel1, special.hankel2e):
        ntb.check_gradients(lambda z, f=f: f(0.5, z), z)
    for f in (special.airy, special.fresnel, special.sici, special.shichi):
        ntb.check_gradients(lambda z, f=f: sum(part * (i + 1) for i, part in enumerate(f(z))), z)
    for f in (special.xlogy, special.xlog1py):
        ntb.check_gradients(f, z, z[::-1])
    for f in (special.ive, special.jve, special.yve):
        with pytest.raises(ntb.GradientError, match="not analytic"):
            ntb.grad(lambda z, f=f: np.real(np.sum(f(0.5, z))))(z)
    with pytest.raises(ntb.GradientError, match="no derivative rule for complex"):
        ntb.grad(lambda z: np.real(np.sum(special.psi(z))))(z)


# --- ntb.scipy beside SciPy


def test_values_are_those_of_scipy():
    rng = np.random.default_rng(2)
    x, b, p = rng.normal(size=(2, 3)), rng.normal(size=(2, 1)), rng.uniform(1.5, 3.0, (2, 3))
    for options in ({}, {"axis": 0}, {"axis": (0, 1), "keepdims": True}, {"b": b, "return_sign": True, "axis": 1}):
        for found, expected in zip(
            np.atleast_1d(ours.logsumexp(x, **options)), np.atleast_1d(special.logsumexp(x, **options)), strict=True
        ):
            np.testing.assert_allclose(found, expected, rtol=1e-13)
    for f in ("softmax", "log_softmax"):
        for axis in (None, 0, (0, 1)):
            np.testing.assert_allclose(getattr(ours, f)(x, axis), getattr(special, f)(x, axis), rtol=1e-13)
    np.testing.assert_array_equal(ours.softplus(x), np.logaddexp(0, x))
    np.testing.assert_array_equal(ours.polygamma(2, p), special.polygamma(2, p))
    np.testing.assert_array_equal(ours.zeta(p), special.zeta(p))
    np.testing.assert_array_equal(ours.lambertw(p, -1), special.lambertw(p, -1))
    np.testing.assert_allclose(ours.multigammaln(p, 3), special.multigammaln(p, 3), rtol=1e-13)
    for f in ("spherical_jn", "spherical_yn", "spherical_in", "spherical_kn"):
        for n in (0, 3, np.arange(3)):
            np.testing.assert_array_equal(getattr(ours, f)(n, p), getattr(special, f)(n, p))
            np.testing.assert_allclose(
                getattr(ours, f)(n, p, derivative=True), getattr(special, f)(n, p, derivative=True), rtol=1e-12
            )
    with pytest.raises(ntb.InputError, match="real"):
        ours.logsumexp(x * 1j)


def test_logsumexp_with_weights_at_its_edges():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        a, b = np.array([-np.inf, -np.inf]), np.array([1.0, 2.0])
        value, (da, db) = ntb.value_and_grad(lambda a, b: ours.logsumexp(a, b=b), (0, 1))(a, b)
        assert value.item() == -np.inf and not np.asarray(da).any() and not np.asarray(db).any()
        big = np.array([1000.0, 5000.0])
        value, (da, db) = ntb.value_and_grad(lambda a, b: ours.logsumexp(a, b=b), (0, 1))(big, np.array([2.0, 0.0]))
        assert value.item() == 1000 + np.log(2.0)
        np.testing.assert_array_equal(np.asarray(da), [1.0, 0.0])
        assert np.isnan(ours.logsumexp(big, b=[-1.0, 0.0]))


def test_triangular_systems():
    rng = np.random.default_rng(0)
    a, b = rng.uniform(-1, 1, (3, 3)) + 3 * np.eye(3), rng.normal(size=3)
    for lower in (False, True):
        for trans in (0, 1, "N", "T", "C"):
            np.testing.assert_array_equal(
                linalg.solve_triangular(a, b, trans, lower), scipy.linalg.solve_triangular(a, b, trans, lower)
            )
        np.testing.assert_allclose(linalg.cho_solve((a, lower), b), scipy.linalg.cho_solve((a, lower), b), rtol=1e-12)
        g = np.asarray(ntb.grad(lambda a, lower=lower: np.sum(linalg.solve_triangular(a, b, lower=lower)))(a))
        assert not (np.triu(g, 1) if lower else np.tril(g, -1)).any()
        spd = a @ a.T
        factor = linalg.cho_factor(spd, lower)
        np.testing.assert_allclose(linalg.cho_solve(factor, b), np.linalg.solve(spd, b), rtol=1e-10)
        read = np.tril if lower else np.triu
        np.testing.assert_allclose(factor[0], read(scipy.linalg.cho_factor(spd, lower)[0]), rtol=1e-12)
    assert linalg.solve_triangular(np.zeros((0, 3, 3)), b).shape == (0, 3)
    stack = np.stack([a, a.T, 2 * a])
    for side in (b, np.stack([b, b]).T, rng.normal(size=(3, 3, 1)), rng.normal(size=(2, 1, 3, 2))):
        x = linalg.solve_triangular(stack, side)
        upper = np.triu(stack) @ (x[..., None] if side.ndim == 1 else x)
        np.testing.assert_allclose(
            upper[..., 0] if side.ndim == 1 else upper, np.broadcast_to(side, x.shape), atol=1e-12
        )
    with pytest.raises(ntb.InputError, match="trans"):
        linalg.solve_triangular(a, b, 3)
    with pytest.raises(ntb.InputError, match="square"):
        linalg.expm(np.ones(2))


def test_the_exponential_of_a_matrix():
    rng = np.random.default_rng(0)
    a, g = rng.normal(size=(5, 5)), rng.normal(size=(5, 5))
    with ntb.Tape() as tape:
        x = tape.watch(a)
        y = linalg.expm(x)
    for scale in (1.0, 1e8, 1e-8, 0.0):
        with ntb.Tape() as tape:
            x = tape.watch(a)
            y = linalg.expm(x)
        expected = scipy.linalg.expm_frechet(a.T, g, compute_expm=False) * scale
        np.testing.assert_allclose(
            tape.gradient(y, x, seed=g * scale).numpy(), expected, rtol=1e-11, atol=1e-13 * scale
        )
    assert ntb.grad(lambda a: np.sum(linalg.expm(a)))(np.zeros((0, 0))).shape == (0, 0)
    skew = ntb.grad(lambda t: linalg.expm(t * np.array([[0.0, -1.0], [1.0, 0.0]]))[0, 0])  # cos(t)
    np.testing.assert_allclose(np.asarray(skew(0.7)), -np.sin(0.7), rtol=1e-14)
    np.testing.assert_allclose(np.asarray(ntb.grad(ntb.grad(skew))(0.7)), np.sin(0.7), rtol=1e-12)


# --- programs, and SciPy's absence


def test_printed_programs_import_scipy(tmp_path):
    w = ntb.Variable([0.5, 1.5], name="w")

    @ntb.function
    def step(scipy):
        with ntb.Tape() as tape:
            loss = np.sum(special.gammainc(w, scipy) + special.zeta(2.0, w)) + linalg.expm(np.diag(w))[0, 1]
        return loss, tape.gradient(loss, w)

    x = np.array([1.0, 2.0])
    expected = [np.asarray(np.asarray(t)) for t in step(x)]
    program = step.trace(x)
    assert "import scipy.special\n" in program.source and "scipy.special.zeta(" in program.source
    path = tmp_path / "program.py"
    program.save_source(path)
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "import program, numpy as np\n"
        "print([np.asarray(t).tolist() for t in program.step(np.array([1.0, 2.0]), np.array([0.5, 1.5]))])"
    )
    assert run(code) == str([e.tolist() for e in expected])


def run(code):
    root = Path(ntb.__file__).parent.parent
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=root, check=True
    ).stdout.strip()


def test_the_chapter_opens_for_programs_that_use_scipy():
    assert run("import ntb, sys; ntb.scipy; print('scipy' in sys.modules)") == "False"
    assert (
        run(
            "import ntb, sys, scipy.special as s\n"
            "before = 'ntb.ops.scipy_special' in sys.modules\n"
            "print(before, ntb.grad(s.erfinv)(0.0).item() > 0, 'ntb.ops.scipy_special' in sys.modules)"
        )
        == "False True True"
    )


def test_without_scipy_the_error_names_the_extra():
    code = (
        "import importlib.util as u; find = u.find_spec\n"
        "u.find_spec = lambda name, *a: None if name == 'scipy' else find(name, *a)\n"
        "import ntb\n"
        "try: ntb.scipy.linalg\n"
        "except ImportError as e: print(type(e).__name__, isinstance(e, ntb.NtbError), 'ntb[scipy]' in str(e))"
    )
    assert run(code) == "MissingSciPy True True"


@pytest.mark.parametrize("f", [special.ellipkinc, special.ellipeinc])
def test_incomplete_elliptic_integrals_where_the_parameter_is_zero(f):
    phi, step = np.linspace(-1.4, 1.4, 6), 1e-4
    slopes = np.asarray(ntb.grad(lambda m: np.sum(f(phi, m)))(np.zeros(6)))
    np.testing.assert_allclose(slopes, (f(phi, step) - f(phi, -step)) / (2 * step), rtol=1e-6)
