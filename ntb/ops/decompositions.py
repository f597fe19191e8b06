"""Derivatives of matrix decompositions: cholesky, qr, eigh, eig, svd. Stacks of matrices, real and complex.

Sources: M. Giles, "Collected matrix derivative results" (2008); I. Murray, "Differentiation of the Cholesky
decomposition" (2016); J. Townsend, "Differentiating the singular value decomposition" (2016); for qr S. Walter and
L. Lehmann, "Algorithmic differentiation of linear algebra functions with application in optimum experimental design"
(2010).

Eigenvectors and singular vectors are determined up to a factor of modulus one; those of equal values up to a rotation.
A loss that does not depend on that choice has a derivative, in which equal vectors do not turn into each other. For any
other loss the backward pass raises LinAlgError. Two exceptions, where the rest of the choice is NumPy's and is
followed: the sign of real vectors, and the factor of the vectors of `eig`, whose largest component is real.

Here g stands for Re(g dx) (see elementwise.py), so formulas have transposes where the papers have adjoints.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..tape.rules import define, derivative, no_gradient, primitive, refuse
from ..tape.tape import stop_gradient
from ..tape.tensor import apply, operation_of
from .linalg import conj
from .triangles import adjoint, half_diagonal, one_triangle

EighResult: Any = type(np.linalg.eigh(np.eye(1)))
EigResult: Any = type(np.linalg.eig(np.eye(1)))
SVDResult: Any = type(np.linalg.svd(np.eye(1)))
QRResult: Any = type(np.linalg.qr(np.eye(1)))

# --- values that are equal, and losses that may not ask which is which


def rounding(w: Any) -> Any:
    """What values of a matrix are known to: LAPACK's error for the largest of them."""
    size = np.max(np.abs(w), axis=-1, initial=0)
    return np.asarray(w.shape[-1] * np.finfo(w.dtype).eps * size)[..., None, None]


@primitive
def inverse_gaps(a: Any, b: Any) -> Any:
    """1 / (b[j] - a[i]) for all i and j; 0 where they are equal to rounding.

    >>> inverse_gaps(np.array([1.0, 3.0]), np.array([1.0, 3.0]))
    array([[ 0. ,  0.5],
           [-0.5,  0. ]])
    """
    gaps = b[..., None, :] - a[..., :, None]
    equal = np.abs(gaps) <= rounding(b)
    return np.where(equal, 0, 1 / np.where(equal, 1, gaps))


def inverse_gaps_left(g, y, _a, _b):
    return np.sum(g * (y * y), -1)


derivative(inverse_gaps, inverse_gaps_left, lambda g, y, _a, _b: -np.sum(g * (y * y), -2))


@primitive
def unambiguous(m: Any, turn: Any, inverse: Any, size: Any) -> Any:
    """`m` itself, if `turn` is 0 wherever the `inverse` of a gap is 0: to rounding, of numbers as large as `size`.

    Raises:
        LinAlgError: the gradient would depend on which of all possible vectors were computed.
    """
    largest = np.max(np.abs(size), axis=(-2, -1), keepdims=True, initial=1e-4)
    if np.any((np.abs(turn) > np.sqrt(np.finfo(m.dtype).eps) * largest) & (inverse == 0)):
        raise np.linalg.LinAlgError(
            "the loss depends on a choice among vectors of equal eigenvalues or singular values, or on the phase of a "
            "complex vector, which has no derivative; let it depend on their span (v @ v.mT) or on the values alone"
        )
    return m


derivative(unambiguous, lambda g, _y, _m, _turn, _inverse, _size: g, None, None, None)


def checked(m: Any, turn: Any, inverse: Any, size: Any) -> Any:
    return unambiguous(m, *(stop_gradient(x) for x in (turn, inverse, size)))


def skew(x: Any) -> Any:
    return x - adjoint(x)


def off_diagonal(m: Any) -> Any:
    return m * (1 - np.eye(m.shape[-1])).astype(np.finfo(m.dtype).dtype)


def blended(m: Any, g: Any) -> Any:
    """What couples vectors whose values have a gradient: that of v f(w) v⁻¹ needs f' where values are equal."""
    used = np.not_equal(stop_gradient(g), 0)
    return off_diagonal(m) * np.logical_or(used[..., None, :], used[..., :, None])


def outside(g: Any, u: Any, rest: Any, g_rest: Any) -> Any:
    """The gradient of orthonormal columns, with that of the rest of the basis, which turns no more than it must."""
    if not rest.shape[-1]:
        return g
    free = rest.mT @ g_rest
    return checked(g - conj(rest) @ (adjoint(g_rest) @ conj(u)), skew(free), np.zeros_like(free), free)


