"""Loops within primitives: functions that are `looped` (ntb/looped.py) in machine code, while a program runs.

Which types of arguments such a function is given is seen in a trial: the primitive runs once, on zeros laid out as
the program's arrays. Then the loop is compiled for these types, and compared with NumPy's form of the function.
"""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ..looped import instead
from ..replay.code import Code, Instruction, Ref, Spec
from ..tape.rules import table
from ..tree import tree_map
from .agreement import does_the_same
from .entry import ArrayKind, Task
from .kernels import Looped, Patience, compiled, warns

_SOURCE = """@inner
{loop}
def run({parameters}):
    clear_flags(FLAGS)
    {name}({parameters})
    return raised_flags(FLAGS)
"""


class _Loop(NamedTuple):
    """The loop of a function, for arguments of certain kinds.

    Attributes:
        source: as it is shown; function: which is `looped`; kinds: of its arguments; example: of these.
    """

    source: str
    function: Any
    kinds: tuple[Any, ...]
    example: tuple


class _Within(Looped):
    """The call of a primitive in which loops take the place of functions that are `looped`.

    Attributes:
        loops: of the functions that it calls; run: the primitive, with those loops that were compiled.
    """

    kind = "loops within"

    def __init__(self, instruction: Instruction, loops: list[_Loop]) -> None:
        super().__init__(table[instruction.function].call, [instruction])
        self.__name__ = instruction.function.__name__
        self.loops = loops

    @property
    def tasks(self) -> list[Task]:
        return list(map(_task_of, self.loops))

    def compile(self) -> bool:
        """Put the machine code in, of each function all of whose loops give NumPy's bits on this machine."""
        codes: dict[Any, list[Any]] = {}
        for loop in self.loops:
            codes.setdefault(loop.function, []).append(_code_of(loop))
        usable = {function: _checked(found) for function, found in codes.items() if None not in found}
        # The arrays of the trial are needed no more.
        self.loops = [loop._replace(example=()) for loop in self.loops if loop.function in usable]
        if usable:
            self.run = _with_loops(self.run, self.patience, usable)
        return bool(usable)


def within(code: Code) -> Code:
    """Let primitives run with loops, where they call functions that are `looped`."""
    for number, instruction in enumerate(code.instructions):
        operation = table.get(instruction.function)
        if operation is None or not operation.traits.looped or not code.stays.isdisjoint(instruction.writes()):
            continue
        loops = _met_in_a_trial(code, instruction)
        if loops:
            args, kwargs, result = instruction.args, instruction.kwargs, instruction.result
            code.instructions[number] = instruction.standing_for(_Within(instruction, loops), args, kwargs, result)
    return code


# --- what is compiled


def _met_in_a_trial(code: Code, instruction: Instruction) -> list[_Loop]:
    """The loops of the functions that are met, one for each combination of kinds of arguments."""
    met: dict[tuple, _Loop] = {}
    others = set()  # functions that are given arguments of other kinds

    def note(function: Any) -> Callable[..., None]:
        def run(*args: Any) -> None:
            kinds = tuple(map(_kind, args))
            if None in kinds:
                others.add(function)
            elif (function, kinds) not in met:
                met[function, kinds] = _Loop(_source_of(function), function, kinds, args)
            function.by_numpy(*args)

        return run

    def zeros(x: Any) -> Any:
        return _zeros(code.specs[x]) if type(x) is Ref else x

    with instead(note), np.errstate(all="ignore"):
        args, kwargs = tree_map(zeros, (instruction.args, instruction.kwargs))
        table[instruction.function].call(*args, **kwargs)
    return [loop for loop in met.values() if loop.function not in others]


def _zeros(spec: Spec) -> Any:
    """Zeros laid out as a value of a program."""
    shape, strides, dtype = spec.shape or (), spec.strides or (), spec.dtype or np.dtype(float)
    if len(strides) < len(shape) or min(strides, default=0) < 0 or dtype.hasobject:
        return np.zeros(shape, dtype)
    reach = sum((n - 1) * stride for n, stride in zip(shape, strides) if n) + dtype.itemsize
    return np.ndarray(shape, dtype, np.zeros(reach, np.uint8).data, 0, strides)


def _kind(x: Any) -> Any:
    """The kind of an argument; None if loops do not know it. They take contiguous arrays alone, as only with these the
    compiler takes several elements at once."""
    if isinstance(x, np.ndarray):
        known = x.dtype in (np.float32, np.float64) and x.flags.c_contiguous
        return ArrayKind(x.dtype.str[1:], x.ndim, contiguous=True) if known else None
    if type(x) is tuple:
        parts = tuple(map(_kind, x))
        return None if None in parts else parts
    return {int: "i8", float: "f8"}.get(type(x))


def _source_of(function: Any) -> str:
    loop = function.loop
    source, parameters = textwrap.dedent(inspect.getsource(loop)), ", ".join(inspect.signature(loop).parameters)
    return _SOURCE.format(loop=source, name=loop.__name__, parameters=parameters)


def _task_of(loop: _Loop) -> Task:
    return Task(loop.source, "run", loop.kinds)


def _code_of(loop: _Loop) -> Callable[..., int] | None:
    """The machine code of a loop; None if it cannot be compiled, or does not do what the function does by NumPy."""
    return compiled(_task_of(loop), lambda code: does_the_same(loop.function, code, loop.example))


# --- what runs

_STOPS: dict[str, Any] = {"divide": "raise", "over": "raise", "invalid": "raise"}


def _checked(codes: list[Callable[..., int]]) -> Callable[..., None]:
    """Machine code, by kinds of arguments, that stops as NumPy would where it has to warn of what a loop met; it also
    stops where kinds are met that the trial has not met."""

    def run(*args: Any) -> None:
        for code in codes:
            flags = code(*args)
            if flags >= 0:
                if flags and warns(flags):
                    raise FloatingPointError
                return
        raise TypeError

    return run


def _with_loops(
    primitive: Callable[..., Any], patience: Patience, loops: dict[Any, Callable[..., None]]
) -> Callable[..., Any]:
    """The primitive, with loops in the place of some of its functions.

    Where something is met of which NumPy warns, it begins anew by NumPy, and warns as it is set to; so it does where
    kinds are met that the trial has not met. A primitive changes none of its arguments, and writes all of its result.
    """

    def choice(function: Any) -> Callable[..., None]:
        return loops.get(function, function.by_numpy)

    def run(*args: Any, **kwargs: Any) -> Any:
        stops: dict[str, Any] = _STOPS if np.geterr()["under"] == "ignore" else {"all": "raise"}
        try:
            with instead(choice), np.errstate(**stops):
                return primitive(*args, **kwargs)
        except (FloatingPointError, TypeError):
            patience.lessen()
            return primitive(*args, **kwargs)

    return run
