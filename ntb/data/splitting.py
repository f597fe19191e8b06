"""Split: rows for training and rows that are kept aside."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InputError
from .batching import Shuffler, order_of, together


def split(
    *arrays: Any, aside: float = 0.2, shuffle: bool | int | Shuffler | None = True, by: Any = None
) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """Two parts of the rows of arrays, such as those for training and for validation: each a tuple of arrays.

    Args:
        arrays: of any element type, with equally many rows along the first axis, as for `batches`.
        aside: the share of the rows in the second part, from 0 to 1; rounded to whole rows.
        shuffle: how rows are chosen, as for `batches`: a generator, a seed, or True; with None or False the last ones
            are put aside, for data in the order of time.
        by: labels, one a row; then each label has that share of its rows in the second part (a stratified split).

    Raises:
        InputError: no arrays, unequal lengths, a share outside of [0, 1].

    >>> x, y = np.arange(10), np.repeat([0, 1], 5)
    >>> (x_train, y_train), (x_val, y_val) = split(x, y, aside=0.4, shuffle=0, by=y)
    >>> len(x_train), y_val.tolist()
    (6, [0, 0, 1, 1])
    """
    if not arrays:
        raise InputError("split needs at least one array, as in split(x, y, aside=0.2)")
    if not 0 <= aside <= 1:
        raise InputError(f"split puts a share of the rows aside, a number from 0 to 1, not {aside}")
    arrays, n = together(arrays, "split")
    order = order_of(n, shuffle)
    rows = np.arange(n) if order is None else np.asarray(order)
    groups = [rows]
    if by is not None:
        (labels,), _ = together((by,), "split")
        labels = np.asarray(labels)
        if labels.shape != (n,):
            raise InputError(f"by= has one label for each row, of shape ({n},), and these are of shape {labels.shape}")
        groups = [rows[labels[rows] == label] for label in np.unique(labels)]
    cuts = [len(group) - round(aside * len(group)) for group in groups]
    first = np.sort(np.concatenate([group[:cut] for group, cut in zip(groups, cuts)])).astype(int)
    second = np.sort(np.concatenate([group[cut:] for group, cut in zip(groups, cuts)])).astype(int)
    return tuple([a[first] for a in arrays]), tuple([a[second] for a in arrays])
