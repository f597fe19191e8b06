"""Crowded cores: a notice, once in a process, that matrix products wait for cores which other programs hold.

OpenBLAS parts a product among threads. Where another program holds the core of one of them, the others wait until it
runs again: tens of milliseconds for a product of a fraction of one. The number of threads is not changed here: it holds
for all that uses NumPy, and the last bit of a product depends on it.

Spot checks are where it looks (warm.py), so that no other call pays for it. Two clocks tell whether the thread was kept
from running; if it was, the time of a product tells whether its threads wait for each other.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from time import perf_counter, thread_time
from typing import Any

import numpy as np

from ..errors import warn
from . import warm

_SHARE = 0.8
"""A thread that ran for less than this share of the time was kept waiting: by a file, by its user, or for a core."""
_SLOWER = 4.0
"""A product is told of that takes so many times as long as it would on one thread."""
_ALLOWED_THREADS = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS")


class BusyWarning(UserWarning):
    """Matrix products take many times as long as they should, since other programs hold the cores of their threads."""


class Lookout:
    """Looks at the clocks when a program has run some times, and says once what it sees.

    Args:
        clocks: the seconds that passed, and those in which this thread ran.
        slowness: how many times as long as on one thread a product takes.

    Attributes:
        seconds: how long it waits until it looks again; twice as long each time that products turned out well.
        done: whether it has spoken.
    """

    def __init__(self, clocks: Callable[[], tuple[float, float]], slowness: Callable[[], float]) -> None:
        self.clocks, self.slowness = clocks, slowness
        self.seconds, self.done = 0.3, False
        self._last: tuple[int, float, float] = (0, 0.0, 0.0)

    def look(self, _program: Any) -> None:
        """Called with each program that is warm."""
        if self.done:
            return
        thread, (now, ran) = threading.get_ident(), self.clocks()
        last_thread, last, ran_before = self._last
        if thread == last_thread and now - last < self.seconds:
            return
        self._last = thread, now, ran
        if thread == last_thread and ran - ran_before < _SHARE * (now - last):
            self._tell(self.slowness())

    def _tell(self, slower: float) -> None:
        self.seconds *= 2
        if slower < _SLOWER:
            return
        self.done = True
        warn(
            f"matrix products take {slower:.0f} times as long as on one thread: NumPy's BLAS shares them among "
            "threads, which wait for cores that other programs hold. Set OPENBLAS_NUM_THREADS=1 before Python starts, "
            "or call threadpoolctl.threadpool_limits(1); docs/performance.md tells what that brings",
            BusyWarning,
        )


def clocks() -> tuple[float, float]:
    """Seconds that passed, and those in which this thread ran."""
    return perf_counter(), thread_time()


def slowness() -> float:
    """The time of a product just large enough to be shared among threads, over that of the same arithmetic in products
    that are too small for it; 1 where the user has allowed one thread alone."""
    if any(os.environ.get(name) == "1" for name in _ALLOWED_THREADS):
        return 1.0  # whatever the clocks say: this process as a whole waits for a core
    return _time_of_products(1, 256) / _time_of_products(512, 32)


def _time_of_products(count: int, size: int) -> float:
    x = np.ones((count, size, size), np.float32)
    result, times = np.empty_like(x), []
    for _ in range(5):
        began = perf_counter()
        np.matmul(x, x, result)
        times.append(perf_counter() - began)
    return sorted(times)[len(times) // 2]


warm.when_warm.append(Lookout(clocks, slowness).look)
