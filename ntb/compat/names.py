"""The names and lines of the user's program: `w` for what `w = ntb.Variable(...)` made."""

from __future__ import annotations

import linecache
import re
import sys
from pathlib import Path
from types import FrameType
from typing import Any

HERE = str(Path(__file__).parent)
TARGET = re.compile(r"\s*(?:\w+\.)*(\w+)\s*(?::[^=]+)?=(?!=)")
TARGET_OF_CALL = re.compile(TARGET.pattern + r"\s*[\w.]+\(")
Line = tuple[str, int]


def user_line() -> Line | None:
    """File and line of the program that is making a node."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith(HERE):
        frame = frame.f_back
    return (frame.f_code.co_filename, frame.f_lineno) if frame is not None else None


def name_where_made(node: Any) -> str | None:
    """What the line that calls the node's constructor assigns it to; that line may be one of a layer function."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_locals.get("self") is node:
        frame = frame.f_back
    return target((frame.f_code.co_filename, frame.f_lineno), TARGET_OF_CALL) if frame is not None else None


def target(line: Line | None, pattern: re.Pattern[str] = TARGET) -> str | None:
    """The single name that a line of source assigns to, if it does."""
    found = pattern.match(linecache.getline(*line)) if line else None
    return found[1] if found else None


class Names:
    """The names of a graph's nodes, each given once."""

    def __init__(self) -> None:
        self.taken = {"self"}  # which cannot be the name of an argument
        self.last: dict[Any, Any] = {}

    def made(self, node: Any) -> None:
        self.last[node.line] = node

    def of_line(self, node: Any) -> str | None:
        """What the line that made the node assigns to, if it made no other after it."""
        line = node.line
        return target(line) if self.last.get(line) is node else None

    def choose(self, node: Any, number: int) -> str:
        """A name for a node, which no other has."""
        name = wanted = node.own_name or self.of_line(node) or f"{node.kind.lower()}_{number}"
        count = 1
        while name in self.taken:
            count += 1
            name = f"{wanted}_{count}"
        self.taken.add(name)
        return name
