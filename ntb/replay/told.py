"""Python's profiler, put to another use for a while: it tells a function of each call and each return."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any


@contextmanager
def told_of_calls(watch: Callable[[FrameType, str, Any], None]) -> Iterator[None]:
    """A block in which Python tells `watch` of calls, as `sys.setprofile` has it; then who was told before is again."""
    before: Any = sys.getprofile()
    sys.setprofile(watch)
    try:
        yield
    finally:
        sys.setprofile(None)
        if hasattr(before, "enable"):  # cProfile, which `sys.setprofile` cannot put back
            before.enable()
        else:
            sys.setprofile(before)
