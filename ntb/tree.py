"""Trees: lists, tuples and dicts, at any depth. What they hold are the leaves: arrays, tensors, numbers, all else.

Decided here for all of ntb: a named tuple stays one; a subclass of list, tuple or dict stays what it is.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from typing import Any

BRANCHES = (tuple, list, dict)


def tree_map(function: Callable[[Any], Any], tree: Any) -> Any:
    """The tree with `function(leaf)` in the place of each leaf.

    >>> tree_map(abs, {"a": -1, "b": [2, (-3,)]})
    {'a': 1, 'b': [2, (3,)]}
    """
    kind = type(tree)
    if kind is tuple or kind is list:
        return kind([tree_map(function, part) for part in tree])
    if not isinstance(tree, BRANCHES):
        return function(tree)
    return rebuild(tree, [tree_map(function, part) for _, part in children(tree)])


def leaves(tree: Any) -> list[Any]:
    """The leaves, in order.

    >>> leaves([1, {"a": (2, 3)}])
    [1, 2, 3]
    """
    if not isinstance(tree, BRANCHES):
        return [tree]
    return [leaf for _, part in children(tree) for leaf in leaves(part)]


def fill(tree: Any, values: Iterable[Any]) -> Any:
    """The tree with other leaves, in order.

    >>> fill({"a": 1, "b": [2, 3]}, "xyz")
    {'a': 'x', 'b': ['y', 'z']}
    """
    remaining = iter(values)
    return tree_map(lambda _: next(remaining), tree) if isinstance(tree, BRANCHES) else next(remaining)


def children(tree: Any) -> Iterable[tuple[Any, Any]]:
    """The parts of a branch, each with its key or position."""
    return tree.items() if isinstance(tree, dict) else enumerate(tree)


def rebuild(tree: Any, parts: list[Any]) -> Any:
    """A branch of the same kind with other parts."""
    kind = type(tree)
    if kind is list or kind is tuple:
        return kind(parts)
    if kind is dict:
        return dict(zip(tree, parts))
    if isinstance(tree, tuple):  # without a call of the class, which may take other arguments; but in C it must be
        return kind(parts) if hasattr(kind, "n_fields") else tuple.__new__(kind, parts)
    copied = copy.copy(tree)
    for (key, _), part in zip(children(tree), parts):
        copied[key] = part
    return copied
