"""Cumulative distribution functions and their inverses, in the value, and in the parameters of those that are
incomplete gamma or beta functions. The names are those of the Cephes and CDFLIB libraries."""

from __future__ import annotations

import math

import numpy as np
from scipy import special

from ...tape.rules import declare, derivative
from .bessel import in_argument
from .elementary import ROOT_2PI
from .gamma import typed
from .incomplete import beta_density, betainc_change, complement, gamma_density, gammainc_change

_STEPS = "it is a step function of whole numbers there, or its derivative is not made of SciPy's functions"

# --- gamma, chi-squared and Poisson


def _whole(k, g):
    return np.floor(typed(k, g))


def _gamma_slope(shape, x, g):
    return gamma_density(typed(shape, g), x)


def _gamma_shape(shape, x, g):
    return gammainc_change(typed(shape, g), x)


derivative(
    special.chdtr,
    lambda g, _y, v, x: g * 0.5 * _gamma_shape(v * 0.5, x * 0.5, g),
    lambda g, _y, v, x: g * 0.5 * _gamma_slope(v * 0.5, x * 0.5, g),
)
complement(special.chdtrc, special.chdtr)
derivative(
    special.chdtri,
    lambda g, y, v, _p: -g * _gamma_shape(v * 0.5, y * 0.5, g) / _gamma_slope(v * 0.5, y * 0.5, g),
    lambda g, y, v, _p: g * -2 / _gamma_slope(v * 0.5, y * 0.5, g),
)
derivative(
    special.gdtr,
    lambda g, _y, a, b, x: g * x * _gamma_slope(b, a * x, g),
    lambda g, _y, a, b, x: g * _gamma_shape(b, a * x, g),
    lambda g, _y, a, b, x: g * a * _gamma_slope(b, a * x, g),
)
complement(special.gdtrc, special.gdtr)
derivative(
    special.gdtrix,
    lambda g, y, a, _b, _p: -g * y / a,
    lambda g, y, a, b, _p: -g * _gamma_shape(b, a * y, g) / (a * _gamma_slope(b, a * y, g)),
    lambda g, y, a, b, _p: g / (a * _gamma_slope(b, a * y, g)),
)
in_argument(special.pdtr, lambda g, _y, k, m: -g * _gamma_slope(_whole(k, g) + 1, m, g), _STEPS)
complement(special.pdtrc, special.pdtr)
in_argument(special.pdtri, lambda g, y, k, _p: -g / _gamma_slope(_whole(k, g) + 1, y, g), _STEPS)


def _noncentral_slope(x, df, nc, g):
    """The density of noncentral chi-squared; the density for df + 2 is minus the derivative of chndtr in nc."""
    half = typed(df * 0.5, g)
    log_size = special.xlogy(half - 1, x * 0.5) - (x + nc) * 0.5 - special.gammaln(half)
    return 0.5 * np.exp(log_size) * special.hyp0f1(half, x * nc * 0.25)


derivative(
    special.chndtr,
    lambda g, _y, x, df, nc: g * _noncentral_slope(x, df, nc, g),
    None,
    lambda g, _y, x, df, nc: -g * _noncentral_slope(x, df + 2, nc, g),
)
derivative(
    special.chndtrix,
    lambda g, y, _p, df, nc: g / _noncentral_slope(y, df, nc, g),
    None,
    lambda g, y, _p, df, nc: g * _noncentral_slope(y, df + 2, nc, g) / _noncentral_slope(y, df, nc, g),
)

# --- beta, binomial, F and Student's t


def _beta_slope(a, b, x, g):
    return beta_density(typed(a, g), typed(b, g), x)


def _binomial_slope(k, n, p, g):
    """The derivative in p of bdtr(k, n, p) = 1 - betainc(k + 1, n - k, p)."""
    k = _whole(k, g)
    return -_beta_slope(k + 1, n - k, p, g)


def _ratio(dfn, dfd, x):
    return dfn * x / (dfd + dfn * x)


def _f_slope(dfn, dfd, x, g):
    """The density of the F distribution: fdtr is betainc(dfn/2, dfd/2, ratio)."""
    inner = dfn * dfd / np.square(dfd + dfn * x)
    return _beta_slope(dfn * 0.5, dfd * 0.5, _ratio(dfn, dfd, x), g) * inner


