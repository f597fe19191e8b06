"""Kept programs: those of a traced function, by the signatures of the calls that they serve."""

from __future__ import annotations

import itertools
import threading
import weakref
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any

from ..errors import warn
from .constants import is_void, lasting
from .dependencies import told
from .signature import check_hash, difference

if TYPE_CHECKING:
    from .program import Program
    from .workspace import Workspace

MANY_TRACES = 8
_books = threading.RLock()
"""Held while programs are looked up or changed, as several threads may call a function at once."""


class RetraceWarning(UserWarning):
    """A traced function is traced again and again, which costs more than it saves."""


class Kept:
    """The programs of a traced function; the least recently used goes when there are more than `most`.

    Attributes:
        latest: the signature that was used last, and its programs; traces: how many there were.
    """

    def __init__(self, name: str, most: int) -> None:
        self.name = name
        self.most = most
        self._programs: OrderedDict[Hashable, list[Program]] = OrderedDict()
        self.latest: tuple[Hashable, list[Program]] = None, []
        self._workspaces: list[Workspace] = []  # that all programs run in
        self._recent: deque[Hashable] = deque(maxlen=3)  # the signatures that were traced last
        self._gone = _without_keeping(self)
        self.traces = 0
        self._warned = False

    def __reduce__(self) -> tuple:
        return type(self), (self.name, self.most)  # what was traced for one function is not for its copy

    def of(self, signature: Hashable) -> list[Program]:
        """The programs of a signature, the latest first. It is noted as the one used last."""
        check_hash(signature)
        with _books:
            programs = self._programs.get(signature, [])
            if programs:
                self._programs.move_to_end(signature)
                self.latest = programs[0].signature, programs
        return programs

    def all(self) -> list[Program]:
        """All programs, the most recently used signature last."""
        with _books:
            return [program for programs in self._programs.values() for program in programs]

    def clear(self) -> None:
        """Let all programs go, and their memory."""
        with _books:
            self._programs.clear()
            self._workspaces = []
            self.latest = None, []

    def add(self, signature: Hashable, program: Program, made: str, before: list[Program]) -> None:
        """Count a trace, and keep its program, unless the run has made something that the next one may not make.

        Args:
            made: what the run has made, or "".
            before: the programs of the signature that the call met; if there are others now, another thread has traced
                the function at the same time, and its program will do.
        """
        with _books:
            if self._programs.get(signature, before) is not before:
                return
            self.traces += 1
            if not made:
                signature = program.signature = lasting(signature, self._gone)
                program.executable.workspaces = self._workspaces
                self._recent.append(signature)
                # in a new list, as another thread may be going through the old one
                self._programs[signature] = [program, *self._programs.pop(signature, [])]
                self.latest = signature, self._programs[signature]
            why = self._why(signature, made)
            for _ in range(len(self.all()) - self.most):
                oldest = next(iter(self._programs))
                self._programs[oldest] = self._programs[oldest][:-1]
                if not self._programs[oldest]:
                    del self._programs[oldest]
        if why:
            warn(f"{self.name} was traced {self.traces} times: {why}", RetraceWarning)

    def _forget_the_dead(self) -> None:
        """Let the programs of objects go that are gone."""
        with _books:
            for signature in list(self._programs):
                if is_void(signature):
                    self._programs.pop(signature, None)
            if is_void(self.latest[0]):
                self.latest = None, []

    def _why(self, signature: Hashable, made: str) -> str:
        """What makes traces differ, for the warning; "" if there is none, as they are few, or it was given before."""
        if self.traces <= MANY_TRACES or self._warned:
            return ""
        self._warned = True
        if made:
            return f"each run makes {made}; make them outside of it, once"
        same = self._programs[signature]
        if len(same) > 1:
            finding = same[1].dependencies.changed()
            if finding is not None:
                return (
                    f"{told(finding)}. What the function finds around it is constant in a program: pass a number that "
                    "varies as an argument (a float), or keep it in a Variable"
                )
            return (
                "an `if` (or int()) on a traced value goes many different ways; use np.where, or keep the decision "
                "outside the traced function"
            )
        parts = [difference(a, b) for a, b in itertools.pairwise(self._recent)]
        return (
            f"calls differ in {' and '.join(dict.fromkeys(parts))}. Each shape, dtype, int, bool and string "
            "has a trace of its own: keep shapes equal (drop or pad the last batch), and numbers that vary as floats"
        )


def _without_keeping(kept: Kept) -> Callable[[Any], None]:
    """What is called when an object is gone that a signature names; it does not keep the programs alive."""
    found = weakref.ref(kept)

    def gone(_: Any) -> None:
        kept = found()
        if kept is not None:
            kept._forget_the_dead()

    return gone
