"""Samples of SciPy's special functions; rows exist where SciPy is installed."""

import numpy as np
from scipy import special

from ntb.ops.scipy_special import elementary, functions, gamma, incomplete, integrals

from . import base
from .base import above_one, positive, real, small

ONE = [(), (0,), (2, 1)]
TWO = [((), ()), ((2, 1), (2,)), ((2,), (2,))]
THREE = [((), (), ()), ((2, 1), (2,), ()), ((2,), (2,), (2,))]


def row(operation, call=None, shapes=ONE, domains=real, label="", **options):
    """Enter a sample; NumPy has functions of the same names."""
    base.row(operation, call, shapes, domains, f"scipy {label}".strip(), **options)


def within(low, high):
    return lambda rng, shape: rng.uniform(low, high, shape)


share = within(0.1, 0.9)
beyond = within(2.2, 4.0)

# --- one argument: the domain, and the functions that take it

for domain, names in [
    (real, "erf erfc erfcx dawsn ndtr log_ndtr expit log_expit exprel expm1 exp2 exp10 cbrt cosm1 sindg cosdg"),
    (real, "j0 j1 i0 i0e i1 i1e rgamma fresnel airy ber bei berp beip wrightomega shichi sici"),
    (small, "erfinv erfi itairy"),
    (share, "erfcinv ndtri logit ellipk ellipkm1 ellipe spence entr"),
    (within(-3.0, -0.2), "ndtri_exp"),
    (positive, "gamma gammaln loggamma digamma log1p y0 y1 k0 k0e k1 k1e ker kei kerp keip exp1 expi"),
    (positive, "it2i0k0 it2j0y0 it2struve0 iti0k0 itj0y0 itstruve0 itmodstruve0"),
    (within(20.0, 80.0), "tandg cotdg"),
]:
    for name in names.split():
        row(getattr(special, name), shapes=ONE, domains=domain)
row(special.wofz, lambda x: np.real(special.wofz(x + 0.5j)) + np.imag(special.wofz(1j * x)), [(2,), (2, 1)])
row(special.psi, lambda x: special.psi(-0.5 * x - 0.3), ONE, share, label="negative")
row(special.rgamma, lambda x: special.rgamma(x - 3.0), ONE, share, label="negative")
row(special.erfcx, shapes=ONE, domains=within(5.0, 30.0), label="large")
row(special.log_ndtr, shapes=ONE, domains=within(-30.0, -5.0), label="tail")
row(special.exprel, shapes=ONE, domains=within(-1e-3, 1e-3), label="near 0")
row(special.spence, shapes=ONE, domains=within(0.999, 1.001), label="near 1")
row(special.ellipk, shapes=ONE, domains=within(-3.0, 1e-3), label="negative")

# --- two and three arguments, all of them differentiable

for domains, names in [
    ((positive, positive), "xlogy xlog1py rel_entr kl_div beta betaln poch powm1 boxcox boxcox1p agm elliprc owens_t"),
    ((real, positive), "owens_t"),
    ((positive, small), "pseudo_huber"),
    ((within(0.5, 0.9), beyond), "huber"),
    ((beyond, within(0.3, 1.4)), "binom"),
    ((share, share), "inv_boxcox ellipkinc ellipeinc"),
    ((share, positive), "inv_boxcox1p"),
    ((positive, positive), "gammainc gammaincc chdtr chdtrc stdtr"),
    ((above_one, share), "gammaincinv gammainccinv chdtri"),
    ((positive, within(0.6, 0.9)), "stdtrit"),
]:
    for name in names.split():
        label = "signs" if domains[0] is real else ""
        row(getattr(special, name), shapes=TWO, domains=domains, label=label)
row(special.huber, shapes=TWO, domains=(beyond, share), label="inside")
row(special.gammainc, shapes=TWO, domains=(within(30.0, 40.0), within(25.0, 45.0)), label="large")
row(special.gammainc, lambda x: special.gammainc(2.5, x), ONE, positive, label="number")
row(special.gammainc, lambda a: special.gammainc(a, 2.5), ONE, positive, label="other number")
row(special.boxcox, lambda x, lmbda: special.boxcox(x, lmbda * 1e-4), TWO, positive, label="near log")
row(special.inv_boxcox, lambda x, lmbda: special.inv_boxcox(x, lmbda * 1e-4), TWO, positive, label="near exp")
for domains, names in [
    ((positive, positive, share), "betainc betaincc"),
    ((above_one, above_one, share), "betaincinv betainccinv"),
    ((positive, positive, positive), "gdtr gdtrc elliprf elliprd voigt_profile radian"),
    ((above_one, above_one, share), "gdtrix"),
    ((share, positive, real), "nrdtrimn"),
    ((share, within(0.6, 0.9), within(2.0, 3.0)), "nrdtrisd"),
]:
    for name in names.split():
        apart = (within(0.3, 0.6), within(1.0, 1.4), within(2.0, 2.4))
        row(getattr(special, name), shapes=THREE, domains=apart if name == "elliprd" else domains)