def _t_slope(df, t, g):
    """The density of Student's t distribution."""
    half = typed(df * 0.5, g)
    log_size = special.gammaln(half + 0.5) - special.gammaln(half) - 0.5 * np.log(half * (2 * math.pi))
    return np.exp(log_size - (half + 0.5) * np.log1p(t * t / (2 * half)))


def _t_freedom(df, t, g):
    """The derivative of stdtr in df: for t < 0 it is betainc(df/2, 1/2, df / (df + t²)) / 2."""
    half, spread = typed(df * 0.5, g), df + t * t
    log_size = (half - 1) * np.log(df / spread) - special.betaln(half, typed(0.5, g))
    tail = 0.25 * betainc_change(half, typed(0.5, g), df / spread)
    return -np.sign(t) * tail - 0.5 * t * np.exp(log_size) / (spread * np.sqrt(spread))


derivative(special.stdtr, lambda g, _y, df, t: g * _t_freedom(df, t, g), lambda g, _y, df, t: g * _t_slope(df, t, g))
derivative(
    special.stdtrit,
    lambda g, y, df, _p: -g * _t_freedom(df, y, g) / _t_slope(df, y, g),
    lambda g, y, df, _p: g / _t_slope(df, y, g),
)
in_argument(special.fdtr, lambda g, _y, dfn, dfd, x: g * _f_slope(dfn, dfd, x, g), _STEPS)
complement(special.fdtrc, special.fdtr)
in_argument(special.fdtri, lambda g, y, dfn, dfd, _p: g / _f_slope(dfn, dfd, y, g), _STEPS)
in_argument(special.bdtr, lambda g, _y, k, n, p: g * _binomial_slope(k, n, p, g), _STEPS)
complement(special.bdtrc, special.bdtr)
in_argument(special.bdtri, lambda g, y, k, n, _q: g / _binomial_slope(k, n, y, g), _STEPS)
in_argument(special.nbdtr, lambda g, _y, k, n, p: g * _beta_slope(n, _whole(k, g) + 1, p, g), _STEPS)
complement(special.nbdtrc, special.nbdtr)
in_argument(special.nbdtri, lambda g, y, k, n, _q: g / _beta_slope(n, _whole(k, g) + 1, y, g), _STEPS)

# --- parameters of the normal distribution; Tukey's lambda distribution; the Voigt profile


def _normal_slope(z):
    return np.exp(z * z * -0.5) / ROOT_2PI


derivative(
    special.nrdtrimn,
    lambda g, y, _p, std, x: -g * std / _normal_slope((x - y) / std),
    lambda g, y, _p, std, x: g * (y - x) / std,
    lambda g, _y, _p, _std, _x: g,
)
derivative(
    special.nrdtrisd,
    lambda g, y, mean, _p, x: g * y / (mean - x),
    lambda g, y, mean, _p, x: -g * np.square(y) / ((x - mean) * _normal_slope((x - mean) / y)),
    lambda g, y, mean, _p, x: g * y / (x - mean),
)


def _tukey_slope(y, lmbda):
    """The quantile is (y^λ - (1-y)^λ) / λ; beyond its ends the distribution function is flat."""
    inside = np.logical_and(y > 0, y < 1)
    p = np.where(inside, y, 0.5)
    return np.where(inside, 1 / (np.power(p, lmbda - 1) + np.power(1 - p, lmbda - 1)), 0)


derivative(special.tklmbda, lambda g, y, _x, lmbda: g * _tukey_slope(y, lmbda), None)


def _faddeeva_slope(x, sigma, gamma):
    """w'(z) at z = (x + iγ) / (σ√2), and z: the Voigt profile is Re w(z) / (σ√2π)."""
    z = (x + 1j * gamma) / (sigma * math.sqrt(2))
    return 2j / math.sqrt(math.pi) - 2 * z * special.wofz(z), z


derivative(
    special.voigt_profile,
    lambda g, _y, x, sigma, gamma: (
        g * np.real(_faddeeva_slope(x, sigma, gamma)[0]) / (np.square(sigma) * (2 * math.sqrt(math.pi)))
    ),
    lambda g, y, x, sigma, gamma: (
        -g * (y + np.real(np.multiply(*_faddeeva_slope(x, sigma, gamma))) / (sigma * ROOT_2PI)) / sigma
    ),
    lambda g, _y, x, sigma, gamma: (
        -g * np.imag(_faddeeva_slope(x, sigma, gamma)[0]) / (np.square(sigma) * (2 * math.sqrt(math.pi)))
    ),
)

declare(special.tklmbda, special.chndtr, special.chndtrix, refusal=_STEPS)
