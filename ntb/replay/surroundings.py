"""Surroundings: what a traced function finds outside its arguments, and whether it still finds the same.

    lr = 0.1
    @ntb.function
    def step(x): return x * lr          # `lr` is a number in the program; another `lr` makes another program

Looked at are the closure and the globals of the function and of the functions it calls, the items of lists and dicts
there, and those attributes of objects there whose names the code that ran mentions. Numbers and strings count by value,
all else by identity: the elements of an array that is changed in place are not compared.
"""

from __future__ import annotations

import functools
import types
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from ..tape.rules import Traceable

DEEP, MANY = 6, 200
MISSING = object()
Child = tuple[str, Callable[..., Any], tuple, str]  # name, how it is got and from what, and the attribute's name if any
PLAIN = (int, float, complex, bool, str)
LEAVES = (
    *PLAIN,
    bytes,
    type(None),
    type,
    types.ModuleType,
    types.BuiltinFunctionType,
    np.ndarray,
    np.generic,
    np.ufunc,
)


class Place:
    """Somewhere a value can be found: a cell of a closure, a name among globals, an attribute, an item."""

    __slots__ = ("attribute", "get", "key", "name", "parent", "value")

    def __init__(
        self, name: str, get: Callable[..., Any], key: tuple, value: Any, parent: Place | None, attribute: str
    ) -> None:
        self.name = name
        self.get = get
        self.key = key
        self.value = value
        self.parent = parent
        self.attribute = attribute  # counts only if some code mentions this name; "" counts always


def look_around(function: Callable[..., Any], arguments: Iterable[Any]) -> list[Place]:
    """All places that a function can reach from its closure, its globals and its arguments, with their values now."""
    roots = [(getattr(function, "__name__", ""), function), *objects_in(arguments)]
    places = [Place(name, identity, (x,), x, None, "") for name, x in roots]
    seen: set[int] = set()
    pending = [(place.name, place.value, place, 0) for place in places]
    while pending and len(places) < 10_000:
        name, x, parent, depth = pending.pop(0)
        if is_leaf(x) or id(x) in seen or depth > DEEP:
            continue
        seen.add(id(x))
        for below, get, key, attribute in children(x):
            value = get(*key)
            place = Place(
                below if depth == 0 else f"{name}{'.' * bool(attribute)}{below}", get, key, value, parent, attribute
            )
            places.append(place)
            pending.append((place.name, value, place, depth + 1))
    return places


def objects_in(arguments: Iterable[Any]) -> Iterator[tuple[str, Any]]:
    """The objects among the arguments that have attributes; all else about arguments is in the signature."""
    for i, x in enumerate(arguments):
        if type(x) in (tuple, list, dict):
            yield from objects_in(x.values() if type(x) is dict else x)
        elif not is_leaf(x):
            yield f"argument {i}", x


def is_leaf(x: Any) -> bool:
    return isinstance(x, (*LEAVES, Traceable))


def children(x: Any) -> Iterable[Child]:
    """What is found directly in a function, container or object."""
    if hasattr(x, "__wrapped__"):
        return parts(x.__wrapped__)
    return next(inside(x) for kind, inside in INSIDE if isinstance(x, kind))


def parts(*values: Any) -> Iterator[Child]:
    """What stays where it is, and has no name of its own."""
    for value in values:
        yield "", identity, (value,), ""


def in_function(function: types.FunctionType) -> Iterator[Child]:
    if (function.__module__ or "").split(".")[0] in ("numpy", "ntb"):
        return
    code, space = function.__code__, function.__globals__
    for name, cell in zip(code.co_freevars, function.__closure__ or (), strict=True):
        yield name, contents, (cell,), ""
    for name in names_in(code):
        if name in space:
            yield name, dict.get, (space, name, MISSING), ""
    yield from parts(*(function.__defaults__ or ()))


