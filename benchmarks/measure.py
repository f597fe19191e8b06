"""Times of a step, and the memory that it needs."""

from __future__ import annotations

import gc
import statistics
import threading
import time
import tracemalloc
import unittest.mock
from collections.abc import Callable
from typing import Any

import numpy as np

from .problem import Step

SHORTEST = 1e-3
"""Seconds that a sample lasts at least: shorter steps are timed several at once."""


def numbers(result: Any) -> list[float]:
    """The result of a step as plain numbers to compare: of an array, the mean of its absolute values."""
    parts = result if isinstance(result, list | tuple) else [result]
    if parts and hasattr(parts[0], "detach"):
        parts = [part.detach() for part in parts]
    return [float(np.mean(np.abs(np.asarray(part)))) for part in parts]


def first_calls(step: Step, count: int = 3) -> list[float]:
    """Milliseconds of the first calls, among which a compiler has its work."""
    times = []
    for _ in range(count):
        began = time.perf_counter()
        numbers(step())
        times.append(1e3 * (time.perf_counter() - began))
    return times


def until_compiled(step: Step, seconds: float = 1.2) -> None:
    """Call a step until the loops of its program have been compiled in the background (ntb/compiled/tiers.py)."""
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        step()
    for thread in threading.enumerate():
        if thread.name == "ntb-compile":
            thread.join()


def samples(step: Step, wait: Callable[[Any], Any], seconds: float) -> list[float]:
    """Milliseconds per step, again and again for so many seconds, five times at least (three if a step takes long)."""
    clock = time.perf_counter
    began = clock()
    wait(step())
    single = clock() - began
    each = max(1, min(200, round(SHORTEST / max(single, 1e-7))))
    for _ in range(2 * each if single < 0.1 else 0):
        wait(step())
    found: list[float] = []
    end = clock() + seconds
    while clock() < end or len(found) < (5 if single < 0.2 else 3):
        began = clock()
        for _ in range(each):
            result = step()
        wait(result)
        found.append(1e3 * (clock() - began) / each)
    return found


def beyond_replay(one: Step, other: Step, seconds: float) -> float:
    """Milliseconds that one function spends outside of `Executable.replay` more than another does, called by turns.

    Of the medians. What the replay itself takes varies by more than what is around it, and so is taken off each call.
    """
    from ntb.replay.executable import Executable  # not where peers are measured

    clock, replay, within = time.perf_counter, Executable.replay, 0.0

    def timed(self: Any, leaves: list[Any]) -> Any:
        nonlocal within
        began = clock()
        try:
            return replay(self, leaves)
        finally:
            within += clock() - began

    times: tuple[list[float], list[float]] = ([], [])
    end = clock() + seconds
    with unittest.mock.patch.object(Executable, "replay", timed):
        while clock() < end or len(times[0]) < 10:
            for f, found in zip((one, other), times):
                within, began = 0.0, clock()
                f()
                found.append(clock() - began - within)
    return 1e3 * (statistics.median(times[0]) - statistics.median(times[1]))


def no_wait(result: Any) -> None:
    """What is computed at once needs no waiting for."""


def summary(times: list[float]) -> float:
    """The median."""
    return statistics.median(times)


def arrays_bytes() -> int:
    """Bytes in arrays now, while memory is traced."""
    of_arrays = tracemalloc.DomainFilter(inclusive=True, domain=np.lib.tracemalloc_domain)
    return sum(trace.size for trace in tracemalloc.take_snapshot().filter_traces([of_arrays]).traces)


def step_memory(make: Callable[[], Step], standing: int = 0) -> dict[str, int]:
    """Bytes that a step needs.

    Args:
        make: builds the model and its step.
        standing: bytes of the arrays that there are between steps in any case: parameters and the optimizer's state.

    Returns:
        "standing": bytes of arrays between steps. "peak": how much more than `standing` arrays there are at most: what
        is kept between steps beyond it (such as the planned memory of a program), and what a step allocates.
    """
    gc.collect()
    tracemalloc.start()
    try:
        step = make()
        for _ in range(3):
            step()
        gc.collect()
        needed = min(_needed(step) for _ in range(6))  # more where one is checked, or loops are fetched beside it
        arrays = arrays_bytes()
    finally:
        tracemalloc.stop()
    return {"standing": arrays, "peak": needed + (arrays - standing if standing else 0)}


def _needed(step: Step) -> int:
    """Bytes that a step allocates at most, while memory is traced."""
    tracemalloc.reset_peak()
    before, _ = tracemalloc.get_traced_memory()
    step()
    return tracemalloc.get_traced_memory()[1] - before
