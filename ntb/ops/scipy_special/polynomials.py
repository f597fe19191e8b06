"""Orthogonal polynomials and hypergeometric functions, in the argument: their derivatives are of the same kind."""

from __future__ import annotations

import numpy as np
from scipy import special

from ...tape.rules import declare, derivative
from .bessel import ORDER


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


derivative(special.eval_legendre, None, lambda g, _y, n, x: g * _jacobi(n, 0, 0, x))
derivative(special.eval_chebyt, None, lambda g, _y, n, x: g * n * special.eval_chebyu(_below(n), x))
derivative(special.eval_chebyu, None, lambda g, _y, n, x: g * _gegenbauer(n, 1, x))
derivative(special.eval_chebyc, None, lambda g, _y, n, x: g * n * special.eval_chebys(_below(n), x))
derivative(special.eval_chebys, None, lambda g, _y, n, x: g * 0.5 * _gegenbauer(n, 1, x * 0.5))
derivative(special.eval_laguerre, None, lambda g, _y, n, x: g * _laguerre(n, 0, x))
derivative(special.eval_hermite, None, lambda g, _y, n, x: g * 2 * n * special.eval_hermite(_below(n), x))
derivative(special.eval_hermitenorm, None, lambda g, _y, n, x: g * n * special.eval_hermitenorm(_below(n), x))
derivative(
    special.eval_sh_legendre,
    None,
    lambda g, _y, n, x: g * 2 * _jacobi(n, 0, 0, 2 * x - 1),
)
derivative(special.eval_sh_chebyt, None, lambda g, _y, n, x: g * 2 * n * special.eval_chebyu(_below(n), 2 * x - 1))
derivative(special.eval_sh_chebyu, None, lambda g, _y, n, x: g * 2 * _gegenbauer(n, 1, 2 * x - 1))
derivative(
    special.eval_gegenbauer,
    *(None, None),
    lambda g, _y, n, alpha, x: g * _gegenbauer(n, alpha, x),
)
derivative(
    special.eval_genlaguerre,
    *(None, None),
    lambda g, _y, n, alpha, x: g * _laguerre(n, alpha, x),
)
derivative(
    special.eval_jacobi,
    *(None, None, None),
    lambda g, _y, n, a, b, x: g * _jacobi(n, a, b, x),
)
derivative(
    special.eval_sh_jacobi,
    *(None, None, None),
    lambda g, _y, n, p, q, x: g * n * special.eval_sh_jacobi(_below(n), p + 2, q + 1, x),
)
derivative(
    special.lpmv,
    *(None, None),
    lambda g, y, m, v, x: g * (v * x * y - (v + m) * special.lpmv(m, v - 1, x)) / (x * x - 1),
)

derivative(special.hyp0f1, None, lambda g, _y, v, z: g * special.hyp0f1(v + 1, z) / v)
derivative(special.hyp1f1, None, None, lambda g, _y, a, b, z: g * (a / b) * special.hyp1f1(a + 1, b + 1, z))
derivative(
    special.hyp2f1,
    *(None, None, None),
    lambda g, _y, a, b, c, z: g * (a * b / c) * special.hyp2f1(a + 1, b + 1, c + 1, z),
)
derivative(special.hyperu, None, None, lambda g, _y, a, b, x: -g * a * special.hyperu(a + 1, b + 1, x))
derivative(special.wright_bessel, None, None, lambda g, _y, a, b, x: g * special.wright_bessel(a, a + b, x))
derivative(
    special.log_wright_bessel,
    *(None, None),
    lambda g, y, a, b, x: g * np.exp(special.log_wright_bessel(a, a + b, x) - y),
)

declare(
    *(special.eval_legendre, special.eval_chebyt, special.eval_chebyu, special.eval_chebyc, special.eval_chebys),
    *(special.eval_laguerre, special.eval_hermite, special.eval_hermitenorm, special.eval_sh_legendre),
    *(special.eval_sh_chebyt, special.eval_sh_chebyu, special.eval_gegenbauer, special.eval_genlaguerre),
    *(special.eval_jacobi, special.eval_sh_jacobi, special.lpmv, special.hyp0f1, special.hyp1f1, special.hyp2f1),
    *(special.hyperu, special.wright_bessel, special.log_wright_bessel),
    refusal=ORDER,
)
