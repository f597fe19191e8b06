"""Derivatives of matrix decompositions: cholesky, qr, eigh, eig, svd. Stacks of matrices, real and complex.

Sources: M. Giles, "Collected matrix derivative results" (2008); I. Murray, "Differentiation of the Cholesky
decomposition" (2016); J. Townsend, "Differentiating the singular value decomposition" (2016); for qr S. Walter and
L. Lehmann, "Algorithmic differentiation of linear algebra functions with application in optimum experimental design"
(2010).

Eigenvectors and singular vectors are determined up to a factor of modulus one; those of equal values up to a rotation.
A loss that does not depend on that choice has a derivative, in which vectors of equal values do not turn into each
other. For any other loss the backward pass raises LinAlgError. In two cases the derivative follows NumPy's choice: the
sign of real vectors, and the factor of the vectors of `eig`, whose largest component is real.

Here g stands for Re(g dx) (see elementwise.py), so formulas have transposes where the papers have adjoints.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..primitive import primitive
from ..tape.rules import declare, define, derivative, operation_of
from ..tape.tensor import apply
from .linalg import conj
from .stopping import stop_gradient
from .triangles import adjoint, half_diagonal, one_triangle

_EighResult: Any = type(np.linalg.eigh(np.eye(1)))
_EigResult: Any = type(np.linalg.eig(np.eye(1)))
_SVDResult: Any = type(np.linalg.svd(np.eye(1)))
_QRResult: Any = type(np.linalg.qr(np.eye(1)))

# --- equal values, and losses that must not depend on which is which


def rounding(w: Any) -> Any:
    """The error of a matrix's eigenvalues or singular values: LAPACK's error for the largest of them."""
    size = np.max(np.abs(w), axis=-1, initial=0)
    return np.asarray(w.shape[-1] * np.finfo(w.dtype).eps * size)[..., None, None]


@primitive
def inverse_gaps(a: Any, b: Any) -> Any:
    """1 / (b[j] - a[i]) for all i and j; 0 where they are equal up to rounding.

    >>> inverse_gaps(np.array([1.0, 3.0]), np.array([1.0, 3.0]))
    array([[ 0. ,  0.5],
           [-0.5,  0. ]])
    """
    gaps = b[..., None, :] - a[..., :, None]
    equal = np.abs(gaps) <= rounding(b)
    return np.where(equal, 0, 1 / np.where(equal, 1, gaps))


def _inverse_gaps_left(g, y, _a, _b):
    return np.sum(g * (y * y), -1)


derivative(inverse_gaps, _inverse_gaps_left, lambda g, y, _a, _b: -np.sum(g * (y * y), -2))


@primitive
def unambiguous(m: Any, turn: Any, inverse: Any, size: Any) -> Any:
    """`m` itself, if `turn` is 0 wherever the `inverse` of a gap is 0, up to rounding of numbers as large as `size`.

    Raises:
        LinAlgError: the gradient would depend on which of the possible vectors were computed.
    """
    largest = np.max(np.abs(size), axis=(-2, -1), keepdims=True, initial=1e-4)
    if np.any((np.abs(turn) > np.sqrt(np.finfo(m.dtype).eps) * largest) & (inverse == 0)):
        raise np.linalg.LinAlgError(
            "the loss depends on a choice among vectors of equal eigenvalues or singular values, or on the phase of a "
            "complex vector, which has no derivative; let it depend on their span (v @ v.mT) or on the values alone"
        )
    return m


derivative(unambiguous, lambda g, _y, _m, _turn, _inverse, _size: g, None, None, None)


def _checked(m: Any, turn: Any, inverse: Any, size: Any) -> Any:
    return unambiguous(m, *(stop_gradient(x) for x in (turn, inverse, size)))


def _skew(x: Any) -> Any:
    return x - adjoint(x)


def _off_diagonal(m: Any) -> Any:
    return m * (1 - np.eye(m.shape[-1])).astype(np.finfo(m.dtype).dtype)


def _blended(m: Any, g: Any) -> Any:
    """The part of m that couples vectors whose values have a gradient: v f(w) v⁻¹ needs f' where values are equal."""
    used = np.not_equal(stop_gradient(g), 0)
    return _off_diagonal(m) * np.logical_or(used[..., None, :], used[..., :, None])


def _outside(g: Any, u: Any, rest: Any, g_rest: Any) -> Any:
    """The gradient of orthonormal columns, plus that of the rest of the basis, which turns no more than it must."""
    if not rest.shape[-1]:
        return g
    free = rest.mT @ g_rest
    return _checked(g - conj(rest) @ (adjoint(g_rest) @ conj(u)), _skew(free), np.zeros_like(free), free)


