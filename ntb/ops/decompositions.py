"""Derivatives of matrix decompositions: cholesky, qr, eigh, eig, svd. Stacks of matrices, real and complex.

Sources: M. Giles, "Collected matrix derivative results" (2008); I. Murray, "Differentiation of the Cholesky
decomposition" (2016); J. Townsend, "Differentiating the singular value decomposition" (2016); for qr S. Walter and
L. Lehmann, "Algorithmic differentiation of linear algebra functions with application in optimum experimental design"
(2010).

Eigenvectors and singular vectors are determined up to a factor of modulus one; those of equal values up to a rotation
(see coincidence.py). In two cases the derivative follows NumPy's choice: the sign of real vectors, and the factor of
the vectors of `eig`, whose largest component is real.

Here g stands for Re(g dx) (see elementwise.py), so formulas have transposes where the papers have adjoints.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..primitive import primitive
from ..tape.rules import declare, define, derivative, operation_of
from ..tape.tensor import apply
from .coincidence import (
    alike,
    checked,
    checked_direction,
    checked_with_values,
    direction_of,
    hermitian,
    inverse_gaps,
    none_equal,
    off_diagonal,
    over_gaps,
    rounding,
    runs,
    skew,
    turned_to,
    unused,
)
from .linalg import conj
from .spectra import eigenvalue_gradient, singular_runs, singular_spectrum, turned_apart
from .stopping import stop_gradient
from .triangles import adjoint, half_diagonal, one_triangle

_EighResult: Any = type(np.linalg.eigh(np.eye(1)))
_EigResult: Any = type(np.linalg.eig(np.eye(1)))
_SVDResult: Any = type(np.linalg.svd(np.eye(1)))
_QRResult: Any = type(np.linalg.qr(np.eye(1)))


def _outside(g: Any, u: Any, rest: Any, g_rest: Any) -> Any:
    """The gradient of orthonormal columns, plus that of the rest of the basis, which turns no more than it must."""
    if not rest.shape[-1]:
        return g
    free = rest.mT @ g_rest
    return checked(g - conj(rest) @ (adjoint(g_rest) @ conj(u)), skew(free), np.zeros_like(free), free)


# --- cholesky: a = l lᴴ


def _cholesky_rule(g, y, _a, upper=False):
    lower, g = (adjoint(y), adjoint(g)) if upper else (y, g)
    inverse = np.linalg.inv(lower)
    return one_triangle(inverse.mT @ ((lower.mT @ g) * half_diagonal(g)) @ conj(inverse), upper)


derivative(np.linalg.cholesky, _cholesky_rule)

# --- qr


def _qr_pull(g_q: Any, g_r: Any, q: Any, r: Any) -> Any:
    """The gradient of a matrix with at least as many rows as columns; the diagonal of r is real."""
    r = of_full_rank(r)
    upper = (g_r @ r.mT - q.mT @ g_q) * half_diagonal(q).T
    return np.linalg.solve(r, (g_q + conj(q) @ (upper + adjoint(upper))).mT).mT


@primitive
def of_full_rank(r: Any) -> Any:
    """A triangular factor itself.

    Raises:
        LinAlgError: it is singular up to rounding, and q is one of many.
    """
    size = np.abs(np.diagonal(r, 0, -2, -1))
    least = np.asarray(r.shape[-1] * np.finfo(r.dtype).eps * np.max(np.abs(r), (-2, -1), initial=0))[..., None]
    if np.any(size <= least):
        raise np.linalg.LinAlgError(
            "the columns of the matrix are linearly dependent, up to rounding; then its factors q and r have no "
            "derivative, as they are not unique"
        )
    return r


derivative(of_full_rank, lambda g, _y, _r: g)


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


def _eigh_rule(g, y, a, UPLO="L"):
    (w, v), (g_w, g_v) = y, g
    if unused(g_v):
        return eigenvalue_gradient(g_w, a, UPLO)
    turn, inverse = v.mT @ g_v, inverse_gaps(w, w)
    turn = checked(turn, skew(stop_gradient(turn)), inverse, turn)
    size = turn
    if not unused(g_w):
        turn, size = checked_with_values(turn, turn, g_w, inverse), np.ones(turn.shape, turn.dtype)
    return one_triangle((conj(v) @ over_gaps(turn, w, w, size) + conj(v) * g_w[..., None, :]) @ v.mT, UPLO in "Uu")


@primitive
def eigh_along(a: Any, e: Any, UPLO: Any = "L") -> Any:
    """Eigenvalues and eigenvectors; of equal values those vectors that stay vectors when `a` moves along `e`."""
    w, v = np.linalg.eigh(a, UPLO)
    e = hermitian(e, UPLO)
    for index, run in runs(w, rounding(w)):
        v[index][:, run] = v[index][:, run] @ turned_to(e[index], v[index][:, run])[1]
    return w, v


def _eigh_along(found, moves, y, _a, UPLO="L"):
    (w, v), e = y, hermitian(moves[0], UPLO)
    return [found[0], checked_direction(found[1], off_diagonal(adjoint(v) @ e @ v), inverse_gaps(w, w), e)]


derivative(np.linalg.eigh, _eigh_rule)
derivative(eigh_along, lambda g, y, a, _e, UPLO="L": _eigh_rule(g, y, a, UPLO), None)
declare(np.linalg.eigh, along=_eigh_along)
declare(eigh_along, along=lambda found, moves, y, a, _e, UPLO="L": _eigh_along(found, moves, y, a, UPLO))


@define(np.linalg.eigh)
def eigh(a: Any, UPLO: Any = "L") -> Any:
    e = direction_of(a)
    if e is None:
        return _EighResult(*apply(operation_of(np.linalg.eigh), (a, UPLO)))
    return _EighResult(*eigh_along(a, e, UPLO))


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
    if not w.size:
        return np.zeros(w.shape, int)
    distance = np.abs(w[..., :, None] - found[..., None, :])
    return np.argmin(distance - rounding(w)[..., None] * np.eye(w.shape[-1]), axis=-1)


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
    if unused(g_v):
        return _eigvals_pull(g_w, w, v)
    turn, inverse = v.mT @ g_v, inverse_gaps(w, w)
    turn = checked(turn, off_diagonal(stop_gradient(turn)), inverse, turn)
    if not unused(g_w):
        turn = turn + none_equal(stop_gradient(turn), stop_gradient(w))
    return np.linalg.solve(
        v.mT, over_gaps(turn, w, w, np.ones(turn.shape, turn.dtype)) @ v.mT + g_w[..., :, None] * v.mT
    )


def _eigvals_rule(g, y, a):
    w, v = np.linalg.eig(a)
    order = order_of(y, w)
    return _eigvals_pull(g, np.take_along_axis(w, order, axis=-1), np.take_along_axis(v, order[..., None, :], axis=-1))


def _eigvals_pull(g: Any, w: Any, v: Any) -> Any:
    """The gradient of a matrix from that of its eigenvalues. What all have in common is that of the trace."""
    g = alike(g, stop_gradient(w))
    common = np.mean(g, axis=-1, keepdims=True) if w.shape[-1] else g
    v = apart(v, stop_gradient(w), stop_gradient(g))
    whole = np.linalg.solve(v.mT, (g - common)[..., :, None] * v.mT)
    return whole + common[..., None] * np.eye(w.shape[-1], dtype=np.finfo(w.dtype).dtype)


@primitive
def apart(v: Any, w: Any, g: Any) -> Any:
    """Eigenvectors themselves, if they are far from dependent; the unit matrix, if the eigenvalues all count alike.

    Raises:
        LinAlgError: the matrix has fewer eigenvectors than rows, up to rounding; its eigenvalues have no derivative.
    """
    if not v.size:
        return v
    eps = float(np.finfo(v.dtype).eps)
    dependent = np.linalg.svdvals(v)[..., -1] < eps**0.75
    if np.any(dependent & np.any(np.abs(g - g[..., :1]) > eps**0.5 * np.abs(g[..., :1]), axis=-1)):
        raise np.linalg.LinAlgError(
            "eigenvectors of the matrix are linearly dependent (it is defective, or nearly so): there eigenvalues have "
            "no derivative, unless only their sum counts"
        )
    return np.where(dependent[..., None, None], np.eye(v.shape[-1]), v)


def _apart_rule(g, _y, _v, w, _g):
    return g + none_equal(stop_gradient(g), w)


derivative(apart, _apart_rule, None, None)


def _eig_along(found, moves, y, _a):
    w, v = y
    coupling = off_diagonal(np.linalg.solve(v, moves[0] @ v))
    return [found[0], checked_direction(found[1], coupling, inverse_gaps(w, w), moves[0])]


def _eigvals_along(found, moves, _y, a):
    return _eig_along([None, found[0]], moves, np.linalg.eig(a), a)[1:]


derivative(np.linalg.eig, _eig_rule)
derivative(np.linalg.eigvals, _eigvals_rule)
declare(np.linalg.eig, along=_eig_along)
declare(np.linalg.eigvals, along=_eigvals_along)


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


def _svd_rule(g, y, a, full_matrices=True):
    """With w the conjugate of v, a = u diag(s) wᵀ and aᵀ = w diag(s) uᵀ: both sides are alike."""
    (u, s, vh), (g_u, g_s, g_vh) = y, g
    if unused(g_u) and unused(g_vh):
        return conj(singular_spectrum(g_s, a))
    k = s.shape[-1]
    u, rest_u, g_u, rest_g_u = u[..., :k], u[..., k:], g_u[..., :k], g_u[..., k:]
    w, rest_w, g_w, rest_g_w = (x.mT for x in (vh[..., :k, :], vh[..., k:, :], g_vh[..., :k, :], g_vh[..., k:, :]))
    x, z = u.mT @ g_u, w.mT @ g_w
    by_gap, by_sum = inverse_gaps(s, s), inverse_gaps(-s, s)
    turn_u, turn_w = skew(x), conj(skew(z))
    size = weight = np.abs(stop_gradient(x)) + np.abs(stop_gradient(z))
    together = checked(turn_u + turn_w, turn_u + turn_w, by_gap, size)
    if not unused(g_s):
        weight = np.ones(size.shape, size.dtype)
        together = checked_with_values(together, x + adjoint(x), g_s, by_gap)
        if a.shape[-2] != a.shape[-1]:  # a singular value 0 is then equal to the one that is left out
            values = g_s[..., None, :]
            together = checked(together, values, np.diagonal(by_sum, 0, -2, -1)[..., None, :], values)
    against = checked(turn_u - turn_w, turn_u - turn_w, by_sum, size)
    inside = 0.5 * (over_gaps(together, s, s, weight) + over_gaps(against, -s, s, weight))
    d = (conj(u) @ inside + conj(u) * g_s[..., None, :]) @ adjoint(w)
    inverse = 2 * np.diagonal(by_sum, 0, -2, -1)[..., None, :]
    if a.shape[-2] > k:
        out = _outside(g_u - conj(u) @ x, u, rest_u, rest_g_u)
        d = d + (checked(out, out, inverse, g_u) * inverse) @ adjoint(w)
    if a.shape[-1] > k:
        out = _outside(g_w - conj(w) @ z, w, rest_w, rest_g_w)
        d = d + conj(u) @ (checked(out, out, inverse, g_w) * inverse).mT
    return d


@primitive
def svd_along(a: Any, e: Any, full_matrices: bool = True) -> Any:
    """Singular values and vectors; of equal values those vectors that stay vectors when `a` moves along `e`."""
    u, s, vh = np.linalg.svd(a, full_matrices)
    for index, run, zero in singular_runs(s, rounding(s)):
        left, right = u[index], vh[index]
        if zero:
            p, _, qh = np.linalg.svd(a[index])
            p, qh = p[:, run.start :], qh[run.start :]  # the null spaces
            turn_p, _, turn_q = np.linalg.svd(np.conjugate(p).T @ e[index] @ np.conjugate(qh).T)
            left[:, run.start :] = (p @ turn_p)[:, : left.shape[1] - run.start]
            right[run.start :] = (turn_q @ qh)[: len(right) - run.start]
        else:
            turn = turned_apart(e[index], left[:, run], right[run])[1]
            left[:, run], right[run] = left[:, run] @ turn, np.conjugate(turn).T @ right[run]
    return u, s, vh


def _svd_along(found, moves, y, _a, full_matrices=True):
    (u, s, vh), e = y, moves[0]
    k = s.shape[-1]
    u, v = u[..., :k], adjoint(vh[..., :k, :])
    by_gap, by_sum = inverse_gaps(s, s), inverse_gaps(-s, s)
    across, back = e @ v, adjoint(e) @ u
    coupling = adjoint(u) @ across
    inverse = np.diagonal(by_sum, 0, -2, -1)[..., None, :]
    du = checked_direction(found[0], off_diagonal(coupling + adjoint(coupling)), by_gap, e)
    du = checked_direction(du, skew(coupling), by_sum, e)
    if u.shape[-2] > k:
        du = checked_direction(du, across - u @ coupling, inverse, e)
    if v.shape[-2] > k:
        du = checked_direction(du, back - v @ adjoint(coupling), inverse, e)
    return [du, *found[1:]]


derivative(np.linalg.svd, _svd_rule)
derivative(svd_along, lambda g, y, a, _e, full_matrices=True: _svd_rule(g, y, a, full_matrices), None)
declare(np.linalg.svd, along=_svd_along)
declare(svd_along, along=lambda found, moves, y, a, _e, full=True: _svd_along(found, moves, y, a, full))


@define(np.linalg.svd)
def svd(a: Any, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False) -> Any:
    if not compute_uv:
        return np.flip(np.sort(np.abs(np.linalg.eigvalsh(a))), -1) if hermitian else np.linalg.svdvals(a)
    if not hermitian:
        e = direction_of(a)
        if e is None:
            return _SVDResult(*apply(operation_of(np.linalg.svd), (a, full_matrices)))
        return _SVDResult(*svd_along(a, e, full_matrices))
    w, v = np.linalg.eigh(a)
    order = np.flip(np.argsort(np.abs(w)), -1)
    w, v = np.take_along_axis(w, order, -1), np.take_along_axis(v, order[..., None, :], -1)
    return _SVDResult(v, np.abs(w), adjoint(v * np.copysign(1.0, stop_gradient(w))[..., None, :]))
