"""Prefetch: batches that a thread reads ahead, while the last ones are trained on."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterable, Iterator
from typing import Any

from ..errors import InputError


def prefetch(source: Iterable[Any], ahead: int = 2) -> Iterator[Any]:
    """The same items, of any type, up to `ahead` of which a thread takes before they are asked for.

    For batches that are slow to come: read from a disk, unpacked, augmented. An error in the source arrives where its
    item is asked for. Who stops asking stops the thread after the items that it holds.

    Args:
        source: an iterable, such as `batches(...)`.
        ahead: how many items may wait, a whole number, 1 or more.

    Raises:
        InputError: another `ahead`; and what the source raises.

    >>> list(prefetch(range(3)))
    [0, 1, 2]
    """
    if not isinstance(ahead, int) or ahead < 1:
        raise InputError(f"prefetch reads a whole number of items ahead, 1 or more, not {ahead!r}")
    return _taken(source, ahead)


def _taken(source: Iterable[Any], ahead: int) -> Iterator[Any]:
    waiting: queue.Queue[tuple[str, Any]] = queue.Queue(ahead)
    stopped = threading.Event()

    def put(kind: str, what: Any) -> None:
        while not stopped.is_set():
            try:
                return waiting.put((kind, what), timeout=0.1)
            except queue.Full:
                continue

    def read() -> None:
        try:
            for item in source:
                put("item", item)
                if stopped.is_set():
                    return
            put("end", None)
        except BaseException as error:
            put("error", error)

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
