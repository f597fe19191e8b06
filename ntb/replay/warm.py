"""Warm programs: who is told of a program that has run for a while, and may make it faster.

    cold      it was traced; every call costs what it costs
    warm      it has run some times: `listeners` are told, of which one may put another executable in its place

A program is told of where spot checks stand, in its 2nd call, its 4th, 8th and so on, so that nothing is counted twice.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .program import Program

listeners: list[Callable[[Program], None]] = []
"""Called with each program that is warm; they return at once."""


def tell(program: Program) -> None:
    for listener in listeners:
        listener(program)
