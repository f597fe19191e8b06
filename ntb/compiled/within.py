"""Loops within primitives: functions that are `looped` (ntb/looped.py) in machine code, while a program runs.

Which types of arrays such a function is given is seen in a rehearsal: the primitive runs once, on zeros laid out as the
program's arrays. Then the loop is compiled for these types, and compared with NumPy's form of the function.
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
from .agreement import agree
from .kernels import compiled, machine_code

_SOURCE = """{loop}

def run({parameters}):
    clear_flags(FLAGS)
    {name}({parameters})
    return raised_flags(FLAGS)
"""


class _Loop(NamedTuple):
    """The loop of a function that is `looped`, for certain types of arguments; equal ones share their machine code."""

    source: str
    types: tuple[tuple[str, ...], ...]


class Within(Blocks):
    """The call of a primitive in which loops take the place of functions that are `looped`.

    Attributes:
        loops: that are met in it; run: the primitive, with those that were compiled.
    """

    def __init__(self, instruction: Instruction, met: dict[Any, list[tuple]]) -> None:
        self.primitive = table[instruction.function].call
        self.__name__ = instruction.function.__name__
        self.met = met
        self.loops = [_loop_of(function, calls) for function, calls in met.items()]
        super().__init__(self.primitive, [instruction])

    def compile(self) -> bool:
        """Put the machine code in, of each loop that gives NumPy's bits on this machine."""
        codes = {function: self._code(function, loop) for function, loop in zip(self.met, self.loops)}
        self.loops = [loop for loop, code in zip(self.loops, codes.values()) if code is not None]
        if self.loops:
            self.run = _with_loops(self.primitive, {f: code for f, code in codes.items() if code is not None})
        return True

    def _code(self, function: Any, loop: _Loop) -> Callable[..., int] | None:
        calls = self.met[function]
        code = compiled(loop, lambda: _machine_code(loop, calls))
        fits = code is not None and all(agree(function, code, args) for args in calls)
        return code if fits else None


def within(code: Code) -> Code:
    """Let primitives run with loops, where they call functions that are `looped`."""
    for number, instruction in enumerate(code.instructions):
        operation = table.get(instruction.function)
        if operation is not None and operation.traits.looped:
            met = _rehearsed(code, instruction)
            if met:
                call = Within(instruction, met)
                code.instructions[number] = instruction.standing_for(
                    call, instruction.args, instruction.kwargs, instruction.result
                )
    return code


def _rehearsed(code: Code, instruction: Instruction) -> dict[Any, list[tuple]]:
    """The functions that are met, with an example of the arguments for each combination of their types."""
    met: dict[Any, dict[tuple, tuple]] = {}

    def note(function: Any) -> Callable[..., None]:
        def run(*args: Any) -> None:
            met.setdefault(function, {}).setdefault(_types(args), args)
            function.by_numpy(*args)

        return run

    args, kwargs = tree_map(
        lambda x: _zeros(code.specs[x]) if type(x) is Ref else x, (instruction.args, instruction.kwargs)
    )
    with instead(note), np.errstate(all="ignore"):
        table[instruction.function].call(*args, **kwargs)
    return {function: [*calls.values()] for function, calls in met.items() if all(map(_can_loop, calls.values()))}


def _can_loop(args: tuple) -> bool:
    """Whether all arrays are of floats, and contiguous: a compiler can take several neighbours at once only where it
    knows that they are neighbours."""
    arrays = [x for x in args if isinstance(x, np.ndarray)]
    return all(x.dtype in (np.float32, np.float64) and x.flags.c_contiguous for x in arrays)


def _zeros(spec: Spec) -> Any:
    """Zeros laid out as a value of a program."""
    if spec.shape is None or spec.strides is None or min(spec.strides, default=0) < 0:
        return np.zeros(spec.shape or (), spec.dtype)
    reach = sum((n - 1) * stride for n, stride in zip(spec.shape, spec.strides) if n) + spec.dtype.itemsize
    return np.ndarray(spec.shape, spec.dtype, np.zeros(reach, np.uint8), 0, spec.strides)


def _types(args: tuple) -> tuple[str, ...]:
    return tuple([f"{x.dtype.name}, {x.ndim} axes" if isinstance(x, np.ndarray) else type(x).__name__ for x in args])


def _loop_of(function: Any, calls: list[tuple]) -> _Loop:
    loop = function.loop
    parameters = ", ".join(inspect.signature(loop).parameters)
    body = "@inner\n" + textwrap.dedent(inspect.getsource(loop))
    return _Loop(_SOURCE.format(loop=body, name=loop.__name__, parameters=parameters), tuple(map(_types, calls)))


def _machine_code(loop: _Loop, calls: list[tuple]) -> Callable[..., int]:
    import numba

    return machine_code(loop, "run", [tuple(map(numba.typeof, args)) for args in calls])


def _with_loops(primitive: Callable[..., Any], codes: dict[Any, Callable[..., int]]) -> Callable[..., Any]:
    """The primitive, with loops; by NumPy once more if something is met of which NumPy warns.

    A primitive changes none of its arguments, so that it can begin anew.
    """

    def checked(code: Callable[..., int]) -> Callable[..., None]:
        def call(*args: Any) -> None:
            if code(*args):
                raise FloatingPointError

        return call

    chosen = {function: checked(code) for function, code in codes.items()}

    def choice(function: Any) -> Callable[..., None]:
        return chosen.get(function, function.by_numpy)

    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            with instead(choice), np.errstate(divide="raise", over="raise", invalid="raise"):
                return primitive(*args, **kwargs)
        except (FloatingPointError, TypeError):  # TypeError: a type that the rehearsal has not met
            return primitive(*args, **kwargs)

    return run
