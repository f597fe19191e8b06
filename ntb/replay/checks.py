"""Checks: what a program asserts of NaN, where it is printed.

The walk back asks of each gradient whether it holds NaN (ops/gates.py), by three calls. They are printed as one, and
together at the end of a section:

    %4 = vdot(%3, %3)
    %5 = not_equal(%4, %4)
    guard(bool(%5)), False        assert not np.isnan(d_w).any()
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from .code import Code, Instruction, Ref


def no_nan(x: Any) -> bool:
    """Whether no element is NaN: a decision of programs that follow where zeros and infinite slopes meet."""
    return not np.isnan(x).any()


def checks_together(code: Code) -> list[Instruction]:
    """The instructions with the checks for NaN at the end of each section, and each check as one call."""
    uses = Counter(ref for i in code.instructions for ref in i.reads()) + Counter(code.results())
    made = {i.result: i for i in code.instructions if type(i.result) is Ref}
    found = {id(i): calls for i in code.instructions if (calls := _check_of(code, i, made, uses))}
    parts = {id(call) for calls in found.values() for call in calls}
    instructions: list[Instruction] = []
    waiting: list[Instruction] = []
    section = ""
    for i in code.instructions:
        if id(i) in found:
            total, _ = found[id(i)]
            waiting.append(i.standing_for(i.function, (no_nan, total.args[0]), {}, not i.result))
        elif id(i) not in parts:
            if i.effect or i.section != section:
                instructions += _as_one(waiting)
                section, waiting = i.section, []
            instructions.append(i)
    return instructions + _as_one(waiting)


def _check_of(
    code: Code, guard: Instruction, made: dict[Ref, Instruction], uses: Counter[Ref]
) -> tuple[Instruction, ...]:
    """The two calls before a guard that make a check for NaN of it; none if it is another guard."""
    if guard.effect != "guard" or guard.args[0] is not bool:
        return ()
    unequal = made.get(guard.args[1])
    if unequal is None or unequal.function is not np.not_equal or uses[unequal.result] != 1:
        return ()
    total = made.get(unequal.args[0])
    if total is None or total.function is not np.vdot or unequal.args != (total.result, total.result):
        return ()
    x = total.args[0]
    real = is_array(code, x) and getattr(code.specs[x].dtype, "kind", "") == "f"
    return (total, unequal) if real and total.args == (x, x) and uses[total.result] == 2 else ()


def _as_one(checks: list[Instruction]) -> list[Instruction]:
    """One check of all values that hold no NaN; those that hold some are checked one by one."""
    clean = sorted({i.args[1] for i in checks if i.result})
    one = [checks[-1].standing_for(checks[-1].function, (no_nan, clean), {}, True)] if clean else []
    return one + [i.standing_for(i.function, (no_nan, [i.args[1]]), {}, False) for i in checks if not i.result]


def is_array(code: Code, x: Any, ndim: int | None = None) -> bool:
    """Whether it is a value that is an array of NumPy's, with that many axes."""
    if type(x) is not Ref or code.specs[x].strides is None:
        return False
    return ndim is None or len(code.specs[x].shape or ()) == ndim
