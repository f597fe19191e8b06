"""Derivatives of eigenvalues and singular values without vectors: eigvalsh and svdvals, where values are equal too.

A loss f(w) in which equal values count alike is a smooth function of the matrix a = v diag(w) vᴴ, though no single
value is. Its gradient, v diag(g) vᴴ with g = f'(w), is `spectrum(g, a)`. The derivative of that along a direction e is
v (dg + C∘D) vᴴ, where C = vᴴ e v and D[i, j] = (g[j] - g[i]) / (w[j] - w[i]) (Lewis and Sendov, "Twice differentiable
spectral functions", 2001).

Where w[i] = w[j], D is a second derivative of f that (dg, g) tell only in the right basis: the one in which C has no
entry [i, j]. Forward mode knows e, so it can take this basis, both for the derivatives of w and for those of
`spectrum`: this is what the functions `along` are for (see `Traits`). Reverse mode over reverse mode knows it when it
pulls through `spectrum`, but not any more at the eigenvalues: there equal values then count differently, which is an
error, unless f' is constant.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..primitive import primitive
from ..tape.rules import declare, derivative
from .coincidence import (
    alike,
    beyond_doubt,
    checked,
    checked_direction,
    hermitian,
    inverse_gaps,
    none_equal,
    off_diagonal,
    rounding,
    runs,
    turned_to,
)
from .linalg import conj
from .stopping import stop_gradient
from .triangles import adjoint, one_triangle

# --- eigenvalues of Hermitian matrices


def eigenvalue_gradient(g: Any, a: Any, UPLO: Any = "L") -> Any:
    """The gradient of a Hermitian matrix from that of its eigenvalues."""
    return one_triangle(conj(spectrum(g, a, UPLO)), UPLO in "Uu")


@primitive
def spectrum(g: Any, a: Any, UPLO: Any = "L") -> Any:
    """v diag(g) vᴴ, where a = v diag(w) vᴴ.

    >>> spectrum(np.array([0.0, 1.0]), np.diag([5.0, 7.0]))
    array([[0., 0.],
           [0., 1.]])
    """
    w, v = np.linalg.eigh(a, UPLO)
    return (v * alike(g, w)[..., None, :]) @ np.conjugate(v).mT


def _spectrum_left(m, _y, _g, a, UPLO="L"):
    v = np.linalg.eigh(a, UPLO)[1]
    by_vectors = np.real(np.sum(v * (m @ conj(v)), axis=-2))
    return eigenvalues_moved(by_vectors, a, stop_gradient(conj(m) + m.mT) * 0.5, UPLO)


def _spectrum_right(m, _y, g, a, UPLO="L"):
    w, v = np.linalg.eigh(a, UPLO)
    inside = v.mT @ m @ conj(v)
    inside = checked(inside, off_diagonal(inside + adjoint(inside)), beyond_doubt(w), inside)
    divided = (g[..., None, :] - g[..., :, None]) * inverse_gaps(w, w)
    return one_triangle(conj(v) @ (inside * divided) @ v.mT, UPLO in "Uu")


derivative(np.linalg.eigvalsh, lambda g, _y, a, UPLO="L": eigenvalue_gradient(g, a, UPLO))
derivative(spectrum, _spectrum_left, _spectrum_right)


@primitive
def eigenvalues_moved(dw: Any, a: Any, e: Any, UPLO: Any = "L") -> Any:
    """The derivatives of eigenvalues along `e`, given those by the vectors that LAPACK picks, in ascending order."""
    w, v = np.linalg.eigh(a, UPLO)
    dw, e = np.array(dw), hermitian(e, UPLO)
    for index, run in runs(w, rounding(w)):
        dw[index][run] = turned_to(e[index], v[index][:, run])[0]
    return dw


@primitive
def spectrum_moved(dh: Any, dg: Any, a: Any, e: Any, UPLO: Any = "L") -> Any:
    """The derivative of `spectrum` along `e`, given that by the vectors that LAPACK picks."""
    w, v = np.linalg.eigh(a, UPLO)
    dh, e = np.array(dh), hermitian(e, UPLO)
    for index, run in runs(w, rounding(w)):
        vectors, change = v[index][:, run], dg[index][run]
        turn = turned_to(e[index], vectors)[1]
        dh[index] += vectors @ ((turn * change) @ np.conjugate(turn).T - np.diag(change)) @ np.conjugate(vectors).T
    return dh


def _none_equal(x: Any, a: Any, UPLO: Any = "L") -> Any:
    return none_equal(x, stop_gradient(np.linalg.eigvalsh(stop_gradient(a), UPLO)))


derivative(
    eigenvalues_moved,
    lambda g, _y, _dw, _a, _e, UPLO="L": g,
    lambda g, _y, _dw, a, _e, UPLO="L": _none_equal(a, a, UPLO),
    lambda g, _y, _dw, a, e, UPLO="L": _none_equal(e, a, UPLO),
)
derivative(
    spectrum_moved,
    lambda g, _y, _dh, _dg, _a, _e, UPLO="L": g,
    lambda g, _y, _dh, dg, a, _e, UPLO="L": _none_equal(dg, a, UPLO),
    lambda g, _y, _dh, _dg, a, _e, UPLO="L": _none_equal(a, a, UPLO),
    lambda g, _y, _dh, _dg, a, e, UPLO="L": _none_equal(e, a, UPLO),
)


def _eigvalsh_along(found, moves, _y, a, UPLO="L"):
    return [eigenvalues_moved(found[0], a, moves[0], UPLO)]


def _spectrum_along(found, moves, _y, g, a, UPLO="L"):
    if moves[1] is None:
        return found
    dg, e = np.zeros(g.shape, g.dtype) if moves[0] is None else moves[0], hermitian(moves[1], UPLO)
    w, v = np.linalg.eigh(a, UPLO)
    dh = checked_direction(found[0], off_diagonal(adjoint(v) @ e @ v), beyond_doubt(w), e)
    return [spectrum_moved(dh, dg, a, moves[1], UPLO)]


declare(np.linalg.eigvalsh, along=_eigvalsh_along)
declare(spectrum, along=_spectrum_along)

# --- singular values


@primitive
def shared(g: Any, s: Any) -> Any:
    """What norms make of the gradient of singular values: equals share it, and it is 0 where they are 0."""
    equal = np.abs(s[..., :, None] - s[..., None, :]) <= rounding(s)[..., None]
    equal = (equal & (s > rounding(s))[..., None]).astype(s.dtype)
    with np.errstate(invalid="ignore"):
        return np.sum(equal * np.where(equal, g[..., None, :], 0), axis=-1) / np.maximum(np.sum(equal, axis=-1), 1)


derivative(shared, lambda g, _y, _g, s: shared(g, s), None)


@primitive
def kept(s: Any) -> Any:
    """Singular values for norms: the largest is a maximum, and each has a kink at 0, as absolute values have."""
    return np.array(s)


derivative(kept, lambda g, _y, s: shared(g, stop_gradient(s)))


@primitive
def singular_spectrum(g: Any, x: Any) -> Any:
    """u diag(g) vᴴ, where x = u diag(s) vᴴ.

    Raises:
        LinAlgError: `g` is not 0 where a singular value is, which has a kink there.
    """
    u, s, vh = np.linalg.svd(x, full_matrices=False)
    zero = s <= rounding(s)
    if np.any(
        np.abs(g) * zero > float(np.finfo(s.dtype).eps) ** 0.5 * np.max(np.abs(g), axis=-1, initial=0)[..., None]
    ):
        raise np.linalg.LinAlgError(
            'a singular value is 0, where it has a kink and no derivative; np.linalg.norm(x, "nuc") and norm(x, 2) '
            "take 0 there, and functions of the squares of singular values are smooth"
        )
    return (u * np.where(zero, 0, alike(g, np.where(zero, -s[..., :1], s)))[..., None, :]) @ vh


def _singular_left(m, _y, _g, x):
    u, _, vh = np.linalg.svd(x, full_matrices=False)
    return singular_values_moved(np.real(np.sum(u * (m @ vh.mT), axis=-2)), x, stop_gradient(conj(m)))


def _singular_right(m, _y, g, x):
    u, s, vh = np.linalg.svd(x, full_matrices=False)
    by_gap, by_sum = inverse_gaps(s, s), inverse_gaps(-s, s, False)
    inside = u.mT @ m @ vh.mT
    inside = checked(inside, off_diagonal(inside + adjoint(inside)), beyond_doubt(s), inside)
    both = (inside + adjoint(inside)) * (g[..., None, :] - g[..., :, None]) * by_gap
    skewed = (inside - adjoint(inside)) * (g[..., None, :] + g[..., :, None]) * by_sum
    d = conj(u) @ (0.5 * (both + skewed)) @ conj(vh)
    inverse = 2 * np.diagonal(by_sum, 0, -2, -1)[..., None, :]
    if x.shape[-2] > s.shape[-1]:
        d = d + ((m @ vh.mT - conj(u) @ inside) * (g[..., None, :] * inverse)) @ conj(vh)
    if x.shape[-1] > s.shape[-1]:
        d = d + conj(u) @ ((u.mT @ m - inside @ conj(vh)).mT * (g[..., None, :] * inverse)).mT
    return d


derivative(np.linalg.svdvals, lambda g, _y, x: conj(singular_spectrum(g, x)))
derivative(singular_spectrum, _singular_left, _singular_right)


def null_part(e: np.ndarray, u: np.ndarray, vh: np.ndarray) -> np.ndarray:
    """What a direction does between the two null spaces; u and vh have the vectors of all other singular values."""
    e = e - u @ (np.conjugate(u).T @ e)
    return e - (e @ np.conjugate(vh).T) @ vh


def turned_apart(e: np.ndarray, u: np.ndarray, vh: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How the vectors of an equal singular value move along a direction: its derivatives, descending; the turn."""
    m = np.conjugate(u).T @ e @ np.conjugate(vh).T
    values, turn = np.linalg.eigh((m + np.conjugate(m).T) / 2)
    return values[::-1], turn[:, ::-1]


