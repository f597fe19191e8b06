"""Batches: rows of arrays, so many at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np

from .. import random
from ..errors import InputError, describe
from ..habits import knows_habits
from .epochs import Epochs


class Shuffler(Protocol):
    """What can shuffle: anything with NumPy's `permutation(n)`, such as `np.random.Generator`."""

    def permutation(self, n: int, /) -> np.ndarray: ...


class Batches(Epochs):
    """Batches of arrays, epoch by epoch; see `batches`, which makes it.

    >>> some = batches(np.arange(6), size=2, shuffle=0)
    >>> whole = [rows.tolist() for (rows,) in some.epoch(3)]
    >>> [rows.tolist() for (rows,) in some.epoch(3, start=1)] == whole[1:]
    True
    """

    def __init__(
        self,
        *arrays: Any,
        size: int,
        shuffle: bool | int | Shuffler | None = None,
        drop_last: bool = False,
        replace: bool = False,
    ) -> None:
        if not arrays:
            raise InputError("batches needs at least one array, as in batches(x, y, size=100)")
        self.arrays, self.rows = together(arrays, "batches")
        self.size = checked_size(size)
        self.shuffle = checked_shuffle(shuffle, replace)
        self.drop_last = drop_last
        self.replace = replace

    def __len__(self) -> int:
        return count_of(self.rows, self.size, self.drop_last)

    def epoch(self, number: int, start: int = 0) -> Iterator[tuple[Any, ...]]:
        """The batches of an epoch, from one on. No row of the batches before is read.

        Args:
            number: of the epoch, from 0. With a seed its order follows from the seed and this number alone; a generator
                is drawn from.
            start: how many batches are left out at the beginning.
        """
        return self._cut(order_of(self.rows, self.shuffle, number, self.replace), start)

    def _cut(self, order: np.ndarray | None, start: int) -> Iterator[tuple[Any, ...]]:
        for begin in range(start * self.size, len(self) * self.size, self.size):
            rows = slice(begin, begin + self.size) if order is None else order[begin : begin + self.size]
            yield tuple(a[rows] for a in self.arrays)


@knows_habits
def batches(
    *arrays: Any,
    size: int,
    shuffle: bool | int | Shuffler | None = None,
    drop_last: bool = False,
    replace: bool = False,
) -> Batches:
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
        replace: whether rows are drawn with replacement, which needs `shuffle`: an epoch has as many rows as the
            arrays, some of them several times, others not at all (the bootstrap of Efron, "Bootstrap methods: another
            look at the jackknife", 1979).

    Only the rows of a batch are read, so that memory-mapped arrays need not fit in memory. Batches in order are views
    of the arrays, shuffled ones are copies.

    Raises:
        InputError: unequal lengths, a size below 1, something that is not rows, as a generator or a dictionary, or
            `replace` without `shuffle`.
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
    return Batches(*arrays, size=size, shuffle=shuffle, drop_last=drop_last, replace=replace)


# --- what other makers of batches share


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
            "the rows of a list must be of equal lengths to make a batch; data.bucketed pads them, or give an array of "
            "objects"
        ) from None
    if array.dtype == object and not array.ndim:
        raise InputError(
            f"batches picks rows from arrays and lists, not from {describe(a)}; list(...) reads it once, and "
            "data.columns takes the arrays out of a table"
        )
    return array


def checked_size(size: Any) -> int:
    """The size of a batch."""
    if not isinstance(size, (int, np.integer)) or isinstance(size, bool) or size < 1:
        raise InputError(f"the size of a batch is a whole number of rows, 1 or more, got size={size!r}")
    return int(size)


def count_of(rows: int, size: int, drop_last: bool) -> int:
    """How many batches so many rows make."""
    return rows // size if drop_last else -(-rows // size)


def checked_shuffle(shuffle: Any, replace: bool = False) -> Any:
    """What says how rows are shuffled, if it can be used."""
    method = "integers" if replace else "permutation"
    if isinstance(shuffle, (int, np.integer)):
        if shuffle < 0:
            raise InputError(f"a seed is a whole number, 0 or more, got shuffle={shuffle}")
    elif shuffle is not None and not hasattr(shuffle, method):
        raise TypeError(f"shuffle is None, True, a seed or a generator with {method}(n), got {shuffle!r}")
    if replace and not shuffles(shuffle):
        raise InputError(f"replace=True draws rows, for which shuffle= is a seed, a generator or True, not {shuffle}")
    return shuffle


def shuffles(shuffle: Any) -> bool:
    """Whether it asks for a random order; 0 is a seed."""
    return shuffle is not None and shuffle is not False


def generator_of(shuffle: Any, *numbers: int) -> Any:
    """The generator that a `shuffle` stands for. With a seed each epoch has its own, by the epoch's number; further
    numbers give further generators."""
    if shuffle is True:
        return random.default()
    if isinstance(shuffle, (int, np.integer)):
        return np.random.default_rng([int(shuffle), *numbers])
    return shuffle


def order_of(n: int, shuffle: Any, number: int = 0, replace: bool = False) -> np.ndarray | None:
    """A random order of n rows as `shuffle` says, for the epoch of this number; None to keep the order."""
    shuffle = checked_shuffle(shuffle, replace)
    if not shuffles(shuffle):
        return None
    generator = generator_of(shuffle, number)
    return generator.integers(0, max(n, 1), n) if replace else generator.permutation(n)
