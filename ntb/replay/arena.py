"""The arena: one stretch of memory for all places of a program, planned so that values share it.

Two values can lie in the same memory if one is dead before the other is made. Choosing their offsets is the packing
problem of memory allocators, but here all lifetimes are known beforehand (Pisarchyk and Lee, Efficient memory
management for deep neural net inference, 2020). There are two plans: a quick one, and a better one that is tried if the
first wastes memory.
"""

from __future__ import annotations

from bisect import bisect
from collections import Counter
from itertools import accumulate

import numpy as np

from .code import Code
from .memory import Storage, lifetimes

ALIGNMENT = 64
_WASTE = 1.02  # an arena larger than `most_alive` by this factor makes `reuse` try the second plan
LARGEST = 1000  # at most so many storages are placed by size, as its time grows with the square of their number

_Lives = dict[Storage, tuple[int, int]]
"""For each storage the first instruction that uses it, and the last."""


def reuse(code: Code) -> Code:
    """Let two storages share memory if all values in one are dead before the first value in the other is made.

    Shapes are the same in all runs, so it is known beforehand when each value is made and read last. The places lie in
    one stretch of memory, the arena, each at its offset.
    """
    lives = {storage: life for storage, life in lifetimes(code).items() if storage.renews is None}
    code.arena, offsets = by_time(lives, 0)
    if code.arena > _WASTE * most_alive(lives):
        code.arena, offsets = min((code.arena, offsets), by_size(lives, 0), key=lambda plan: plan[0])
    for storage, offset in offsets.items():
        storage.offset = offset
    return code


def lay_out(code: Code) -> Code:
    """Give a stretch of the arena to every storage that has none yet, one after the other."""
    for found in code.places.values():
        storage = found.storage
        if storage.renews is None and storage.offset is None:
            storage.offset = code.arena
            code.arena += rounded(storage.nbytes)
    return code


def rounded(nbytes: int) -> int:
    return max(-(-nbytes // ALIGNMENT), 1) * ALIGNMENT


def most_alive(lives: _Lives) -> int:
    """The most bytes that are alive at the same time: no plan needs fewer."""
    changes: Counter[int] = Counter()
    for storage, (birth, death) in lives.items():
        changes[birth] += rounded(storage.nbytes)
        changes[death + 1] -= rounded(storage.nbytes)
    return max(accumulate(changes[now] for now in sorted(changes)), default=0)


# --- by size: the largest first, each at the lowest offset where nothing that lives at the same time is in the way


def by_size(lives: _Lives, start: int) -> tuple[int, dict[Storage, int]]:
    """Where the arena ends, and the offsets from `start` on. `by_time` places all but the `LARGEST` storages."""
    ordered = sorted(lives, key=lambda storage: -storage.nbytes)
    largest, offsets, end = ordered[:LARGEST], {}, start
    first, last, begins, ends = np.zeros((4, len(largest)), int)
    for i, storage in enumerate(largest):
        birth, death = lives[storage]
        size = rounded(storage.nbytes)
        others = np.flatnonzero((first[:i] <= death) & (last[:i] >= birth))
        begin = _lowest_gap(begins[others], ends[others], size, start)
        first[i], last[i], begins[i], ends[i] = birth, death, begin, begin + size
        offsets[storage] = begin
        end = max(end, begin + size)
    rest = set(ordered[LARGEST:])
    end, small = by_time({storage: life for storage, life in lives.items() if storage in rest}, end)
    return end, offsets | small


def _lowest_gap(begins: np.ndarray, ends: np.ndarray, size: int, start: int) -> int:
    """The lowest offset from `start` on with `size` free bytes; the stretches in use may overlap."""
    if not len(begins):
        return start
    order = np.argsort(begins)
    begins, tops = begins[order], np.maximum.accumulate(ends[order])
    room = np.append(begins[:1] - start, begins[1:] - tops[:-1]) >= size
    i = int(np.argmax(room)) if room.any() else len(begins)
    return int(tops[i - 1]) if i else start


# --- by time: what `malloc` and `free` would do in a run


def by_time(lives: _Lives, start: int) -> tuple[int, dict[Storage, int]]:
    """Where the arena ends, and the offsets: each storage takes the smallest gap that is large enough."""
    dying: dict[int, list[Storage]] = {}
    for storage, (_, death) in lives.items():
        dying.setdefault(death, []).append(storage)
    deaths = sorted(dying)
    gaps: list[tuple[int, int]] = []  # (begin, end), in order
    offsets: dict[Storage, int] = {}
    end, past = start, 0
    for storage, (birth, _) in lives.items():  # in the order of birth
        while past < len(deaths) and deaths[past] < birth:
            for gone in dying[deaths[past]]:
                _give_back(gaps, offsets[gone], offsets[gone] + rounded(gone.nbytes))
            past += 1
        offsets[storage], end = _take(gaps, rounded(storage.nbytes), end)
    return end, offsets


def _take(gaps: list[tuple[int, int]], size: int, arena: int) -> tuple[int, int]:
    """Cut a stretch from the smallest gap that has room for it, or lengthen the arena; returns offset and arena."""
    fitting = [(end - begin, i) for i, (begin, end) in enumerate(gaps) if end - begin >= size]
    if fitting:
        _, i = min(fitting)
        begin, end = gaps[i]
        gaps[i : i + 1] = [(begin + size, end)] if end - begin > size else []
        return begin, arena
    begin = gaps.pop()[0] if gaps and gaps[-1][1] == arena else arena
    return begin, begin + size


def _give_back(gaps: list[tuple[int, int]], begin: int, end: int) -> None:
    """Add a gap, and join it with its neighbours."""
    i = bisect(gaps, (begin, end))
    if i < len(gaps) and gaps[i][0] == end:
        end = gaps.pop(i)[1]
    if i and gaps[i - 1][1] == begin:
        begin = gaps.pop(i - 1)[0]
        i -= 1
    gaps.insert(i, (begin, end))
