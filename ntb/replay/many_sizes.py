"""Many sizes: a traced function whose arguments come in sizes that vary, as those of batches do.

A trace costs as much as a hundred runs, so sizes that vary at random must not be traced whenever new ones are met. Each
call is answered in one of three ways, with the same bits:

- by a program for just its sizes: the first sizes have one at once, others when they turn out to be frequent;
- by the one program for any size (`any_size.py`), where the function does not decide by sizes;
- by a run of the function as it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from operator import attrgetter
from typing import Any

import numpy as np

from ..tape.listener import listeners
from .any_size import AnySize
from .function import Function
from .program import Program

_MOST_PROGRAMS = 64
_RUNS_FOR_A_TRACE, _MOST_RARE = 200, 4000
"""Sizes have a program of their own when they were met so often; so many rarer ones are remembered."""
_size = attrgetter("shape", "dtype")


class ManySizes:
    """A function of arrays, given by name, that is called with many combinations of sizes.

    Args:
        function: the function.
        uniform: whether it is known not to decide by sizes, other than 0 and 1.

    Attributes:
        plain: the function without programs, called in the same way.
        own: for each combination of sizes that has a program of its own its traced function.
        any_size: what answers for the others; None for a function that is not uniform.

    >>> total = ManySizes(lambda x: x * len(x), uniform=True)
    >>> [total(x=np.ones(n)).sum() for n in (3, 5, 7, 8, 9)]
    [np.float64(9.0), np.float64(25.0), np.float64(49.0), np.float64(64.0), np.float64(81.0)]
    >>> len(total.own), len(total.any_size.programs)
    (1, 1)
    """

    def __init__(self, function: Callable[..., Any], uniform: bool) -> None:
        self.function = function
        self.plain = Function(function, max_traces=0, arrays=True)
        self.own: dict[Any, Function] = {}
        self.any_size = AnySize(function, arrays=True) if uniform else None
        self._met: Counter[Any] = Counter()

    def __call__(self, **arrays: np.ndarray) -> Any:
        if listeners.get():  # an open listener is told of each operation
            return self.plain(**arrays)
        sizes = tuple(map(_size, arrays.values()))
        own = self.own.get(sizes)
        if own is None and self._is_frequent(sizes):
            own = self.own[sizes] = Function(self.function, arrays=True)
        if own is not None:
            return own(**arrays)
        answer = self.any_size.attempt(sizes, arrays) if self.any_size is not None else None
        return self.plain(**arrays) if answer is None else answer

    def trace(self, **arrays: np.ndarray) -> Program:
        """The program for these arrays; see `Function.trace`."""
        return Function(self.function, arrays=True).trace(**arrays)

    def _is_frequent(self, sizes: Any) -> bool:
        """Whether sizes that have no program of their own get one now."""
        if self.own:
            self._met[sizes] += 1
            if self._met[sizes] < _RUNS_FOR_A_TRACE:
                if len(self._met) > _MOST_RARE:
                    self._met.clear()
                return False
        if len(self.own) >= _MOST_PROGRAMS:
            self.own.clear()
        return True