def in_sequence(x: list | tuple) -> Iterator[Child]:
    yield "'s length", len, (x,), ""
    for i in range(len(x) if len(x) <= MANY else 0):
        yield f"[{i}]", item, (x, i), ""


def in_dict(x: dict) -> Iterator[Child]:
    yield "'s length", len, (x,), ""
    for key in list(x) if len(x) <= MANY else ():
        yield f"[{key!r}]" if type(key) in PLAIN else "[…]", dict.get, (x, key, MISSING), ""


def in_object(x: Any) -> Iterator[Child]:
    if type(getattr(x, "__dict__", None)) is not dict:
        return
    own = type(x).__module__.startswith("ntb.")
    for name in list(x.__dict__):
        if not (own and name.startswith("_")):  # what our objects remember for themselves
            yield name, dict.get, (x.__dict__, name, MISSING), name


INSIDE: tuple[tuple[Any, Callable[[Any], Iterable[Child]]], ...] = (
    (types.FunctionType, in_function),
    (types.MethodType, lambda method: parts(method.__self__, method.__func__)),
    (functools.partial, lambda partial: parts(partial.func, *partial.args, *partial.keywords.values())),
    (list | tuple, in_sequence),
    (dict, in_dict),
    (object, in_object),
)
"""Where to look inside a value; the first kind that it is of counts."""


def identity(x: Any) -> Any:
    return x


def item(x: Any, i: int) -> Any:
    try:
        return x[i]
    except IndexError:
        return MISSING


def contents(cell: types.CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # before its variable is assigned
        return MISSING


def names_in(code: types.CodeType) -> set[str]:
    """The names that a code object, and the functions defined inside it, mention."""
    names = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            names |= names_in(constant)
    return names


def mentioned(places: list[Place], codes: Iterable[types.CodeType]) -> list[Place]:
    """The places that code which ran can have looked at, and which can change.

    To the names in these codes come those in the plain functions that can be reached, and in the methods of objects
    there that are mentioned themselves.
    """
    functions = [p.value.__code__ for p in places if isinstance(p.value, types.FunctionType) and not p.attribute]
    names = names_along([*codes, *functions], methods_of(p.value for p in places))
    kept: set[Place | None] = {None}
    chosen = []
    for place in places:
        if place.parent in kept and (not place.attribute or place.attribute in names):
            kept.add(place)
            if can_change(place):
                chosen.append(place)
    for place in chosen:
        place.parent = None  # which would keep more alive than can be looked at
    return chosen


def methods_of(values: Iterable[Any]) -> dict[str, set[types.CodeType]]:
    """By name, the code of all methods and properties that these objects have."""
    methods: dict[str, set[types.CodeType]] = {}
    for kind in {base for x in values for base in type(x).__mro__ if base.__module__ != "builtins"}:
        for name, method in vars(kind).copy().items():
            method = getattr(method, "fget", None) or getattr(method, "__wrapped__", method)
            if isinstance(method, types.FunctionType):
                methods.setdefault(name, set()).add(method.__code__)
    return methods


def names_along(codes: Iterable[types.CodeType], methods: dict[str, set[types.CodeType]]) -> set[str]:
    """The names that these codes mention, and those in the methods that are so named, and so on."""
    names: set[str] = set()
    pending = list(codes)
    while pending:
        new = names_in(pending.pop()) - names
        names |= new
        pending += [code for name in new for code in methods.get(name, ())]
    return names


def can_change(place: Place) -> bool:
    """Whether another value may come there; nobody gives NumPy's name to another module."""
    fixed = place.get is identity or type(place.key[0]) is tuple
    return not fixed and not isinstance(place.value, types.ModuleType)


def changed(places: Iterable[Place]) -> Place | None:
    """The first place where now is another value."""
    for place in places:
        now = place.get(*place.key)
        if now is not place.value and not (
            type(now) in PLAIN and type(now) is type(place.value) and now == place.value
        ):
            return place
    return None
