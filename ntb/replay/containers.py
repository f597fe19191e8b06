"""Containers: objects that count as what they hold when a traced function is given them.

They are lists, tuples and dicts with their subclasses, dataclasses, and mappings of any other kind. What they hold are
items, each with its key, and attributes, each with its name. A dataclass that has attributes besides its fields is no
container: something like a model, which counts by identity.
"""

from __future__ import annotations

import dataclasses
import functools
import types
from collections.abc import Mapping
from typing import Any

from ..tree import BRANCHES, children, rebuild

_Parts = list[tuple[Any, Any]]


def opened(x: Any) -> tuple[_Parts, _Parts] | None:
    """The items and the attributes of a container; None for any other object.

    >>> from collections import UserDict
    >>> opened({"a": 1}), opened(UserDict(a=1)), opened("a")
    (([('a', 1)], []), ([], [('data', {'a': 1})]), None)
    """
    kind: Any = type(x)
    if not is_container(kind):
        return None
    items, attributes = _items(x), _attributes(x)
    if dataclasses.is_dataclass(kind) and not isinstance(x, BRANCHES):
        fields = kind.__dataclass_fields__
        if not all([name in fields for name, _ in attributes]):
            return None
    return items, attributes


def remade(x: Any, items: list[Any], attributes: list[Any]) -> Any:
    """A container of the same kind with other parts, in the order of `opened`. If it has no items no code of its class
    runs, as it was initialized before."""
    kind: Any = type(x)
    new: Any
    if isinstance(x, BRANCHES):
        new = rebuild(x, items)
        if getattr(x, "__dict__", None) is x:  # a dict whose keys are its attributes
            new.__dict__ = new
    elif _has_items(kind):
        new = kind(dict(zip(x, items)))
    else:
        new = object.__new__(kind)
    slots = _slots(kind)
    for (name, _), part in zip(_attributes(x), attributes):
        if name in slots:
            slots[name].__set__(new, part)
        else:
            new.__dict__[name] = part
    return new


@functools.lru_cache(1000)
def is_container(kind: type) -> bool:
    """Whether objects of this class are containers."""
    if issubclass(kind, BRANCHES):
        return True
    if not (dataclasses.is_dataclass(kind) or issubclass(kind, Mapping)):
        return False
    return _has_items(kind) or _can_be_copied(kind)


def _can_be_copied(kind: type) -> bool:
    """Whether all that an object is are attributes, so that another one with equal attributes does as well."""
    if hasattr(kind, "__del__"):  # which may close what the copy and the object share
        return False
    try:
        object.__new__(kind)
    except TypeError:  # a part of it is in C
        return False
    return True


def _has_items(kind: type) -> bool:
    """Whether it is a mapping that keeps its items elsewhere than in attributes, such as a MappingProxyType."""
    return issubclass(kind, Mapping) and not issubclass(kind, BRANCHES) and not kind.__dictoffset__ and not _slots(kind)


def _items(x: Any) -> _Parts:
    return list(children(x)) if isinstance(x, BRANCHES) else list(x.items()) if _has_items(type(x)) else []


def _attributes(x: Any) -> _Parts:
    own = getattr(x, "__dict__", None)
    found = list(own.items()) if own and own is not x else []
    kind: Any = type(x)
    for name, slot in _slots(kind).items():
        try:
            found.append((name, slot.__get__(x)))
        except AttributeError:  # it has no value yet
            continue
    return found


@functools.lru_cache(1000)
def _slots(kind: type) -> dict[str, Any]:
    """The attributes that a class and those it inherits from have as `__slots__`."""
    return {
        name: member
        for base in kind.__mro__ if "__slots__" in vars(base)
        for name, member in vars(base).items() if isinstance(member, types.MemberDescriptorType)
    }  # fmt: skip


# --- copies that were written to

Copy = tuple[str, Any, tuple[_Parts, _Parts]]
"""What an argument is called and where in it the copy stands, the copy, and what it held."""


def copied(place: str, copy: Any) -> Copy:
    return place, copy, (_items(copy), _attributes(copy))


def written(copies: list[Copy]) -> str | None:
    """The first place where a copy of an argument's container no longer holds what it did; None if there is none.

    >>> d = {"lr": 0.1}
    >>> before = [copied("argument 'd': ", d)]
    >>> d["lr"] = 0.2
    >>> written(before)
    "argument 'd': ['lr']"
    """
    for place, copy, (items, attributes) in copies:
        kind: Any = type(copy)
        now = [(n, x) for n, x in _attributes(copy) if not _is_remembered(kind, n)]
        for before, after, joint in ((items, _items(copy), "[{!r}]"), (attributes, now, ".{}")):
            changed = _first_change(before, after)
            if changed:
                return place + joint.format(*changed)
    return None


def _first_change(before: _Parts, after: _Parts) -> list[Any]:
    """The key of the first part that is another, is new or is gone, in a list; an empty one if all are the same."""
    for (key, x), (name, y) in zip(before, after):
        if key is not name and key != name:
            return [key if len(before) >= len(after) else name]
        if x is not y:
            return [key]
    longer = max(before, after, key=len)
    return [key for key, _ in longer[min(len(before), len(after)) :][:1]]


def _is_remembered(kind: type, name: str) -> bool:
    """Whether an attribute is a result that the class keeps for itself."""
    return isinstance(getattr(kind, name, None), functools.cached_property)
