"""A part of a program that tapes see as one operation: what goes into it, what state it touches, how it is run again.

Not only arguments go into it: a function also finds tensors and variables in its closure. And it may assign variables
and draw random numbers. `Boundary` is a listener that notices all of that while the part runs; it records nothing.

The part also finds arrays there, which may change before it is run again. `Boundary` keeps no copies of them, but a
checksum of all numbers and arrays that the operations met. If the second run gives another checksum, it is an error.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakSet

import numpy as np

from ..errors import MutationError
from ..tape.listener import listeners, traces
from ..tape.operation import Operation
from ..tape.tape import Tape, Tracker
from ..tape.tensor import ArrayLike, Tensor
from ..tape.value_id import ValueId
from ..tree import leaves
from ..variable import Variable


class Boundary(Tracker):
    """Listens to a part of a program, which the open gradient tapes do not record, but traces do.

    Attributes:
        name: what runs the part, for errors.
        outer: the open listeners that are no traces; traces: the open traces.
        inputs: what these tapes track and the part uses, by id.
        variables: the values, from before, of the variables that it read or assigned; assigned: those it assigned.
        generators: the states, from before, of the generators that it drew from; drawn: in a trace, the numbers drawn.
        constants: a checksum of the numbers and arrays that its operations met; met: those of all runs, where the part
            is one that is repeated, and may take another branch each time.
    """

    name = "checkpoint"

    def __init__(self) -> None:
        self.numpys: Any = None  # the state of NumPy's global generator
        self.outer: list[Any] = [listener for listener in listeners.get() if not listener.replays]
        self.traces = traces()
        self.tracked: Any = _Tracked(self.outer)
        self.lenient = any(getattr(listener, "lenient", False) for listener in self.outer)
        self.inputs: dict[ValueId, Tensor] = {}
        self.variables: dict[Variable, Tensor] = {}
        self.assigned: set[Variable] = set()
        self.generators: dict[Any, Any] = {}
        self.drawn: list[Any] = []
        self.constants = 0
        self.met: set[int] = set()

    # --- what the engine calls

    def write(self, operation: Operation, args: tuple, kwargs: dict, result: Any) -> None:
        for x in tensors_in((args, kwargs)):
            self.take(x)
        self.constants = _checksum((args, kwargs), self.constants)
        self.inside(operation, args, kwargs, result)
        super().write(operation, args, kwargs, result)

    def inside(self, operation: Operation, args: tuple, kwargs: dict, result: Any) -> None:
        for listener in self.outer:
            listener.inside(operation, args, kwargs, result)

    def keep(self, record: tuple) -> None:
        """Keep no record: it is enough that the results are tracked."""

    def release(self) -> None:
        """Forget the tapes around: their records refer to this boundary, and a cycle would keep both in memory."""
        self.outer.clear()
        self.traces.clear()

    def take(self, x: Tensor) -> None:
        """Notice a tensor that the part uses, or returns."""
        if x.id is not None and not self.tracked.by_itself(x.id) and x.id in self.tracked:
            self.inputs[x.id] = x
            self.tracked.add(x.id)

    def read(self, variable: Variable) -> None:
        self.variables.setdefault(variable, variable.get())
        for listener in self.outer:
            listener.read(variable)

    def assign(self, variable: Variable, value: Any, new: Any) -> None:
        for listener in self.outer:
            listener.assign(variable, value, new)
        self.variables.setdefault(variable, variable.get())
        self.assigned.add(variable)

    def draw(self, generator: Any) -> Any:
        given = [again for listener in self.outer if (again := listener.draw(generator)) is not None]
        if given:
            self.drawn.append(given[0])
            return given[0]
        if not self.traces and generator not in self.generators:
            self.generators[generator] = generator.value
        return None

    # --- running the part

    @contextmanager
    def around(self) -> Iterator[None]:
        """The block in which the part runs."""
        starts = [len(trace.notes) for trace in self.traces]
        self.numpys = None if self.traces else np.random.get_state(legacy=False)
        before = listeners.set((*self.traces, self))
        try:
            yield
        finally:
            listeners.reset(before)
        if self.traces:
            self.drawn += [note[3] for note in self.traces[-1].notes[starts[-1] :] if note[4] == "draw"]

    def run_again(self, part: Callable[[Any], Any], tape: Tracker | None = None) -> tuple[Any, Any]:
        """Run the part once more, with the state that it met and the numbers that it drew; then all state is as before.

        Returns:
            The tape of this run, which tracks the inputs and is given to `part`, and the result.

        Raises:
            MutationError: the part met other constants than the first time.
        """
        tape = tape or _Again(iter(self.drawn) if traces() else None)
        for x in self.inputs.values():
            tape.watch(x)
        with self.as_before(), tape:
            result = part(tape)
        if getattr(tape, "constants", self.constants) not in (self.met or {self.constants}):
            raise MutationError(
                f"the function given to {self.name} runs again for the gradient, and met other numbers than the first "
                "time: an array that it finds around it was changed in place, or a number replaced. Pass it as an "
                "argument, or do not change it before the gradient is computed"
            )
        return tape, result

    @contextmanager
    def as_before(self) -> Iterator[None]:
        """A block in which all state is what the part met the first time; after the block it is as before.

        In a trace generators keep their state, which cannot be set back there; the numbers that they drew are known.
        """
        present = {variable: variable.get() for variable in self.variables}
        states = {} if traces() else {generator: generator.value for generator in self.generators}
        numpys: Any = None if self.numpys is None else np.random.get_state(legacy=False)
        try:
            for variable, value in self.variables.items():
                variable.set(value)
            if numpys is not None:
                np.random.set_state(self.numpys)
            for generator in states:
                generator.assign(self.generators[generator])
            yield
        finally:
            for variable, value in present.items():
                for trace in traces() if variable in self.assigned else ():  # it must know what the variable holds
                    trace.assign(variable, value, value)
                variable.set(value)
            for generator, state in states.items():
                generator.assign(state)
            if numpys is not None:
                np.random.set_state(numpys)


class _Tracked(WeakSet):
    """The ids of values that the part made or took, and all ids that the tapes around it track: it may take these."""

    def __init__(self, outer: list[Tape]) -> None:
        super().__init__()
        self.outer = outer

    def __contains__(self, x: object) -> bool:
        return self.by_itself(x) or any(x in listener.tracked for listener in self.outer)

    def by_itself(self, x: object) -> bool:
        return super().__contains__(x)


class Watchful(Tracker):
    """Computes the checksum of the numbers and arrays that are met, as a `Boundary` does."""

    constants = 0

    def write(self, operation: Operation, args: tuple, kwargs: dict, result: Any) -> None:
        self.constants = _checksum((args, kwargs), self.constants)
        super().write(operation, args, kwargs, result)


class _Again(Watchful, Tape):
    """Records a part that runs again. In a trace the part gets the numbers that it drew the first time."""

    def __init__(self, drawn: Iterator[Any] | None) -> None:
        super().__init__(watch_variables=False)
        self.drawn = drawn

    def draw(self, generator: Any) -> Any:
        return None if self.drawn is None else next(self.drawn)


def tensors_in(tree: Any) -> list[Tensor]:
    """The tensors in a tree, and the values of its variables."""
    return [x.read() for x in leaves(tree) if isinstance(x, ArrayLike)]


def _checksum(tree: Any, before: int) -> int:
    """The checksum `before`, continued over the numbers and the arrays (not the tensors) in a tree."""
    for x in leaves(tree):
        if isinstance(x, np.ndarray) and x.dtype != object:
            before = zlib.crc32(np.ascontiguousarray(x).view(np.uint8).data, before)
        elif isinstance(x, float | int | complex | np.generic):
            before = zlib.crc32(repr(x).encode(), before)
    return before
