"""Passes: from an instruction list to a shorter or quicker one that gives the same numbers, bit for bit.

`simplify` gives what a program's source shows; `lower` what runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from .calls import literals, shorten
from .code import Code, Ref, refs
from .memory import fix_views, in_place, lay_out, place, renew, reuse

left_out: ContextVar[frozenset[str]] = ContextVar("left_out", default=frozenset())
LOWERING: tuple[Callable[[Code], Code], ...] = (shorten, literals, place, fix_views, renew, in_place, reuse)


@contextmanager
def without(*names: str) -> Iterator[None]:
    """A block in which programs are built without these passes."""
    token = left_out.set(frozenset(names))
    try:
        yield
    finally:
        left_out.reset(token)


def simplify(code: Code, values: dict[Ref, object]) -> Code:
    """Drop what need not be computed in a run."""
    return prune(fold(code, values))


def lower(code: Code) -> Code:
    """The code as it is executed: the shortest calls, and a place in memory for every value that can have one."""
    code = code.copy()
    for step in LOWERING:
        if step.__name__ not in left_out.get():
            code = step(code)
    return lay_out(code)


def prune(code: Code) -> Code:
    """Drop what no output, assignment, draw or guard depends on. Draws stay, as later numbers depend on them."""
    needed = set(code.results())
    kept = []
    for instruction in reversed(code.instructions):
        if instruction.effect or any(ref in needed for ref in instruction.writes()):
            needed.update(instruction.reads())
            kept.append(instruction)
    code.instructions = kept[::-1]
    code.variables = {variable: ref for variable, ref in code.variables.items() if ref in needed}
    code.constants = {ref: value for ref, value in code.constants.items() if ref in needed}
    return code


def fold(code: Code, values: dict[Ref, object]) -> Code:
    """Replace calls that depend on constants only by the value that the trace saw."""
    kept = []
    for instruction in code.instructions:
        constant = instruction.effect != "draw" and all(ref in code.constants for ref in instruction.reads())
        if not constant:
            kept.append(instruction)
        elif instruction.effect != "guard":
            code.constants.update((ref, values[ref]) for ref in refs(instruction.result))
            code.shared.update(refs(instruction.result))
    code.instructions = kept
    return code
