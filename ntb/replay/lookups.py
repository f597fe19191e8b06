"""Lookups: what a piece of code may look at in an object, by the names that it mentions (mentions.py)."""

from __future__ import annotations

import functools
import gc
import sys
import threading
import types
import weakref
from array import array
from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from typing import Any, NamedTuple

from ..variable import Variable
from . import findings
from .findings import CONTAINERS, MISSING, Contents, Finding, Fixed, Item, Slot, Structure
from .marks import Mark, is_moving
from .mentions import Mentions

CELL: Any = vars(types.CellType)["cell_contents"]
TRAINABLE: Any = vars(Variable)["trainable"]
_MRO: Any = vars(type)["__mro__"]
_OF_FUNCTIONS: Any = [vars(types.FunctionType)[name] for name in ("__code__", "__defaults__", "__kwdefaults__")]
_CACHED: Any = type(functools.lru_cache(lambda: None))
_HELD_FOR_GOOD = {
    "__self__": "self", "__func__": "", "__wrapped__": "", "fget": "", "func": "", "args": "", "keywords": "",
}  # fmt: skip


class _Lookup(NamedTuple):
    """How the attributes that some code mentions are looked up in the objects of a class.

    Attributes:
        findings: in the class and its bases.
        slots: descriptors of attributes that are not in the object's dict.
        hidden: names that a class has, or that no one has, and that the object's dict could get.
    """

    findings: list[Finding]
    slots: list[tuple[str, Any]]
    hidden: set[str]


