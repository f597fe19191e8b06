"""Equal eigenvalues, and equal singular values: what has a derivative there, and what has none.

The vectors of equal values are determined up to a rotation, and each routine picks some. A loss has a derivative if it
does not depend on that choice. Three cases are told apart, for values that are equal up to rounding, or so near to each
other that their difference has lost most of its digits:

- of a loss of the vectors alone, the part that would turn vectors of equal values into each other must be zero;
- of a loss of the values alone, equal values must count alike (`spectra.py`);
- a loss of both may be a function of the matrix, v f(w) vᴴ, whose derivative has f'. That cannot be told from the
  gradients of w and v, so it is an error, unless the gradients of what is equal are all zero.

Whatever has no derivative, or one that cannot be told, raises LinAlgError. In forward mode the direction is known
before the matrix is decomposed, and tells more: along it, the right choice of vectors changes smoothly (Kato,
"Perturbation theory for linear operators", 1966, section II.6). `direction_of` finds it, so that jvp is right for all.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np

from ..primitive import primitive
from ..tape.listener import listeners
from ..tape.rules import declare, derivative
from ..tape.tensor import ArrayLike
from .stopping import stop_gradient
from .triangles import adjoint, hermitian_part

# --- which values are equal


def rounding(w: Any) -> Any:
    """Up to which difference eigenvalues or singular values are equal: a few of LAPACK's errors for the largest."""
    size = np.max(np.abs(w), axis=-1, initial=0)
    return np.asarray(8 * w.shape[-1] ** 0.5 * float(np.finfo(w.dtype).eps) * size)[..., None]


def nearness(w: Any) -> Any:
    """Up to which difference they are so near that two thirds of its digits are lost."""
    size = np.max(np.abs(w), axis=-1, initial=0)
    return np.maximum(rounding(w), np.asarray(float(np.finfo(w.dtype).eps) ** (2 / 3) * size)[..., None])


@primitive
def inverse_gaps(a: Any, b: Any, near: bool = True) -> Any:
    """1 / (b[j] - a[i]) for all i and j; 0 where they are equal or, with `near`, nearly so.

    >>> inverse_gaps(np.array([1.0, 3.0]), np.array([1.0, 3.0]))
    array([[ 0. ,  0.5],
           [-0.5,  0. ]])
    """
    gaps = b[..., None, :] - a[..., :, None]
    equal = np.abs(gaps) <= (nearness(b) if near else rounding(b))[..., None]
    return np.where(equal, 0, 1 / np.where(equal, 1, gaps))


def _inverse_gaps_left(g, y, _a, _b, near=True):
    return np.sum(g * (y * y), -1)


derivative(inverse_gaps, _inverse_gaps_left, lambda g, y, _a, _b, near=True: -np.sum(g * (y * y), -2))


@primitive
def beyond_doubt(w: Any) -> Any:
    """0 for each pair of values that are neither equal up to rounding nor far enough from each other, and else 1."""
    gaps = np.abs(w[..., :, None] - w[..., None, :])
    return np.where((gaps > rounding(w)[..., None]) & (gaps <= nearness(w)[..., None]), 0.0, 1.0)


declare(beyond_doubt, constant=True)


def runs(w: np.ndarray, bound: Any) -> Iterator[tuple[Any, slice]]:
    """The places, in a stack of sorted values, of two or more that differ by no more than a bound from the next.

    Each is an index in the stack and a slice.
    """
    ends = np.abs(np.diff(w)) > bound
    for index in np.argwhere(np.any(~ends, axis=-1)).tolist() if w.shape[-1] > 1 else ():
        edges = [0, *(np.flatnonzero(ends[tuple(index)]) + 1).tolist(), w.shape[-1]]
        for first, last in itertools.pairwise(edges):
            if last - first > 1:
                yield tuple(index), slice(first, last)


def over_gaps(turn: Any, a: Any, b: Any, size: Any = None) -> Any:
    """turn[i, j] / (b[j] - a[i]); 0 where they are equal or nearly so. Its derivative divides by gaps twice.

    `size` tells how large the terms were of which `turn` is a difference.
    """
    return over_inverse(turn, inverse_gaps(a, b), stop_gradient(b), stop_gradient(turn if size is None else size))


@primitive
def over_inverse(turn: Any, inverse: Any, w: Any, size: Any) -> Any:
    return turn * inverse


@primitive
def divided_twice(t: Any, size: Any, inverse: Any, w: Any) -> Any:
    """What is to be divided by a gap once more, itself, if enough digits are left.

    Raises:
        LinAlgError: two values are so near to each other that their derivative of order two loses all digits.
    """
    eps = float(np.finfo(w.dtype).eps)
    short = np.abs(inverse) * (eps**0.375 * np.max(np.abs(w), axis=-1, initial=0)[..., None, None]) > 1
    largest = np.max(np.abs(size), axis=(-2, -1), keepdims=True, initial=0)
    if np.any(short & (np.abs(size) > eps**0.5 * largest)):
        raise np.linalg.LinAlgError(
            "two eigenvalues or singular values are so near to each other that a derivative of order two by their "
            "vectors has no digit left; let the loss depend on the values alone (np.linalg.eigvalsh, svdvals)"
        )
    return t


derivative(divided_twice, lambda g, _y, _t, _size, _inverse, _w: g, None, None, None)


def _over_inverse_left(g, _y, _turn, inverse, w, _size):
    return over_inverse(g, inverse, w, stop_gradient(g))


def _over_inverse_right(g, _y, turn, inverse, w, size):
    return divided_twice(g * turn, size, stop_gradient(inverse), w)


