"""Totals: sums over all elements of what a loop has written, in NumPy's order, so that they have its bits.

NumPy adds up halves of a long array one by one, and in a short one eight numbers at a time (pairwise summation; Higham,
"The accuracy of floating point summation", 1993). A sum of a few hundred numbers takes less time than NumPy's call.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ..replay.blocks import summed_whole
from ..replay.code import Code, Instruction
from .symbols import Value

_LARGEST = 1 << 12
"""Bytes of an array of which a loop takes the sum; with more the call does not matter."""
_HALVED = 5
"""How often such an array is halved until 128 numbers are left, and once more, as halves are not quite equal."""


class Total(NamedTuple):
    """A sum that a loop takes: of which value, and the value that it is."""

    of: Value
    result: Value


def _few(x: Any, begin: int, n: int) -> Any:
    """The sum of at most 128 numbers of an array without gaps, from one on."""
    if n < 8:
        total = x[begin]
        for i in range(begin + 1, begin + n):
            total += x[i]
        return total
    t0, t1, t2, t3 = x[begin], x[begin + 1], x[begin + 2], x[begin + 3]
    t4, t5, t6, t7 = x[begin + 4], x[begin + 5], x[begin + 6], x[begin + 7]
    eights = begin + n - n % 8
    for i in range(begin + 8, eights, 8):
        t0 += x[i]
        t1 += x[i + 1]
        t2 += x[i + 2]
        t3 += x[i + 3]
        t4 += x[i + 4]
        t5 += x[i + 5]
        t6 += x[i + 6]
        t7 += x[i + 7]
    total = ((t0 + t1) + (t2 + t3)) + ((t4 + t5) + (t6 + t7))
    for i in range(eights, begin + n):
        total += x[i]
    return total


def _more(few: Any, below: Any) -> Any:
    """The sum of two halves, of which the first is a multiple of eight numbers long, by functions for the halves."""

    def more(x: Any, begin: int, n: int) -> Any:
        if n <= 128:
            return few(x, begin, n)
        half = n // 2 - n // 2 % 8
        return below(x, begin, half) + below(x, begin + half, n - half)

    return more


def summed(compile: Callable[[Any], Any]) -> Any:
    """The sum of n numbers of an array without gaps, from one on, as a function of these. No function calls itself, as
    the compiler could not take such a one out of its process.

    >>> x = np.random.default_rng(0).normal(size=1000)
    >>> bool(summed(lambda function: function)(x, 0, 1000) == np.sum(x))
    True
    """
    few = below = compile(_few)
    for _ in range(_HALVED):
        below = compile(_more(few, below))
    return below


def is_total(code: Code, instruction: Instruction, row: list[Instruction]) -> bool:
    """Whether a call sums up all elements of a small array that a row of calls gives."""
    summed = summed_whole(code, instruction, row)
    return summed is not None and np.dtype(summed.dtype).itemsize < summed.nbytes < _LARGEST
