"""The names of nodes, which are those of the user's program: `w` for what `w = ntb.Variable(...)` made."""

from __future__ import annotations

import linecache
import os
import sys
from collections import deque
from itertools import count, islice
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np

from ..naming import TakenNames, assigned

DIRECT = frozenset(
    ["__init__", "func", "__pow__", "__getitem__", "dot", "sum", "mean", "__array_ufunc__", "__array_function__"]
)
"""Functions between a program and its node, of which none makes another: what an expression calls or stands for."""
HERE = tuple([str(Path(file).parent) + os.sep for file in (__file__, np.__file__)])  # whose operators nodes have


class Line(tuple):
    """File and line of the program where a node is made. No two are equal, as one line may make several nodes."""

    place: tuple[str, Any]  # the file with the span of the expression that makes the node; in Python 3.10 with the line
    direct: bool  # whether the node is the value of this expression, as no function stands between
    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        return self is other


def user_line() -> Line | None:
    """The place in the program that is making a node."""
    frame: FrameType | None = sys._getframe(1)
    direct = True
    while frame is not None and frame.f_code.co_filename.startswith(HERE):
        direct = direct and frame.f_code.co_name in DIRECT
        frame = frame.f_back
    if frame is None:
        return None
    line = Line((frame.f_code.co_filename, frame.f_lineno))
    positions = getattr(frame.f_code, "co_positions", None)
    line.place = line[0], next(islice(positions(), frame.f_lasti // 2, None)) if positions else line[1]
    line.direct = direct and positions is not None
    return line


class Names:
    """The names of a graph's nodes, each given once."""

    def __init__(self) -> None:
        self.taken = TakenNames(["self"])  # which cannot be the name of an argument
        self.last: dict[Any, Any] = {}  # the node that each place made last, which is the value of its expression
        self.unnamed: deque[Any] = deque()
        self.numbers = count()

    def made(self, node: Any) -> None:
        """A node is being made."""
        self.unnamed.append(node)
        if node.line is not None:
            self.last[node.line.place] = node

    def of_node(self, node: Any) -> str | None:
        """What the user names it, or what the statement that made it assigns it to."""
        line = node.line
        if line is None or node.asked:
            return node.asked
        file, place = line.place
        names = assigned("".join(linecache.getlines(file))).get(place, ())
        if len(names) > 1:
            return names[node.part] or None if node.part is not None and node.part < len(names) else None
        return names[0] if names and (line.direct or self.last.get(line.place) is node) else None

    def give(self, node: Any) -> None:
        """Name a node, after all that were made before it, so that their order decides and not who asks first."""
        while node._name is None and self.unnamed:
            first, number = self.unnamed.popleft(), next(self.numbers)
            if first._name is None:
                role = first.role if first.part is None else None  # such as `lr`, which an Optim makes for itself
                name = role or self.of_node(first) or first.role or f"{first.kind.lower()}_{number}"
                first._name = self.taken.take(name)


def parts(*nodes: Any, **roles: Any) -> tuple[Any, ...]:
    """What a layer function returns: an unpacking assignment names each part, else variables have their role's name."""
    for part, node in enumerate((*nodes, *roles.values())):
        node.part = part
    for role, node in roles.items():
        node.role = role
    return (*nodes, *roles.values())