# --- cholesky: a = l lᴴ


def cholesky_rule(g, y, _a, upper=False):
    lower, g = (adjoint(y), adjoint(g)) if upper else (y, g)
    inverse = np.linalg.inv(lower)
    return one_triangle(inverse.mT @ ((lower.mT @ g) * half_diagonal(g)) @ conj(inverse), upper)


derivative(np.linalg.cholesky, cholesky_rule)

# --- qr


def qr_pull(g_q: Any, g_r: Any, q: Any, r: Any) -> Any:
    """The gradient of a matrix with at least as many rows as columns; the diagonal of r is real."""
    upper = (g_r @ r.mT - q.mT @ g_q) * half_diagonal(q).T
    return np.linalg.solve(r, (g_q + conj(q) @ (upper + adjoint(upper))).mT).mT


def qr_rule(g, y, _a, mode="reduced"):
    (q, r), (g_q, g_r) = y, g
    m, n = _a.shape[-2:]
    if m < n:  # the further columns of a are q times those of r
        further, g_further = r[..., m:], g_r[..., m:]
        g_q = g_q + conj(q @ further) @ adjoint(g_further)
        return np.concatenate([qr_pull(g_q, g_r[..., :m], q, r[..., :m]), conj(q) @ g_further], axis=-1)
    if q.shape[-1] > n:  # the further columns of q turn no more than they must
        g_q = outside(g_q[..., :n], q[..., :n], q[..., n:], g_q[..., n:])
        q, r, g_r = q[..., :n], r[..., :n, :], g_r[..., :n, :]
    return qr_pull(g_q, g_r, q, r)


derivative(np.linalg.qr, qr_rule)


@primitive
def householder(a: Any, mode: Any) -> Any:
    """What np.linalg.qr gives in its modes "raw" and "economic": the reflections by which LAPACK describes q."""
    return np.linalg.qr(a, mode)


refuse('the reflections that mode="raw" returns are LAPACK\'s notes for itself; use mode="reduced"', householder)


@define(np.linalg.qr)
def qr(a: Any, mode: str = "reduced") -> Any:
    if mode in ("raw", "economic", "e"):
        return householder(a, mode)
    q, r = apply(operation_of(np.linalg.qr), (a,), {"mode": "reduced" if mode == "r" else mode})
    return r if mode == "r" else QRResult(q, r)


# --- eigenvalues and eigenvectors of Hermitian matrices: a = v diag(w) vᴴ


def eigh_rule(g, y, _a, UPLO="L"):
    (w, v), (g_w, g_v) = y, g
    turn, inverse = v.mT @ g_v, inverse_gaps(w, w)
    either = np.abs(skew(stop_gradient(turn))) + np.abs(blended(stop_gradient(turn), g_w))
    turn = checked(turn, either, inverse, turn)
    return one_triangle((conj(v) @ (turn * inverse) + conj(v) * g_w[..., None, :]) @ v.mT, UPLO in "Uu")


def eigvalsh_rule(g, _y, a, UPLO="L"):
    v = np.linalg.eigh(a, UPLO)[1]
    return one_triangle((conj(v) * g[..., None, :]) @ v.mT, UPLO in "Uu")


derivative(np.linalg.eigh, eigh_rule)
derivative(np.linalg.eigvalsh, eigvalsh_rule)


@define(np.linalg.eigh)
def eigh(a: Any, UPLO: str = "L") -> Any:
    return EighResult(*apply(operation_of(np.linalg.eigh), (a, UPLO)))


# --- of other matrices: a v = v diag(w)


@primitive
def pivots(v: Any) -> Any:
    """1 at the largest component of each complex eigenvector, which LAPACK makes real; else 0."""
    size = np.where(v.imag == 0, np.abs(v), -1)
    rows = np.arange(v.shape[-2])[:, None]
    return (rows == np.argmax(size, axis=-2, keepdims=True)).astype(size.dtype) if v.size else np.abs(v)


@primitive
def order_of(w: Any, found: Any) -> Any:
    """Where each of the values stands among those that were found in perhaps another order."""
    distance = np.abs(w[..., :, None] - found[..., None, :])
    return np.argmin(distance - 8 * rounding(w) * np.eye(w.shape[-1]), axis=-1) if w.size else np.zeros(w.shape, int)


@primitive
def turned_complex(w: Any) -> Any:
    """Whether a real matrix has complex eigenvalues."""
    return np.bool_(w.dtype.kind == "c")


