"""Journal: what `Tape(explain=True)` keeps, beside the tape, for the method `explain`.

By default a tape can explain only what it records: the operations that gradients flow through. The journal notes all
operations on tensors while the tape is open, also those that carry no gradient, and the lines of the program that ran
them. It holds no arrays.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from ..tape.operation import Operation
from ..tape.tensor import Tensor
from ..tape.value_id import ValueId
from ..tree import leaves
from .observer import Location, Observer, quoted, users_line


class Entry(NamedTuple):
    """An operation that ran, without its arrays.

    Attributes:
        place: the line that ran it; without a journal, its number on the tape.
        untracked: the inputs that the tape did not track when the operation ran.
        flows: whether the tape recorded it, and its result can have a gradient.
    """

    operation: Operation
    place: Location | int
    inputs: list[ValueId]
    untracked: list[ValueId]
    results: list[ValueId]
    flows: bool = True

    def __str__(self) -> str:
        where = f"(%{self.place})" if isinstance(self.place, int) else f"at {quoted(self.place)}"
        return f"{self.operation.name} {where}"

    def why_not(self) -> str:
        """Why its result has no gradient."""
        if self.untracked:
            return f"{self}, which ran before its argument was watched"
        if self.operation.traits.constant or all(y.dtype.kind in "iub" for y in self.results):
            return f"{self}, an operation without gradient"
        return f"{self}, which the tape did not record (stop_recording)"


class Journal(Observer):
    """Notes every operation on tensors, and every assignment, while its tape is open."""

    def __init__(self, tracked: set[ValueId]) -> None:
        self.tracked_by_tape = tracked
        self.entries: list[Entry] = []
        self.assigned: dict[ValueId, Location] = {}

    def look(self, operation: Operation, args: tuple, kwargs: dict, result: Any) -> None:
        inputs = _ids_of([args, kwargs])
        untracked = [x for x in inputs if x not in self.tracked_by_tape and x.dtype.kind in "fc"]
        self.entries.append(Entry(operation, users_line(), inputs, untracked, _ids_of(result)))

    def assign(self, variable: Any, value: Any, new: Any) -> None:
        self.assigned[variable.id] = users_line()

    def flowing(self, recorded: set[ValueId]) -> list[Entry]:
        """The entries with `flows` set: whether one of the results is among `recorded`, the results on the tape."""
        return [entry._replace(flows=not recorded.isdisjoint(entry.results)) for entry in self.entries]


def _ids_of(tree: Any) -> list[ValueId]:
    """The ids of the tensors in a tree; a tensor without an id gets one."""
    tensors = [x for x in leaves(tree) if isinstance(x, Tensor)]
    for x in tensors:
        x.id = x.id or x.Id(x)
    return [x.id for x in tensors]
