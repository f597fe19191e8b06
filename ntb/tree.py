"""Trees: lists, tuples, dicts and dataclasses, at any depth. What they hold are the leaves: arrays, numbers, all else.

Decided here for all of ntb: a named tuple stays one; a subclass of list, tuple or dict stays what it is. A dataclass is
a branch whose parts are its fields, as long as it has no other attributes; with others it is an object like a model,
whose attributes may depend on each other, and counts as a leaf. Mappings and sequences of other kinds are leaves too.
"""

from __future__ import annotations

import copy
import dataclasses
import functools
from collections.abc import Callable, Iterable
from typing import Any

BRANCHES = (tuple, list, dict)
"""The branches that operations take as arguments."""


def is_branch(x: Any) -> bool:
    """Whether it has parts.

    >>> is_branch([1]), is_branch(1)
    (True, False)
    """
    kind: Any = type(x)
    return isinstance(x, BRANCHES) or (_is_dataclass(kind) and _has_fields_only(x))


@functools.lru_cache(1000)
def _is_dataclass(kind: Any) -> bool:
    return hasattr(kind, "__dataclass_fields__") and not issubclass(kind, type)


def _has_fields_only(x: Any) -> bool:
    """Whether all attributes of a dataclass are fields, and all fields have a value."""
    names = _names(x)
    return all(hasattr(x, name) for name in names) and all(name in names for name in getattr(x, "__dict__", ()))


def _names(x: Any) -> list[str]:
    """The names of a dataclass's fields."""
    return [field.name for field in dataclasses.fields(x)]


def tree_map(function: Callable[[Any], Any], tree: Any) -> Any:
    """The tree with `function(leaf)` in the place of each leaf.

    >>> tree_map(abs, {"a": -1, "b": [2, (-3,)]})
    {'a': 1, 'b': [2, (3,)]}
    """
    kind = type(tree)
    if kind is tuple or kind is list:
        return kind([tree_map(function, part) for part in tree])
    if not is_branch(tree):
        return function(tree)
    return rebuild(tree, [tree_map(function, part) for _, part in children(tree)])


def leaves(tree: Any) -> list[Any]:
    """The leaves, in order.

    >>> leaves([1, {"a": (2, 3)}])
    [1, 2, 3]
    """
    kind: Any = type(tree)
    if not isinstance(tree, BRANCHES) and not (_is_dataclass(kind) and is_branch(tree)):
        return [tree]
    return [leaf for _, part in children(tree) for leaf in leaves(part)]


def fill(tree: Any, values: Iterable[Any]) -> Any:
    """The tree with other leaves, in order.

    >>> fill({"a": 1, "b": [2, 3]}, "xyz")
    {'a': 'x', 'b': ['y', 'z']}
    """
    remaining = iter(values)
    return tree_map(lambda _: next(remaining), tree) if is_branch(tree) else next(remaining)


def children(tree: Any) -> Iterable[tuple[Any, Any]]:
    """The parts of a branch, each with its key, position or name."""
    if isinstance(tree, dict):
        return tree.items()
    if isinstance(tree, list | tuple):
        return enumerate(tree)
    return [(name, getattr(tree, name)) for name in _names(tree)]


def rebuild(tree: Any, parts: list[Any]) -> Any:
    """A branch of the same kind with other parts."""
    kind = type(tree)
    if kind is list or kind is tuple:
        return kind(parts)
    if kind is dict:
        return dict(zip(tree, parts))
    if isinstance(tree, tuple):  # without a call of the class, which may take other arguments; but in C it must be
        return kind(parts) if hasattr(kind, "n_fields") else tuple.__new__(kind, parts)
    if not isinstance(tree, BRANCHES):  # a dataclass; without a call of the class, as for tuples, also if it is frozen
        made = object.__new__(kind)
        for (name, _), part in zip(children(tree), parts):
            object.__setattr__(made, name, part)
        return made
    copied: Any = copy.copy(tree)
    for (key, _), part in zip(children(tree), parts):
        copied[key] = part
    return copied