class Lookups:
    """Makes findings, each once.

    Attributes:
        modules: the findings in modules, which any code can find again with an import.
    """

    def __init__(self, went_on: Any) -> None:
        self.modules: dict[Finding, None] = {}
        self._went_on = went_on  # whether a frame ran
        self._findings: dict[tuple, Finding] = {}
        self._lookups: dict[tuple, _Lookup] = {}
        self._spaces: dict[type, Any] = {}
        self._alive: list[Any] = []  # what is known by its `id()`, which must not come twice

    def finding(self, kind: type[Finding], holder: Any, key: Any, name: str) -> Finding:
        """The finding for a key in an object."""
        known = kind, id(holder), key if type(key) is str else id(key)
        finding = self._findings.get(known)
        if finding is None:
            finding = self._findings[known] = kind(holder, key, name)
            self._alive += (holder, key)
        return finding

    def mark(self, x: Any, name: str = "") -> Finding:
        """How far an object has got that gives something else each time."""
        return self.finding(Mark, x, self._went_on, name)

    def findings_in(self, x: Any, mentions: Mentions) -> Iterator[Finding]:
        """The findings in an object that are not in its class. `issubclass` asks no code of the object's class."""
        kind = type(x)
        if issubclass(kind, CONTAINERS):
            yield self.finding(Structure if mentions.structure else Contents, x, None, "")
        elif issubclass(kind, tuple | frozenset):
            yield self.finding(Fixed, x, [(f"[{i}]", part) for i, part in enumerate(x)], "")
        if is_moving(x):
            yield self.mark(x)
        own = next((own for known, own in _KINDS if issubclass(kind, known)), None)
        if own is not None:
            yield from own(self, x, mentions)
        elif _module_of(kind) in ("builtins", "functools"):
            found = [(label, getattr(x, name)) for name, label in _HELD_FOR_GOOD.items() if hasattr(x, name)]
            yield self.finding(Fixed, x, found, "")
        elif not _is_library(_module_of(kind)) or callable(x):
            yield from self._in_instance(x, mentions)

    def findings_in_class(self, kind: type, mentions: Mentions) -> list[Finding]:
        """The findings in a class and its bases."""
        return [] if _is_library(_module_of(kind)) else self._lookup(kind, mentions).findings

    def _in_module(self, x: types.ModuleType, mentions: Mentions) -> Iterator[Finding]:
        if _is_library(x.__name__):
            return
        computed = mentions.survives or ("__getattr__" in vars(x) and not _stays(x.__name__))
        for finding in self._items(vars(x), mentions, mentions.attributes if computed else ()):
            self.modules[finding] = None
            yield finding

    def _in_function(self, x: types.FunctionType, mentions: Mentions) -> Iterator[Finding]:
        for name, cell in zip(x.__code__.co_freevars, x.__closure__ or ()):
            yield self.finding(Slot, cell, CELL, name)
        if not _stays(x.__module__ or ""):
            for descriptor in _OF_FUNCTIONS:
                if descriptor.__get__(x) is not None:
                    yield self.finding(Slot, x, descriptor, f".{descriptor.__name__}")
        yield from self._items(x.__dict__, mentions)

    def _in_type(self, x: type, mentions: Mentions) -> Iterator[Finding]:
        yield from self.findings_in_class(x, mentions)
        yield from (self.finding(Item, self._space(x), name, f".{name}") for name in mentions.stored)

    def _in_variable(self, x: Variable, mentions: Mentions) -> Iterator[Finding]:
        """Its value is read anew in each replay."""
        slots = {"trainable": TRAINABLE, "name": vars(Variable)["name"]}
        yield from (self.finding(Slot, x, slots[name], f".{name}") for name in mentions.attributes & slots.keys())

    def _in_memory(self, x: Any, mentions: Mentions) -> Iterator[Finding]:
        yield self.finding(findings.Memory, x, None, "")

    def _in_weak_reference(self, x: Any, mentions: Mentions) -> Iterator[Finding]:
        yield self.finding(findings.Alive, x, None, "()")

    def _in_proxy(self, x: Any, mentions: Mentions) -> Iterator[Finding]:
        yield self.finding(Fixed, x, _referent(x), "")

    def _in_context(self, x: ContextVar, mentions: Mentions) -> Iterator[Finding]:
        yield self.finding(findings.Answer, x, functools.partial(x.get, MISSING), ".get()")

    def _in_thread(self, x: Any, mentions: Mentions) -> Iterator[Finding]:
        yield from (self.finding(findings.Local, x, name, f".{name}") for name in mentions.attributes)

    def _in_cache(self, x: Any, mentions: Mentions) -> Iterator[Finding]:
        yield self.finding(findings.Remembered, x, functools.partial(_results, x), "")

    def _items(self, space: dict[str, Any], mentions: Mentions, hidden: Iterable[str] = ()) -> Iterator[Finding]:
        """The attributes that are mentioned, of an object that has its attributes in this dict."""
        if mentions.whole and space and "__builtins__" not in space:  # a module's dict holds half of Python
            yield self.finding(Structure if mentions.structure else Contents, space, None, "")
        for name in mentions.attributes.intersection(space).union(mentions.stored, hidden):
            yield self.finding(Item, space, name, f".{name}")
        if "__wrapped__" in space:
            yield self.finding(Item, space, "__wrapped__", "")

    def _in_instance(self, x: Any, mentions: Mentions) -> Iterator[Finding]:
        lookup = self._lookup(type(x), mentions)
        for name, descriptor in lookup.slots:
            yield self.finding(Slot, x, descriptor, f".{name}")
        space = dict_of(x)
        if space is not None:
            yield from self._items(space, mentions, lookup.hidden)
            if callable(x) and _is_library(_module_of(type(x))):  # it may call what it holds, out of sight
                yield self.finding(Contents, space, None, "")

    def _lookup(self, kind: type, mentions: Mentions) -> _Lookup:
        """How the names that are mentioned are found in a class."""
        known = kind, id(mentions)
        if known in self._lookups:
            return self._lookups[known]
        self._lookups[known] = lookup = _Lookup([], [], set())
        own = [base for base in kind.__mro__ if not _stays(_module_of(base))]
        if own:
            lookup.findings.append(self.finding(Slot, kind, _MRO, ".__mro__"))
        called = _called_by_python(own)
        slots = _names_of_slots(kind) if mentions.whole else ()
        may_come = mentions.survives or "__getattr__" in called
        beside = _names_beside(kind)
        for name in {*mentions.attributes, *called, *slots}:
            bases = [base for base in kind.__mro__ if name in vars(base)]
            found = vars(bases[0])[name] if bases else MISSING
            if _is_slot(found):
                lookup.slots.append((name, found))
            elif bases or may_come or name in beside:
                before = _until(own, bases, "super" in mentions.globals)
                lookup.findings.extend(self.finding(Item, self._space(base), name, f".{name}") for base in before)
                if not (mentions.own or name in called or hasattr(type(found), "__set__")):
                    lookup.hidden.add(name)
        return lookup

    def _space(self, kind: type) -> Any:
        """The attributes of a class, as one and the same view."""
        return self._spaces.setdefault(kind, vars(kind))


