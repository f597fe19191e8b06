"""The executing form: straight-line Python of prebound calls.

    def run_0(values):
        x, w = values[0], values[1]
        t2 = f0(x, w)
        t3 = f1(t2, 0.5)
        del t2
        values[4] = f2(t3)

A long program is cut into several such functions, since the time to compile one grows faster than its length; values
that cross a cut travel in the list `values`. Arrays are let go as soon as their last reader is past.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .code import Code, Instruction, Ref, refs

CHUNK = 500
BIG = 4096  # bytes from which on an array is worth a `del`


class Diverged(Exception):
    """A decision of Python's control flow would go another way than in the trace."""


def emit(code: Code) -> Callable[[list[Any]], list[Any]]:
    """Compile the code to a function from the list of inputs and variables' arrays to the list of results."""
    given = [ref for _, ref in code.inputs] + list(code.variables.values())
    chunks = [code.instructions[i : i + CHUNK] for i in range(0, len(code.instructions), CHUNK)]
    results = code.results()
    home: dict[Ref, int] = {ref: i for i, ref in enumerate(given)}  # where a value that crosses cuts lies in `values`
    made_in = {ref: i for i, chunk in enumerate(chunks) for instruction in chunk for ref in instruction.writes()}
    last_use: dict[Ref, int] = {}
    for i, chunk in enumerate(chunks):
        for instruction in chunk:
            for ref in instruction.reads():
                last_use[ref] = i
    last_use.update(dict.fromkeys(results, len(chunks)))
    for ref, i in made_in.items():
        if last_use.get(ref, i) > i:
            home.setdefault(ref, len(home))
    functions = [_Chunk(code, chunk, i, home, last_use, made_in).compile() for i, chunk in enumerate(chunks)]
    width, constants = len(home), code.constants
    places = [(True, constants[ref]) if ref in constants else (False, home[ref]) for ref in results]

    def run(values: list[Any]) -> list[Any]:
        values.extend([None] * (width - len(values)))
        for function in functions:
            function(values)
        return [x if constant else values[x] for constant, x in places]

    return run


class _Chunk:
    """One generated function."""

    def __init__(
        self, code: Code, instructions: list[Instruction], number: int, home: dict[Ref, int],
        last_use: dict[Ref, int], made_in: dict[Ref, int],
    ) -> None:  # fmt: skip
        self.code, self.instructions, self.number = code, instructions, number
        self.home, self.last_use, self.made_in = home, last_use, made_in
        self.namespace: dict[str, Any] = {"Diverged": Diverged}
        self.bound: dict[int, str] = {}

    def compile(self) -> Callable[[list[Any]], None]:
        body = self.loads() + self.calls()
        source = f"def run_{self.number}(values):\n" + "\n".join(f"    {line}" for line in body or ["pass"])
        exec(compile(source, f"<replay of {self.code.name}>", "exec"), self.namespace)
        return self.namespace[f"run_{self.number}"]

    def loads(self) -> list[str]:
        """Fetch what earlier chunks left, and let go of what no later one needs."""
        used = dict.fromkeys(
            ref for i in self.instructions for ref in i.reads() if self.made_in.get(ref) != self.number
        )
        lines = []
        for ref in used:
            if ref in self.home:
                lines.append(f"v{ref} = values[{self.home[ref]}]")
                if self.last_use[ref] <= self.number and ref in self.made_in:
                    lines.append(f"values[{self.home[ref]}] = None")
        return lines

    def calls(self) -> list[str]:
        dying = self.deaths()
        lines = []
        for i, instruction in enumerate(self.instructions):
            if instruction.effect == "guard":
                kind, value = instruction.args
                test = f"{self.bind(kind)}({self.text(value)}) != {instruction.result!r}"
                lines.append(f"if {test}: raise Diverged")
            else:
                arguments = [self.text(a) for a in instruction.args]
                arguments += [f"{name}={self.text(value)}" for name, value in instruction.kwargs.items()]
                target = self.target(instruction.result)
                lines.append(f"{target} = {self.bind(instruction.function)}({', '.join(arguments)})")
                for ref in instruction.writes():
                    if self.last_use.get(ref, -1) > self.number:
                        lines.append(f"values[{self.home[ref]}] = v{ref}")
            if dying[i]:
                lines.append("del " + ", ".join(f"v{ref}" for ref in dying[i]))
        return lines

    def deaths(self) -> list[list[Ref]]:
        """For each instruction, the big arrays whose last reader it is."""
        dying: list[list[Ref]] = [[] for _ in self.instructions]
        seen: set[Ref] = set()
        for i in range(len(self.instructions) - 1, -1, -1):
            instruction = self.instructions[i]
            for ref in (*instruction.reads(), *instruction.writes()):
                if ref not in seen:
                    seen.add(ref)
                    if ref in self.made_in and self.code.specs[ref].nbytes >= BIG:
                        dying[i].append(ref)
        return dying

    def target(self, result: Any) -> str:
        if type(result) is Ref:
            return f"v{result}"
        return "(" + ", ".join(self.target(part) if refs_in(part) else "_" for part in result) + ",)"

    def text(self, x: Any) -> str:
        """An argument as Python source; what has no short exact literal is bound to a name."""
        if type(x) is Ref:
            return self.bind(self.code.constants[x]) if x in self.code.constants else f"v{x}"
        if type(x) is tuple:
            return "(" + "".join(self.text(item) + ", " for item in x) + ")"
        if type(x) is list:
            return "[" + ", ".join(self.text(item) for item in x) + "]"
        if x is None or type(x) in (int, bool, str):
            return repr(x)
        if type(x) is dict:
            return "{" + ", ".join(f"{key!r}: {self.text(value)}" for key, value in x.items()) + "}"
        return self.bind(x)

    def bind(self, x: Any) -> str:
        name = self.bound.get(id(x))
        if name is None:
            name = self.bound[id(x)] = f"k{len(self.bound)}"
            self.namespace[name] = x
        return name


def refs_in(tree: Any) -> bool:
    return next(refs(tree), None) is not None


def own(value: Any, shared: bool = False) -> Any:
    """The array itself if nobody else holds its memory, else a copy."""
    if isinstance(value, np.ndarray) and (shared or value.base is not None or not value.flags.writeable):
        return value.copy(order="K")
    return value
