"""Changes: how the same numbers lie in arrays of another library and in ours, and the way from each to the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np


class Change(NamedTuple):
    """Two functions, each of which undoes the other. Where one array stands for several they take or give these."""

    to_ours: Callable[..., Any]
    to_theirs: Callable[..., Any]


SAME = Change(lambda a: a, lambda a: a)

TRANSPOSED = Change(np.transpose, np.transpose)
"""PyTorch's dense weights are (outputs, inputs)."""

SUM = Change(lambda a, b: a + b, lambda a: (a, np.zeros_like(a)))
"""PyTorch has a bias for the inputs and one for the state where only their sum counts."""

SIDE_BY_SIDE = Change(lambda a: np.split(a, 3, axis=-1), lambda *parts: np.concatenate(parts, axis=-1))
"""Queries, keys and values in one array."""

ROWS = Change(lambda a: (a[0], a[1]), lambda x, h: np.stack([x, h]))
"""Keras's GRU has both biases in one array."""

CHANNELS_FIRST = Change(
    lambda a: np.moveaxis(a, (-1, -2), (0, 1)),
    lambda a: np.moveaxis(a, (0, 1), (-1, -2)),
)
"""Keras's filters are (*kernel, C, F) where ours are (F, C, *kernel)."""


def gates(*order: int) -> Change:
    """Blocks of equal size along the last axis; `order[i]` is the place, among theirs, of our block i."""
    back = np.argsort(order)
    return Change(lambda a: _blocks(a, order), lambda a: _blocks(a, back))


def _blocks(a: np.ndarray, order: Any) -> np.ndarray:
    parts = np.split(a, len(order), axis=-1)
    return np.concatenate([parts[i] for i in order], axis=-1)


def reshaped(ours: tuple[int, ...], theirs: tuple[int, ...]) -> Change:
    """The same numbers in another shape, such as heads beside each other and on an axis of their own."""
    return Change(lambda a: np.reshape(a, ours), lambda a: np.reshape(a, theirs))


def then(first: Change, second: Change) -> Change:
    """One change after another, on the way to ours."""
    return Change(
        lambda *theirs: second.to_ours(first.to_ours(*theirs)),
        lambda *ours: first.to_theirs(second.to_theirs(*ours)),
    )