_KINDS: list[tuple[Any, Callable[[Lookups, Any, Mentions], Iterator[Finding]]]] = [
    (types.ModuleType, Lookups._in_module), (types.FunctionType, Lookups._in_function), (type, Lookups._in_type),
    (Variable, Lookups._in_variable), (weakref.ref, Lookups._in_weak_reference), (ContextVar, Lookups._in_context),
    (weakref.ProxyTypes, Lookups._in_proxy), (threading.local, Lookups._in_thread), (_CACHED, Lookups._in_cache),
    ((bytearray, memoryview, array), Lookups._in_memory),
]  # fmt: skip
"""What is peculiar to the objects of some classes."""


_NOT_CALLED = frozenset((
    "__dict__", "__weakref__", "__doc__", "__module__", "__new__", "__repr__", "__slots__", "__qualname__",
    "__annotations__", "__firstlineno__", "__static_attributes__", "__abstractmethods__", "__orig_bases__",
    "__parameters__", "__match_args__", "__dataclass_fields__", "__dataclass_params__",
))  # fmt: skip
"""Names with underscores that are not looked up when an object of a class is used."""


def _module_of(kind: type) -> str:
    """The name of the module that a class is of; "" for a class that says something else."""
    found = kind.__module__
    return found if type(found) is str else ""


def _called_by_python(bases: list[type]) -> set[str]:
    """The names of methods that operators and statements call."""
    return {name for base in bases for name in vars(base) if name.startswith("__") and name not in _NOT_CALLED}


def _names_of_slots(kind: type) -> list[str]:
    return [name for base in kind.__mro__ for name, x in vars(base).items() if _is_slot(x)]


def _names_beside(kind: Any) -> set[str]:
    """The names that its metaclass has for a class."""
    metaclasses: Any = type(kind).__mro__
    return {name for meta in metaclasses if meta not in (type, object) for name in vars(meta)}


def _until(own: list[type], having: list[type], superclasses: bool) -> list[type]:
    """The user's classes among the bases in which a name is looked up, of which some have it: until the first of them,
    or the last if the code asks `super()`."""
    last = having[-1 if superclasses else 0] if having else None
    return own[: own.index(last) + 1] if last in own else own


def _is_library(module: str) -> bool:
    """Whether a module is NumPy's, or of the engine of ntb: what is there is looked at no further."""
    top, _, below = module.partition(".")
    return top in ("numpy", "builtins") or (top == "ntb" and below.partition(".")[0] not in ("nn", "optim"))


def _stays(module: str) -> bool:
    """Whether the functions and classes of a module are taken to stay as they are: libraries, Python's own too."""
    top = module.partition(".")[0]
    return top in ("numpy", "ntb") or (top in sys.stdlib_module_names and top != "__main__")


def _is_slot(x: Any) -> bool:
    return isinstance(x, types.MemberDescriptorType)


def dict_of(x: Any) -> Any:
    """The dict of an object's attributes, without calling what its class may have in its place; None without one."""
    try:
        space = object.__getattribute__(x, "__dict__")
    except AttributeError:
        return None
    return space if isinstance(space, dict) else None


def _results(cache: Any) -> list[Any]:
    """What a `functools.lru_cache` holds, its function and its results, but not the dict that grows."""
    found = gc.get_referents(cache)
    return [part for x in found for part in (x.values() if type(x) is dict else [x])]


def _referent(proxy: Any) -> list[tuple[str, Any]]:
    """The object that a weak proxy stands for, which only its methods tell."""
    try:
        return [("", proxy.__reduce_ex__.__self__)]
    except ReferenceError:
        return []
