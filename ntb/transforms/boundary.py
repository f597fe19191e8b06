"""A part of a program that tapes see as one operation: what goes into it, what state it touches, how it is run again.

What goes in are not only arguments: a function finds tensors in its closure, and variables. And it may assign variables
and draw random numbers. `Boundary` is a tape that notices all of that while the part runs; nothing is recorded.

It also finds arrays there, which may be changed before the part is run again. No copy is kept of them, but a checksum
of all numbers and arrays that the operations met: one that comes out differently the second time is an error.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakSet

import numpy as np

from ..tape.conversions import open_tapes
from ..tape.errors import MutationError
from ..tape.rules import Operation
from ..tape.tape import Tape
from ..tape.tensor import ArrayLike, Tensor
from ..tape.token import Token
from ..tape.variable import Variable, assign


class Boundary(Tape):
    """Around a part of a program, which the open gradient tapes do not record; traces do.

    Attributes:
        name: of what runs the part, for errors.
        outer: the gradient tapes that were open; traces: the others.
        inputs: what these tapes track and the part uses, by token.
        variables: the values that the variables had which it read or assigned; `assigned` are the latter.
        generators: the states that the generators had from which it drew; in a trace `drawn` are the numbers instead.
        constants: a checksum of the numbers and arrays that its operations met.
    """

    name = "checkpoint"

    def __init__(self) -> None:
        super().__init__(watch_variables=False)
        self.numpys: Any = None  # the state of NumPy's global generator
        self.outer: list[Tape] = [tape for tape in open_tapes.get() if not tape.keep]
        self.traces = [tape for tape in open_tapes.get() if tape.keep]
        self.tracked: Any = Tracked(self.outer)
        self.lenient = any(tape.lenient for tape in self.outer)
        self.inputs: dict[Token, Tensor] = {}
        self.variables: dict[Variable, Tensor] = {}
        self.assigned: set[Variable] = set()
        self.generators: dict[Any, Any] = {}
        self.drawn: list[Any] = []
        self.constants = 0

    # --- what the engine calls

    def write(self, operation: Operation, args: tuple, kwargs: dict | None, result: Any) -> None:
        for x in tensors_in((args, kwargs)):
            self.take(x)
        self.constants = checksum((args, kwargs), self.constants)
        self.look(operation, args, kwargs, result)
        super().write(operation, args, kwargs, result)
        self._records.clear()

    def look(self, operation: Operation, args: tuple, kwargs: dict | None, result: Any) -> None:
        for tape in self.outer:
            tape.look(operation, args, kwargs, result)

    def release(self) -> None:
        """Let go of the tapes around, which keep what was recorded of the part, and thereby this."""
        self.outer.clear()
        self.traces.clear()

    def take(self, x: Tensor) -> None:
        """Notice a tensor that the part uses, or returns."""
        if x.token is not None and not self.tracked.by_itself(x.token) and x.token in self.tracked:
            self.inputs[x.token] = x
            self.tracked.add(x.token)

    def see(self, variable: Variable) -> None:
        self.variables.setdefault(variable, variable.get())
        for tape in self.outer:
            tape.see(variable)

    def will_assign(self, variable: Variable) -> None:
        for tape in self.outer:
            tape.will_assign(variable)
        self.variables.setdefault(variable, variable.get())
        self.assigned.add(variable)

    def will_draw(self, generator: Any) -> Any:
        given = [again for tape in self.outer if (again := tape.will_draw(generator)) is not None]
        if given:
            self.drawn.append(given[0])
            return given[0]
        if generator not in self.generators:
            self.generators[generator] = generator.value
        return None

    # --- running the part

    @contextmanager
    def around(self) -> Iterator[None]:
        """The block that holds the part."""
        starts = [len(trace.notes) for trace in self.traces]
        self.numpys = None if self.traces else np.random.get_state(legacy=False)
        token = open_tapes.set((*self.traces, self))
        try:
            yield
        finally:
            open_tapes.reset(token)
        if self.traces:
            self.drawn += [note[3] for note in self.traces[-1].notes[starts[-1] :] if note[4] == "draw"]

    def run_again(self, part: Callable[[Tape], Any], tape: Tape | None = None) -> tuple[Tape, Any]:
        """Run the part once more, with the state that it met and the numbers that it drew; all state stays as it is.

        Returns:
            The tape of this run, which tracks the inputs and which `part` is called with, and the result.

        Raises:
            MutationError: the part met other constants than the first time.
        """
        traces = [tape for tape in open_tapes.get() if tape.keep]
        tape = tape or Again(iter(self.drawn) if traces else None)
        for x in self.inputs.values():
            tape.watch(x)
        present = {variable: variable.get() for variable in self.variables}
        states = {} if traces else {generator: generator.value for generator in self.generators}
        numpys: Any = None if self.numpys is None else np.random.get_state(legacy=False)
        try:
            for variable, value in self.variables.items():
                variable.set(value)
            if numpys is not None:
                np.random.set_state(self.numpys)
            if not traces:
                for generator, state in self.generators.items():
                    generator.assign(state)
            with tape:
                result = part(tape)
        finally:
            for variable, value in present.items():
                if variable in self.assigned:
                    for trace in traces:  # the last word on what the variable holds
                        trace.note(assign, (variable, value), {}, value)
                variable.set(value)
            if not traces:
                for generator, state in states.items():
                    generator.assign(state)
            if numpys is not None:
                np.random.set_state(numpys)
        if isinstance(tape, Again) and tape.constants != self.constants:
            raise MutationError(
                f"the function given to {self.name} runs again for the gradient, and met other numbers than the first "
                "time: an array that it finds around it was changed in place, or a number replaced. Pass it as an "
                "argument, or do not change it before the gradient is computed"
            )
        return tape, result


class Tracked(WeakSet):
    """Tokens that a part of a program made or took, and all that the tapes around it track and it may still take."""

    def __init__(self, outer: list[Tape]) -> None:
        super().__init__()
        self.outer = outer

    def __contains__(self, token: object) -> bool:
        return self.by_itself(token) or any(token in tape.tracked for tape in self.outer)

    def by_itself(self, token: object) -> bool:
        return super().__contains__(token)


class Again(Tape):
    """Records a part that runs again; where it is traced it gets the numbers that were drawn the first time."""

    def __init__(self, drawn: Iterator[Any] | None) -> None:
        super().__init__(watch_variables=False)
        self.drawn = drawn
        self.constants = 0

    def write(self, operation: Operation, args: tuple, kwargs: dict | None, result: Any) -> None:
        self.constants = checksum((args, kwargs), self.constants)
        super().write(operation, args, kwargs, result)

    def will_draw(self, generator: Any) -> Any:
        return None if self.drawn is None else next(self.drawn)


def tensors_in(tree: Any) -> Iterator[Tensor]:
    """The tensors at any depth of lists, tuples and dicts."""
    pending = [tree]
    while pending:
        x = pending.pop()
        if isinstance(x, ArrayLike):
            yield x.read()
        elif type(x) is tuple or type(x) is list:
            pending.extend(reversed(x))
        elif type(x) is dict:
            pending.extend(x.values())


def checksum(tree: Any, before: int) -> int:
    """A checksum that goes on over the numbers, and arrays which are no tensors, at any depth."""
    kind = type(tree)
    if kind is Tensor or tree is None:
        return before
    if kind is tuple or kind is list:
        for x in tree:
            before = checksum(x, before)
    elif kind is dict:
        return checksum(tuple(tree.values()), before)
    elif isinstance(tree, np.ndarray) and tree.dtype != object:
        return zlib.crc32(np.ascontiguousarray(tree).view(np.uint8).data, before)
    elif isinstance(tree, float | int | complex | np.generic):
        return zlib.crc32(repr(tree).encode(), before)
    return before
