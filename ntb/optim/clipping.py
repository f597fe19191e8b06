"""Gradient clipping."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import InputError, describe
from ..habits import knows_habits
from ..values.creation import astype
from .precision import as_gradient, squares


@knows_habits
def clip_by_value(grads: Sequence[Any], limit: float) -> list[Any]:
    """Bring every element between -limit and limit.

    Args:
        grads: a list of arrays or tensors of any shapes, real or complex, of any precision; None stays None. Integers
            come back as float64.
        limit: the greatest size of an element, a positive number. A complex one keeps its direction.

    Raises:
        InputError: no list, something else than numbers in it, or a limit that is not positive.

    >>> clip_by_value([np.array([3.0, -0.5])], limit=1.0)
    [array([ 1. , -0.5])]
    """
    wide = _checked(grads, limit, "an element")
    return [None if g is None else astype(_cut(g, limit), _type(given)) for g, given in zip(wide, grads)]


def _cut(g: Any, limit: float) -> Any:
    return g * np.minimum(1, limit / np.maximum(np.abs(g), limit)) if g.dtype.kind == "c" else np.clip(g, -limit, limit)


def clip_by_norm(grads: Sequence[Any], limit: float) -> list[Any]:
    """Scale each gradient by itself, so that its norm is `limit` at most.

    Args:
        grads: a list of arrays or tensors of any shapes, real or complex, of any precision; None stays None. Integers
            come back as float64.
        limit: the greatest norm of one gradient, a positive number; infinity for none.

    Returns:
        The gradients, in their dtypes; one whose norm is infinite or NaN becomes NaN.

    Raises:
        InputError: no list, something else than numbers in it, or a limit that is not positive.

    >>> clip_by_norm([np.array([3.0, 4.0]), np.array([0.5])], limit=1.0)
    [array([0.6, 0.8]), array([0.5])]
    """
    _checked(grads, limit, "a norm")
    return [clip_by_global_norm([g], limit)[0][0] for g in grads]


@knows_habits
def clip_by_global_norm(grads: Sequence[Any], limit: float) -> tuple[list[Any], Any]:
    """Scale all gradients by one factor that brings their common norm to `limit` at most (Pascanu et al., 2013).

    Args:
        grads: a list of arrays or tensors of any shapes, real or complex, of any precision; None stays None. Integers
            come back as float64.
        limit: the greatest norm allowed, a positive number; infinity for none.

    Returns:
        The gradients, in their dtypes, and their norm before scaling, in float64. If that norm is infinite or NaN,
        there is no direction to keep, and every gradient becomes NaN, so that it is noticed.

    Raises:
        InputError: no list, something else than numbers in it, or a limit that is not positive.

    >>> clipped, norm = clip_by_global_norm([np.array([3.0]), np.array([4.0])], limit=1.0)
    >>> clipped, norm.item()
    ([array([0.6]), array([0.8])], 5.0)
    """
    wide = _checked(grads, limit, "a norm")
    parts = [np.sum(squares(g)) for g in wide if g is not None]
    norm = np.sqrt(np.sum(np.stack(parts))) if parts else np.float64(0)
    within = norm <= limit
    factor = np.where(within, 1.0, limit / np.where(within, limit, norm)) if np.isfinite(limit) else 1.0
    factor = np.where(np.isfinite(norm), factor, np.nan)
    return [None if g is None else astype(g * factor, _type(given)) for g, given in zip(wide, grads)], norm


def _checked(grads: Sequence[Any], limit: float, of: str) -> list[Any]:
    """The gradients in double precision."""
    if not limit > 0:
        raise InputError(f"the limit of {of} must be positive, got {limit}; 1.0 is a usual one")
    if not isinstance(grads, (list, tuple)):
        raise InputError(f"gradients are clipped together, in a list, not {describe(grads)}; of one array: [g]")
    return [None if g is None else _in_double(g, i) for i, g in enumerate(grads)]


def _type(g: Any) -> np.dtype:
    """The element type of a gradient; float64 for integers, which a factor would round to zero."""
    dtype = g.dtype if hasattr(g, "dtype") else np.asarray(g).dtype
    return dtype if dtype.kind in "fc" else np.dtype(float)


def _in_double(g: Any, i: int) -> Any:
    complex_numbers = getattr(g, "dtype", np.asarray(0.0).dtype).kind == "c"
    return as_gradient(g, np.dtype(complex if complex_numbers else float), f"number {i}")
