"""The executing form: straight-line Python of prebound calls.

    def run_0(values):
        v0 = values[0]
        v1 = values[1]
        k0(v0, v1, b2)
        v3 = k1(b2, 0.5)
        del v0
        values[4] = v3

Here `k` are functions and constants; `b` are places in memory that are the same in every run (see memory.py). A long
program is cut into several such functions, since the time to compile one grows faster than its length; the list
`values` carries values across a cut. A large array without a place is deleted after its last use.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from time import perf_counter
from typing import Any

import numpy as np

from .calls import OUT
from .code import Code, Instruction, Ref, refs
from .memory import Blocks, writes_into
from .signature import Diverged

_CHUNK = 200
_BIG = 4096  # an array of at least so many bytes is worth a `del`
_OUT_BY_NAME = {np.maximum, np.minimum}  # ufuncs that want `out` by name


class Routine:
    """The compiled form of a code. A `Workspace` gives it memory to run in (workspace.py).

    With `timed`, the seconds that each instruction takes are added up in `times`.
    """

    def __init__(self, code: Code, timed: bool = False) -> None:
        self.code = code
        self.times = [0.0] * len(code.instructions) if timed else None
        self.renewed = [v for v, ref in code.assignments.items() if _is_renewed(code, ref)]
        self.returned = [ref for ref in code.results() if not _is_renewed(code, ref)]
        given = [ref for _, ref in code.inputs] + list(code.variables.values())
        given += [code.assignments[variable] for variable in self.renewed]
        chunks = [code.instructions[i : i + _CHUNK] for i in range(0, len(code.instructions), _CHUNK)]
        cuts = _Cuts(code, chunks, given)
        self.chunks = [_Chunk(code, chunk, i, cuts, self.times) for i, chunk in enumerate(chunks)]
        constants = [ref for ref in self.returned if ref in code.constants]
        self.rest = [None] * (len(cuts.home) - len(given)) + [code.constants[ref] for ref in constants]
        home = cuts.home | dict(zip(constants, count(len(cuts.home))))
        self.results = [home[ref] for ref in self.returned]

    def shared_results(self) -> list[int]:
        """The positions of the results that may share their array with other values, as no ufunc made them."""
        anew = {i.result for i in self.code.instructions if isinstance(i.function, np.ufunc)}
        return [position for position, ref in enumerate(self.returned) if ref not in anew]


def _is_renewed(code: Code, ref: Ref) -> bool:
    return ref in code.places and not code.places[ref].fixed


class _Cuts:
    """How values cross the cuts between chunks.

    Attributes:
        made_in: the number of the chunk that makes a value, unless it has a place.
        last_use: the number of the last chunk that reads a value; for a result, the number of chunks.
        home: its position in `values`: first what is given, then what is made in one chunk and read in a later one.
    """

    def __init__(self, code: Code, chunks: list[list[Instruction]], given: list[Ref]) -> None:
        numbered = [(i, instruction) for i, chunk in enumerate(chunks) for instruction in chunk]
        self.made_in = {ref: i for i, made in numbered for ref in made.writes() if ref not in code.places}
        self.last_use = {ref: i for i, reader in numbered for ref in reader.reads()}
        self.last_use.update(dict.fromkeys(code.results(), len(chunks)))
        self.home = {ref: i for i, ref in enumerate(given)}
        for ref, i in self.made_in.items():
            if self.last_use.get(ref, i) > i:
                self.home.setdefault(ref, len(self.home))


class _Chunk:
    """One generated function."""

    def __init__(
        self, code: Code, instructions: list[Instruction], number: int, cuts: _Cuts, times: list[float] | None
    ) -> None:
        self.code, self.instructions, self.number = code, instructions, number
        self.home, self.last_use, self.made_in = cuts.home, cuts.last_use, cuts.made_in
        self.timed = times is not None
        self.namespace: dict[str, Any] = {"Diverged": Diverged, "times": times, "clock": perf_counter}
        self.bound: dict[int, str] = {}
        self.places: list[str] = []  # the names of the places that it uses
        body = self.loads() + self.calls()
        self.source = f"def run_{self.number}(values):\n" + "\n".join(f"    {line}" for line in body or ["pass"])
        self.compiled = compile(self.source, f"<replay of {self.code.name}>", "exec")

    def function(self, arrays: dict[str, np.ndarray]) -> Callable[[list[Any]], None]:
        """The function, working on these places."""
        space = self.namespace | {name: arrays[name] for name in self.places}
        exec(self.compiled, space)
        return space.pop(f"run_{self.number}")  # else the function and its globals would keep each other

    def loads(self) -> list[str]:
        """Fetch what earlier chunks left in `values`, and remove what no later chunk needs."""
        used = dict.fromkeys(
            self.actual(ref)
            for i in self.instructions
            for ref in (*i.reads(), *i.writes())
            if self.made_in.get(ref) != self.number
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
            if self.timed:
                lines.append("begin = clock()")
            if instruction.effect == "guard":
                kind, value = instruction.args
                test = f"{self.bind(kind)}({self.text(value)}) != {instruction.result!r}"
                lines.append(f"if {test}: raise Diverged")
            else:
                placed = self.placed(instruction)
                call = self.call(instruction, placed)
                lines.append(call if placed else f"{self.target(instruction.result)} = {call}")
                for ref in instruction.writes():
                    if ref in self.made_in and self.last_use.get(ref, -1) > self.number:
                        lines.append(f"values[{self.home[ref]}] = v{ref}")
            if dying[i]:
                lines.append("del " + ", ".join(f"v{ref}" for ref in dying[i]))
            if self.timed:
                lines.append(f"times[{self.number * _CHUNK + i}] += clock() - begin")
        return lines

    def placed(self, instruction: Instruction) -> bool:
        """Whether the results are written into places."""
        results = instruction.writes()
        return bool(results) and all(ref in self.code.places for ref in results) and writes_into(instruction)

    def call(self, instruction: Instruction, placed: bool) -> str:
        """The call as source. If its result has a place, the call gets it: by position for a ufunc, else by name."""
        out = self.text(instruction.result) if placed else None
        arguments = [out or "None" if a is OUT else self.text(a) for a in instruction.args]
        named = {name: self.text(value) for name, value in instruction.kwargs.items()}
        if out is not None and OUT not in instruction.args:
            function = instruction.function
            if isinstance(function, np.ufunc) and len(arguments) == function.nin and function not in _OUT_BY_NAME:
                arguments.append(out)
            else:
                named["out"] = out
        arguments += [f"{name}={value}" for name, value in named.items()]
        function = instruction.function
        return f"{self.bind(function.run if isinstance(function, Blocks) else function)}({', '.join(arguments)})"

    def deaths(self) -> list[list[Ref]]:
        """For each instruction, the big arrays whose last use it is."""
        dying: list[list[Ref]] = [[] for _ in self.instructions]
        seen: set[Ref] = set()
        for i in range(len(self.instructions) - 1, -1, -1):
            instruction = self.instructions[i]
            for ref in (*instruction.reads(), *instruction.writes()):
                if ref not in seen:
                    seen.add(ref)
                    if ref in self.made_in and self.code.specs[ref].nbytes >= _BIG:
                        dying[i].append(ref)
        return dying

    def actual(self, ref: Ref) -> Ref:
        """The value itself, or the variable's new value if it lies in the next array of a variable."""
        place = self.code.places.get(ref)
        return ref if place is None or place.fixed else place.storage.renews

    def target(self, result: Any) -> str:
        if type(result) is Ref:
            return f"v{result}"
        return "(" + ", ".join(self.target(part) if _refs_in(part) else "_" for part in result) + ",)"

    def text(self, x: Any) -> str:
        """An argument as Python source; what has no short exact literal is bound to a name."""
        if type(x) is Ref:
            if x in self.code.constants:
                return self.bind(self.code.constants[x])
            if x in self.code.places and self.code.places[x].fixed:
                self.places.append(f"b{x}")
                return f"b{x}"
            return f"v{self.actual(x)}"
        if isinstance(x, tuple):
            return "(" + "".join(self.text(item) + ", " for item in x) + ")"
        if isinstance(x, list):
            return "[" + ", ".join(self.text(item) for item in x) + "]"
        if x is None or type(x) in (int, bool, str):
            return repr(x)
        if isinstance(x, dict):
            return "{" + ", ".join(f"{key!r}: {self.text(value)}" for key, value in x.items()) + "}"
        return self.bind(x)

    def bind(self, x: Any) -> str:
        name = self.bound.get(id(x))
        if name is None:
            name = self.bound[id(x)] = f"k{len(self.bound)}"
            self.namespace[name] = x
        return name


def _refs_in(tree: Any) -> bool:
    return next(refs(tree), None) is not None


def own(value: Any, shared: bool = False) -> Any:
    """The array itself if nothing else uses its memory, else a copy."""
    if isinstance(value, np.ndarray) and (shared or value.base is not None or not value.flags.writeable):
        return value.copy(order="K")
    return value
