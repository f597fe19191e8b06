"""Orthogonal polynomials and hypergeometric functions, in the argument: their derivatives are of the same kind."""

from __future__ import annotations

import numpy as np
from scipy import special

from .bessel import in_argument


def _below(n):
    """The degree of the derivative; for a constant, whose derivative is 0, any degree will do."""
    return n - (n != 0)


def _jacobi(n, a, b, x):
    """The derivative of a Jacobi polynomial."""
    return (n != 0) * (n + a + b + 1) * 0.5 * special.eval_jacobi(_below(n), a + 1, b + 1, x)


def _gegenbauer(n, alpha, x):
    """The derivative of a Gegenbauer polynomial; with α = 1 it is Chebyshev's of the second kind."""
    return (n != 0) * 2 * alpha * special.eval_gegenbauer(_below(n), alpha + 1, x)


def _laguerre(n, alpha, x):
    """The derivative of a generalized Laguerre polynomial."""
    return (n != 0) * -special.eval_genlaguerre(_below(n), alpha + 1, x)


in_argument(special.eval_legendre, lambda g, _y, n, x: g * _jacobi(n, 0, 0, x))
in_argument(special.eval_chebyt, lambda g, _y, n, x: g * n * special.eval_chebyu(_below(n), x))
in_argument(special.eval_chebyu, lambda g, _y, n, x: g * _gegenbauer(n, 1, x))
in_argument(special.eval_chebyc, lambda g, _y, n, x: g * n * special.eval_chebys(_below(n), x))
in_argument(special.eval_chebys, lambda g, _y, n, x: g * 0.5 * _gegenbauer(n, 1, x * 0.5))
in_argument(special.eval_laguerre, lambda g, _y, n, x: g * _laguerre(n, 0, x))
in_argument(special.eval_hermite, lambda g, _y, n, x: g * 2 * n * special.eval_hermite(_below(n), x))
in_argument(special.eval_hermitenorm, lambda g, _y, n, x: g * n * special.eval_hermitenorm(_below(n), x))
in_argument(special.eval_sh_legendre, lambda g, _y, n, x: g * 2 * _jacobi(n, 0, 0, 2 * x - 1))
in_argument(special.eval_sh_chebyt, lambda g, _y, n, x: g * 2 * n * special.eval_chebyu(_below(n), 2 * x - 1))
in_argument(special.eval_sh_chebyu, lambda g, _y, n, x: g * 2 * _gegenbauer(n, 1, 2 * x - 1))
in_argument(special.eval_gegenbauer, lambda g, _y, n, alpha, x: g * _gegenbauer(n, alpha, x))
in_argument(special.eval_genlaguerre, lambda g, _y, n, alpha, x: g * _laguerre(n, alpha, x))
in_argument(special.eval_jacobi, lambda g, _y, n, a, b, x: g * _jacobi(n, a, b, x))
in_argument(
    special.eval_sh_jacobi, lambda g, _y, n, p, q, x: g * n * special.eval_sh_jacobi(_below(n), p + 2, q + 1, x)
)
in_argument(special.lpmv, lambda g, y, m, v, x: g * (v * x * y - (v + m) * special.lpmv(m, v - 1, x)) / (x * x - 1))

in_argument(special.hyp0f1, lambda g, _y, v, z: g * special.hyp0f1(v + 1, z) / v)
in_argument(special.hyp1f1, lambda g, _y, a, b, z: g * (a / b) * special.hyp1f1(a + 1, b + 1, z))
in_argument(special.hyp2f1, lambda g, _y, a, b, c, z: g * (a * b / c) * special.hyp2f1(a + 1, b + 1, c + 1, z))
in_argument(special.hyperu, lambda g, _y, a, b, x: -g * a * special.hyperu(a + 1, b + 1, x))
in_argument(special.wright_bessel, lambda g, _y, a, b, x: g * special.wright_bessel(a, a + b, x))
in_argument(special.log_wright_bessel, lambda g, y, a, b, x: g * np.exp(special.log_wright_bessel(a, a + b, x) - y))
