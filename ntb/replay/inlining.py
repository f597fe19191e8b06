"""Inlining: which calls of a printed program are written inside the call that uses their result."""

from __future__ import annotations

from ..functions import name_of
from ..tree import leaves
from .breaks import LINE
from .code import Code, Instruction, Ref
from .expressions import INFIX

_WIDE = 80  # an expression of so many characters gets a line of its own
_NAME = 3  # the width of a name that is not known yet, such as t12
_MARGIN = 7  # the indentation, and the sign of the assignment


def inlined(code: Code, gradients: dict[Ref, Ref]) -> set[int]:
    """The positions of the calls that are written inside the only call that uses them, if no line gets too long.

    A value whose gradient has a line of its own has one too, so that `d_t1` stands for something.
    """
    users: dict[Ref, list[Instruction]] = {}
    for i in code.instructions:
        for ref in i.reads():
            users.setdefault(ref, []).append(i)
    made = {i.result: n for n, i in enumerate(code.instructions) if type(i.result) is Ref}
    width = {ref: len(code.names.get(ref, "t" * _NAME)) for ref in made}
    alone = {*code.names, *code.results()}
    found: set[int] = set()
    for n, i in enumerate(code.instructions):
        target = len(code.names.get(i.result, "")) if type(i.result) is Ref else _NAME
        too_long = target + _MARGIN + _length(i, width) - LINE
        for ref in sorted(set(i.reads()), key=lambda ref: -width.get(ref, 0)):
            if too_long > 0 and made.get(ref) in found:
                found.remove(made[ref])
                too_long -= width[ref] - _NAME
                width[ref] = _NAME
        if _may_be_inside(i, users) and i.result not in alone and _length(i, width) < _WIDE:
            found.add(n)
            width[i.result] = _length(i, width)
    return found - {made[x] for x, d in gradients.items() if x in made and made.get(d) not in found}


def _may_be_inside(i: Instruction, users: dict[Ref, list[Instruction]]) -> bool:
    """Whether one call uses its result, once and in the same section."""
    if type(i.result) is not Ref or i.effect:
        return False
    return [user.section for user in users.get(i.result, [])] == [i.section]


def _length(instruction: Instruction, width: dict[Ref, int]) -> int:
    """About how many characters a call takes, given those of the values that it reads."""
    parts = [*leaves(instruction.args), *leaves(instruction.kwargs)]
    name = 0 if instruction.function in INFIX else len(name_of(instruction.function))
    widths = [width.get(x, 5) if type(x) is Ref else 5 if type(x) is slice else len(str(x)) for x in parts]
    return name + sum(widths) + 2 * len(parts)
