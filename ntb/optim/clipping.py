"""Gradient clipping."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import InputError
from ..values.creation import astype


def clip_by_global_norm(grads: Sequence[Any], limit: float) -> tuple[list[Any], Any]:
    """Scale all gradients by one factor that brings their common norm to `limit` at most (Pascanu et al., 2013).

    Args:
        grads: arrays of any shapes; None stays None.
        limit: the greatest norm allowed.

    Returns:
        The gradients, in their dtypes, and their norm before scaling, in float64. If that norm is infinite or NaN,
        there is no direction to keep, and every gradient becomes NaN, so that it is noticed.

    >>> clipped, norm = clip_by_global_norm([np.array([3.0]), np.array([4.0])], limit=1.0)
    >>> clipped, norm.item()
    ([array([0.6]), array([0.8])], 5.0)
    """
    if not limit > 0:
        raise InputError(f"the limit of a norm must be positive, got {limit}; 1.0 is a usual one")
    squares = [np.sum(np.square(astype(g, np.dtype(float)))) for g in grads if g is not None]
    norm = np.sqrt(np.sum(np.stack(squares))) if squares else np.float64(0)
    factor = np.where(np.isfinite(norm), limit / np.maximum(norm, limit), np.nan)
    return [None if g is None else g * astype(factor, g.dtype) for g in grads], norm
