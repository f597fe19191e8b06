"""The names and lines of the user's program: `w` for what `w = ntb.Variable(...)` made."""

from __future__ import annotations

import linecache
import re
import sys
from collections import Counter
from pathlib import Path
from types import FrameType
from typing import Any

HERE = str(Path(__file__).parent)
TARGET = re.compile(r"\s*(?:\w+\.)*(\w+)\s*(?::[^=]+)?=(?!=)")
CALL = re.compile(TARGET.pattern + r"\s*[\w.]+\(")
TARGETS = re.compile(r"\s*(\w+(?:\s*,\s*\w+)+)\s*=(?!=)")
Location = tuple[str, int]


def user_line() -> Location | None:
    """File and line of the program that is making a node."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith(HERE):
        frame = frame.f_back
    return (frame.f_code.co_filename, frame.f_lineno) if frame is not None else None


def constructors(kind: type) -> set[Any]:
    """The code of a class's constructor, and of those that it inherits and may call."""
    return {getattr(vars(base).get("__init__"), "__code__", None) for base in kind.__mro__} - {None}


def target(line: Location | None, pattern: re.Pattern[str] = TARGET) -> str | None:
    """The single name that a line of source assigns to, if it does."""
    found = pattern.match(linecache.getline(*line)) if line else None
    return found[1] if found else None


class Names:
    """The names of a graph's nodes, each given once."""

    def __init__(self) -> None:
        self.taken = {"self"}  # which cannot be the name of an argument
        self.last: dict[Any, Any] = {}
        self.leaves: Counter[Any] = Counter()

    def of_leaf(self, node: Any) -> str | None:
        """What the line that calls a constructor assigns to: `w = Variable(...)`, `x, y = Placeholder(), Variable()`.

        It may be a line of a layer function of this package.
        """
        frame: FrameType | None = sys._getframe(1)
        codes = constructors(type(node))
        while frame is not None and frame.f_code in codes:
            frame = frame.f_back
        if frame is None:
            return None
        line = (frame.f_code.co_filename, frame.f_lineno)
        several = target(line, TARGETS)
        if several is None:
            return target(line, CALL)
        names = [name.strip() for name in several.split(",")]
        self.leaves[line] += 1
        return names[(self.leaves[line] - 1) % len(names)]

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
