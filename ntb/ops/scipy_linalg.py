"""Primitives around scipy.linalg: triangular systems and the exponential of a matrix. ntb.scipy.linalg offers them."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.linalg

from ..primitive import primitive
from ..tape.rules import derivative
from .linalg import conj
from .stopping import stop_gradient


@primitive
def solve_triangular(
    a: Any, b: Any, trans: int = 0, lower: bool = False, unit_diagonal: bool = False, check_finite: bool = True
) -> Any:
    a, b = np.asarray(a), np.asarray(b)
    options = {"trans": trans, "lower": lower, "unit_diagonal": unit_diagonal, "check_finite": check_finite}
    if a.ndim < 3 and b.ndim < 3:
        return scipy.linalg.solve_triangular(a, b, **options)
    side = b[:, None] if b.ndim == 1 else b
    stack = np.broadcast_shapes(a.shape[:-2], side.shape[:-2])
    systems = np.broadcast_to(a, stack + a.shape[-2:]), np.broadcast_to(side, stack + side.shape[-2:])
    solved = [scipy.linalg.solve_triangular(*(x[i] for x in systems), **options) for i in np.ndindex(stack)]
    x = np.array(solved, solved[0].dtype if solved else np.result_type(a, b)).reshape(stack + side.shape[-2:])
    return x[..., 0] if b.ndim == 1 else x


def _transposed_solution(g, a, _b, trans, lower, unit_diagonal, check_finite):
    """The gradient of b: g divided by the transpose of the matrix of the system, which is a, aᵀ or aᴴ."""
    if _b.ndim == 1:
        g = np.expand_dims(g, -1)
    options = {"lower": lower, "unit_diagonal": unit_diagonal, "check_finite": check_finite}
    d = solve_triangular(conj(a) if trans == 2 else a, g, trans=0 if trans else 1, **options)
    return d[..., 0] if _b.ndim == 1 else d


def _triangle_rule(g, y, a, _b, trans=0, lower=False, unit_diagonal=False, check_finite=True):
    """Minus the outer product of the gradient of b and the solution (Giles 2008), in the triangle that is read."""
    d = _transposed_solution(g, a, _b, trans, lower, unit_diagonal, check_finite)
    d, y = (np.expand_dims(x, -1) if _b.ndim == 1 else x for x in (d, y))
    whole = -np.matmul(d, y.mT) if trans == 0 else -np.matmul(y, d.mT)
    if trans == 2:
        whole = conj(whole)
    edge = 1 if unit_diagonal else 0
    return np.tril(whole, -edge) if lower else np.triu(whole, edge)


def _side_rule(g, _y, a, _b, trans=0, lower=False, unit_diagonal=False, check_finite=True):
    return _transposed_solution(g, a, _b, trans, lower, unit_diagonal, check_finite)


derivative(solve_triangular, _triangle_rule, _side_rule, broadcasts=True)


@primitive
def expm(a: Any) -> Any:
    return scipy.linalg.expm(a)


def _expm_rule(g, _y, a):
    """Fréchet's derivative at aᵀ in the direction g, a block of exp([[aᵀ, g], [0, aᵀ]]) (Van Loan 1978, Mathias 1996).

    It is linear in g, which is scaled to entries of at most 1: a large block would need more squarings and lose digits.
    """
    peak = stop_gradient(np.max(np.absolute(g), axis=(-2, -1), keepdims=True, initial=0))
    peak = np.where(peak > 0, peak, 1)
    transposed = a.mT
    upper = np.concatenate([transposed, g / peak], axis=-1)
    lower = np.concatenate([np.zeros_like(transposed), transposed], axis=-1)
    n = a.shape[-1]
    return peak * expm(np.concatenate([upper, lower], axis=-2))[..., :n, n:]


derivative(expm, _expm_rule)