def singular_runs(s: np.ndarray, bound: Any) -> Any:
    """The runs of equal singular values other than 0, and that of those that are 0; and whether it is the latter."""
    zero = s <= bound
    for index in np.ndindex(s.shape[:-1]):
        rank = s.shape[-1] - int(np.count_nonzero(zero[index]))
        for _, run in runs(s[index][:rank], bound[index]):
            yield index, run, False
        if rank < s.shape[-1]:
            yield index, slice(rank, s.shape[-1]), True


@primitive
def singular_values_moved(ds: Any, x: Any, e: Any) -> Any:
    """The derivatives of singular values along `e`, given those by the vectors that LAPACK picks; descending."""
    u, s, vh = np.linalg.svd(x, full_matrices=False)
    ds = np.array(ds)
    for index, run, zero in singular_runs(s, rounding(s)):
        left, right, along = u[index], vh[index], e[index]
        if zero:
            null = null_part(along, left[:, : run.start], right[: run.start])
            ds[index][run] = np.linalg.svdvals(null)[: run.stop - run.start]
        else:
            ds[index][run] = turned_apart(along, left[:, run], right[run])[0]
    return ds


@primitive
def singular_spectrum_moved(dh: Any, dg: Any, x: Any, e: Any) -> Any:
    """The derivative of `singular_spectrum` along `e`, given that by the vectors that LAPACK picks."""
    u, s, vh = np.linalg.svd(x, full_matrices=False)
    dh = np.array(dh)
    for index, run, zero in singular_runs(s, rounding(s)):
        change, left, right, along = dg[index][run], u[index], vh[index], e[index]
        if zero:
            p, _, qh = np.linalg.svd(null_part(along, left[:, : run.start], right[: run.start]), full_matrices=False)
            new = (p[:, : len(change)] * change) @ qh[: len(change)]
        else:
            turn = turned_apart(along, left[:, run], right[run])[1]
            new = left[:, run] @ ((turn * change) @ np.conjugate(turn).T) @ right[run]
        dh[index] += new - (left[:, run] * change) @ right[run]
    return dh


