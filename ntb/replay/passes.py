"""Passes: from an instruction list to a shorter or quicker one that gives the same numbers, bit for bit.

`simplify` gives the code that a program's source shows; `lower` gives the code that runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from ..tree import BRANCHES, children
from .arena import lay_out, reuse
from .blocks import block
from .calls import literals, shorten
from .code import Code, Instruction, Ref, refs, substitute
from .memory import allocate, fix_views, in_place, is_own, renew, traits

left_out: ContextVar[frozenset[str]] = ContextVar("left_out", default=frozenset())
LOWERING: tuple[Callable[[Code], Code], ...] = (shorten, literals, allocate, fix_views, renew, block, in_place, reuse)


@contextmanager
def without(*names: str) -> Iterator[None]:
    """A block in which programs are built without these passes."""
    before = left_out.set(frozenset(names))
    try:
        yield
    finally:
        left_out.reset(before)


def simplify(code: Code, values: dict[Ref, object]) -> Code:
    """Drop what need not be computed in a run."""
    for step in _wanted(SIMPLIFYING):
        code = step(code, values) if step is fold else step(code)
    return code


def lower(code: Code, steps: tuple[Callable[[Code], Code], ...] = LOWERING) -> Code:
    """The code as it is executed: the shortest calls, and a place in memory for every value that can have one."""
    code = code.copy()
    for step in _wanted(steps):
        code = step(code)
    return lay_out(code)


def _wanted(steps: tuple[Callable[..., Code], ...]) -> list[Callable[..., Code]]:
    return [step for step in steps if step.__name__ not in left_out.get()]


def prune(code: Code) -> Code:
    """Drop what no output, assignment, draw or guard depends on.

    Nobody would see it. Draws stay, as the numbers that are drawn after them depend on how many there were.
    """
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
    """Replace calls whose arguments are all constant by the values that the trace saw.

    They would give the same in every run. Draws of random numbers stay, as each run draws anew.
    """
    kept = []
    for instruction in code.instructions:
        constant = instruction.effect != "draw" and all(ref in code.constants for ref in instruction.reads())
        if not constant:
            kept.append(instruction)
        elif instruction.effect != "guard":
            code.constants.update((ref, values[ref]) for ref in refs(instruction.result))
            code.shared.update(refs(instruction.result))
            code.folded.update(ref for pull in instruction.pulls for ref in pull.results)
    code.instructions = kept
    return code


def merge(code: Code) -> Code:
    """Compute once what is computed twice: the same call on the same values.

    What is returned is computed by itself, as each result is an array of its own; so is what a user's function reads,
    as it may return that. And two operands of a matrix product stay two: BLAS sums in another order when both are one
    array.
    """
    operands: dict[Ref, list[set[Ref]]] = {}  # of products, by each of them
    alone = set(code.results())
    for instruction in code.instructions:
        roots = _roots_read(code, instruction)
        if not is_own(instruction):
            alone |= roots
        for root in roots if traits(instruction.function).product else ():
            operands.setdefault(root, []).append(roots)
    known: dict[Any, Ref] = {}
    same: dict[Ref, Ref] = {}
    makers: dict[Ref, Instruction] = {}
    kept = []
    for instruction in code.instructions:
        if any(ref in same for ref in instruction.reads()):
            instruction.args = substitute(instruction.args, lambda ref: same.get(ref, ref))
            instruction.kwargs = substitute(instruction.kwargs, lambda ref: same.get(ref, ref))
        ref = instruction.result
        if type(ref) is Ref and not instruction.effect and is_own(instruction):
            key = _call_key(instruction)
            twin = known.setdefault(key, ref) if key is not None else ref
            others = set().union(*operands.get(ref, ())) - {ref}
            if twin != ref and ref not in alone and twin not in {same.get(x, x) for x in others}:
                same[ref] = twin
                makers[twin].pulls += instruction.pulls
                continue
            makers[ref] = instruction
        kept.append(instruction)
    code.instructions = kept
    if same:
        _rename(code, same)
    return code


def _rename(code: Code, same: dict[Ref, Ref]) -> None:
    """Let what is known of a code speak of the values that others are the same as."""
    for instruction in code.instructions:
        instruction.pulls = tuple([pull.renamed(same) for pull in instruction.pulls])
        instruction.toward = same.get(instruction.toward, instruction.toward)
    code.folded = {same.get(ref, ref) for ref in code.folded}
    for spec in code.specs.values():
        spec.root = same.get(spec.root, spec.root)


def _roots_read(code: Code, instruction: Instruction) -> set[Ref]:
    """The values whose memory an instruction reads."""
    return {code.specs[ref].root for ref in instruction.reads()}


def _call_key(instruction: Instruction) -> Any:
    """A key that is equal for calls with the same result; None if an argument has no hash."""
    key = (instruction.function, _call_key_part(instruction.args), _call_key_part(instruction.kwargs))
    try:
        hash(key)
    except TypeError:
        return None
    return key


def _call_key_part(x: Any) -> Any:
    """The key of a part of the arguments. It holds types and signs, as 1 and 1.0, 0.0 and -0.0 are not the same."""
    if isinstance(x, BRANCHES):
        return (type(x), *[(name, _call_key_part(part)) for name, part in children(x)])
    if type(x) is slice:
        return (slice, _call_key_part(x.start), _call_key_part(x.stop), _call_key_part(x.step))
    return (type(x), repr(x) if type(x) is float else x)


SIMPLIFYING: tuple[Callable[..., Code], ...] = (fold, merge, prune)
