"""Layers: which part of a model made a call of a program, for pictures and pages that show them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from types import CodeType, FrameType
from typing import Any

CALLS = ("__call__", "along")
"""The methods by which parts of a model are called; a recurrent layer's directions, by `along`."""
_DEEP = 3
"""Steps from a part to one of its own: an attribute, and items of containers in it."""


def called_parts(frame: FrameType | None, end: CodeType | None) -> list[Any]:
    """The parts of a model whose calls run in this frame and those above it up to the traced function, from the whole
    to the innermost part."""
    found: list[Any] = []
    while frame is not None and frame.f_code is not end:
        if frame.f_code.co_name in CALLS:
            part = frame.f_locals.get("self")
            if hasattr(type(part), "named_variables") and not (found and found[-1] is part):
                found.append(part)
        frame = frame.f_back
    return found[::-1]


class LayerNames:
    """What parts of models are called: "Sequential" for the whole, "layers.0 Linear" for a part of it."""

    def __init__(self) -> None:
        self._found: dict[tuple[int, ...], tuple[str, ...]] = {}

    def of(self, parts: Sequence[Any]) -> tuple[str, ...]:
        """The names of parts, each of which belongs to the one before."""
        if not parts:
            return ()
        key = tuple(map(id, parts))
        if key not in self._found:
            owners = (None, *parts)
            self._found[key] = tuple([_named(owner, part) for owner, part in zip(owners, parts)])
        return self._found[key]


def _named(owner: Any, part: Any) -> str:
    kind = type(part).__name__
    return kind if owner is None else f"{_path(owner, part)} {kind}".strip()


def _path(owner: Any, part: Any) -> str:
    """Where a part is found in its owner: `layers.0`; nothing if it is not there."""
    rows: list[tuple[str, Any]] = [(name, x) for name, x in vars(owner).items()]
    for _ in range(_DEEP):
        for path, x in rows:
            if x is part:
                return path
        rows = [(f"{path}.{key}", item) for path, x in rows for key, item in _items(x)]
    return ""


def _items(x: Any) -> Iterable[tuple[Any, Any]]:
    return x.items() if isinstance(x, dict) else enumerate(x) if isinstance(x, list | tuple) else ()
