"""Chains: which calls of a program become one loop.

A chain is a row of calls, one after the other, that give arrays of one shape, element by element. What only the chain
reads is never in memory.
"""

from __future__ import annotations

from collections import Counter

from ..replay.calls import OUT
from ..replay.code import Code, Instruction, Ref
from .kernels import Kernel, is_refused
from .loops import is_exact, layout_of, loop_of, strides_in
from .symbols import Opening, Value

FEWEST = 3
"""So few steps are not worth a loop, unless the arrays are large."""
LARGE = 1 << 14
"""Bytes of a large array."""
MOST = 40
"""Steps of one loop, as the time to compile it grows with their number."""


def chains(code: Code) -> Code:
    """Replace each chain of calls that a loop can do by the call of one."""
    uses = Counter(ref for i in code.instructions for ref in i.reads()) + Counter(code.results())
    kept: list[Instruction] = []
    chain = _Chain(code)
    for instruction in code.instructions:
        if not chain.take(instruction):
            kept += chain.finished(uses)
            chain = _Chain(code)
            if not chain.take(instruction):
                kept.append(instruction)
    code.instructions = kept + chain.finished(uses)
    return code


class _Chain:
    """A row of calls that one loop can do."""

    def __init__(self, code: Code) -> None:
        self.code = code
        self.row: list[Instruction] = []
        self.opening = Opening(code)

    def take(self, instruction: Instruction) -> bool:
        """Add a call; False if it does not belong to the chain."""
        code, ref = self.code, instruction.result
        if type(ref) is not Ref or instruction.effect or ref not in code.places or code.places[ref].storage.viewed:
            return False
        if self.row and code.specs[ref].shape != code.specs[self.row[0].result].shape:
            return False
        count = len(self.opening.steps)
        if not self.opening.add(instruction):
            return False
        added = self.opening.steps[count:]
        if not all(map(is_exact, added)) or count + len(added) > MOST:
            del self.opening.steps[count:]
            self.opening.values.pop(ref)
            return False
        self.row.append(instruction)
        return True

    def finished(self, uses: Counter[Ref]) -> list[Instruction]:
        """The call of a loop; or the calls themselves, where a loop is not worth it."""
        if not self.row:
            return []
        code, row, steps, values = self.code, self.row, self.opening.steps, self.opening.values
        big = code.specs[row[0].result].nbytes >= LARGE
        if len(steps) < (2 if big else FEWEST) or not code.specs[row[0].result].shape:
            return row
        inside = Counter(ref for i in row for ref in i.reads())
        results = [(i.result, values[i.result]) for i in row if uses[i.result] > inside[i.result]]
        loads = self.opening.loads()
        arrays = [(ref, value) for ref, value in loads if code.specs[ref].shape]
        numbers = [(ref, value) for ref, value in loads if not code.specs[ref].shape]
        shape = code.specs[row[0].result].shape or ()
        strides = [strides_in(value, shape) for _, value in arrays]
        strides += [code.specs[ref].strides or () for ref, _ in results]
        if not results or any(stride < 0 for each in strides for stride in each):
            return row
        axes = [len(code.specs[ref].shape or ()) for ref, _ in arrays + results]
        loads = arrays + numbers
        layout = layout_of(shape, strides)
        found = loop_of(steps, _values(arrays), _values(numbers), _values(results), axes, layout)
        if found is None or is_refused(found[0]):
            return row
        written = tuple([ref for ref, _ in results])
        for i in row:
            if i.result not in written:
                code.places.pop(i.result)
        kernel = Kernel(found[0], steps, _values(loads + results), row)
        return [row[0].standing_for(kernel, (*(ref for ref, _ in loads), OUT, *found[1]), {}, written)]


def _values(pairs: list[tuple[Ref, Value]]) -> list[Value]:
    return [value for _, value in pairs]
