"""Shards: the parts of a step's batch, sent by the client or made on the workers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from ..data.batching import order_of, together
from ..errors import InputError, describe

Batch = tuple[Any, ...]
_Make = Callable[[int, int, int], Batch]
"""A function of epoch, step within it, and shard, each from 0, that returns the shard's part of the batch."""


class Place(NamedTuple):
    """Which step of a source is meant."""

    epoch: int
    step: int


class Shards:
    """Batches that workers make themselves, a shard at a time: no data pass through the client.

    Workers make the shards of the next step while they compute this one, and begin to compute it, in the same epoch,
    before the client tells them to. Shards count alike in the mean over a step, so they should have equally many rows.
    What is random in `make` must follow from its arguments, as the same shard may be made twice, here or there.

    Args:
        make: a function of epoch, step within it, and shard, each from 0, that returns a shard's part of a batch:
            `(*inputs, target)`. It travels to each worker once, pickled, with the arrays that it holds.
        steps: how many steps an epoch has.

    Raises:
        InputError: a number of steps below 1, or something that cannot be called.

    >>> def make(epoch, step, shard):
    ...     rng = np.random.default_rng([0, epoch, step, shard])
    ...     x = rng.standard_normal((100, 3))
    ...     return x, x @ np.ones(3)
    >>> len(Shards(make, steps=10))
    10
    """

    def __init__(self, make: _Make, steps: int) -> None:
        if not callable(make):
            raise InputError(
                f"make= is a function of epoch, step and shard that returns (*inputs, target), not {describe(make)}"
            )
        self.make = make
        self.steps = counted("steps", steps)

    def __len__(self) -> int:
        return self.steps

    def epoch(self, number: int, start: int = 0) -> Iterator[tuple[Any, ...]]:
        """The places of the steps of an epoch, from one on."""
        return ((_At(self, Place(number, step)),) for step in range(start, self.steps))

    def made(self, place: Place, shard: int) -> Batch:
        """A shard of a step."""
        batch = self.make(*place, shard)
        return tuple(batch) if isinstance(batch, (tuple, list)) else (batch,)

    def following(self, place: Place) -> Place:
        """The step after another."""
        return Place(place.epoch, place.step + 1) if place.step + 1 < self.steps else Place(place.epoch + 1, 0)


@dataclass(frozen=True)
class _At:
    """A batch as the client sees it: a source, and which of its steps."""

    source: Shards
    place: Place


