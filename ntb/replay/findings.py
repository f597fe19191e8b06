"""Findings: where a program finds a value outside its arguments, and whether it still finds the same there.

Each kind of finding can look again, without running code of the user's, and can write this down as an expression that
is true if the very same object is there, which takes some 20 nanoseconds in a compiled check.
"""

from __future__ import annotations

import types
from collections import deque
from collections.abc import Callable, Iterable
from operator import is_
from typing import Any

from .constants import Same, constant

MISSING = type("Missing", (), {"__repr__": lambda self: "missing"})()
"""What is found where nothing is."""


def same(a: Any, b: Any) -> bool:
    """Whether a program cannot tell two values apart: the same object, or plain values that agree in kind and value.

    >>> same(1, 1), same(1, True), same(0.0, -0.0), same([], [])
    (True, False, False, False)
    """
    return a is b or (type(a) is type(b) and constant(a) == constant(b))


class Finding:
    """Where something was found when the function was traced, and what.

    Attributes:
        holder: the object that is looked into; key: what is looked up in it.
        value: what was found; or `MISSING`.
        name: the path that leads here, as the user would write it, for messages.
    """

    __slots__ = ("holder", "key", "name", "value")
    checked = True  # whether another value may be found there later

    def __init__(self, holder: Any, key: Any, name: str) -> None:
        self.holder = holder
        self.key = key
        self.name = name
        self.value = self.now()

    def now(self) -> Any:
        """What is there now."""
        raise NotImplementedError

    def test(self, bind: Callable[[Any], str]) -> str:
        """An expression that is true if the very same is there; `bind` gives an object a name in it."""
        raise NotImplementedError

    def holds(self, value: Any) -> bool:
        """Whether a value is as good as the one that was found."""
        return value is self.value or same(value, self.value)

    def parts(self) -> Iterable[Any]:
        """The objects that were found."""
        return () if self.value is MISSING else (self.value,)

    def labelled(self, value: Any) -> list[tuple[str, Any]]:
        """A value that is found here, part by part, each with what is added to the path that leads to it."""
        return [] if value is MISSING else [("", value)]


class Item(Finding):
    """A key of a dict: a global, an attribute in an instance's or a class's `__dict__`."""

    __slots__ = ()

    def now(self) -> Any:
        return self.holder.get(self.key, MISSING)

    def test(self, bind: Callable[[Any], str]) -> str:
        if self.value is MISSING:
            return f"{bind(self.key)} not in {bind(self.holder)}"
        return f"{bind(self.holder)}[{bind(self.key)}] is {bind(self.value)}"


class Slot(Finding):
    """An attribute that a descriptor in C fetches: a slot of a class, the defaults of a function, a closure's cell."""

    __slots__ = ()

    def now(self) -> Any:
        try:
            return self.key.__get__(self.holder)
        except (AttributeError, ValueError):  # an empty slot, an empty cell
            return MISSING

    def test(self, bind: Callable[[Any], str]) -> str:
        if self.value is MISSING:
            return f"{bind(self.now)}() is {bind(MISSING)}"
        return f"{bind(self.holder)}.{self.key.__name__} is {bind(self.value)}"


class Answer(Finding):
    """What an object of C answers: the value of a context variable."""

    __slots__ = ()

    def now(self) -> Any:
        return self.key()

    def test(self, bind: Callable[[Any], str]) -> str:
        return f"{bind(self.key)}() is {bind(self.value)}"


class Local(Finding):
    """An attribute of an object that has others in each thread."""

    __slots__ = ()

    def now(self) -> Any:
        return getattr(self.holder, self.key, MISSING)

    def test(self, bind: Callable[[Any], str]) -> str:
        return f"{bind(getattr)}({bind(self.holder)}, {self.key!r}, {bind(MISSING)}) is {bind(self.value)}"


class Alive(Finding):
    """Whether the object of a weak reference is still there; the finding does not keep it."""

    __slots__ = ()

    def now(self) -> bool:
        return self.holder() is not None

    def test(self, bind: Callable[[Any], str]) -> str:
        return f"{bind(self.holder)}() is {'not ' if self.value else ''}None"

    def parts(self) -> Iterable[Any]:
        return [self.holder()]

    def labelled(self, value: Any) -> list[tuple[str, Any]]:
        return [("", self.holder())]


