"""Surroundings: which code runs while a function is traced, and where that code may have found what it works with.

Python tells it of every call (`sys.setprofile`). So it knows what the code holds: globals, arguments, local variables,
what calls return, and whatever can be reached from there by the names that the code mentions (mentions.py). A finding
(findings.py) is noted with its value when it is first met; in the end this also shows what the function wrote.
"""

from __future__ import annotations

import gc
import operator
import random
import sys
import types
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import annotate
from ..tape.tensor import Tensor, apply
from .containers import opened
from .findings import Finding, Item, Slot
from .lookups import CELL, TRAINABLE, Lookups
from .mentions import Mentions, counts, is_of_python, mentions_of
from .told import told_of_calls

if TYPE_CHECKING:
    from .trace import Trace

_SIMPLE = frozenset({str, bytes, int, float, complex, bool, type(None), np.ndarray, range, slice, Tensor})
_LEAVES: Any = (*_SIMPLE, np.generic, np.ufunc, np.dtype, type(...), types.CodeType, types.FrameType)
_IN_GENERATOR = 0x20 | 0x80 | 0x200  # the flags of code that can stop and go on
_GETTERS = (operator.attrgetter, operator.methodcaller)
_OPERATION, _FAILURE, _GENERATOR = object(), object(), object()
_SYSTEM = random.SystemRandom
_SYSTEM_NUMBERS = [f.__code__ for f in (_SYSTEM.getrandbits, _SYSTEM.random, _SYSTEM.randbytes)]


