"""Shards: data in many files, of which one at a time is in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from os import PathLike
from typing import Any

import numpy as np

from .. import random
from ..errors import InputError
from ..habits import knows_habits
from .batching import checked_size, count_of, generator_of, shuffles, together
from .epochs import Epochs, known, parts


class _Shards(Epochs):
    """Batches of the rows of files; see `shards`, which makes it.

    Attributes:
        rows: by its place in `paths`, how many rows a file has, as far as that is known: told, or seen when it was
            read.
    """

    def __init__(
        self, paths: Iterable[Any], size: int, load: Callable[[Any], Any], shuffle: bool | int | None,
        drop_last: bool, rows: Iterable[int] | None,
    ) -> None:  # fmt: skip
        self.paths = [paths] if isinstance(paths, (str, PathLike)) else list(paths)
        if not (shuffle is None or isinstance(shuffle, (int, np.integer))):
            raise TypeError(f"the order of shards follows from a seed, or is drawn with True, got shuffle={shuffle!r}")
        self.size, self.load, self.shuffle, self.drop_last = checked_size(size), load, shuffle, drop_last
        self.rows = dict(enumerate(rows or ()))
        if rows is not None and len(self.rows) != len(self.paths):
            raise InputError(f"rows= has a number for each file, and there are {len(self.rows)} for {len(self.paths)}")

    def __len__(self) -> int:
        total = sum(self.rows.values()) if len(self.rows) == len(self.paths) else None
        return known(total if total is None else count_of(total, self.size, self.drop_last))

    def epoch(self, number: int, start: int = 0) -> Iterator[tuple[Any, ...]]:
        seed = int(random.default().integers(2**31)) if self.shuffle is True else self.shuffle
        return self._batches(seed, number, start * self.size)

    def _batches(self, seed: int | None, number: int, skip: int) -> Iterator[tuple[Any, ...]]:
        """The batches after so many rows. A batch may begin in one file and end in another."""
        waiting: list[tuple[Any, ...]] = []
        missing = self.size
        for arrays, order in self._files(seed, number, skip):
            while len(order):
                rows, order = order[:missing], order[missing:]
                waiting.append(tuple(a[rows] for a in arrays))
                missing -= len(rows)
                if not missing:
                    yield _joined(waiting)
                    waiting, missing = [], self.size
            del arrays  # before the next file is read
        if waiting and not self.drop_last:
            yield _joined(waiting)

    def _files(self, seed: int | None, number: int, skip: int) -> Iterator[tuple[tuple[Any, ...], np.ndarray]]:
        """File by file its arrays, and which rows of them are used, in their order."""
        mixed, count = shuffles(seed), len(self.paths)
        for i in generator_of(seed, number).permutation(count).tolist() if mixed else range(count):
            if self.rows.get(i, skip + 1) <= skip:  # it is not read
                skip -= self.rows[i]
                continue
            arrays, n = together(parts(self.load(self.paths[i])), "shards")
            if self.rows.setdefault(i, n) != n:
                raise InputError(f"{self.paths[i]} has {n} rows, and rows= says {self.rows[i]}")
            order = generator_of(seed, number, 1 + i).permutation(n) if mixed else np.arange(n)
            yield arrays, order[skip:]
            skip = max(skip - n, 0)
            del arrays


def _joined(pieces: list[tuple[Any, ...]]) -> tuple[Any, ...]:
    """A batch of pieces of several files."""
    return pieces[0] if len(pieces) == 1 else tuple(map(np.concatenate, zip(*pieces)))


@knows_habits
def shards(
    paths: Iterable[str | PathLike[str]],
    *,
    size: int,
    load: Callable[[Any], Any] = np.load,
    shuffle: bool | int | None = None,
    drop_last: bool = False,
    rows: Iterable[int] | None = None,
) -> Epochs:
    """The rows of many files, `size` at a time, for data that memory cannot hold: one file after the other is read.

    A batch may begin in one file and end in the next. With `shuffle` files come in a random order, and so do the rows
    of each file; rows of different files are not mixed, so files should be alike.

    Args:
        paths: of the files.
        size: a whole number of rows, 1 or more.
        load: reads a file: of a path, returns an array or a tuple of arrays with equally many rows, such as
            `lambda path: columns(np.load(path), "x", "y")` for .npz. Several columns come as several parts of a batch.
        shuffle: a seed, from which and from the epoch's number the order follows; True for another seed in each
            epoch, drawn from ntb's default generator; None and False keep the order.
        drop_last: whether the last batch of an epoch is left out when it is short.
        rows: how many rows each file has, if that is known. Then there is a `len`, and to go on in the middle of an
            epoch files that were used are not read again. By itself both are so after the first epoch.

    Returns:
        Something to iterate over, with `epoch(number, start)`.

    Raises:
        InputError: a size below 1; a file has other numbers of rows than `rows` says, or its arrays unequal ones.
        TypeError: a `shuffle` of another kind.

    >>> files = {"a": np.arange(3), "b": np.arange(10, 12)}
    >>> [rows.tolist() for (rows,) in shards(files, size=2, load=files.get)]
    [[0, 1], [2, 10], [11]]
    >>> [rows.tolist() for (rows,) in shards(files, size=2, load=files.get, shuffle=3).epoch(0, start=1)]
    [[2, 0], [1]]
    """
    return _Shards(paths, size, load, shuffle, drop_last, rows)
