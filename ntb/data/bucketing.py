"""Buckets: batches of sequences of like lengths, padded to one of a few lengths."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from .. import nn
from ..errors import InputError, describe
from ..habits import knows_habits
from .batching import Shuffler, checked_shuffle, checked_size, count_of, generator_of, shuffles, together
from .epochs import Epochs


class _Bucketed(Epochs):
    """Batches of padded sequences; see `bucketed`, which makes it.

    Attributes:
        limits: the lengths (buckets,) to which sequences are padded, rising.
        bucket: for each sequence (N,), in which bucket it is.
    """

    def __init__(
        self, sequences: Iterable[Any], arrays: tuple[Any, ...], size: int, shuffle: Any, buckets: Any,
        value: float, drop_last: bool,
    ) -> None:  # fmt: skip
        self.sequences = list(sequences)
        lengths = _lengths_of(self.sequences)
        self.arrays, rows = together(arrays, "bucketed") if arrays else ((), len(lengths))
        if rows != len(lengths):
            raise InputError(f"bucketed has {len(lengths)} sequences, and arrays of {rows} rows beside them")
        self.size, self.shuffle = checked_size(size), checked_shuffle(shuffle)
        self.value, self.drop_last = value, drop_last
        self.limits = _limits(lengths, buckets)
        self.bucket = np.searchsorted(self.limits, lengths)

    def __len__(self) -> int:
        counts = np.bincount(self.bucket, minlength=1)
        return sum(count_of(int(count), self.size, self.drop_last) for count in counts)

    def epoch(self, number: int, start: int = 0) -> Iterator[tuple[Any, ...]]:
        batches = self._plan(number)
        return (self._padded(*batch) for batch in batches[start:])

    def _plan(self, number: int) -> list[tuple[int, np.ndarray]]:
        """The batches of an epoch, each as the length to which it is padded, and its rows."""
        rows, mixed = np.arange(len(self.sequences)), shuffles(self.shuffle)
        generator = generator_of(self.shuffle, number)
        if mixed:
            rows = generator.permutation(len(rows))
        plan = []
        for bucket, limit in enumerate(self.limits):
            inside = rows[self.bucket[rows] == bucket]
            count = count_of(len(inside), self.size, self.drop_last)
            plan += [(int(limit), inside[i * self.size : (i + 1) * self.size]) for i in range(count)]
        return [plan[i] for i in generator.permutation(len(plan))] if mixed else plan

    def _padded(self, length: int, rows: np.ndarray) -> tuple[Any, ...]:
        padded, lengths = nn.pad_sequences([self.sequences[i] for i in rows], self.value, length=length)
        return padded, lengths, *(a[rows] for a in self.arrays)


@knows_habits
def bucketed(
    sequences: Iterable[Any],
    *arrays: Any,
    size: int,
    shuffle: bool | int | Shuffler | None = None,
    buckets: int | Sequence[int] = 8,
    value: float = 0,
    drop_last: bool = False,
) -> Epochs:
    """Sequences of unequal lengths, `size` at a time, in batches of like lengths: tuples of the padded sequences
    (size, T, ...), their lengths (size,), and one batch per further array.

    Sequences are sorted into buckets by their lengths, and a batch is taken from one bucket. So little is padded, and T
    is one of a few numbers: a traced step of training, which has a program for each T, is soon done with tracing.

    Args:
        sequences: arrays or lists (length, ...), whose shapes differ in the length alone.
        arrays: what belongs to the sequences, such as labels, with as many rows, as for `batches`.
        size: a whole number of sequences, 1 or more.
        shuffle: the order of the sequences in each bucket, and that of the batches, as for `batches`; None and False
            go from short to long.
        buckets: how many there are at most, with about equally many sequences in each, padded to the longest of them;
            or the lengths to which sequences are padded, rising, of which each takes the first that it fits into.
        value: what fills up.
        drop_last: whether the last batch of each bucket is left out when it is short.

    Returns:
        Something to iterate over, with a length and `epoch(number, start)`.

    Raises:
        InputError: other arguments; sequences longer than the last of the lengths; shapes that do not fit together.
        TypeError: a `shuffle` of another kind.

    >>> words = [[1, 2, 3, 4], [5], [6, 7, 8], [9, 1]]
    >>> for x, lengths, labels in bucketed(words, [0, 1, 2, 3], size=2, buckets=2):
    ...     print(x.tolist(), lengths, labels)
    [[5, 0], [9, 1]] [1 2] [1 3]
    [[1, 2, 3, 4], [6, 7, 8, 0]] [4 3] [0 2]
    """
    return _Bucketed(sequences, arrays, size, shuffle, buckets, value, drop_last)


def _lengths_of(sequences: list[Any]) -> np.ndarray:
    try:
        return np.array([len(s) for s in sequences], int)
    except TypeError:
        wrong = next(s for s in sequences if not hasattr(s, "__len__") or np.ndim(s) == 0)
        raise InputError(f"bucketed takes sequences, as lists or arrays (length, ...), not {describe(wrong)}") from None


def _limits(lengths: np.ndarray, buckets: Any) -> np.ndarray:
    """The lengths to which sequences are padded."""
    if isinstance(buckets, (int, np.integer)) and not isinstance(buckets, bool):
        if buckets < 1:
            raise InputError(f"bucketed makes 1 bucket or more, not buckets={buckets}")
        parts = np.linspace(0, 1, int(buckets) + 1)[1:]
        return np.unique(np.quantile(lengths, parts, method="inverted_cdf")) if len(lengths) else lengths
    limits = np.asarray(buckets)
    if limits.ndim != 1 or limits.dtype.kind not in "iu" or not np.all(limits[1:] > limits[:-1]):
        raise InputError(f"buckets= is how many, or a list of rising lengths such as [10, 20, 40], not {buckets!r}")
    longest = lengths.max(initial=0)
    if not np.all(lengths <= limits.max(initial=-1)):
        raise InputError(
            f"the longest sequence has {longest} steps, and the buckets end at {limits.max(initial=0)}; add a longer "
            "one, or cut the sequences before"
        )
    return limits
