"""Hermitian matrices: NumPy's functions read only one triangle of them.

So `eigh`, `cholesky` and functions with `hermitian=True` do not depend on the other triangle at all, and its gradient
is zero. The triangle that is read gets the gradient of both. For a change of the whole matrix that keeps it Hermitian,
half the gradient in each triangle would come to the same.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .linalg import conj


def adjoint(x: Any) -> Any:
    """The conjugate transpose."""
    return conj(x).mT


def hermitian_part(a: Any) -> Any:
    """The Hermitian matrix with this lower triangle and a real diagonal; the upper triangle is not read."""
    half = a * half_diagonal(a)
    return half + adjoint(half)


def one_triangle(g: Any, upper: bool = False) -> Any:
    """The gradient of a Hermitian matrix as that of the triangle that is read."""
    both = g + adjoint(g)
    return both * (half_diagonal(g).T if upper else half_diagonal(g))


def half_diagonal(x: Any) -> Any:
    """Ones below the diagonal and halves on it, in the precision of `x`."""
    n = x.shape[-1]
    return (np.tri(n) - np.eye(n) / 2).astype(np.finfo(x.dtype).dtype)
