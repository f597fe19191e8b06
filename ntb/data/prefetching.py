"""Prefetch: batches that a thread reads ahead, while the last ones are trained on."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from typing import Any

from ..errors import InputError
from .epochs import Epochs, Wrapper, epoch_of


class _Prefetched(Wrapper):
    def __init__(self, batches: Any, ahead: int) -> None:
        super().__init__(batches, "prefetch")
        self.ahead = ahead

    def epoch(self, number: int, start: int = 0) -> Iterator[Any]:
        found, _ = epoch_of(self.batches, number, start)  # which draws the order now, not in the thread
        return _read_ahead(found, self.ahead)


def prefetch(batches: Any, ahead: int = 2) -> Epochs:
    """The same batches, up to `ahead` of which a thread takes before they are asked for.

    For batches that are slow to come: read from a disk, unpacked, augmented. An error arrives where its batch is asked
    for. Who stops asking stops the thread. What the batches draw, they draw before their time: let it follow from a
    seed and their number, as `augmented` does, so that the numbers do not depend on when the thread ran.

    Args:
        batches: `batches` and its kin, an iterable of any items, or a function that returns one for each epoch.
        ahead: how many may wait, a whole number, 1 or more.

    Returns:
        Something to iterate over, with `epoch(number, start)`, and a length where `batches` have one.

    Raises:
        InputError: something else in the place of batches, another `ahead`; and what the batches raise.

    >>> list(prefetch(range(3)))
    [0, 1, 2]
    """
    if not isinstance(ahead, int) or ahead < 1:
        raise InputError(f"prefetch reads a whole number of items ahead, 1 or more, not {ahead!r}")
    return _Prefetched(batches, ahead)


def _read_ahead(found: Iterator[Any], ahead: int) -> Iterator[Any]:
    waiting: queue.Queue[tuple[str, Any]] = queue.Queue(ahead)
    stopped = threading.Event()

    def read() -> None:
        try:
            for item in found:
                waiting.put(("item", item))
                if stopped.is_set():
                    return
            waiting.put(("end", None))
        except BaseException as error:
            waiting.put(("error", error))

    threading.Thread(target=read, name="ntb-prefetch", daemon=True).start()
    try:
        while True:
            kind, what = waiting.get()
            if kind == "error":
                raise what
            if kind == "end":
                return
            yield what
    finally:
        stopped.set()
        while not waiting.empty():  # makes room for the one item that the thread may hold; it looks at the event then
            waiting.get()