class Surroundings:
    """The findings of a traced run.

    Attributes:
        below: by the `id()` of an object the findings in it.
        roots: findings that can be found from anywhere.
        entropy: whether numbers were drawn from the system.
        failed: the first operation that failed, and the name of its error.
    """

    def __init__(self) -> None:
        self.below: dict[int, dict[Finding, None]] = {}
        self.roots: list[Finding] = []
        self.entropy = False
        self.failed: tuple[str, str] | None = None
        self._mentions: dict[int, Any] = {id(code): None for code in _called_at_any_time()}
        self._mentions |= {id(apply.__code__): _OPERATION, id(annotate.__code__): _FAILURE}
        self._depth = 0  # of operations that go on: what they call is called by replays too
        self._seen: set[tuple[int, int]] = set()
        self._alive: list[Any] = []  # what is known by its `id()`, which must not come twice
        self._frames = frames = dict[int, Any]()  # by the `id()`, the frames of generators that went on
        self._lookups = Lookups(lambda frame: id(frame) in frames)
        self._held: dict[int, list[Any]] = {}  # what code holds, by the `id()` of its mentions
        self._narrowed: dict[int, Mentions] = {}
        self._more: dict[int, Mentions] = {}  # mentions with the names that things it holds look up
        self._objects: list[tuple[str, Any]] = []

    @contextmanager
    def watching(self, trace: Trace, function: Any, arguments: Iterable[Any]) -> Iterator[None]:
        """A block in which a function runs: first it is noted what can be found in it and in its arguments."""
        self._objects = [("", function), *_named(function, arguments)]
        code = getattr(function, "__code__", None)
        numpy_random: Any = np.random  # the stubs do not know its get_bit_generator
        self.roots.append(self._lookups.mark(numpy_random.get_bit_generator(), "np.random"))
        mentions = _NOTHING
        if code is not None:
            mentions = self._first_run(code, function.__globals__, None) or mentions_of(code)
        for _, x in self._objects:
            self.hold(x, mentions)
        trace.watcher = self._note
        try:
            with told_of_calls(trace.watcher):
                yield
        finally:
            trace.watcher = None

    def _note(self, frame: types.FrameType, event: str, arg: Any) -> None:
        if event[1] == "_":  # c_call, c_return: of a function in C
            return
        code = frame.f_code
        try:
            mentions = self._mentions[id(code)]
        except KeyError:
            if self._depth:
                return
            mentions = self._first_run(code, frame.f_globals, frame.f_back)
        if type(mentions) is not Mentions:
            if mentions is _OPERATION:
                self._depth += 1 if event == "call" else -1
            elif mentions is _FAILURE and event == "call":
                self.failed = self.failed or (frame.f_locals["name"], type(frame.f_locals["error"]).__name__)
            elif mentions is _GENERATOR:
                self._frames[id(frame)] = frame
            return
        if self._depth:
            return
        if code.co_flags & _IN_GENERATOR:
            self._frames[id(frame)] = frame
        for x in frame.f_locals.values():
            if type(x) not in _SIMPLE:
                self.hold(x, mentions)
        if event == "return" and type(arg) not in _SIMPLE and frame.f_back is not None:
            caller = self._mentions.get(id(frame.f_back.f_code))
            if type(caller) is Mentions:
                self.hold(arg, caller)

    def _first_run(self, code: types.CodeType, space: dict[str, Any], caller: Any) -> Mentions | None:
        """What the code mentions, None if it does not count; its globals are noted."""
        self.entropy |= code in _SYSTEM_NUMBERS
        self._alive.append(code)
        found = mentions_of(code) if counts(code.co_filename) else None
        if found is not None and is_of_python(code.co_filename):  # it counts if the user's code calls it
            called_by = None if caller is None else self._mentions.get(id(caller.f_code))
            found = found if type(called_by) is Mentions and not called_by.own else None
        self._mentions[id(code)] = _GENERATOR if found is None and code.co_flags & _IN_GENERATOR else found
        if found is not None and not found.own:
            for name in (space if found.all_globals else found.globals).copy():
                finding = self._lookups.finding(Item, space, name, name)
                self.roots.append(finding)
                for x in finding.parts():
                    self.hold(x, found if name in found.globals else self._narrow(found))
            for name in found.modules:
                for full in (name, f"{space.get('__package__')}.{name}"):
                    if full in sys.modules:
                        self.hold(sys.modules[full], found)
        return found

    def hold(self, x: Any, by: Mentions) -> None:
        """Note all that code with these mentions may look at, beginning with an object that it holds."""
        mentions = self._more.get(id(by), by)
        if (id(x), id(mentions)) in self._seen:
            return
        self._held.setdefault(id(by), []).append(x)
        first, stack = x, [x]
        while stack:
            x = stack.pop()
            kind = type(x)
            if kind is types.ModuleType and x is not first and mentions.whole:  # else it would look at half of Python
                self.hold(x, self._narrow(mentions))
                continue
            seen = id(x), id(mentions)
            if seen in self._seen or issubclass(kind, _LEAVES):
                continue
            self._seen.add(seen)
            self._alive.append(x)
            if kind in _GETTERS and not mentions.attributes.issuperset(names := _names_in(x)):
                self._more[id(by)] = mentions._replace(attributes=mentions.attributes | names)
                self._alive.append(mentions)
                for held in self._held.pop(id(by)):
                    self.hold(held, by)
                return
            stack += self._noted(x, self._lookups.findings_in(x, mentions))
            stack += self._noted(kind, self._lookups.findings_in_class(kind, mentions))

    def _narrow(self, mentions: Mentions) -> Mentions:
        """Mentions of code that looks up no attributes but those that are named in it."""
        found = self._narrowed.setdefault(id(mentions), mentions._replace(whole=False))
        self._alive.append(mentions)
        return found

    def _noted(self, x: Any, findings: Iterable[Finding]) -> list[Any]:
        """Note findings in an object; returns what is there."""
        below = self.below.setdefault(id(x), {})
        found: list[Any] = []
        for finding in findings:
            below[finding] = None
            found += finding.parts()
        return found

    def found(self, variables: Iterable[Any]) -> Iterator[Finding]:
        """The findings that can be reached from outside, each with the path to it as its name: from globals, from the
        function and its arguments, and whether these variables are trainable. What the function made for itself does
        not count."""
        for variable in variables:
            name = f"{variable.name or 'variable'}.trainable"
            self.roots.append(self._lookups.finding(Slot, variable, TRAINABLE, name))
        self.roots += self._lookups.modules
        findings: set[Finding] = set()
        met: set[int] = set()
        pending = [("", finding) for finding in self.roots]
        for name, x in self._objects:
            met.add(id(x))
            pending += [(name, finding) for finding in self._below(x)]
        while pending:
            path, finding = pending.pop()
            if finding in findings:
                continue
            findings.add(finding)
            finding.name = (path + finding.name).lstrip(".")
            yield finding
            for key, part in finding.labelled(finding.value):
                if id(part) not in met:
                    met.add(id(part))
                    pending += [(finding.name + key, below) for below in self._below(part)]

    def close(self) -> None:
        """Let the frames go, which lead to whoever holds this."""
        self._frames.clear()

    def _below(self, x: Any) -> list[Finding]:
        """The findings in an object and its class; of a function that did not run, or only within an operation, not its
        closure."""
        findings = [*self.below.get(id(x), ()), *self.below.get(id(type(x)), ())]
        if type(x) is types.FunctionType and id(x.__code__) not in self._mentions:
            return [finding for finding in findings if finding.key is not CELL]
        return findings


def _called_at_any_time() -> list[types.CodeType]:
    """The code that the traced function has no part in: what Python calls before and after it collects garbage, and
    what is here."""
    watching: Any = Surroundings.watching
    return [x.__code__ for x in (*gc.callbacks, watching.__wrapped__) if hasattr(x, "__code__")]


def _named(function: Any, arguments: Iterable[Any]) -> Iterator[tuple[str, Any]]:
    """The objects in the arguments that count by identity, with the parameters' names; signatures have the rest."""
    code = getattr(function, "__code__", None)
    names = code.co_varnames if code is not None else ()
    for i, argument in enumerate(arguments):
        name = names[i] if i < len(names) else f"argument {i}"
        pending = [argument]
        while pending:
            x = pending.pop()
            parts = opened(x)
            if parts is not None:
                pending += [part for _, part in (*parts[0], *parts[1])]
            elif not issubclass(type(x), _LEAVES):
                yield name, x


def _names_in(getter: Any) -> frozenset[str]:
    """The names that an attrgetter or a methodcaller looks up, and its other texts, which do no harm."""
    make, given = getter.__reduce__()
    texts = [x for x in (*getattr(make, "args", ()), *given) if isinstance(x, str)]
    return frozenset(name for text in texts for name in text.split("."))


_NOTHING = Mentions(frozenset(), frozenset(), frozenset(), frozenset(), False, False, False, False, False)
