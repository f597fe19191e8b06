"""Passes: from an instruction list to a shorter one that gives the same numbers, bit for bit."""

from __future__ import annotations

from .code import Code, Ref, refs


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
