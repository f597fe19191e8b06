"""The readable form of a program: NumPy source that runs without ntb.

Its calls are those that a person would write (`by_hand.py`). One whose result is used once is written inside the call
that uses it (`inlining.py`). A value has the name that the user's program gives it, the gradient of `w` is `d_w`, and
what has no name is numbered. A name may be assigned again when its old value is not needed any more.
"""

from __future__ import annotations

import keyword
from collections.abc import Sequence
from typing import Any, NamedTuple

from ..errors import describe
from .breaks import broken
from .by_hand import by_hand, same
from .code import Code, Instruction, Ref, refs
from .expressions import Expressions
from .helpers import helper_sources
from .inlining import inlined
from .names import final_gradients

_RESERVED = ("np", "scipy", "Path", "variables", "bool", "float", "int", "complex", "slice")

_ITSELF = Ref(-1)
"""Has the function's name, which its own lines may give to something else, such as the number of a step in `step`."""


class Statement(NamedTuple):
    """A line of the source.

    Attributes:
        text: what stands there.
        instructions: those of the program that it shows; a heading has those of all lines under it.
        heading: whether it opens a section, or the function.
        calls: what is written in it, by hand; the last one gives what the line assigns.
        section: "forward", "backward" or "update", as the heading above it says.
        pieces: into how many lines it is broken; 0 for all pieces after the first.
    """

    text: str
    instructions: list[Instruction]
    heading: bool = False
    calls: Sequence[Instruction] = ()
    section: str = ""
    pieces: int = 1


class Source:
    """A program as text: imports, the helpers it needs, and one function.

    Attributes:
        head: the lines before the function; lines: the lines of the function.
        code: the calls that are written, by hand; names: of their values; helpers: by name, definitions in the head.
        constants: by name, what the text uses and does not define.
        variables: by name, the variables whose values the function takes; generators: the ones it draws from.
    """

    def __init__(self, code: Code) -> None:
        writer = _Writer(by_hand(code), code.instructions)
        self.lines = writer.function()
        self.head = writer.head()
        self.code, self.names, self.helpers = writer.code, writer.texts.called, writer.helpers
        self.constants = writer.texts.big
        self.variables = writer.variables
        self.generators = writer.generators

    def __str__(self) -> str:
        return "\n".join([*self.head, *(line.text for line in self.lines)]) + "\n"


def _name_beside(name: str, others: list[str]) -> str:
    """The function's name, or another one if it is no identifier or belongs to a helper."""
    name = name if name.isidentifier() and not keyword.iskeyword(name) else "program"
    while name in (*_RESERVED, *others):
        name = f"traced_{name}"
    return name