# --- cholesky: a = l lᴴ


def _cholesky_rule(g, y, _a, upper=False):
    lower, g = (adjoint(y), adjoint(g)) if upper else (y, g)
    inverse = np.linalg.inv(lower)
    return one_triangle(inverse.mT @ ((lower.mT @ g) * half_diagonal(g)) @ conj(inverse), upper)


derivative(np.linalg.cholesky, _cholesky_rule)

# --- qr


def _qr_pull(g_q: Any, g_r: Any, q: Any, r: Any) -> Any:
    """The gradient of a matrix with at least as many rows as columns; the diagonal of r is real."""
    upper = (g_r @ r.mT - q.mT @ g_q) * half_diagonal(q).T
    return np.linalg.solve(r, (g_q + conj(q) @ (upper + adjoint(upper))).mT).mT


def _qr_rule(g, y, _a, mode="reduced"):
    (q, r), (g_q, g_r) = y, g
    m, n = _a.shape[-2:]
    if m < n:  # the further columns of a are q times those of r
        further, g_further = r[..., m:], g_r[..., m:]
        g_q = g_q + conj(q @ further) @ adjoint(g_further)
        return np.concatenate([_qr_pull(g_q, g_r[..., :m], q, r[..., :m]), conj(q) @ g_further], axis=-1)
    if q.shape[-1] > n:  # the further columns of q turn no more than they must
        g_q = _outside(g_q[..., :n], q[..., :n], q[..., n:], g_q[..., n:])
        q, r, g_r = q[..., :n], r[..., :n, :], g_r[..., :n, :]
    return _qr_pull(g_q, g_r, q, r)


derivative(np.linalg.qr, _qr_rule)


@primitive
def householder(a: Any, mode: Any) -> Any:
    """What np.linalg.qr gives in its modes "raw" and "economic": the reflections by which LAPACK describes q."""
    return np.linalg.qr(a, mode)


declare(
    householder, refusal='the reflections that mode="raw" returns are LAPACK\'s notes for itself; use mode="reduced"'
)


@define(np.linalg.qr)
def qr(a: Any, mode: str = "reduced") -> Any:
    if mode in ("raw", "economic", "e"):
        return householder(a, mode)
    q, r = apply(operation_of(np.linalg.qr), (a,), {"mode": "reduced" if mode == "r" else mode})
    return r if mode == "r" else _QRResult(q, r)


# --- eigenvalues and eigenvectors of Hermitian matrices: a = v diag(w) vᴴ


def _eigh_rule(g, y, _a, UPLO="L"):
    (w, v), (g_w, g_v) = y, g
    turn, inverse = v.mT @ g_v, inverse_gaps(w, w)
    either = np.abs(_skew(stop_gradient(turn))) + np.abs(_blended(stop_gradient(turn), g_w))
    turn = _checked(turn, either, inverse, turn)
    return one_triangle((conj(v) @ (turn * inverse) + conj(v) * g_w[..., None, :]) @ v.mT, UPLO in "Uu")


def _eigvalsh_rule(g, _y, a, UPLO="L"):
    v = np.linalg.eigh(a, UPLO)[1]
    return one_triangle((conj(v) * g[..., None, :]) @ v.mT, UPLO in "Uu")


derivative(np.linalg.eigh, _eigh_rule)
derivative(np.linalg.eigvalsh, _eigvalsh_rule)


@define(np.linalg.eigh)
def eigh(a: Any, UPLO: str = "L") -> Any:
    return _EighResult(*apply(operation_of(np.linalg.eigh), (a, UPLO)))


# --- of other matrices: a v = v diag(w)


@primitive
def pivots(v: Any) -> Any:
    """1 at the largest component of each complex eigenvector, which LAPACK makes real; else 0."""
    size = np.where(v.imag == 0, np.abs(v), -1)
    rows = np.arange(v.shape[-2])[:, None]
    return (rows == np.argmax(size, axis=-2, keepdims=True)).astype(size.dtype) if v.size else np.abs(v)


@primitive
def order_of(w: Any, found: Any) -> Any:
    """The position of each value among the values found again, which may be in another order."""
    distance = np.abs(w[..., :, None] - found[..., None, :])
    return np.argmin(distance - 8 * rounding(w) * np.eye(w.shape[-1]), axis=-1) if w.size else np.zeros(w.shape, int)


@primitive
def turned_complex(w: Any) -> Any:
    """Whether a real matrix has complex eigenvalues."""
    return np.bool_(w.dtype.kind == "c")