no_gradient(pivots, order_of, turned_complex)


def eig_rule(g, y, _a):
    (w, v), (g_w, g_v) = y, g
    along = np.sum(g_v * v, axis=-2, keepdims=True)  # a change of length and phase, which the normalization takes back
    g_v = g_v - np.real(along) * conj(v)
    if v.dtype.kind == "c":
        at = pivots(v)
        g_v = g_v - 1j * np.imag(along) / np.sum(v * at, axis=-2, keepdims=True) * at
    turn, inverse = v.mT @ g_v, inverse_gaps(w, w)
    turn = checked(turn, off_diagonal(stop_gradient(turn)), inverse, turn)
    return np.linalg.solve(v.mT, (turn * inverse) @ v.mT + g_w[..., :, None] * v.mT)


def eigvals_rule(g, y, a):
    w, v = np.linalg.eig(a)
    v = np.take_along_axis(v, order_of(y, w)[..., None, :], axis=-1)
    return np.linalg.solve(v.mT, g[..., :, None] * v.mT)


derivative(np.linalg.eig, eig_rule)
derivative(np.linalg.eigvals, eigvals_rule)


@define(np.linalg.eig)
def eig(a: Any) -> Any:
    w, v = apply(operation_of(np.linalg.eig), (a,))
    bool(turned_complex(w))  # a trace notices when it is otherwise
    return EigResult(w, v)


@define(np.linalg.eigvals)
def eigvals(a: Any) -> Any:
    w = apply(operation_of(np.linalg.eigvals), (a,))
    bool(turned_complex(w))
    return w


# --- singular values and vectors: a = u diag(s) vᴴ


def svd_rule(g, y, _a, full_matrices=True):
    """With w the conjugate of v, a = u diag(s) wᵀ and aᵀ = w diag(s) uᵀ: both sides are alike."""
    (u, s, vh), (g_u, g_s, g_vh) = y, g
    k = s.shape[-1]
    u, rest_u, g_u, rest_g_u = u[..., :k], u[..., k:], g_u[..., :k], g_u[..., k:]
    w, rest_w, g_w, rest_g_w = (x.mT for x in (vh[..., :k, :], vh[..., k:, :], g_vh[..., :k, :], g_vh[..., k:, :]))
    x, z = u.mT @ g_u, w.mT @ g_w
    by_gap, by_sum = inverse_gaps(s, s), inverse_gaps(-s, s)
    turn_u, turn_w = skew(x), conj(skew(z))
    size = np.abs(stop_gradient(x)) + np.abs(stop_gradient(z))
    either = np.abs(stop_gradient(turn_u + turn_w)) + np.abs(blended(stop_gradient(x + adjoint(x)), g_s))
    together = checked(turn_u + turn_w, either, by_gap, size)
    against = checked(turn_u - turn_w, turn_u - turn_w, by_sum, size)
    inside = 0.5 * (together * by_gap + against * by_sum)
    d = (conj(u) @ inside + conj(u) * g_s[..., None, :]) @ adjoint(w)
    inverse = 2 * np.diagonal(by_sum, 0, -2, -1)[..., None, :]
    if _a.shape[-2] > k:
        out = outside(g_u - conj(u) @ x, u, rest_u, rest_g_u)
        d = d + (checked(out, out, inverse, g_u) * inverse) @ adjoint(w)
    if _a.shape[-1] > k:
        out = outside(g_w - conj(w) @ z, w, rest_w, rest_g_w)
        d = d + conj(u) @ (checked(out, out, inverse, g_w) * inverse).mT
    return d


def svdvals_rule(g, _y, x):
    u, s, vh = np.linalg.svd(x, full_matrices=False)
    return (conj(u) * (g * np.sign(s))[..., None, :]) @ conj(vh)


derivative(np.linalg.svd, svd_rule)
derivative(np.linalg.svdvals, svdvals_rule)


@define(np.linalg.svd)
def svd(a: Any, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False) -> Any:
    if not compute_uv:
        return np.flip(np.sort(np.abs(np.linalg.eigvalsh(a))), -1) if hermitian else np.linalg.svdvals(a)
    if not hermitian:
        return SVDResult(*apply(operation_of(np.linalg.svd), (a, full_matrices)))
    w, v = np.linalg.eigh(a)
    order = np.flip(np.argsort(np.abs(w)), -1)
    w, v = np.take_along_axis(w, order, -1), np.take_along_axis(v, order[..., None, :], -1)
    return SVDResult(v, np.abs(w), adjoint(v * np.copysign(1.0, stop_gradient(w))[..., None, :]))
