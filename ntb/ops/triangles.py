"""Hermitian matrices, of which NumPy's functions read one triangle.

So `eigh`, `cholesky`, and what takes `hermitian=True`, do not depend on the other triangle at all, and its gradient is
zero. The triangle that is read has the gradient of both. Along a change of the whole matrix that keeps it Hermitian
this is the same as half the gradient in each.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .linalg import conj


def adjoint(x: Any) -> Any:
    """The conjugate transpose."""
    return conj(x).mT


def hermitian_part(a: Any) -> Any:
    """The Hermitian matrix of which only the lower triangle is given; the diagonal is real."""
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