def _over_inverse_along(found, moves, _y, _turn, inverse, w, size):
    return found if moves[1] is None else [divided_twice(found[0], size, stop_gradient(inverse), w)]


derivative(over_inverse, _over_inverse_left, _over_inverse_right, None, None)
declare(over_inverse, along=_over_inverse_along)

# --- checks


@primitive
def unambiguous(m: Any, turn: Any, inverse: Any, size: Any, along: bool = False) -> Any:
    """`m` itself, if `turn` is 0 wherever the `inverse` of a gap is 0, up to rounding of numbers as large as `size`.

    Raises:
        LinAlgError: the derivative would depend on which of the possible vectors were computed, or cannot be told; if
            `along` a direction, that turns vectors of equal values into each other.
    """
    largest = np.max(np.abs(size), axis=(-2, -1), keepdims=True, initial=0)
    if np.any((np.abs(turn) > np.sqrt(np.finfo(m.dtype).eps) * largest) & (inverse == 0)):
        raise np.linalg.LinAlgError(
            "the direction turns vectors of equal eigenvalues or singular values into each other, and these have no "
            "derivative along it; ntb.jvp decomposes the matrix for its direction, where they are equal, and "
            "np.linalg.eigvalsh and svdvals need no vectors"
            if along
            else "the loss depends on a choice among vectors of equal eigenvalues or singular values, or on the phase "
            "of a complex vector, or on a function of the matrix whose derivative cannot be told where they are equal; "
            "let it depend on their span (v @ v.mT) or on the values alone (np.linalg.eigvalsh, svdvals), or compute "
            "the function of the matrix by products, np.linalg.solve or ntb.scipy.linalg.expm"
        )
    return m


derivative(unambiguous, lambda g, _y, _m, _turn, _inverse, _size, along=False: g, None, None, None)


def checked(m: Any, turn: Any, inverse: Any, size: Any, along: bool = False) -> Any:
    return unambiguous(m, *(stop_gradient(x) for x in (turn, inverse, size)), along)


def off_diagonal(m: Any) -> Any:
    return m * (1 - np.eye(m.shape[-1])).astype(np.finfo(m.dtype).dtype)


def checked_with_values(m: Any, turn: Any, g: Any, inverse: Any) -> Any:
    """`m` itself, if a loss of vectors and values, whose gradients are `turn` and `g`, leaves equal values alone."""
    m = checked(m, off_diagonal(stop_gradient(turn)), inverse, turn)
    size = np.abs(stop_gradient(g))
    pairs = off_diagonal(size[..., :, None] + size[..., None, :])
    return checked(m, pairs, inverse, pairs)


def unused(g: Any) -> bool:
    """Whether the walk made up this gradient, of zeros, since the loss does not use the result at all."""
    return isinstance(g, np.ndarray) and g.size > 1 and not any(g.strides)


@primitive
def alike(g: Any, w: Any) -> Any:
    """The gradient of values itself, if equal values have equal gradients.

    Raises:
        LinAlgError: they have not, and the loss has no derivative.
    """
    close = np.abs(w[..., :, None] - w[..., None, :]) <= rounding(w)[..., None]
    with np.errstate(invalid="ignore"):
        differ = np.abs(g[..., :, None] - g[..., None, :])
        bound = float(np.finfo(w.dtype).eps) ** 0.5 * np.max(np.abs(g), axis=-1, initial=0)
    if np.any(close & (differ > np.asarray(bound)[..., None, None])):
        raise np.linalg.LinAlgError(
            "the loss tells equal eigenvalues or singular values apart, and so has no derivative; np.max and np.min of "
            "them, and norms, let equals share the gradient"
        )
    return g


derivative(alike, lambda g, _y, _g, _w: g, None)


@primitive
def none_equal(x: Any, w: Any) -> Any:
    """Zeros in the form of `x`, if no two of the values `w` are equal or nearly so.

    Raises:
        LinAlgError: a derivative of this order is not known there.
    """
    gaps = np.abs(w[..., :, None] - w[..., None, :]) + np.where(np.eye(w.shape[-1], dtype=bool), np.inf, 0)
    if np.any(gaps <= nearness(w)[..., None]):
        raise np.linalg.LinAlgError(
            "two eigenvalues or singular values are equal or nearly so, where derivatives are known to order one, and "
            "to order two by forward mode over reverse mode (ntb.hessian, ntb.hvp) of a loss of the values alone"
        )
    return np.zeros(x.shape, x.dtype)


derivative(none_equal, lambda g, y, _x, _w: y * g, None)


# --- directions


def direction_of(a: Any) -> Any:
    """The direction along which an open forward mode moves a matrix; None if there is none."""
    x: Any = a.read() if isinstance(a, ArrayLike) else None
    for listener in listeners.get() if x is not None and x.id is not None else ():
        t = getattr(listener, "tangents", {}).get(x.id)
        if t is not None and not isinstance(t, Exception):
            return stop_gradient(t)
    return None


def hermitian(a: Any, UPLO: str) -> Any:
    """The Hermitian matrix with this triangle."""
    return hermitian_part(adjoint(a) if UPLO in "Uu" else a)


def checked_direction(t: Any, coupling: Any, inverse: Any, size: Any) -> Any:
    """A tangent itself, if the `coupling` of vectors by a direction is 0 where values are equal."""
    return checked(t, coupling, inverse, size, along=True)


def turned_to(e: np.ndarray, v: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How vectors of an equal value move along a Hermitian direction: the values' derivatives, ascending; the turn."""
    return np.linalg.eigh(np.conjugate(v).T @ e @ v)


def skew(x: Any) -> Any:
    return x - adjoint(x)
