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
from ..replay.memory import Blocks
from ..tape.rules import table
from ..tree import tree_map
from .agreement import does_the_same
from .kernels import compiled, machine_code

_SOURCE = """@inner
{loop}

def run({parameters}):
    clear_flags(FLAGS)
    {name}({parameters})
    return raised_flags(FLAGS)
"""


class _Loop(NamedTuple):
    """The loop of a function, for certain types of arguments; equal ones share their machine code."""

    source: str
    types: tuple[tuple[str, ...], ...]


class Within(Blocks):
    """The call of a primitive in which loops take the place of functions that are `looped`.

    Attributes:
        loops: of the functions that it calls; run: the primitive, with those loops that were compiled.
    """

    def __init__(self, instruction: Instruction, met: dict[Any, list[tuple]]) -> None:
        super().__init__(table[instruction.function].call, [instruction])
        self.__name__ = instruction.function.__name__
        self._met = met
        self.loops = [_loop_of(function, examples) for function, examples in met.items()]

    def compile(self) -> bool:
        """Put the machine code in, of each loop that gives NumPy's bits on this machine; the others are left out."""
        found = [(f, loop, _code_of(f, loop, examples)) for (f, examples), loop in zip(self._met.items(), self.loops)]
        self._met = {}  # the arrays of the trial are needed no more
        self.loops = [loop for _, loop, code in found if code is not None]
        if self.loops:
            self.run = _with_loops(self.run, {function: _checked(code) for function, _, code in found if code})
        return True


def within(code: Code) -> Code:
    """Let primitives run with loops, where they call functions that are `looped`."""
    for number, instruction in enumerate(code.instructions):
        operation = table.get(instruction.function)
        met = _met_in_a_trial(code, instruction) if operation is not None and operation.traits.looped else {}
        if met:
            args, kwargs, result = instruction.args, instruction.kwargs, instruction.result
            code.instructions[number] = instruction.standing_for(Within(instruction, met), args, kwargs, result)
    return code


# --- what is compiled


def _met_in_a_trial(code: Code, instruction: Instruction) -> dict[Any, list[tuple]]:
    """The functions that are met, with an example of the arguments for each combination of their types."""
    met: dict[Any, dict[tuple, tuple]] = {}

    def note(function: Any) -> Callable[..., None]:
        def run(*args: Any) -> None:
            met.setdefault(function, {}).setdefault(_types(args), args)
            function.by_numpy(*args)

        return run

    def zeros(x: Any) -> Any:
        return _zeros(code.specs[x]) if type(x) is Ref else x

    with instead(note), np.errstate(all="ignore"):
        args, kwargs = tree_map(zeros, (instruction.args, instruction.kwargs))
        table[instruction.function].call(*args, **kwargs)
    return {function: [*found.values()] for function, found in met.items() if all(map(_can_loop, found.values()))}


def _zeros(spec: Spec) -> Any:
    """Zeros laid out as a value of a program."""
    shape, strides, dtype = spec.shape or (), spec.strides or (), spec.dtype or np.dtype(float)
    if len(strides) < len(shape) or min(strides, default=0) < 0 or dtype.hasobject:
        return np.zeros(shape, dtype)
    reach = sum((n - 1) * stride for n, stride in zip(shape, strides) if n) + dtype.itemsize
    return np.ndarray(shape, dtype, np.zeros(reach, np.uint8).data, 0, strides)


def _can_loop(args: tuple) -> bool:
    """Whether arrays are of a dtype that loops know, and contiguous: only then the compiler takes several elements at
    once."""
    arrays = [x for x in args if isinstance(x, np.ndarray)]
    return all(x.dtype in (np.float32, np.float64) and x.flags.c_contiguous for x in arrays)


def _types(args: tuple) -> tuple[str, ...]:
    return tuple([f"{x.dtype}, {x.ndim} axes" if isinstance(x, np.ndarray) else type(x).__name__ for x in args])


def _loop_of(function: Any, examples: list[tuple]) -> _Loop:
    loop = function.loop
    source, parameters = textwrap.dedent(inspect.getsource(loop)), ", ".join(inspect.signature(loop).parameters)
    text = _SOURCE.format(loop=source, name=loop.__name__, parameters=parameters)
    return _Loop(text, tuple(map(_types, examples)))


def _code_of(function: Any, loop: _Loop, examples: list[tuple]) -> Callable[..., int] | None:
    """The machine code of a loop; None if it cannot be compiled, or does not do what the function does by NumPy."""
    code = compiled(loop, lambda: _machine_code(loop, examples))
    return code if code is not None and all(does_the_same(function, code, args) for args in examples) else None


def _machine_code(loop: _Loop, examples: list[tuple]) -> Callable[..., int]:
    import numba

    return machine_code(loop, "run", [tuple(map(numba.typeof, args)) for args in examples])


# --- what runs


def _checked(code: Callable[..., int]) -> Callable[..., None]:
    """Machine code that stops, as NumPy would, where something overflows, is divided by zero or has no result."""

    def run(*args: Any) -> None:
        if code(*args):
            raise FloatingPointError

    return run


def _with_loops(primitive: Callable[..., Any], loops: dict[Any, Callable[..., None]]) -> Callable[..., Any]:
    """The primitive, with loops in the place of some of its functions.

    Where something is met of which NumPy warns, it begins anew by NumPy, and warns as it is set to; so it does where
    types are met that the trial has not met, since compiled functions refuse those. A primitive changes none of
    its arguments, and writes all of its result.
    """

    def choice(function: Any) -> Callable[..., None]:
        return loops.get(function, function.by_numpy)

    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            with instead(choice), np.errstate(divide="raise", over="raise", invalid="raise"):
                return primitive(*args, **kwargs)
        except (FloatingPointError, TypeError):
            return primitive(*args, **kwargs)

    return run
