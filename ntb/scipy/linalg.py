"""What `scipy.linalg` computes of triangular matrices, and the exponential of a matrix: for tensors and for arrays.

What NumPy has too (solve, inv, det, norm, eigh, svd, qr, …) takes tensors there, as `np.linalg.solve`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InputError
from ..ops import scipy_linalg

__all__ = ["cho_factor", "cho_solve", "expm", "solve_triangular"]

_SYSTEMS = {0: 0, 1: 1, 2: 2, "N": 0, "T": 1, "C": 2}


def solve_triangular(
    a: Any,
    b: Any,
    trans: Any = 0,
    lower: bool = False,
    unit_diagonal: bool = False,
    *,
    check_finite: bool = True,
) -> Any:
    """Solve `a x = b` for a triangular matrix `a`, of which only the one triangle is read.

    Args:
        a: (..., N, N), floats or complex numbers. Its gradient is 0 in the other triangle.
        b: (N,) or (..., N, K).
        trans: 0 or "N" for a x = b, 1 or "T" for aᵀ x = b, 2 or "C" for aᴴ x = b.
        lower: whether the lower triangle is read; else the upper.
        unit_diagonal: the diagonal is taken to be 1 and not read.
        check_finite: look for infinities and NaN first.

    Returns:
        x, of the shape of `b` or (..., N) for b (N,) and a stack of matrices; stacks broadcast.

    Raises:
        InputError: an unknown `trans`.

    >>> solve_triangular(np.array([[2.0, 0.0], [1.0, 1.0]]), np.array([2.0, 3.0]), lower=True)
    array([1., 2.])
    """
    if trans not in _SYSTEMS:
        raise InputError(f'trans is one of 0, 1, 2, "N", "T", "C", not {trans!r}')
    return scipy_linalg.solve_triangular(
        a, b, _SYSTEMS[trans], lower=lower, unit_diagonal=unit_diagonal, check_finite=check_finite
    )


def cho_factor(a: Any, lower: bool = False) -> tuple[Any, bool]:
    """Cholesky's decomposition of positive definite matrices (..., N, N), in the form that `cho_solve` takes.

    Only one triangle of `a` is read; that of the result which is not part of the factor is 0.

    >>> c, lower = cho_factor(np.array([[4.0, 2.0], [2.0, 5.0]]))
    >>> c
    array([[2., 1.],
           [0., 2.]])
    """
    factor = np.linalg.cholesky(a if lower else np.conjugate(np.swapaxes(a, -1, -2)))
    return (factor if lower else np.conjugate(np.swapaxes(factor, -1, -2))), lower


def cho_solve(c_and_lower: tuple[Any, bool], b: Any, *, check_finite: bool = True) -> Any:
    """Solve `a x = b` by the Cholesky decomposition of a: `(c, lower)` with a = c cᴴ if lower, else cᴴ c.

    Args:
        c_and_lower: a pair of the factor (..., N, N), one triangle of which is read, and which triangle that is.
        b: (N,) or (..., N, K).
        check_finite: look for infinities and NaN first.

    >>> cho_solve((np.array([[2.0, 1.0], [0.0, 2.0]]), False), np.array([8.0, 14.0]))
    array([0.75, 2.5 ])
    """
    c, lower = c_and_lower
    first, second = (0, 2) if lower else (2, 0)
    z = scipy_linalg.solve_triangular(c, b, first, lower=bool(lower), check_finite=check_finite)
    return scipy_linalg.solve_triangular(c, z, second, lower=bool(lower), check_finite=check_finite)


def expm(a: Any) -> Any:
    """The exponential of square matrices (..., N, N), with derivatives of every order.

    Raises:
        InputError: `a` has fewer than two axes.

    >>> np.round(expm(np.array([[0.0, 1.0], [0.0, 0.0]])), 12)
    array([[1., 1.],
           [0., 1.]])
    """
    if np.ndim(a) < 2:
        raise InputError(f"expm takes square matrices, of shape (..., N, N), not an array of shape {np.shape(a)}")
    return scipy_linalg.expm(a)
