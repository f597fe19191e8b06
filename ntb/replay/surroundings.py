"""Surroundings: what a traced function finds outside its arguments, and whether it still finds the same.

    lr = 0.1
    @ntb.function
    def step(x): return x * lr          # `lr` is a number in the program; another `lr` makes another program

The search covers the closure and the globals of the function and of the functions it calls, the items of lists and
dicts there, and the attributes of objects there if the code that ran mentions their names. Numbers and strings count by
value, all else by identity: an array that is changed in place counts as the same.
"""

from __future__ import annotations

import functools
import types
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from ..arguments import Traceable
from ..tree import leaves

_DEEP, _MANY = 6, 200
MISSING = object()
_Child = tuple[
    str, Callable[..., Any], tuple, str
]  # name, how to get it and from what, and the attribute's name if any
VALUES = (int, float, complex, bool, str)
_UNSEEN = (
    *VALUES,
    bytes,
    type(None),
    type,
    types.ModuleType,
    types.BuiltinFunctionType,
    np.ndarray,
    np.generic,
    np.ufunc,
)


class Finding:
    """What a traced function found, and where: a cell of a closure, a name among globals, an attribute, an item."""

    __slots__ = ("attribute", "get", "key", "name", "parent", "value")

    def __init__(
        self, name: str, get: Callable[..., Any], key: tuple, value: Any, parent: Finding | None, attribute: str
    ) -> None:
        self.name = name
        self.get = get
        self.key = key
        self.value = value
        self.parent = parent
        self.attribute = attribute  # counts only if some code mentions this name; "" counts always


def look_around(function: Callable[..., Any], arguments: Iterable[Any]) -> list[Finding]:
    """All findings that a function can reach from its closure, its globals and its arguments."""
    roots = [(getattr(function, "__name__", ""), function), *_objects_in(arguments)]
    places = [Finding(name, _identity, (x,), x, None, "") for name, x in roots]
    seen: set[int] = set()
    pending = [(place.name, place.value, place, 0) for place in places]
    while pending and len(places) < 10_000:
        name, x, parent, depth = pending.pop(0)
        if _is_leaf(x) or id(x) in seen or depth > _DEEP:
            continue
        seen.add(id(x))
        for below, get, key, attribute in _found_in(x):
            value = get(*key)
            place = Finding(
                below if depth == 0 else f"{name}{'.' * bool(attribute)}{below}", get, key, value, parent, attribute
            )
            places.append(place)
            pending.append((place.name, value, place, depth + 1))
    return places


def _objects_in(arguments: Iterable[Any]) -> Iterator[tuple[str, Any]]:
    """The objects among the arguments that have attributes; all else about arguments is in the signature."""
    for i, x in enumerate(leaves(list(arguments))):
        if not _is_leaf(x):
            yield f"argument {i}", x


def _is_leaf(x: Any) -> bool:
    return isinstance(x, (*_UNSEEN, Traceable))


def _found_in(x: Any) -> Iterable[_Child]:
    """What is found directly in a function, container or object."""
    if hasattr(x, "__wrapped__"):
        return _unnamed(x.__wrapped__)
    return next(inside(x) for kind, inside in _INSIDE if isinstance(x, kind))


def _unnamed(*values: Any) -> Iterator[_Child]:
    """Findings that cannot change and have no name of their own."""
    for value in values:
        yield "", _identity, (value,), ""


def _in_function(function: types.FunctionType) -> Iterator[_Child]:
    if (function.__module__ or "").split(".")[0] in ("numpy", "ntb"):
        return
    code, space = function.__code__, function.__globals__
    for name, cell in zip(code.co_freevars, function.__closure__ or (), strict=True):
        yield name, contents if _is_empty(cell) else _IN_CELL, (cell,), ""
    for name in _names_in(code):
        if name in space:
            yield name, dict.get, (space, name, MISSING), ""
    yield from _unnamed(*(function.__defaults__ or ()))


def _in_sequence(x: list | tuple) -> Iterator[_Child]:
    yield "'s length", len, (x,), ""
    for i in range(len(x) if len(x) <= _MANY else 0):
        yield f"[{i}]", item, (x, i), ""


