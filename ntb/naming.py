"""What a program calls its values: the names to which its source assigns them."""

from __future__ import annotations

import ast
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

_Span = tuple[int | None, int | None, int | None, int | None]  # first line, last line, first column, last column

reading = threading.RLock()
"""Held while source is read: `ast.parse` is not thread-safe before Python 3.11.8 and 3.12.2 (its error is
"AST constructor recursion depth mismatch"), and neither is the cache of lines that `inspect` uses."""


@lru_cache(maxsize=64)
def assigned(source: str) -> dict[_Span | int, tuple[str, ...]]:
    """By the span of an expression, the name that it is assigned to; several names, if it is unpacked.

    By number also each line whose statements assign to one name only, for who knows no more than the line.

    >>> found = assigned("w = f(x)")
    >>> found[1], found[1, 1, 4, 8]
    (('w',), ('w',))
    """
    try:
        with reading:
            tree = ast.parse(source)
    except SyntaxError:
        return {}
    found: dict[_Span | int, tuple[str, ...]] = {}
    lines: dict[int, set[tuple[str, ...]]] = defaultdict(set)
    for node in ast.walk(tree):
        names: tuple[str, ...] = ()
        for expression, names in _assignments(node):
            found.update((span, names) for span in _spans(expression))
        if isinstance(node, ast.stmt) and not hasattr(node, "body") and not hasattr(node, "cases"):
            for line in range(node.lineno, (node.end_lineno or node.lineno) + 1):
                lines[line].add(names)
    return found | {line: names for line, (names, *others) in lines.items() if names and not others}


def _assignments(node: Any) -> Iterator[tuple[Any, tuple[str, ...]]]:
    """The expressions that a statement assigns, each with its name or names."""
    if isinstance(node, ast.AugAssign):
        yield node, _names_of(node.target)  # the interpreter computes x + y where `x += y` stands
    elif isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr) and node.value is not None:
        target: Any = node.targets[0] if isinstance(node, ast.Assign) else node.target
        parts, values = getattr(target, "elts", None), getattr(node.value, "elts", ())
        if parts and len(parts) == len(values):
            yield from zip(values, map(_names_of, parts))
        else:
            yield node.value, _names_of(target)
            if parts:
                yield target, _names_of(target)  # where the interpreter unpacks the value


def _names_of(target: Any) -> tuple[str, ...]:
    """What a target is called: `w` in `w = …` and in `self.w = …`; all names in order if it is several."""
    if isinstance(target, ast.Tuple | ast.List):
        return tuple([(*_names_of(part), "")[0] for part in target.elts])
    name: str = getattr(target, "id", "") or getattr(target, "attr", "")
    return (name,) if name.strip("_") else ()


def _spans(node: Any) -> Iterator[_Span]:
    """Where an expression stands, and where the interpreter places a method that is called in a later line."""
    yield node.lineno, node.end_lineno, node.col_offset, node.end_col_offset
    method = getattr(node, "func", None)
    if isinstance(method, ast.Attribute) and method.end_lineno != node.lineno and method.end_col_offset:
        begin = method.end_col_offset - len(method.attr)
        for end in (node.end_col_offset, method.end_col_offset):
            yield method.end_lineno, node.end_lineno, begin, end


class TakenNames:
    """Names that are in use, each once.

    >>> names = TakenNames(["self"])
    >>> names.take("w"), names.take("w"), names.take("w_2"), names.take("w")
    ('w', 'w_2', 'w_2_2', 'w_3')
    """

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._counts = dict.fromkeys(names, 1)  # the last number behind each, where a thousand may be alike

    def take(self, wanted: str) -> str:
        """The name, or with a number behind it, if it is taken."""
        name, count = wanted, self._counts.get(wanted, 0)
        while name in self._counts:
            count += 1
            name = f"{wanted}_{count}"
        self._counts[name] = 1
        self._counts[wanted] = max(count, 1)
        return name