def rows(*arrays: Any, size: int, shards: int, shuffle: int | None = None) -> Shards:
    """The rows of arrays, which travel to each worker once, as a whole; then a step sends no data. (Rows of arrays that
    are given to `fit` travel with each step.)

    Args:
        arrays: as for `data.batches`.
        size: how many rows a batch has; what is left of an epoch is left out.
        shards: into how many shards a batch is divided, as in `DataParallel`.
        shuffle: a seed: an epoch has the order that follows from it and the epoch's number; None keeps the order.

    Raises:
        InputError: unequal lengths, or fewer rows than a batch has.

    >>> source = rows(np.arange(8), size=4, shards=2)
    >>> source.made(Place(epoch=0, step=1), shard=0)
    (array([4, 5]),)
    """
    arrays, count = together(arrays, "rows")
    size, shards = counted("size", size), counted("shards", shards)
    if count < size or size < shards:
        raise InputError(
            f"{count} rows make no batch of {size} rows in {shards} shards; a shard has one row or more, an epoch one "
            "batch or more"
        )

    def make(epoch: int, step: int, shard: int) -> Batch:
        order = _order(count, shuffle, epoch)
        part = slice(step * size + shard * size // shards, step * size + (shard + 1) * size // shards)
        return tuple(a[part if order is None else order[part]] for a in arrays)

    return Shards(make, count // size)


def parts(items: Sequence[Any], load: Callable[[Any], Batch], *, shards: int, shuffle: int | None = None) -> Shards:
    """A shard for each item, such as the path of a file, which a worker loads: data larger than the memory of all.

    Args:
        items: what `load` takes; paths must lead to the files wherever workers run.
        load: returns the batch of an item, `(*inputs, target)`.
        shards: how many items are taken in a step, as in `DataParallel`; what is left of an epoch is left out.
        shuffle: a seed of the items' order, another in each epoch; None keeps it.

    Raises:
        InputError: fewer items than a step takes.

    >>> source = parts(["a.npz", "b.npz", "c.npz", "d.npz"], load=lambda path: (path,), shards=2)
    >>> len(source), source.made(Place(epoch=0, step=1), shard=0)
    (2, ('c.npz',))
    """
    items, shards = list(items), counted("shards", shards)
    if len(items) < shards:
        raise InputError(f"{len(items)} items do not make the {shards} shards of a step")

    def make(epoch: int, step: int, shard: int) -> Batch:
        order = _order(len(items), shuffle, epoch)
        number = step * shards + shard
        return load(items[number if order is None else int(order[number])])

    return Shards(make, len(items) // shards)


def collections(*given: Any, shards: int, shuffle: int | None = None) -> Shards:
    """Collections of Dask, a shard for each partition: arrays (chunks of rows), dataframes, bags, or lists of delayed
    objects. A worker computes the partitions of its shards itself when it needs them, so that data may be larger than
    the memory of all.

    Args:
        given: inputs and targets, with equally many partitions. An array's chunks must hold whole rows.
        shards, shuffle: as for `parts`; rows stay in their partitions.

    Raises:
        InputError: unequal numbers of partitions, fewer than a step takes, or chunks that hold parts of rows.

    >>> import dask.array as da
    >>> x = da.arange(6, chunks=2)
    >>> collections(x, 10 * x, shards=3).made(Place(epoch=0, step=0), shard=1)
    (array([2, 3]), array([20, 30]))
    """
    columns = [_partitions(x) for x in given]
    if not columns or len({len(column) for column in columns}) != 1:
        raise InputError(
            f"collections have equally many partitions, not {[len(column) for column in columns]}; "
            "rechunk or repartition one of them"
        )
    return parts(list(zip(*columns)), _computed, shards=shards, shuffle=shuffle)


@lru_cache(maxsize=2)
def _order(count: int, shuffle: int | None, epoch: int) -> np.ndarray | None:
    """The order of an epoch, which all of its steps ask for."""
    return order_of(count, shuffle, epoch)


def _partitions(x: Any) -> list[Any]:
    """A collection's partitions as delayed objects."""
    from distributed import futures_of

    if futures_of(x):
        raise InputError(
            "this collection was persisted: its partitions lie on workers, and cannot be computed where a shard is "
            "needed; give it as it was before, or rows(x.compute(), ...)"
        )
    if isinstance(x, (list, tuple)):
        return list(x)
    if not hasattr(x, "to_delayed"):
        raise InputError(f"a collection of Dask, or a list of delayed objects, is expected, not {describe(x)}")
    if len(getattr(x, "numblocks", ())) > 1 and any(count > 1 for count in x.numblocks[1:]):
        raise InputError(
            f"a chunk must hold whole rows, and this array is in {x.numblocks} chunks; x.rechunk({{1: -1}})"
        )
    return list(np.ravel(x.to_delayed()))


def _computed(item: tuple[Any, ...]) -> Batch:
    """Partitions, computed in this thread."""
    import dask

    return tuple(np.asarray(part) for part in dask.compute(*item, scheduler="synchronous"))


def divided(batch: Batch, shards: int) -> tuple[Any, list[Any], list[float]]:
    """A batch as a source, None if the client has the rows; what workers need for each shard; and its weight.

    A batch of fewer rows than shards has fewer shards.
    """
    if len(batch) == 1 and isinstance(batch[0], _At):
        return batch[0].source, [batch[0].place] * shards, [1 / shards] * shards
    _, count = together(batch, "a batch")
    shards = min(shards, count)
    bounds = [i * count // shards for i in range(shards + 1)]
    cuts = list(pairwise(bounds))
    return None, [tuple(x[a:b] for x in batch) for a, b in cuts], [(b - a) / count for a, b in cuts]


def counted(name: str, count: Any) -> int:
    if not isinstance(count, (int, np.integer)) or isinstance(count, bool) or count < 1:
        raise InputError(f"{name} is a whole number, 1 or more, got {name}={count!r}")
    return int(count)