class _Writer:
    """Writes one program."""

    def __init__(self, code: Code, origins: list[Instruction]) -> None:
        self.code = code
        self.origins = origins
        self.generators = {f"rng{i or ''}": g for i, g in enumerate(code.generators())}
        self.helpers, self.imports = helper_sources(
            [i.function for i in code.instructions if not i.effect and i.function is not same]
        )
        self.function_name = _name_beside(code.name, [*self.helpers, *self.imports])
        taken = dict.fromkeys([*_RESERVED, *self.helpers, *self.imports, *self.generators])
        self.texts = Expressions(code, self.generators, {self.function_name: _ITSELF, **taken})
        self.unnamed = 0
        self.numbers: dict[str, int] = {}  # by name, the last number that told two values of this name apart
        self.last_use: dict[Ref, int] = {}
        self._plan()
        self.parameters = [self._name(ref, name, -1) for name, ref in code.inputs]
        read = {v: self._name(ref, code.names.get(ref, "variable"), -1) for v, ref in code.variables.items()}
        self.parameters += [*read.values(), *self.generators]
        self.variables = {name: variable for variable, name in read.items()}
        self.new_values = {
            v: read.get(v) or self._free(code.names.get(ref, "variable")) for v, ref in code.assignments.items()
        }

    def head(self) -> list[str]:
        """The lines before the function, to be asked for after it is written, as that finds the big constants."""
        shapes = ", ".join(f"{name}: {self.code.specs[ref]}" for name, ref in self.code.inputs)
        parts = [f'"""{self.function_name}, traced for {shapes or "no inputs"}."""', ""]
        parts += [f"import {name}" for name in sorted(self.imports)]
        parts += ["import numpy as np", ""]
        parts += [
            f"# {name}: a constant, {describe(value)}, found in program.constants"
            for name, value in self.texts.big.items()
        ]
        for text in self.helpers.values():
            parts += ["", text.rstrip(), ""]
        return "\n".join([*parts, ""]).split("\n")

    def function(self) -> list[Statement]:
        lines = []
        head = Statement(f"def {self.function_name}({', '.join(self.parameters)}):", self.origins, heading=True)
        for line in [head, *(line._replace(text=f"    {line.text}".rstrip()) for line in self._body())]:
            first, *more = broken(line.text)
            lines += [line._replace(text=first, pieces=1 + len(more)), *(Statement(x, [], pieces=0) for x in more)]
        return lines

    # --- deciding what stands where

    def _plan(self) -> None:
        """Decide which calls are written inside the only call that uses them, and how long each value is needed."""
        code = self.code
        gradients = final_gradients(code)
        self.gradient_of = {gradient: value for value, gradient in gradients.items()}
        self.inline = inlined(code, gradients)
        user = {ref: n for n, instruction in enumerate(code.instructions) for ref in instruction.reads()}
        anchor = list(range(len(code.instructions)))
        for n in sorted(self.inline, reverse=True):
            anchor[n] = anchor[user[code.instructions[n].result]]
        self.written: dict[int, list[Instruction]] = {n: [] for n in anchor}  # by line, what stands in it
        for n, instruction in enumerate(code.instructions):
            self.written[anchor[n]].append(instruction)
            for ref in instruction.reads():
                self.last_use[ref] = max(self.last_use.get(ref, -1), anchor[n])
        self.last_use.update(dict.fromkeys(code.results(), len(code.instructions)))
        place = {id(instruction.origin): anchor[n] for n, instruction in enumerate(code.instructions)}
        self.shown: dict[int, list[Instruction]] = {n: [] for n in anchor}
        there = anchor[-1] if anchor else 0
        for instruction in reversed(self.origins):  # one that is not written is shown by the line of the next
            there = place.get(id(instruction), there)
            self.shown.setdefault(there, []).insert(0, instruction)

    def _name(self, ref: Ref, wanted: str, line: int) -> str:
        """A name for a value made in this line: the wanted one unless it belongs to a value that is still needed."""
        name = wanted
        while keyword.iskeyword(name) or (name in self.texts.taken and self._needed(self.texts.taken[name], line)):
            self.numbers[wanted] = number = self.numbers.get(wanted, 1) + 1
            name = f"{wanted}_{number}"
        self.texts.taken[name] = ref
        self.texts.called[ref] = name
        return name

    def _needed(self, ref: Ref | None, line: int) -> bool:
        return ref is None or (ref is not _ITSELF and (self.last_use.get(ref, -1) > line or line < 0))

    def _free(self, wanted: str) -> str:
        return wanted if wanted not in self.variables else self._free(wanted + "_2")

    # --- writing

    def _body(self) -> list[Statement]:
        lines: list[Statement] = []
        heading: list[Instruction] = []
        section = None
        for i, instruction in enumerate(self.code.instructions):
            expression = self.texts.of(instruction)
            if i in self.inline:
                self.texts.inside[instruction.result] = expression
                continue
            if instruction.section != section and self._opens(instruction.section, section, instruction):
                heading, section = [], instruction.section
                lines += [Statement("", [])] if lines else []
                lines.append(Statement(f"# {section}", heading, heading=True))
            if instruction.effect == "guard":
                text = f"assert {expression[0]}  # the traced branch"
            else:
                text = f"{self._target(instruction.result, i)} = {expression[0]}"
            lines.append(Statement(text, self.shown[i], calls=self.written[i], section=section or ""))
            heading += self.shown[i]
        outputs = self.code.outputs
        answer = self.texts.text(outputs)
        if type(outputs) is tuple and len(outputs) > 1 and not self.code.assignments:
            answer = answer[1:-1]
        if self.code.assignments:
            new = [f'"{self.new_values[v]}": {self.texts.text(ref)}' for v, ref in self.code.assignments.items()]
            answer = f"{answer}, {{{', '.join(new)}}}"
        return [*lines, Statement(f"return {answer}", [])]

    def _wanted(self, ref: Ref) -> str:
        """The name that a value should have: the user's own, that of a gradient, or a number."""
        value = self.texts.called.get(self.gradient_of.get(ref, ref))
        if value is not None:
            return f"d_{value}"
        if ref not in self.code.names and ref != self.code.outputs:
            self.unnamed += 1
            return f"t{self.unnamed}"
        return self.code.names.get(ref, "result")

    def _opens(self, section: str, before: str | None, instruction: Instruction) -> bool:
        """Whether a heading stands over the line: not over a check, nor over an update that updates nothing."""
        return before is None or (
            instruction.effect != "guard" and (section != "update" or bool(self.code.assignments))
        )

    def _target(self, result: Any, line: int) -> str:
        if type(result) is Ref:
            return self._name(result, self._wanted(result), line)
        return ", ".join(self._target(part, line) if next(refs(part), None) is not None else "_" for part in result) + (
            "," if len(result) == 1 else ""
        )
