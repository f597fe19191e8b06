"""Penalties on weights, which are added to a loss: l1, l2, both, and distance from orthogonality."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import InputError
from ...values.creation import in_type
from ..checks import floating, widened
from .common import option, squares


def l1(*arrays: Any) -> Any:
    """A penalty on weights: the sum of the absolute values of all elements of all arrays.

    Arrays of any shapes, one or more (none is an InputError), of real or complex numbers; the sum is real, of their
    common precision.

    >>> l1(np.array([1.0, -2.0]), np.array(3.0)).item()
    6.0
    """
    return _total(lambda x: np.sum(np.abs(x)), arrays)


def l2(*arrays: Any) -> Any:
    """A penalty on weights: half the sum of the squares of all elements of all arrays, whose gradient is the arrays
    themselves.

    Arrays of any shapes, one or more (none is an InputError), of real or complex numbers; of complex ones the squares
    of the absolute values count. The sum is real, of their common precision.

    >>> l2(np.array([1.0, -2.0]), np.array(3.0)).item()
    7.0
    """
    return 0.5 * _total(lambda x: np.sum(squares(x)), arrays)


def elastic(*arrays: Any, ratio: float = 0.5) -> Any:
    """The elastic net, `ratio * l1 + (1 - ratio) * l2` (Zou and Hastie, 2005): few weights, and correlated ones alike.

    Arrays of any shapes and types, as for `l1` and `l2`; what it returns and raises, too.

    Args:
        ratio: the share of l1, from 0 to 1, else an InputError.

    >>> elastic(np.array([1.0, -2.0])).item()
    2.75
    """
    ratio = option(ratio, "ratio", most=1.0)
    return ratio * l1(*arrays) + (1 - ratio) * l2(*arrays)


def orthogonal_penalty(*arrays: Any) -> Any:
    """A penalty on weights: how far the columns of matrices are from orthonormal, the sum of `|W^H W - I|^2 / 2`.

    If a matrix has more columns than rows, its rows are meant (Brock et al., 2017).

    Matrices of any sizes, or stacks of them, (..., M, N); one or more, of real or complex numbers; the sum is real, of
    their common precision. No arrays, and arrays with fewer than two axes, are an InputError.

    >>> orthogonal_penalty(np.array([[1.0, 0.0], [1.0, 1.0]])).item()
    1.5
    """
    for a in floating(*arrays):
        if a.ndim < 2:
            raise InputError(
                f"the columns of matrices, (..., M, N), can be orthogonal; an array of shape {a.shape} has none"
            )
    return 0.5 * _total(_distance, arrays)


def _distance(w: Any) -> Any:
    """The sum of the squares of `W^H W - I`, of the smaller of both products."""
    adjoint = np.conjugate(np.swapaxes(w, -1, -2))
    products = np.matmul(adjoint, w) if w.shape[-1] <= w.shape[-2] else np.matmul(w, adjoint)
    return np.sum(squares(products - np.eye(products.shape[-1], dtype=w.dtype)))


def _total(function: Any, arrays: tuple) -> Any:
    """The sum of a function's values for all arrays."""
    if not arrays:
        raise InputError("a penalty is of one array or more, as in l2(w); it was given none")
    arrays = floating(*arrays)
    total, *terms = [function(widened(a)) for a in arrays]
    dtype = np.result_type(*[a.dtype for a in arrays])
    return in_type(sum(terms, total), np.finfo(dtype).dtype)