declare(pivots, order_of, turned_complex, constant=True)


def _eig_rule(g, y, _a):
    (w, v), (g_w, g_v) = y, g
    along = np.sum(g_v * v, axis=-2, keepdims=True)  # a change of length and phase, which the normalization undoes
    g_v = g_v - np.real(along) * conj(v)
    if v.dtype.kind == "c":
        at = pivots(v)
        g_v = g_v - 1j * np.imag(along) / np.sum(v * at, axis=-2, keepdims=True) * at
    turn, inverse = v.mT @ g_v, inverse_gaps(w, w)
    turn = _checked(turn, _off_diagonal(stop_gradient(turn)), inverse, turn)
    return np.linalg.solve(v.mT, (turn * inverse) @ v.mT + g_w[..., :, None] * v.mT)


def _eigvals_rule(g, y, a):
    w, v = np.linalg.eig(a)
    v = np.take_along_axis(v, order_of(y, w)[..., None, :], axis=-1)
    return np.linalg.solve(v.mT, g[..., :, None] * v.mT)


derivative(np.linalg.eig, _eig_rule)
derivative(np.linalg.eigvals, _eigvals_rule)


@define(np.linalg.eig)
def eig(a: Any) -> Any:
    w, v = apply(operation_of(np.linalg.eig), (a,))
    bool(turned_complex(w))  # a trace notes the answer
    return _EigResult(w, v)


@define(np.linalg.eigvals)
def eigvals(a: Any) -> Any:
    w = apply(operation_of(np.linalg.eigvals), (a,))
    bool(turned_complex(w))
    return w


# --- singular values and vectors: a = u diag(s) vᴴ


def _svd_rule(g, y, _a, full_matrices=True):
    """With w the conjugate of v, a = u diag(s) wᵀ and aᵀ = w diag(s) uᵀ: both sides are alike."""
    (u, s, vh), (g_u, g_s, g_vh) = y, g
    k = s.shape[-1]
    u, rest_u, g_u, rest_g_u = u[..., :k], u[..., k:], g_u[..., :k], g_u[..., k:]
    w, rest_w, g_w, rest_g_w = (x.mT for x in (vh[..., :k, :], vh[..., k:, :], g_vh[..., :k, :], g_vh[..., k:, :]))
    x, z = u.mT @ g_u, w.mT @ g_w
    by_gap, by_sum = inverse_gaps(s, s), inverse_gaps(-s, s)
    turn_u, turn_w = _skew(x), conj(_skew(z))
    size = np.abs(stop_gradient(x)) + np.abs(stop_gradient(z))
    either = np.abs(stop_gradient(turn_u + turn_w)) + np.abs(_blended(stop_gradient(x + adjoint(x)), g_s))
    together = _checked(turn_u + turn_w, either, by_gap, size)
    against = _checked(turn_u - turn_w, turn_u - turn_w, by_sum, size)
    inside = 0.5 * (together * by_gap + against * by_sum)
    d = (conj(u) @ inside + conj(u) * g_s[..., None, :]) @ adjoint(w)
    inverse = 2 * np.diagonal(by_sum, 0, -2, -1)[..., None, :]
    if _a.shape[-2] > k:
        out = _outside(g_u - conj(u) @ x, u, rest_u, rest_g_u)
        d = d + (_checked(out, out, inverse, g_u) * inverse) @ adjoint(w)
    if _a.shape[-1] > k:
        out = _outside(g_w - conj(w) @ z, w, rest_w, rest_g_w)
        d = d + conj(u) @ (_checked(out, out, inverse, g_w) * inverse).mT
    return d


def _svdvals_rule(g, _y, x):
    u, s, vh = np.linalg.svd(x, full_matrices=False)
    return (conj(u) * (g * np.sign(s))[..., None, :]) @ conj(vh)


derivative(np.linalg.svd, _svd_rule)
derivative(np.linalg.svdvals, _svdvals_rule)


@define(np.linalg.svd)
def svd(a: Any, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False) -> Any:
    if not compute_uv:
        return np.flip(np.sort(np.abs(np.linalg.eigvalsh(a))), -1) if hermitian else np.linalg.svdvals(a)
    if not hermitian:
        return _SVDResult(*apply(operation_of(np.linalg.svd), (a, full_matrices)))
    w, v = np.linalg.eigh(a)
    order = np.flip(np.argsort(np.abs(w)), -1)
    w, v = np.take_along_axis(w, order, -1), np.take_along_axis(v, order[..., None, :], -1)
    return _SVDResult(v, np.abs(w), adjoint(v * np.copysign(1.0, stop_gradient(w))[..., None, :]))