row(special.chndtr, lambda x, nc: special.chndtr(x, 3.0, nc), TWO, positive)
row(special.chndtrix, lambda p, nc: special.chndtrix(p, 3.0, nc), TWO, (share, positive))
row(special.betainc, lambda x: special.betainc(2, 3.5, x), ONE, share, label="numbers")

# --- orders and parameters that are constants

for domain, names, constants in [
    (positive, "jv yv iv kv jve yve ive kve struve modstruve", (0.75,)),
    (positive, "yn kn expn", (1,)),
    (real, "jn eval_legendre eval_chebyt eval_chebyu eval_chebyc eval_chebys eval_laguerre eval_hermite", (3,)),
    (real, "eval_hermitenorm eval_sh_legendre eval_sh_chebyt eval_sh_chebyu", (2,)),
    (real, "eval_gegenbauer eval_genlaguerre", (3, 1.5)),
    (small, "eval_jacobi", (3, 1.5, 0.5)),
    (share, "eval_sh_jacobi", (2, 3.0, 2.0)),
    (share, "lpmv", (1, 2.5)),
    (real, "hyp0f1", (1.5,)),
    (real, "hyp1f1", (0.5, 2.5)),
    (small, "hyp2f1", (0.5, 1.5, 2.5)),
    (positive, "hyperu", (0.5, 1.5)),
    (positive, "wright_bessel log_wright_bessel", (0.5, 1.5)),
    (real, "pbdv pbvv pbwa", (0.5,)),
    (share, "pdtr pdtrc pdtri", (2.0,)),
    (share, "bdtr bdtrc bdtri nbdtr nbdtrc nbdtri", (2, np.int64(5))),
    (share, "fdtr fdtrc fdtri", (3.0, 5.0)),
]:
    for name in names.split():
        f = getattr(special, name)
        row(f, lambda x, f=f, constants=constants: f(*constants, x), ONE, domain, label=name)
for f, g in ((special.hankel1, special.hankel1e), (special.hankel2, special.hankel2e)):
    row(f, lambda x, f=f: np.real(f(0.5, x)) - np.imag(f(1.0, x)), ONE, positive)
    row(g, lambda x, g=g: np.real(g(0.5, x)) - np.imag(g(1.0, x)), ONE, positive)
row(special.expn, lambda x: special.expn(0, x), ONE, positive, label="order 0")
row(special.eval_hermite, lambda x: special.eval_hermite(0, x), ONE, label="degree 0")
row(special.eval_jacobi, lambda x: special.eval_jacobi(np.arange(3), 1.5, 0.5, x), [(3,), (1,)], label="degrees")
row(special.jv, lambda x: special.jv(np.arange(3), x), [(3,), (2, 1)], positive, label="orders")
row(special.tklmbda, lambda x: special.tklmbda(x, 0.5), ONE, small)
row(special.ellipj, lambda u: special.ellipj(u, 0.4), ONE, real)
row(gamma.ZETA, lambda q: special.zeta(2.5, q), ONE, positive)
row(integrals.LAMBERT, lambda x: np.real(special.lambertw(x)), ONE, positive)

# --- primitives

row(elementary.hazard, shapes=ONE)
row(elementary.exp_square, lambda x: elementary.exp_square(x, -0.5), ONE)
for f in (elementary.erfcx_slope, elementary.dawsn_slope, elementary.exprel_slope):
    row(f, shapes=ONE)
row(elementary.erfcx_slope, shapes=ONE, domains=within(7.5, 30.0), label="tail")
row(elementary.dawsn_slope, shapes=ONE, domains=within(-30.0, -7.5), label="tail")
row(elementary.logit_slope, shapes=ONE, domains=share)
row(elementary.quiet_log, shapes=ONE, domains=positive)
row(elementary.weighted_log, lambda y: elementary.weighted_log(2.0, y), ONE, positive)
row(elementary.log_ratio, shapes=TWO, domains=positive)
row(gamma.polygamma, lambda x: gamma.polygamma(2, x), ONE, positive)
row(incomplete.gammainc_change, shapes=TWO, domains=positive, order=1)
row(incomplete.gammainc_change, lambda x: incomplete.gammainc_change(1.5, x, 2), ONE, positive, label="second")
row(incomplete.betainc_change, shapes=THREE, domains=(positive, positive, share), order=1)
for orders in ((2, 0), (1, 1), (0, 2)):
    row(
        incomplete.betainc_change,
        lambda x, orders=orders: incomplete.betainc_change(1.5, 0.75, x, *orders),
        ONE,
        share,
        label=f"orders {orders}",
    )
for f in (functions.spherical_jn, functions.spherical_yn, functions.spherical_in, functions.spherical_kn):
    row(f, lambda x, f=f: f(2, x) + f(0, x), ONE, positive)
