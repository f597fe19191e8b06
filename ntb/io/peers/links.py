"""Links: the table applied to a whole model, layer by layer, with the full names of both sides."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from functools import reduce
from typing import Any, NamedTuple

import numpy as np

from ...errors import InputError
from ...nn.module import Module
from ...state import items_of, named_variables
from ...variable import Variable
from .changes import SAME, Change
from .table import Line, Peer


class Link(NamedTuple):
    """Variables of a model, and the full names of the arrays in which its peer has their numbers."""

    variables: list[Variable]
    theirs: list[str]
    change: Change

    def values(self) -> dict[str, np.ndarray]:
        """The arrays that the peer would have."""
        return dict(zip(self.theirs, _several(self.change.to_theirs(*[v.value for v in self.variables]))))

    def to_ours(self, arrays: Mapping[str, np.ndarray]) -> dict[Variable, np.ndarray]:
        """The values of the Variables, from the peer's arrays by their full names."""
        return dict(zip(self.variables, _several(self.change.to_ours(*[arrays[name] for name in self.theirs]))))


def _several(arrays: Any) -> Any:
    return arrays if isinstance(arrays, list | tuple) else [arrays]


def links(model: Any, peer: Peer) -> list[Link]:
    """All links of a model, in the order of its attributes.

    A layer that the table knows has the table's names behind the path that leads to it; Variables of one's own layers
    have their own.

    Raises:
        InputError: there is a layer of ntb's with Variables of which the table says nothing; or nothing at all.
    """
    found: list[Link] = []
    stack: list[tuple[str, Any, frozenset[int]]] = [("", model, frozenset())]
    while stack:
        path, item, above = stack.pop()
        lines = _lines_of(item, peer)
        if lines is not None:
            found += [link for line in lines if (link := _link(item, path, line)) is not None]
        elif isinstance(item, Variable):
            found.append(Link([item], [path], SAME))
        elif isinstance(item, Module | Mapping | list | tuple | deque) and id(item) not in above:
            names = next((peer.parts[base] for base in type(item).__mro__ if base in peer.parts), {})
            parts = [(_joined(path, names.get(str(key), str(key))), part) for key, part in items_of(item)]
            stack += [(name, part, above | {id(item)}) for name, part in reversed(parts)]
    _check_complete(found, model, peer)
    return found


def _check_complete(found: list[Link], model: Any, peer: Peer) -> None:
    """Raise InputError if there is a Variable of the model in no link, or no link."""
    linked = {variable for link in found for variable in link.variables}
    left = [name for name, v in named_variables(model).items() if isinstance(v, Variable) and v not in linked]
    if left or not found:
        raise InputError(
            f"{', '.join(left) or f'this {type(model).__name__}'}: nothing is known of arrays of {peer.name}'s for "
            f"{'it' if len(left) < 2 else 'them'}; load the other layers one by one, and assign these by hand"
        )


def _kind(item: Any) -> type:
    """The class of ntb's that a layer is of, or which it extends."""
    return next((base for base in type(item).__mro__ if base.__module__.startswith("ntb.nn.")), type(item))


def _lines_of(item: Any, peer: Peer) -> list[Line] | None:
    """The table's lines for a layer; None for what is no layer, or made of layers, or the user's own."""
    kind = _kind(item)
    if kind in peer.lines:
        lines = peer.lines[kind]
        return lines(item) if callable(lines) else lines
    own = kind is not Module and isinstance(item, Module) and any(isinstance(v, Variable) for _, v in items_of(item))
    return [] if own else None


def _link(layer: Any, path: str, line: Line) -> Link | None:
    """The link that a line makes of a layer; None where it has no such Variable, as a layer without a bias."""
    variables = [reduce(_part, name.split("."), layer) for name in line.ours.split()]
    if variables[0] is None:
        return None
    return Link(variables, [_joined(path, name) for name in line.theirs.split()], line.change)


def _part(item: Any, name: str) -> Any:
    return item[int(name)] if isinstance(item, list) else getattr(item, name)


def _joined(path: str, name: str) -> str:
    return ".".join(part for part in (path, name) if part)
