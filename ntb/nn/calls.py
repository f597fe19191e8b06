"""Which parts of a model are being called, as Python's profiler tells of calls and returns."""

from __future__ import annotations

from collections.abc import Callable
from types import FrameType
from typing import Any, NamedTuple

from ..replay.layers import CALLS
from ..replay.told import told_of_calls


class Call(NamedTuple):
    """A call of a part of a model. Each is another one."""

    part: Any
    number: int


class Calls:
    """A block that knows which parts of a model are being called in it.

    Args:
        kind: the class that parts are of.
        returned: called with each call and what it gave.

    Attributes:
        running: the calls, the outermost first.
    """

    def __init__(self, kind: type, returned: Callable[[Call, Any], None]) -> None:
        self.kind = kind
        self.returned = returned
        self.running: list[Call] = []
        self._frames: list[FrameType] = []
        self._count = 0

    def __enter__(self) -> Calls:
        self._told = told_of_calls(self._watch)
        self._told.__enter__()
        return self

    def __exit__(self, *exception: Any) -> None:
        self._told.__exit__(*exception)

    def _watch(self, frame: FrameType, event: str, result: Any) -> None:
        if event == "call" and frame.f_code.co_name in CALLS:
            called = frame.f_locals.get("self")
            if isinstance(called, self.kind):
                part = vars(called).get("_copied_from", called)
                if not any(call.part is part for call in self.running):  # else it is the call of its base class
                    self._count += 1
                    self._frames.append(frame)
                    self.running.append(Call(part, self._count))
        elif event == "return" and self._frames and self._frames[-1] is frame:
            self._frames.pop()
            self.returned(self.running.pop(), result)
