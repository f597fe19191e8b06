"""SciPy's optimizers, solvers and integrators, given ntb's derivatives exactly as a user passes them."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

import ntb

optimize = pytest.importorskip("scipy.optimize")
integrate = pytest.importorskip("scipy.integrate")

SCALE = ntb.Variable([1.0, 1.0, 1.0], name="scale")  # a function may read variables


def rosenbrock(x):
    """Its minimum is 0, at (1, 1, 1)."""
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def bowl(x):
    """A convex function with the minimum 1 at (0.5, 1, 1.5), which reads a variable."""
    return np.sum(np.cosh(x * SCALE - np.array([0.5, 1.0, 1.5]))) - 2.0


CENTRE = np.array([0.5, 1.0, 1.5])
START = np.array([1.3, 0.7, 0.8])

METHODS = [
    "Nelder-Mead", "Powell", "CG", "BFGS", "Newton-CG", "L-BFGS-B", "TNC", "COBYLA", "COBYQA", "SLSQP", "trust-constr",
    "dogleg", "trust-ncg", "trust-exact", "trust-krylov",
]  # fmt: skip
DERIVATIVE_FREE = {"Nelder-Mead", "Powell", "COBYLA", "COBYQA"}
HESSIANS = {"Newton-CG", "trust-constr", "dogleg", "trust-ncg", "trust-exact", "trust-krylov"}
NEEDED = {"dogleg", "trust-ncg", "trust-exact", "trust-krylov"}
"""Methods that do not do without a Hessian."""
PRODUCTS = {"Newton-CG", "trust-constr", "trust-ncg", "trust-krylov"}


def variants():
    for method in METHODS:
        if method in DERIVATIVE_FREE:
            yield method, "no derivatives", {}
            continue
        if method not in NEEDED:
            yield method, "jac", {"jac": ntb.grad(bowl)}
            yield method, "value_and_grad", {"jac": True}
            yield method, "traced", {"jac": ntb.function(ntb.grad(bowl))}
        if method in HESSIANS:
            yield method, "hess", {"jac": ntb.grad(bowl), "hess": ntb.hessian(bowl)}
            yield method, "value_and_grad, hess", {"jac": True, "hess": ntb.hessian(bowl)}
        if method in PRODUCTS:
            yield method, "hessp", {"jac": ntb.grad(bowl), "hessp": lambda x, v: ntb.hvp(bowl, x, v)}


@pytest.mark.parametrize(("method", "how", "options"), list(variants()), ids=lambda x: x if isinstance(x, str) else "")
@pytest.mark.parametrize("start", [START, START.tolist()], ids=["array", "list"])
def test_minimize(method, how, options, start):
    f = ntb.value_and_grad(bowl) if options.get("jac") is True else ntb.function(bowl) if how == "traced" else bowl
    found = optimize.minimize(f, start, method=method, tol=1e-9, **options)
    assert_allclose(found.x, CENTRE, atol=1e-4)
    assert_allclose(float(found.fun), 1.0, atol=1e-7)
    assert type(found.x) is np.ndarray
    if "jac" in found and "jac" in options and method != "trust-constr":
        assert isinstance(found.jac, np.ndarray)
    if method not in DERIVATIVE_FREE:  # exact gradients save calls: differences take three for each
        assert found.nfev < 100


def test_all_methods_of_minimize_are_tried():
    assert {method.lower() for method in METHODS} == set(optimize._minimize.MINIMIZE_METHODS)


@pytest.mark.parametrize("method", ["BFGS", "L-BFGS-B", "Newton-CG", "trust-exact", "SLSQP", "TNC"])
def test_rosenbrocks_valley(method):
    options = {"hess": ntb.hessian(rosenbrock)} if method in HESSIANS else {}
    found = optimize.minimize(
        rosenbrock, np.array([-1.2, 1.0, 0.5]), jac=ntb.grad(rosenbrock), method=method, **options, tol=1e-10,
        options={"maxfun": 1000} if method == "TNC" else None,
    )  # fmt: skip
    assert_allclose(found.x, np.ones(3), atol=1e-3 if method == "TNC" else 1e-5)


@pytest.mark.parametrize("method", ["L-BFGS-B", "TNC", "SLSQP", "trust-constr"])
def test_bounds(method):
    found = optimize.minimize(
        ntb.value_and_grad(bowl), START, jac=True, method=method, bounds=[(None, 0.25), (0, None), (-3, 3)]
    )
    assert_allclose(found.x, [0.25, 1.0, 1.5], atol=1e-3)


@pytest.mark.parametrize("method", ["SLSQP", "trust-constr"])
def test_constraints(method):
    """The nearest point to the centre on the sphere of radius 1, by a function of the squared distance."""
    near = lambda x: np.sum((x - CENTRE) ** 2)
    on_sphere = lambda x: np.sum(x * x)
    if method == "SLSQP":
        constraint = {"type": "eq", "fun": lambda x: on_sphere(x) - 1.0, "jac": ntb.grad(on_sphere)}
    else:
        constraint = optimize.NonlinearConstraint(
            on_sphere, 1.0, 1.0, jac=ntb.jacobian(on_sphere),
            hess=lambda x, v: v[0] * ntb.hessian(on_sphere)(x),
        )  # fmt: skip
    found = optimize.minimize(near, START, jac=ntb.grad(near), hess=ntb.hessian(near) if method != "SLSQP" else None,
                              method=method, constraints=[constraint])  # fmt: skip
    assert_allclose(found.x, CENTRE / np.linalg.norm(CENTRE), atol=1e-4)


def test_constraints_of_several_functions():
    two = lambda x: np.stack([x[0] + x[1] ** 2, x[1] - x[2]])
    constraint = optimize.NonlinearConstraint(
        two, [-np.inf, 0.0], [1.0, 0.0], jac=ntb.jacobian(two),
        hess=lambda x, v: ntb.hessian(lambda x: np.sum(v * two(x)))(x),
    )  # fmt: skip
    found = optimize.minimize(
        bowl, START, jac=ntb.grad(bowl), hess=ntb.hessian(bowl), method="trust-constr", constraints=constraint
    )
    parts = [
        optimize.NonlinearConstraint(lambda x: two(x)[0], -np.inf, 1.0, jac=ntb.jacobian(lambda x: two(x)[0])),
        {"type": "eq", "fun": lambda x: two(x)[1], "jac": ntb.grad(lambda x: two(x)[1])},
    ]
    slsqp = optimize.minimize(bowl, START, method="SLSQP", jac=ntb.grad(bowl), constraints=parts, tol=1e-10)
    assert two(found.x)[0] <= 1.0 + 1e-4
    assert_allclose(found.x, slsqp.x, atol=1e-3)


@pytest.mark.parametrize(
    "way", [ntb.grad, lambda f: ntb.function(ntb.grad(f)), lambda f: lambda x: ntb.vjp(f, x)[1](1.0)[0]]
)
def test_one_unknown_and_numbers(way):
    f = lambda x: (x[0] - 3.0) ** 4 + 1.0
    assert_allclose(optimize.minimize(f, [0.0], jac=way(f), method="BFGS", tol=1e-12).x, [3.0], atol=1e-2)


def test_what_scipy_keeps_is_not_changed_later():
    path = []
    g = ntb.grad(bowl)
    optimize.minimize(bowl, START, jac=g, callback=lambda x: path.append(g(x)), method="BFGS")
    assert all(np.array_equal(a, g) for a, g in zip(path, [p.copy() for p in path], strict=True))
    assert np.linalg.norm(path[-1]) < np.linalg.norm(path[0])


def test_check_grad_and_approx_fprime():
    assert optimize.check_grad(bowl, ntb.grad(bowl), START, seed=0) < 1e-6
    assert_allclose(ntb.grad(bowl)(START), optimize.approx_fprime(START, ntb.function(bowl)), rtol=1e-4)


def test_global_optimizers_that_minimize_inside():
    waves = lambda x: np.sum(x * x - 0.5 * np.cos(4.0 * x))
    found = optimize.basinhopping(
        waves, [1.5, -1.4], minimizer_kwargs={"jac": ntb.grad(waves), "method": "L-BFGS-B"}, niter=10, rng=0
    )
    assert_allclose(found.x, 0.0, atol=1e-5)
    found = optimize.dual_annealing(
        ntb.function(waves), [(-2, 2)] * 2, minimizer_kwargs={"jac": ntb.grad(waves)}, maxiter=20, rng=0
    )
    assert_allclose(found.x, 0.0, atol=1e-5)
    found = optimize.shgo(waves, [(-2, 2)] * 2, options={"jac": ntb.grad(waves)})
    assert_allclose(found.x, 0.0, atol=1e-5)


# --- residuals and equations

T = np.linspace(0.0, 3.0, 20)
DATA = 2.0 * np.exp(-0.7 * T) + 0.3


def residuals(p, t=T, y=DATA):
    return p[0] * np.exp(-p[1] * t) + p[2] - y


@pytest.mark.parametrize("method", ["trf", "dogbox", "lm"])
@pytest.mark.parametrize("wrap", [lambda f: f, ntb.function], ids=["plain", "traced"])
def test_least_squares(method, wrap):
    f = wrap(residuals)
    found = optimize.least_squares(f, [1.0, 1.0, 0.0], jac=wrap(ntb.jacobian(residuals)), method=method)
    assert_allclose(found.x, [2.0, 0.7, 0.3], rtol=1e-6)
    assert type(found.fun) is type(found.jac) is np.ndarray
    found = optimize.least_squares(
        f, [1.0, 1.0, 0.0], jac=ntb.jacobian(residuals), method=method, args=(T,), kwargs={"y": DATA}
    )
    assert_allclose(found.x, [2.0, 0.7, 0.3], rtol=1e-6)


@pytest.mark.parametrize("mode", ["fwd", "rev"])
def test_least_squares_by_both_modes(mode):
    found = optimize.least_squares(
        residuals, [1.0, 1.0, 0.0], jac=ntb.jacobian(residuals, mode=mode), loss="soft_l1", x_scale="jac"
    )
    assert_allclose(found.x, [2.0, 0.7, 0.3], rtol=1e-5)


def test_older_functions():
    x, _ = optimize.leastsq(residuals, [1.0, 1.0, 0.0], Dfun=ntb.jacobian(residuals))
    assert_allclose(x, [2.0, 0.7, 0.3], rtol=1e-6)
    assert_allclose(optimize.fsolve(system, [1.0, 1.0], fprime=ntb.jacobian(system)), ROOT, rtol=1e-8)
    assert_allclose(optimize.fmin_bfgs(bowl, START, fprime=ntb.grad(bowl), disp=False), CENTRE, atol=1e-4)
    assert_allclose(optimize.fmin_cg(bowl, START, fprime=ntb.grad(bowl), disp=False), CENTRE, atol=1e-4)
    assert_allclose(
        optimize.fmin_ncg(bowl, START, ntb.grad(bowl), fhess_p=lambda x, v: ntb.hvp(bowl, x, v), disp=False),
        CENTRE, atol=1e-4,
    )  # fmt: skip
    assert_allclose(optimize.fmin_l_bfgs_b(ntb.value_and_grad(bowl), START)[0], CENTRE, atol=1e-4)
    assert_allclose(optimize.fmin_tnc(ntb.value_and_grad(bowl), START, disp=0)[0], CENTRE, atol=1e-3)
    assert_allclose(optimize.fmin_slsqp(bowl, START, fprime=ntb.grad(bowl), disp=0), CENTRE, atol=1e-3)


def test_a_line_search():
    step, *_ = optimize.line_search(bowl, ntb.grad(bowl), START, -ntb.grad(bowl)(START))
    assert 0 < step < 10


def system(x):
    return np.stack([x[0] ** 2 + x[1] - 3.0, np.sin(x[0]) - x[1] + 1.0])


ROOT = np.array([1.0642, 1.8743])
ROOT = optimize.fsolve(lambda x: [x[0] ** 2 + x[1] - 3.0, np.sin(x[0]) - x[1] + 1.0], ROOT, xtol=1e-13)
ROOT_METHODS = {
    "hybr": True, "lm": True, "broyden1": False, "broyden2": False, "anderson": False, "linearmixing": False,
    "diagbroyden": False, "excitingmixing": False, "krylov": False, "df-sane": False,
}  # fmt: skip
"""Whether it takes a Jacobian."""


def test_all_methods_of_root_are_tried():
    assert set(ROOT_METHODS) == set(optimize._root.ROOT_METHODS)


@pytest.mark.parametrize("method", ROOT_METHODS)
@pytest.mark.parametrize("wrap", [lambda f: f, ntb.function], ids=["plain", "traced"])
def test_root(method, wrap):
    if ROOT_METHODS[method]:
        found = optimize.root(wrap(system), [1.0, 1.0], method=method, jac=wrap(ntb.jacobian(system)), tol=1e-10)
        assert_allclose(found.x, ROOT, rtol=1e-8)
    easy = wrap(ntb.grad(lambda x: np.sum(0.25 * np.sin(x) - 0.5 * x * x)))  # a gradient is where it is 0
    found = optimize.root(easy, [1.0, 0.2], method=method, tol=1e-8)
    assert_allclose(found.x, optimize.brentq(lambda x: 0.25 * np.cos(x) - x, 0.0, 1.0), atol=1e-6)


def test_root_with_value_and_jacobian():
    both = lambda x: (system(x), ntb.jacobian(system)(x))
    assert_allclose(optimize.root(both, [1.0, 1.0], jac=True).x, ROOT, rtol=1e-8)


@pytest.mark.parametrize("x0", [1.0, np.float64(1.0), np.float32(1.0), np.array([1.0, 1.2])], ids=repr)
def test_root_scalar(x0):
    f = lambda x: x**3 - 2.0
    slope = ntb.grad(f) if np.ndim(x0) == 0 else lambda x: ntb.jvp(f, (x,), (np.ones_like(x),))[1]
    second = ntb.grad(ntb.grad(f)) if np.ndim(x0) == 0 else lambda x: 6 * x
    assert_allclose(optimize.newton(f, x0, fprime=slope), 2.0 ** (1 / 3), rtol=1e-6)
    assert_allclose(optimize.newton(f, x0, fprime=slope, fprime2=second), 2.0 ** (1 / 3), rtol=1e-6)
    if np.ndim(x0) == 0:
        for method, options in (("newton", {}), ("halley", {"fprime2": second})):
            found = optimize.root_scalar(f, x0=x0, fprime=slope, method=method, **options)
            assert_allclose(found.root, 2.0 ** (1 / 3), rtol=1e-6)
        assert_allclose(optimize.root_scalar(ntb.value_and_grad(f), x0=x0, fprime=True).root, 2.0 ** (1 / 3))


@pytest.mark.parametrize("method", ["brentq", "brenth", "bisect", "ridder", "toms748"])
def test_a_root_of_a_gradient_in_a_bracket(method):
    slope = ntb.grad(lambda x: (x - 0.3) ** 2)
    assert_allclose(optimize.root_scalar(slope, bracket=(-1.0, 2.0), method=method).root, 0.3, atol=1e-6)


@pytest.mark.parametrize("method", ["brent", "bounded", "golden"])
def test_minimize_scalar(method):
    f = ntb.function(lambda x: (x - 0.3) ** 2)
    assert_allclose(optimize.minimize_scalar(f, bounds=(-1, 2) if method == "bounded" else None, method=method).x, 0.3)


@pytest.mark.parametrize("method", ["lm", "trf", "dogbox"])
def test_curve_fit(method):
    model = lambda t, a, b, c: a * np.exp(-b * t) + c
    slopes = lambda t, *p: np.stack(ntb.jacobian(model, argnums=(1, 2, 3))(t, *p), axis=1)
    found, covariance = optimize.curve_fit(
        ntb.function(model), T, DATA + 1e-3 * np.cos(9 * T), [1.0, 1.0, 0.0], jac=slopes, method=method
    )
    assert_allclose(found, [2.0, 0.7, 0.3], rtol=2e-2)
    assert covariance.shape == (3, 3)


# --- integrals and differential equations


def test_integrals_of_gradients():
    assert_allclose(integrate.quad(ntb.grad(np.sin), 0.0, 1.0)[0], np.sin(1.0))
    assert_allclose(integrate.quad(ntb.function(np.sin), 0.0, np.pi)[0], 2.0)
    assert_allclose(integrate.quad_vec(ntb.jacobian(lambda x: np.stack([x, x**2])), 0.0, 1.0)[0], [1.0, 1.0])
    f = lambda x, y: np.sin(x * y)
    inner = integrate.dblquad(ntb.grad(f), 0.0, 1.0, 0.0, 1.0)[0]
    assert_allclose(inner, integrate.quad(lambda y: np.sin(y), 0.0, 1.0)[0])
    assert_allclose(
        integrate.fixed_quad(lambda x: ntb.jvp(np.sin, (x,), (np.ones_like(x),))[1], 0.0, 1.0, n=8)[0], np.sin(1)
    )


def van_der_pol(t, y, mu=5.0):
    return np.stack([y[1], mu * (1.0 - y[0] ** 2) * y[1] - y[0]])


REFERENCE = integrate.solve_ivp(van_der_pol, (0.0, 3.0), [2.0, 0.0], method="DOP853", rtol=1e-11, atol=1e-12).y[:, -1]


@pytest.mark.parametrize("method", ["RK23", "RK45", "DOP853", "Radau", "BDF", "LSODA"])
@pytest.mark.parametrize("wrap", [lambda f: f, ntb.function], ids=["plain", "traced"])
def test_solve_ivp(method, wrap):
    options = {"jac": wrap(ntb.jacobian(van_der_pol, argnums=1))} if method in ("Radau", "BDF", "LSODA") else {}
    found = integrate.solve_ivp(
        wrap(van_der_pol), (0.0, 3.0), [2.0, 0.0], method=method, rtol=1e-6, atol=1e-8, **options
    )
    assert found.success
    assert_allclose(found.y[:, -1], REFERENCE, rtol=2e-3, atol=1e-5)


def test_solve_ivp_of_a_gradient_flow_and_odeint():
    flow = ntb.grad(lambda x: -bowl(x))
    end = integrate.solve_ivp(lambda t, x: flow(x), (0.0, 20.0), START, rtol=1e-8).y[:, -1]
    assert_allclose(end, CENTRE, atol=1e-4)
    found = integrate.odeint(
        van_der_pol,
        [2.0, 0.0],
        [0.0, 3.0],
        tfirst=True,
        Dfun=ntb.jacobian(van_der_pol, argnums=1),
        rtol=1e-8,
        atol=1e-10,
    )
    assert_allclose(found[-1], REFERENCE, rtol=1e-4)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_linear_operator_of_hessian_products(dtype):
    linalg = pytest.importorskip("scipy.sparse.linalg")
    x = CENTRE.astype(dtype)
    H = linalg.LinearOperator((3, 3), matvec=lambda v: ntb.hvp(lambda x: np.sum(x**4), x, np.ravel(v)), dtype=dtype)
    solution, info = linalg.cg(H, np.ones(3, dtype), rtol=1e-6)
    assert info == 0
    assert_allclose(solution, 1 / (12 * x**2), rtol=1e-4)
    assert_allclose(linalg.eigsh(H, k=1, return_eigenvectors=False), 12 * 1.5**2, rtol=1e-4)