def _in_dict(x: dict) -> Iterator[_Child]:
    yield "'s length", len, (x,), ""
    for key in list(x) if len(x) <= _MANY else ():
        yield f"[{key!r}]" if type(key) in VALUES else "[…]", dict.get, (x, key, MISSING), ""


def _in_object(x: Any) -> Iterator[_Child]:
    if type(getattr(x, "__dict__", None)) is not dict:
        return
    own = type(x).__module__.startswith("ntb.")
    for name in list(x.__dict__):
        if not (own and name.startswith("_")):  # the private attributes of ntb's own objects
            yield name, dict.get, (x.__dict__, name, MISSING), name


_INSIDE: tuple[tuple[Any, Callable[[Any], Iterable[_Child]]], ...] = (
    (types.FunctionType, _in_function),
    (types.MethodType, lambda method: _unnamed(method.__self__, method.__func__)),
    (functools.partial, lambda partial: _unnamed(partial.func, *partial.args, *partial.keywords.values())),
    (list | tuple, _in_sequence),
    (dict, _in_dict),
    (object, _in_object),
)
"""How to look inside a value: the first kind that fits counts."""


def _identity(x: Any) -> Any:
    return x


def item(x: Any, i: int) -> Any:
    try:
        return x[i]
    except IndexError:
        return MISSING


_IN_CELL: Callable[..., Any] = vars(types.CellType)["cell_contents"].__get__  # in C, which costs less


def contents(cell: types.CellType) -> Any:
    return MISSING if _is_empty(cell) else cell.cell_contents


def _is_empty(cell: types.CellType) -> bool:
    """Whether the variable of a cell has no value, as it is not assigned yet, or deleted."""
    try:
        _IN_CELL(cell)
    except ValueError:
        return True
    return False


def _names_in(code: types.CodeType) -> set[str]:
    """The names that a code object, and the functions defined inside it, mention."""
    names = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            names |= _names_in(constant)
    return names


def chosen_findings(places: list[Finding], codes: Iterable[types.CodeType]) -> list[Finding]:
    """The findings that the code that ran may have looked at, and that can change.

    An attribute counts if its name is mentioned: in `codes`, in a plain function that was found, or in a method of an
    object found, if the method's name is mentioned itself.
    """
    functions = [p.value.__code__ for p in places if isinstance(p.value, types.FunctionType) and not p.attribute]
    names = _names_along([*codes, *functions], _methods_of(p.value for p in places))
    kept: set[Finding | None] = {None}
    chosen = []
    for place in places:
        if place.parent in kept and (not place.attribute or place.attribute in names):
            kept.add(place)
            if _can_change(place):
                chosen.append(place)
    for place in chosen:
        place.parent = None  # a parent would keep alive more than `changed` looks at
    return chosen


def _methods_of(values: Iterable[Any]) -> dict[str, set[types.CodeType]]:
    """By name, the code of all methods and properties that these objects have."""
    methods: dict[str, set[types.CodeType]] = {}
    for kind in {base for x in values for base in type(x).__mro__ if base.__module__ != "builtins"}:
        for name, method in vars(kind).copy().items():
            method = getattr(method, "fget", None) or getattr(method, "__wrapped__", method)
            if isinstance(method, types.FunctionType):
                methods.setdefault(name, set()).add(method.__code__)
    return methods


def _names_along(codes: Iterable[types.CodeType], methods: dict[str, set[types.CodeType]]) -> set[str]:
    """The names that these codes mention, the names that methods with such a name mention, and so on."""
    names: set[str] = set()
    pending = list(codes)
    while pending:
        new = _names_in(pending.pop()) - names
        names |= new
        pending += [code for name in new for code in methods.get(name, ())]
    return names


def _can_change(place: Finding) -> bool:
    """Whether another value may be found there later; modules are taken to stay."""
    fixed = place.get is _identity or type(place.key[0]) is tuple
    return not fixed and not isinstance(place.value, types.ModuleType)


def changed(places: Iterable[Finding]) -> Finding | None:
    """The first finding whose value is another now."""
    for place in places:
        try:
            now = place.get(*place.key)
        except ValueError:  # a variable that was deleted
            return place
        if now is not place.value and not (
            type(now) in VALUES and type(now) is type(place.value) and now == place.value
        ):
            return place
    return None