class Memory(Finding):
    """The bytes that an object gives others to look at: of an `array.array`, a `bytearray`."""

    __slots__ = ()

    def now(self) -> bytes:
        return bytes(self.holder)

    def test(self, bind: Callable[[Any], str]) -> str:
        return f"{bind(bytes)}({bind(self.holder)}) == {bind(self.value)}"

    def parts(self) -> tuple:
        return ()


class Contents(Finding):
    """All that a list, dict, set or deque holds; of a dict the keys, then the values."""

    __slots__ = ()

    def now(self) -> Any:
        held = self.holder
        return (*held, *held.values()) if isinstance(held, _DICTS) else tuple(held)

    def test(self, bind: Callable[[Any], str]) -> str:
        held, agree, count = bind(self.holder), bind(_agreeing), len(self.holder)
        if not count:
            return f"not {held}"
        if type(self.holder) is list and count <= _FEW:
            items = [f"{held}[{i}] is {bind(x)}" for i, x in enumerate(self.value)]
            return " and ".join([f"len({held}) == {count}", *items])
        if not isinstance(self.holder, _DICTS):
            return f"{agree}({held}, {bind(self.value)})"
        keys, values = self.value[:count], self.value[count:]
        if type(self.holder) is dict and count <= _FEW and (same_keys := _test_of_keys(held, keys, bind)):
            items = [f"{held}[{bind(key)}] is {bind(x)}" for key, x in zip(keys, values)]
            return " and ".join([same_keys, *items])
        return f"{agree}({held}, {bind(keys)}) and {agree}({held}.values(), {bind(values)})"

    def holds(self, value: Any) -> bool:
        return len(value) == len(self.value) and all(map(same, value, self.value))

    def parts(self) -> Iterable[Any]:
        return self.value

    def labelled(self, value: tuple) -> list[tuple[str, Any]]:
        if not isinstance(self.holder, _DICTS):
            return [(f"[{i}]", x) for i, x in enumerate(value)]
        keys = value[: len(value) // 2]
        return [*((f"[{_short(key)}]", x) for key, x in zip(keys, value[len(keys) :])), *(("", key) for key in keys)]


class Structure(Contents):
    """All that a container or object holds, for code that looks for variables in it: its numbers do not matter."""

    __slots__ = ()

    def holds(self, value: Any) -> bool:
        return len(value) == len(self.value) and all(map(_alike, value, self.value))


class Fixed(Finding):
    """What an object holds for good: the items of a tuple, the function of a method. The key has them with labels."""

    __slots__ = ()
    checked = False

    def now(self) -> Any:
        return self.key

    def parts(self) -> Iterable[Any]:
        return [part for _, part in self.key]

    def labelled(self, value: Any) -> list[tuple[str, Any]]:
        return value


class Remembered(Fixed):
    """What a cache holds, which is all the same to who asks it. The key tells of its contents."""

    __slots__ = ()

    def now(self) -> Any:
        return None

    def parts(self) -> Iterable[Any]:
        return self.key()

    def labelled(self, value: Any) -> list[tuple[str, Any]]:
        return [("()", part) for part in self.key()]


def _test_of_keys(held: str, keys: tuple, bind: Callable[[Any], str]) -> str:
    """An expression that is true if a dict has these keys in this order; "" for keys whose hash may be the user's."""
    if all(map(_is_like_no_other, keys)):
        return f"[*{held}] == {bind([*keys])}"
    if all(type(key) is int for key in keys):  # True and 1.0 equal 1
        return f"len({held}) == {len(keys)} and all(map({bind(is_)}, {held}, {bind(keys)}))"
    return ""


def _is_like_no_other(key: Any) -> bool:
    """Whether no key of another kind is found in its place, as True is for 1: a text, an object told by identity."""
    kind: Any = type(key)
    return kind is str or kind.__hash__ is object.__hash__


def _agreeing(xs: Any, ys: tuple) -> bool:
    """Whether two collections hold the very same objects."""
    return len(xs) == len(ys) and all(map(is_, xs, ys))


def cell_contents(cell: types.CellType) -> Any:
    """The value of a variable of a closure; MISSING if it is not assigned yet, or deleted."""
    try:
        return cell.cell_contents
    except ValueError:
        return MISSING


def _short(key: Any) -> str:
    return repr(key) if isinstance(key, str | int) else "…"


_FEW = 12  # items that are compared one by one, which is quicker
_DICTS = (dict, types.MappingProxyType)
CONTAINERS = (*_DICTS, list, set, deque)


def _alike(a: Any, b: Any) -> bool:
    return a is b or not (isinstance(constant(a), Same) or isinstance(constant(b), Same))
