"""Warm programs: who is told of a program that has run for a while, and may make it faster.

    cold      it was traced; every call costs what it costs
    warm      it has run some times: those in `when_warm` are told, who may put another executable in its place

They are told where spot checks stand, in a program's 2nd call, its 4th, 8th and so on, so that nothing counts twice.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .program import Program

when_warm: list[Callable[[Program], None]] = []
"""What is called with each program that is warm, and returns at once."""


def tell(program: Program) -> None:
    for call in when_warm:
        call(program)
