"""Checks: what a program asserts of NaN, where it is printed.

The walk back asks of each gradient whether it holds NaN (ops/gates.py), by three calls. They are printed as one, and
together at the end of a section:

    %4 = vdot(%3, %3)
    %5 = not_equal(%4, %4)
    guard(bool(%5)), False        assert not np.isnan(d_w).any()
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .code import Code, Instruction, Ref


def no_nan(x: Any) -> bool:
    """Whether no element is NaN: a decision of programs that follow where zeros and infinite slopes meet."""
    return not np.isnan(x).any()


def checks_together(code: Code) -> list[Instruction]:
    """The instructions with the checks for NaN at the end of each section, each value checked once by one call."""
    made = {i.result: i for i in code.instructions if type(i.result) is Ref}
    found = {id(i): calls for i in code.instructions if (calls := _parts_of_check(code, i, made))}
    parts = {id(call) for calls in found.values() for call in calls}  # pruned later, if nothing else needs them
    instructions: list[Instruction] = []
    waiting: dict[Any, Instruction] = {}
    checked: set[Any] = set()
    section = ""
    for i in code.instructions:
        if id(i) in found:
            x = found[id(i)][0].args[0]
            if x not in checked:
                waiting[x] = i.standing_for(i.function, (no_nan, x), {}, not i.result)
                checked.add(x)
            continue
        if id(i) not in parts and (i.effect or i.section != section):
            instructions += _as_one(waiting)
            section, waiting = i.section, {}
        instructions.append(i)
    return instructions + _as_one(waiting)


def _parts_of_check(code: Code, guard: Instruction, made: dict[Ref, Instruction]) -> tuple[Instruction, ...]:
    """The two calls before a guard that make a check for NaN of it; none if it is another guard."""
    if guard.effect != "guard" or guard.args[0] is not bool:
        return ()
    unequal = made.get(guard.args[1])
    total = made.get(unequal.args[0]) if unequal is not None and unequal.function is np.not_equal else None
    if total is None or unequal is None or total.function is not np.vdot:
        return ()
    x = total.args[0]
    real = is_array(code, x) and getattr(code.specs[x].dtype, "kind", "") == "f"
    return (total, unequal) if real and total.args == (x, x) and unequal.args == (total.result, total.result) else ()


def _as_one(checks: dict[Any, Instruction]) -> list[Instruction]:
    """One check of all values that hold no NaN; those that hold some are checked one by one."""
    clean = {x: i for x, i in checks.items() if i.result}
    last = list(clean.values())[-1:]
    one = [i.standing_for(i.function, (no_nan, sorted(clean)), {}, True) for i in last]
    return one + [i.standing_for(i.function, (no_nan, [x]), {}, False) for x, i in checks.items() if x not in clean]


def is_array(code: Code, x: Any, ndim: int | None = None) -> bool:
    """Whether it is a value that is an array of NumPy's, with that many axes."""
    if type(x) is not Ref or code.specs[x].strides is None:
        return False
    return ndim is None or len(code.specs[x].shape or ()) == ndim
