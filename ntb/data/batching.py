"""Batches: rows of arrays, so many at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np

from .. import random
from ..errors import InputError, describe
from ..habits import knows_habits


class Shuffler(Protocol):
    """What can shuffle: anything with NumPy's `permutation(n)`, such as `np.random.Generator`."""

    def permutation(self, n: int, /) -> np.ndarray: ...


@knows_habits
def batches(
    *arrays: Any, size: int, shuffle: bool | int | Shuffler | None = None, drop_last: bool = False
) -> Iterator[tuple[Any, ...]]:
    """Once through the arrays, `size` rows at a time: an iterator over tuples with one batch per array.

    `shuffle` gives a random order, the same for all arrays: a generator (every call draws another order from it), an
    int (a seed: every call gives the same order), or True (another order each time, drawn from ntb's default generator,
    which `ntb.random.seed` seeds); None and False keep the order.
    The last batch has the rows that remain, `drop_last` leaves it out when it is short.

    Args:
        arrays: of any element type, with rows along the first axis, equally many; none gives no batch. Arrays and
            tensors, also memory-mapped ones, and whatever else has a shape and gives rows for a slice and for an array
            of indices; pandas' Series and DataFrames, whose rows are counted by position, not by their index; lists and
            tuples of rows of equal length. The latter two come as arrays.
        size: a whole number of rows, 1 or more.

    Only the rows of a batch are read, so that memory-mapped arrays need not fit in memory. Batches in order are views
    of the arrays, shuffled ones are copies.

    Raises:
        InputError: unequal lengths, a size below 1, or something that is not rows, as a generator or a dictionary.
        TypeError: a `shuffle` of another kind.

    >>> x, y = np.arange(10).reshape(5, 2), np.array(list("abcde"))
    >>> for rows, letters in batches(x, y, size=2):
    ...     print(rows.tolist(), letters)
    [[0, 1], [2, 3]] ['a' 'b']
    [[4, 5], [6, 7]] ['c' 'd']
    [[8, 9]] ['e']

    One generator, another order in every epoch:

    >>> rng = np.random.default_rng(0)
    >>> for epoch in range(2):
    ...     print([letters.tolist() for _, letters in batches(x, y, size=2, shuffle=rng, drop_last=True)])
    [['c', 'e'], ['d', 'a']]
    [['e', 'b'], ['c', 'a']]
    """
    if not arrays:
        raise InputError("batches needs at least one array, as in batches(x, y, size=100)")
    arrays, n = together(arrays, "batches")
    if not isinstance(size, (int, np.integer)) or isinstance(size, bool) or size < 1:
        raise InputError(f"the size of a batch is a whole number of rows, 1 or more, got size={size!r}")
    return _cut(arrays, n, size, order_of(n, shuffle), drop_last)


def together(arrays: tuple[Any, ...], what: str) -> tuple[tuple[Any, ...], int]:
    """Arrays whose rows belong together, and how many rows they have."""
    arrays = tuple(map(_with_rows, arrays))
    shapes = [tuple(a.shape) for a in arrays]
    if () in shapes or len({shape[0] for shape in shapes}) > 1:
        raise InputError(f"{what} needs arrays with equally many rows, got shapes {', '.join(map(str, shapes))}")
    return arrays, shapes[0][0]


def _with_rows(a: Any) -> Any:
    """Something whose rows are picked by position: what has a shape, as it is, all else as an array."""
    if hasattr(a, "shape") and not hasattr(a, "iloc"):  # pandas picks by the index, and columns of a DataFrame
        return a
    try:
        array = np.asarray(a)
    except ValueError:
        raise InputError(
            "the rows of a list must be of equal lengths to make a batch; pad them, or give an array of objects"
        ) from None
    if array.dtype == object and not array.ndim:
        raise InputError(f"batches picks rows from arrays and lists, not from {describe(a)}; list(...) reads it once")
    return array


def order_of(n: int, shuffle: bool | int | Shuffler | None) -> np.ndarray | None:
    """A random order of n rows as `shuffle` says; None to keep it."""
    if shuffle is None or shuffle is False:
        return None
    if shuffle is True:
        return random.default().permutation(n)
    if isinstance(shuffle, (int, np.integer)):
        if shuffle < 0:
            raise InputError(f"a seed is a whole number, 0 or more, got shuffle={shuffle}")
        return np.random.default_rng(shuffle).permutation(n)
    if not hasattr(shuffle, "permutation"):
        raise TypeError(f"shuffle is None, True, a seed or a generator with permutation(n), got {shuffle!r}")
    return shuffle.permutation(n)


def _cut(
    arrays: tuple[Any, ...], n: int, size: int, order: np.ndarray | None, drop_last: bool
) -> Iterator[tuple[Any, ...]]:
    for start in range(0, n - size + 1 if drop_last else n, size):
        rows = slice(start, start + size) if order is None else order[start : start + size]
        yield tuple(a[rows] for a in arrays)
