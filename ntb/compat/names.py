"""The names and lines of the user's program: `w` for what `w = ntb.Variable(...)` made."""

from __future__ import annotations

import ast
import linecache
import os
import sys
from collections import deque
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from pathlib import Path
from types import FrameType
from typing import Any

from ..replay.names import reading

DIRECT = frozenset({"__init__", "operator", "reflected", "node_of", "__pow__", "__rpow__", "__getitem__", "dot", "sum",
                    "mean", "__array_ufunc__", "__array_function__"})  # fmt: skip
"""Functions between a program and its node, of which none makes another: what an expression calls or stands for."""
HERE = str(Path(__file__).parent) + os.sep
Span = tuple[int | None, int | None, int | None, int | None]  # first line, last line, first column, last column


class Line(tuple):
    """File and line of the program where a node is made, and the span of the expression that makes it.

    No two are equal, as one line may make several nodes.
    """

    span: Span | None
    direct: bool
    """Whether the program itself called the node's constructor or operator: then the node is the expression's value."""
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
    line.direct = direct
    positions = getattr(frame.f_code, "co_positions", None)  # Python 3.10 knows lines only
    line.span = next(islice(positions(), frame.f_lasti // 2, None)) if positions else None
    return line


@lru_cache(maxsize=64)
def assigned(source: str) -> dict[Any, tuple[str, ...]]:
    """By the span of an expression, the name that it is assigned to; several, if it is unpacked.

    By number also those lines that make up a single assignment, for Pythons that know no more.
    """
    try:
        with reading:
            tree = ast.parse(source)
    except SyntaxError:
        return {}
    found: dict[Any, tuple[str, ...]] = {}
    lines: dict[int, set[tuple[str, ...]]] = {}
    for node in ast.walk(tree):
        for span, names in assignments(node):
            found[span] = names
        if names := next((names for _, names in assignments(node)), ()):
            found.update((span, names) for span in spans_of_chain(getattr(node, "value", None)))
        if isinstance(node, ast.stmt) and not isinstance(node, compound):
            names = next((names for _, names in assignments(node)), ())
            for line in range(node.lineno, (node.end_lineno or node.lineno) + 1):
                lines.setdefault(line, set()).add(names)
    return found | {line: names for line, (names, *others) in lines.items() if names and not others}


compound = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.With, ast.AsyncWith, ast.For, ast.AsyncFor, ast.If)


def assignments(node: ast.AST) -> Iterator[tuple[Span, tuple[str, ...]]]:
    """The spans of expressions that a statement assigns, each with its name or names."""
    if isinstance(node, ast.AugAssign):
        yield span_of(node), names_of(node.target)
    elif isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr) and node.value is not None:
        target: Any = node.targets[0] if isinstance(node, ast.Assign) else node.target
        several = isinstance(target, ast.Tuple | ast.List)
        if several and isinstance(node.value, ast.Tuple | ast.List) and len(node.value.elts) == len(target.elts):
            yield from ((span_of(x), names_of(t)) for t, x in zip(target.elts, node.value.elts))
            return
        yield span_of(node.value), names_of(target)
        if several:
            yield span_of(target), names_of(target)  # where the interpreter unpacks a node


def spans_of_chain(node: Any) -> Iterator[Span]:
    """Where the interpreter places a call whose method stands in a later line than what it is called on."""
    method = getattr(node, "func", None)
    if isinstance(method, ast.Attribute) and method.end_lineno != node.lineno and method.end_col_offset:
        begin = method.end_col_offset - len(method.attr)
        for end in (node.end_col_offset, method.end_col_offset):
            yield method.end_lineno, node.end_lineno, begin, end


def span_of(node: Any) -> Span:
    return node.lineno, node.end_lineno, node.col_offset, node.end_col_offset


def names_of(target: ast.AST) -> tuple[str, ...]:
    """What a target is called: `w` in `w = …` and in `self.w = …`; all names in order if it is several."""
    if isinstance(target, ast.Tuple | ast.List):
        return tuple([(*names_of(part), "")[0] for part in target.elts])
    name = target.id if isinstance(target, ast.Name) else target.attr if isinstance(target, ast.Attribute) else ""
    return (name,) if name.strip("_") else ()


def is_unpacked(names: tuple[str, ...]) -> bool:
    return len(names) > 1


class Names:
    """The names of a graph's nodes, each given once."""

    def __init__(self) -> None:
        self.taken = {"self"}  # which cannot be the name of an argument
        self.last: dict[Any, Any] = {}
        self.unnamed: deque[Any] = deque()

    def made(self, node: Any) -> None:
        if node.line is not None:
            self.last[node.line[0], node.line.span or node.line[1]] = node

    def of_node(self, node: Any) -> str | None:
        """What the user names it, or what the statement that made it assigns it to.

        The last node that an expression makes is its value.
        """
        line = node.line
        if line is None or node.asked:
            return node.asked
        names = assigned("".join(linecache.getlines(line[0]))).get(line.span or line[1], ())
        if is_unpacked(names):
            return names[node.part] or None if node.part is not None and node.part < len(names) else None
        is_value = (line.direct and line.span) or self.last.get((line[0], line.span or line[1])) is node
        return names[0] if names and is_value else None

    def give(self, node: Any, order: dict[Any, int]) -> None:
        """Name a node, after all that were made before it, so that their order decides and not who asks first."""
        while node._name is None and self.unnamed:
            first = self.unnamed.popleft()
            if first._name is None:
                first._name = self.choose(first, order[first])
        if node._name is None:  # while it is made
            node._name = self.choose(node, len(order))

    def choose(self, node: Any, number: int) -> str:
        """A name for a node, which no other has."""
        given = node.role if node.part is None else None  # such as `lr`, which an Optim makes for itself
        return self.unique(given or self.of_node(node) or node.role or f"{node.kind.lower()}_{number}")

    def unique(self, wanted: str) -> str:
        """The name, or with a number behind it, if another node has it."""
        name, count = wanted, 1
        while name in self.taken:
            count += 1
            name = f"{wanted}_{count}"
        self.taken.add(name)
        return name


def parts(*nodes: Any, **roles: Any) -> tuple[Any, ...]:
    """What a layer function returns: an unpacking assignment names each part, else variables have their role's name."""
    for part, node in enumerate((*nodes, *roles.values())):
        node.part = part
    for role, node in roles.items():
        node.role = role
    return (*nodes, *roles.values())