def _none_vanish(like: Any, x: Any) -> Any:
    s = stop_gradient(np.linalg.svdvals(stop_gradient(x)))
    return none_equal(like, np.concatenate([s, np.zeros(s.shape[:-1] + (1,), s.dtype)], axis=-1))


derivative(
    singular_values_moved,
    lambda g, _y, _ds, _x, _e: g,
    lambda g, _y, _ds, x, _e: _none_vanish(x, x),
    lambda g, _y, _ds, x, e: _none_vanish(e, x),
)
derivative(
    singular_spectrum_moved,
    lambda g, _y, _dh, _dg, _x, _e: g,
    lambda g, _y, _dh, dg, x, _e: _none_vanish(dg, x),
    lambda g, _y, _dh, _dg, x, _e: _none_vanish(x, x),
    lambda g, _y, _dh, _dg, x, e: _none_vanish(e, x),
)


def _svdvals_along(found, moves, _y, x):
    return [singular_values_moved(found[0], x, moves[0])]


def _singular_along(found, moves, _y, g, x):
    if moves[1] is None:
        return found
    dg, e = np.zeros(g.shape, g.dtype) if moves[0] is None else moves[0], moves[1]
    u, s, vh = np.linalg.svd(x, full_matrices=False)
    coupling = adjoint(u) @ e @ adjoint(vh)
    dh = checked_direction(found[0], off_diagonal(coupling + adjoint(coupling)), beyond_doubt(s), e)
    return [singular_spectrum_moved(dh, dg, x, e)]


declare(np.linalg.svdvals, along=_svdvals_along)
declare(singular_spectrum, along=_singular_along)
