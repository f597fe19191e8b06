"""Loops beside NumPy: what a tuned primitive does in several passes over its arrays, and the one loop that could do it.

    def _scale_loop(x, y):
        for i in range(x.size):
            y[i] = x[i] * x[i] + x[i]

    @looped(_scale_loop)
    def _scale(x, y):
        np.multiply(x, x, y)
        np.add(y, x, y)

The function runs as it stands, by NumPy. For a program that runs often, `ntb/compiled` compiles the loop, compares it
with the function, and runs the program's primitives in `instead`, a block in which machine code takes the function's
place. Both give the same bits, so that nobody can tell which of them ran.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_chosen: ContextVar[Callable[[Any], Callable[..., Any]] | None] = ContextVar("chosen", default=None)


def looped(loop: Callable[..., None], given: Any = None, scratch: int = 0) -> Callable[..., Any]:
    """Put a loop beside a function of arrays (and whole numbers), which writes its results into some of them.

    Args:
        loop: takes the same arguments and gives the same bits; plain Python, which a compiler can read by itself. No
            result shares memory with another argument, except that an array may be read and written element by element.
        scratch: how many arguments, the last ones, nobody reads afterwards, so that NumPy may use their memory.
        given: fills in, in random arguments, what the function relies on, before the two are compared.

    >>> import numpy as np
    >>> def _double_loop(x):
    ...     for i in range(x.size):
    ...         x[i] = x[i] + x[i]
    >>> @looped(_double_loop)
    ... def double(x):
    ...     np.add(x, x, x)
    >>> x = np.ones(2)
    >>> double(x)
    >>> x
    array([2., 2.])
    """

    def beside(function: Callable[..., None]) -> Callable[..., Any]:
        @functools.wraps(function)
        def call(*args: Any) -> None:
            choice = _chosen.get()
            (function if choice is None else choice(call))(*args)

        vars(call).update(by_numpy=function, loop=loop, scratch=scratch, given=given)
        return call

    return beside


@contextmanager
def instead(choice: Callable[[Any], Callable[..., Any]]) -> Iterator[None]:
    """A block in which `choice` tells, of each function that is `looped`, what runs in its place."""
    before = _chosen.set(choice)
    try:
        yield
    finally:
        _chosen.reset(before)
