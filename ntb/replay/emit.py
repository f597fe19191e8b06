"""The executing form: all that a run does between its inputs and its answer, as straight-line Python of prebound calls.

    def run_0(values, arrays):
        v1 = k5._tensor.value
        v0 = values[0]
        v6 = values[1].value
        k0(v0, v1, b2)
        v3 = k1(b2, 0.5)
        if k2(v3) != True: raise Diverged
        v4 = k3(v3, v1)
        k4(v1, b2, v6)
        before = (k5._tensor, )
        if arrays: return (v3[()], own(v4)), [], before
        return (Tensor(v3), Tensor(own(v4))), [], before

Here `k` are functions, constants and variables; `b` are places in memory that are the same in every run (see
memory.py). A run begins with what is fed, what variables hold, and the next arrays of those that it renews (see
workspace.py). The answer is made of arrays or of tensors, and `own` sees to it that nobody else has its memory. Beside
it are new contents for other variables, and what those with next arrays have held until now. A long program is cut into
several such functions, since the time to compile one grows faster than its length; the list `values` carries values
across a cut. A large array without a place is deleted after its last use.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from time import perf_counter
from typing import Any

import numpy as np

from ..tape.tensor import Tensor
from ..tree import children, is_branch, rebuild
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
        self.unplanned = [v for v, ref in code.assignments.items() if not _is_renewed(code, ref)]
        given = [ref for _, ref in code.inputs] + [code.assignments[variable] for variable in self.renewed]
        ends = range(0, max(len(code.instructions), 1), _CHUNK)
        cuts = _Cuts(code, [code.instructions[i : i + _CHUNK] for i in ends], given)
        self.chunks = [_Chunk(code, cuts, number, self.times) for number in range(len(cuts.chunks))]
        self.chunks[-1].finish(self.unplanned, self.renewed)
        self.spare = [None] * (len(cuts.home) - len(given))

    def function(self, arrays: dict[str, np.ndarray]) -> Callable[[list[Any], bool], Any]:
        """The generated code, working on these places."""
        functions: dict[str, Any] = {f"run_{chunk.number}": chunk.function(arrays) for chunk in self.chunks}
        *first, last = functions
        if not first:
            return functions[last]
        lines = ["def run(values, arrays):", *(f"    {name}(values, arrays)" for name in first)]
        lines.append(f"    return {last}(values, arrays)")
        exec(compile("\n".join(lines), f"<replay of {self.code.name}>", "exec"), functions)
        return functions.pop("run")


def _is_renewed(code: Code, ref: Ref) -> bool:
    return ref in code.places and not code.places[ref].fixed


class _Cuts:
    """How values cross the cuts between chunks.

    Attributes:
        made_in: the number of the chunk that makes a value, unless it has a place. The first one reads the variables.
        last_use: the number of the last chunk that reads a value; the last one reads the results.
        home: its position in `values`: first what is given, then what is made in one chunk and read in a later one.
    """

    def __init__(self, code: Code, chunks: list[list[Instruction]], given: list[Ref]) -> None:
        self.chunks = chunks
        numbered = [(i, instruction) for i, chunk in enumerate(chunks) for instruction in chunk]
        self.made_in = dict.fromkeys(code.variables.values(), 0)
        self.made_in |= {ref: i for i, made in numbered for ref in made.writes() if ref not in code.places}
        self.last_use = {ref: i for i, reader in numbered for ref in reader.reads()}
        self.last_use.update(dict.fromkeys(code.results(), len(chunks) - 1))
        self.home = {ref: i for i, ref in enumerate(given)}
        for ref, i in self.made_in.items():
            if self.last_use.get(ref, i) > i:
                self.home.setdefault(ref, len(self.home))


class _Chunk:
    """One generated function; the last one gives the answer."""

    def __init__(self, code: Code, cuts: _Cuts, number: int, times: list[float] | None) -> None:
        self.code, self.instructions, self.number = code, cuts.chunks[number], number
        self.home, self.last_use, self.made_in = cuts.home, cuts.last_use, cuts.made_in
        self.results = code.results() if number == len(cuts.chunks) - 1 else []
        self.timed = times is not None
        self.namespace: dict[str, Any] = {"Diverged": Diverged, "times": times, "clock": perf_counter}
        self.bound: dict[int, str] = {}
        self.places: list[str] = []  # the names of the places that it uses
        self.anew: set[Ref] = set()  # results that nobody else can have
        self.compiled: Any = None
        self.lines = self.loads() + self.calls()

    def finish(self, unplanned: list[Any], renewed: list[Any]) -> None:
        """Let it return the answer, the new contents of variables that are not written into next arrays, and the
        present ones of those that are."""
        self.namespace |= {"own": own, "Tensor": Tensor, "asarray": np.asarray}
        times = Counter([*refs(self.code.outputs), *(self.code.assignments[variable] for variable in unplanned)])
        shared = self.code.shared | {ref for ref, count in times.items() if count > 1}
        self.anew = {i.result for i in self.instructions if type(i.result) is Ref and _is_ufunc(i.function)}
        cells = ", ".join(self.cell(variable) for variable in unplanned)
        arrays, tensors = (self.answer(self.code.outputs, shared, kind) for kind in ("arrays", "tensors"))
        self.lines.append(f"before = ({''.join(f'{self.bind(variable)}._tensor, ' for variable in renewed)})")
        self.lines += [f"if arrays: return {arrays}, [{cells}], before", f"return {tensors}, [{cells}], before"]

    def answer(self, tree: Any, shared: set[Ref], kind: str) -> str:
        """What the function returned, as source."""
        if type(tree) is Ref:
            shape = self.code.specs[tree].shape
            if shape is None:  # a Python number
                return self.text(tree)
            value = self.own(tree, shared)
            return f"Tensor({value})" if kind == "tensors" else value if shape else f"{value}[()]"
        if not is_branch(tree):
            return self.text(tree)
        parts = ", ".join(self.answer(part, shared, kind) for _, part in children(tree))
        return f"({parts},)" if type(tree) is tuple and parts else f"{self.bind(rebuild)}({self.bind(tree)}, [{parts}])"

    def cell(self, variable: Any) -> str:
        """A variable's new content, as source."""
        value = self.own(self.code.assignments[variable], self.code.shared)
        return f'Tensor(asarray({value}, order="C"), {self.bind(variable.id)})'

    def own(self, ref: Ref, shared: set[Ref]) -> str:
        """A result whose memory nobody else has, as source."""
        text = self.text(ref)
        return f"own({text}, True)" if ref in shared else text if ref in self.anew else f"own({text})"

    def function(self, arrays: dict[str, np.ndarray]) -> Callable[[list[Any], bool], Any]:
        """The function, working on these places."""
        if self.compiled is None:
            source = "\n    ".join([f"def run_{self.number}(values, arrays):", *(self.lines or ["pass"])])
            self.compiled = compile(source, f"<replay of {self.code.name}>", "exec")
        space = self.namespace | {name: arrays[name] for name in self.places}
        exec(self.compiled, space)
        return space.pop(f"run_{self.number}")  # else the function and its globals would keep each other

    def loads(self) -> list[str]:
        """Read the variables; fetch what earlier chunks left in `values`, and remove what no later chunk needs."""
        mentioned = [ref for i in self.instructions for ref in (*i.reads(), *i.writes())] + self.results
        used = dict.fromkeys(self.actual(ref) for ref in mentioned if self.made_in.get(ref) != self.number)
        lines = []
        for variable, ref in self.code.variables.items() if self.number == 0 else ():
            lines.append(f"v{ref} = {self.bind(variable)}._tensor.value")
            lines += self.left(ref)
        for ref in used:
            if ref in self.home:
                is_next_array = ref in self.code.places
                lines.append(f"v{ref} = values[{self.home[ref]}]{'.value' if is_next_array else ''}")
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
                again = getattr(instruction.function, "again", None)  # for a loop that met what NumPy warns of
                if again is not None:
                    call = f"if flags := {call}: {self.call(instruction, placed, again, 'flags, ')}"
                lines.append(call if placed else f"{self.target(instruction.result)} = {call}")
                lines += [line for ref in instruction.writes() for line in self.left(ref)]
            if dying[i]:
                lines.append("del " + ", ".join(f"v{ref}" for ref in dying[i]))
            if self.timed:
                lines.append(f"times[{self.number * _CHUNK + i}] += clock() - begin")
        return lines

    def left(self, ref: Ref) -> list[str]:
        """Leave a value for later chunks, if they read it."""
        needed = ref in self.made_in and self.last_use.get(ref, -1) > self.number
        return [f"values[{self.home[ref]}] = v{ref}"] if needed else []

    def placed(self, instruction: Instruction) -> bool:
        """Whether the results are written into places."""
        results = instruction.writes()
        return bool(results) and all(ref in self.code.places for ref in results) and writes_into(instruction)

    def call(self, instruction: Instruction, placed: bool, function: Any = None, before: str = "") -> str:
        """The call as source, or that of another function, with the same arguments and perhaps some before them.

        If its result has a place, the call gets it: by position for a ufunc, else by name.
        """
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
        function = function or instruction.function
        return (
            f"{self.bind(function.run if isinstance(function, Blocks) else function)}({before}{', '.join(arguments)})"
        )

    def deaths(self) -> list[list[Ref]]:
        """For each instruction, the big arrays whose last use it is."""
        dying: list[list[Ref]] = [[] for _ in self.instructions]
        seen = set(self.results)
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


def _is_ufunc(function: Any) -> bool:
    """Whether it is a ufunc, or a method of one, as np.add.reduce is. They make a new array where none is given."""
    return isinstance(function, np.ufunc) or isinstance(getattr(function, "__self__", None), np.ufunc)


def _refs_in(tree: Any) -> bool:
    return next(refs(tree), None) is not None


def own(value: Any, shared: bool = False) -> Any:
    """The array itself if nothing else uses its memory, else a copy."""
    if isinstance(value, np.ndarray) and (shared or value.base is not None or not value.flags.writeable):
        return value.copy(order="K")
    return value
