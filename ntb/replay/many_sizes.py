"""Many sizes: a traced function whose arguments come in sizes that vary, as those of batches do.

A trace costs as much as a hundred runs, so sizes that vary at random must not be traced whenever new ones are met. Each
call is answered in one of three ways, with the same bits:

- by a program for just its sizes: the first sizes have one at once, others when they turn out to be frequent;
- by the one program for any size (`any_size.py`), where the function does not decide by sizes;
- by a run of the function as it is, the first of which are written down to find that program.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable
from typing import Any

from ..forms import is_off
from .any_size import Unlike, code_for_any_size, fits
from .code import Code
from .function import Function
from .kept import MANY_TRACES, Kept
from .program import Program
from .trace import Trace, build

_MOST_PROGRAMS = 64
_RUNS_FOR_A_TRACE, _MOST_RARE = 200, 4000
"""Sizes have a program of their own when they were met so often; so many rarer ones are remembered."""
_COMPARED, _MOST_COMPARED = 3, 6
"""How many runs are compared; if no three of so many in a row differ in sizes only, no program serves any size."""


class ManySizes(Function):
    """A function of arrays, given by name, that is called with many combinations of sizes, and answers in arrays.

    Args:
        function: the function.
        uniform: whether it is known not to decide by sizes, other than 0 and 1.

    Attributes:
        plain: the function without programs.

    >>> import numpy as np
    >>> total = ManySizes(lambda x: np.sum(x * len(x)), uniform=True)
    >>> [int(total(x=np.ones(n))) for n in (3, 5, 7, 8, 9)]
    [9, 25, 49, 64, 81]
    >>> len(total.programs), total.any_size is not None
    (1, True)
    """

    _kept: _Sizes

    def __init__(self, function: Callable[..., Any], uniform: bool) -> None:
        super().__init__(function, arrays=True)
        self.plain = Function(function, max_traces=0, arrays=True)
        self._kept = _Sizes(self._kept.name, _MOST_PROGRAMS)
        self._rare: dict[Hashable, Code] | None = {} if uniform else None  # runs to compare, until it is known

    @property
    def any_size(self) -> Program | None:
        """The program for any size, if one was found."""
        return self._kept.any_size

    def _answer_anew(self, args: tuple, kwargs: dict, signature: Hashable, programs: list[Program]) -> Any:
        if self.any_size in programs:  # a decision went another way, or a result has another size than it says
            self._kept.any_size = None
        elif programs or self._kept.is_frequent(signature):
            return super()._answer_anew(args, kwargs, signature, programs)
        rare = self._rare  # as another thread may be done with it
        if rare is None or signature in rare or is_off():
            return self.plain(**kwargs)
        trace = Trace(getattr(self.function, "__code__", None))
        answer, _ = self.run(args, kwargs, trace)
        rare[signature], _ = build(self._kept.name, trace, trace.inputs, trace.outputs)
        self._compare(list(rare.values()))
        return self._in_kind(answer, args, kwargs)

    def _compare(self, codes: list[Code]) -> None:
        """Find the program for any size in the runs that were written down."""
        if len(codes) < _COMPARED:
            return
        try:
            code, pattern = code_for_any_size(codes[-_COMPARED:])
        except Unlike:
            if len(codes) >= _MOST_COMPARED:
                self._rare = None
            return
        self._rare = None
        self._kept.pattern = pattern
        self._kept.any_size = Program(code, None, check=self.check, in_kind=True, lowered=False)


class _Sizes(Kept):
    """The programs for frequent sizes; and the one for any size, which serves all others that it fits."""

    def __init__(self, name: str, most: int) -> None:
        super().__init__(name, most)
        self.any_size: Program | None = None
        self.pattern: list[Any] = []
        self._met: Counter[int] = Counter()  # by the hash of signatures; if two have the same, no harm is done

    def of(self, signature: Hashable) -> list[Program]:
        programs = super().of(signature)
        if programs:
            return programs
        if len(self._met) > _MOST_RARE:
            self._met.clear()
        met = self._met[hash(signature)] = self._met[hash(signature)] + 1
        found = self.any_size
        if found is None or met >= _RUNS_FOR_A_TRACE or is_off():  # it is of the tuned forms
            return []
        return [found] if fits(self.pattern, signature) else []

    def is_frequent(self, signature: Hashable) -> bool:
        """Whether sizes that have no program of their own get one now."""
        return not self._programs or self._met[hash(signature)] >= _RUNS_FOR_A_TRACE

    def add(self, signature: Hashable, program: Program, made: str, before: list[Program]) -> None:
        if not made:
            self._met.pop(hash(signature), None)  # they are counted anew should their program have to go
        super().add(signature, program, made, before)

    def clear(self) -> None:
        super().clear()
        self.any_size = None

    def _why(self, signature: Hashable, made: str) -> str:
        """Sizes alone are no reason to warn."""
        alike = self._programs.get(signature, ())
        return super()._why(signature, made) if made or len(alike) > MANY_TRACES else ""
