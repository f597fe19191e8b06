"""The linear algebra of the standard: NumPy's, where several results have names."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy import matmul, matrix_transpose, tensordot, vecdot
from numpy.linalg import (
    cholesky,
    cross,
    det,
    eigvalsh,
    inv,
    matrix_norm,
    matrix_power,
    matrix_rank,
    outer,
    solve,
    svdvals,
    vector_norm,
)

from ..tape.tensor import on_tensors

__all__ = [
    "cholesky", "cross", "det", "diagonal", "eigh", "eigvalsh", "inv", "matmul", "matrix_norm", "matrix_power",
    "matrix_rank", "matrix_transpose", "outer", "pinv", "qr", "slogdet", "solve", "svd", "svdvals", "tensordot",
    "trace", "vecdot", "vector_norm",
]  # fmt: skip


class Eigh(NamedTuple):
    eigenvalues: Any
    eigenvectors: Any


class QR(NamedTuple):
    Q: Any
    R: Any


class Slogdet(NamedTuple):
    sign: Any
    logabsdet: Any


class SVD(NamedTuple):
    U: Any
    S: Any
    Vh: Any


def eigh(x: Any, /) -> Eigh:
    """Eigenvalues and eigenvectors of symmetric or Hermitian matrices."""
    return Eigh(*np.linalg.eigh(x))


def pinv(x: Any, /, *, rtol: Any = None) -> Any:
    """The pseudo-inverses; singular values below `rtol` times the largest count as 0, by itself max(M, N) eps."""
    pinv = on_tensors.linalg.pinv
    return pinv(x, rtol=None) if rtol is None else pinv(x, rtol)


def qr(x: Any, /, *, mode: Any = "reduced") -> QR:
    """Q and R with x = Q R, Q of orthonormal columns, R upper triangular."""
    return QR(*np.linalg.qr(x, mode=mode))


def slogdet(x: Any, /) -> Slogdet:
    """The sign of the determinant and the logarithm of its size."""
    return Slogdet(*np.linalg.slogdet(x))


def svd(x: Any, /, *, full_matrices: bool = True) -> SVD:
    """U, S and Vh with x = U diag(S) Vh: the singular value decomposition."""
    return SVD(*np.linalg.svd(x, full_matrices=full_matrices))


def diagonal(x: Any, /, *, offset: int = 0) -> Any:
    """The diagonals of the matrices in the last two axes."""
    return np.diagonal(x, offset, -2, -1)


def trace(x: Any, /, *, offset: int = 0, dtype: Any = None) -> Any:
    """The sums of the diagonals of the matrices in the last two axes."""
    return np.sum(diagonal(x, offset=offset), axis=-1, dtype=dtype)
