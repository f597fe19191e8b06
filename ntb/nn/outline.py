"""The outline of a model: its parts as text, and as a table for notebooks."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator
from typing import Any, NamedTuple

from ..random import Generator
from ..state import items_of
from ..variable import Variable

_BRANCHES = (list, tuple, deque, dict)


class _Part(NamedTuple):
    """A part of a model: a Module, or a function.

    Attributes:
        depth: how many Modules it is within; name: as the innermost of them calls it.
        what: the part.
        again: whether it was met before.
    """

    depth: int
    name: str
    what: Any
    again: bool


def _parts(model: Any, module: Any) -> Iterator[_Part]:
    """The parts of a model, in the order of its attributes. They may be held in several places, and refer to each
    other; what is within one is told once."""
    shown = {id(model)}
    stack = [(1, name, child) for name, child in items_of(model)][::-1]
    while stack:
        depth, name, child = stack.pop()
        if isinstance(child, (module, *_BRANCHES)):
            below = list(items_of(child))
            again = id(child) in shown and any(isinstance(part, (module, *_BRANCHES)) for _, part in below)
            shown.add(id(child))
            if isinstance(child, module):
                yield _Part(depth, str(name), child, again)
                inner = [(depth + 1, key, part) for key, part in below]
            else:
                inner = [(depth, f"{name}.{key}", part) for key, part in below]
            stack.extend([] if again else inner[::-1])
        elif callable(child) and not isinstance(child, (Variable, Generator)):
            yield _Part(depth, str(name), child, False)


def parts_of(model: Any, module: Any) -> list[tuple[str, int, Any]]:
    """The model and its Modules, each once: how it is called in the part that it belongs to, and how deep that is."""
    found = {id(model): ("", 0, model)}
    for depth, name, what, _ in _parts(model, module):
        if isinstance(what, module):
            found.setdefault(id(what), (name, depth, what))
    return list(found.values())


def as_text(model: Any, module: Any) -> str:
    """A line for each part, with what it says of itself."""
    lines = [f"{type(model).__name__}({model.describe()})"]
    for depth, name, what, again in _parts(model, module):
        kind = _kind(what, module)
        told = f"(the {kind} above)" if again else f"{kind}({what.describe()})" if isinstance(what, module) else kind
        lines.append(f"{'  ' * depth}{name}: {told}")
    return "\n".join(lines)


def as_html(model: Any, module: Any) -> str:
    """A table of the parts, with how many numbers each has of its own, and how many of them are not trained."""
    from ..markup.pieces import table, titled

    rows: list[tuple[str, ...]] = []
    known: dict[int, Variable] = {}
    for depth, name, what, again in [_Part(0, "", model, False), *_parts(model, module)]:
        own = [v for _, v in items_of(what) if isinstance(v, Variable)] if isinstance(what, module) else []
        known.update((id(v), v) for v in own)
        told = "as above" if again else what.describe() if isinstance(what, module) else ""
        rows.append((f"{'  ' * depth}{name}", _kind(what, module), told, _numbers(own)))
    total = f"{_numbers(list(known.values())) or 'no'} parameters"
    return titled(type(model).__name__, table(["part", "kind", "details", "parameters"], rows), facts=[total])


def _kind(what: Any, module: Any) -> str:
    return type(what).__name__ if isinstance(what, module) else getattr(what, "__name__", str(what))


def _numbers(variables: list[Variable]) -> str:
    trained = sum(math.prod(v.shape) for v in variables if v.trainable)
    others = sum(math.prod(v.shape) for v in variables if not v.trainable)
    return " + ".join([*[f"{trained:,}"] * bool(trained), *[f"{others:,} not trained"] * bool(others)])
