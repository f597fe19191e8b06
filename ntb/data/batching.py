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


class Batches:
    """Batches of arrays, epoch by epoch; see `batches`, which makes it.

    `len` tells how many batches an epoch has. To iterate over it is an epoch; the first is that with the number 0, the
    next one 1, and so on. `epoch` gives any of them.
    """

    def __init__(
        self, *arrays: Any, size: int, shuffle: bool | int | Shuffler | None = None, drop_last: bool = False
    ) -> None:
        if not arrays:
            raise InputError("batches needs at least one array, as in batches(x, y, size=100)")
        self.arrays, self.rows = together(arrays, "batches")
        if not isinstance(size, (int, np.integer)) or isinstance(size, bool) or size < 1:
            raise InputError(f"the size of a batch is a whole number of rows, 1 or more, got size={size!r}")
        self.size = int(size)
        self.shuffle = shuffle if isinstance(shuffle, bool) else _checked(shuffle)
        self.drop_last = drop_last
        self._next = 0

    def __len__(self) -> int:
        return self.rows // self.size if self.drop_last else -(-self.rows // self.size)

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        number, self._next = self._next, self._next + 1
        return self.epoch(number)

    def epoch(self, number: int, start: int = 0) -> Iterator[tuple[Any, ...]]:
        """The batches of an epoch, from one on.

        Args:
            number: of the epoch, from 0. With a seed its order follows from the seed and this number alone; a generator
                is drawn from.
            start: how many batches are skipped, of which no row is read, as to go on in the middle of an epoch.

        >>> some = batches(np.arange(6), size=2, shuffle=0)
        >>> whole = [rows.tolist() for (rows,) in some.epoch(3)]
        >>> [rows.tolist() for (rows,) in some.epoch(3, start=1)] == whole[1:]
        True
        """
        order = order_of(self.rows, self.shuffle, number)
        return self._cut(order, start)

    def _cut(self, order: np.ndarray | None, start: int) -> Iterator[tuple[Any, ...]]:
        for begin in range(start * self.size, len(self) * self.size, self.size):
            rows = slice(begin, begin + self.size) if order is None else order[begin : begin + self.size]
            yield tuple(a[rows] for a in self.arrays)


@knows_habits
def batches(*arrays: Any, size: int, shuffle: bool | int | Shuffler | None = None, drop_last: bool = False) -> Batches:
    """The rows of arrays, `size` at a time: tuples with one batch per array. To iterate is to go once through the
    arrays; `len` tells how many batches there are.

    `shuffle` gives a random order, the same for all arrays: a generator (every epoch draws another order from it), an
    int (a seed: an epoch has the order that follows from the seed and the epoch's number), or True (another order each
    time, drawn from ntb's default generator, which `ntb.random.seed` seeds); None and False keep the order.
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
    return Batches(*arrays, size=size, shuffle=shuffle, drop_last=drop_last)


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


def _checked(shuffle: Any) -> Any:
    """What says how rows are shuffled, if it can be used."""
    if isinstance(shuffle, (int, np.integer)):
        if shuffle < 0:
            raise InputError(f"a seed is a whole number, 0 or more, got shuffle={shuffle}")
    elif shuffle is not None and not hasattr(shuffle, "permutation"):
        raise TypeError(f"shuffle is None, True, a seed or a generator with permutation(n), got {shuffle!r}")
    return shuffle


def order_of(n: int, shuffle: bool | int | Shuffler | None, epoch: int = 0) -> np.ndarray | None:
    """A random order of n rows as `shuffle` says; None to keep it. With a seed each epoch has its own."""
    if shuffle is None or shuffle is False:
        return None
    if shuffle is True:
        return random.default().permutation(n)
    if isinstance(_checked(shuffle), (int, np.integer)):
        return np.random.default_rng([int(shuffle), epoch] if epoch else int(shuffle)).permutation(n)  # type: ignore
    return shuffle.permutation(n)
