"""Chains: which calls of a program become one loop.

A chain is a row of calls, one after the other, that give arrays of one shape, element by element. What only the chain
reads is never in memory.
"""

from __future__ import annotations

from collections import Counter

from ..replay.calls import OUT
from ..replay.code import Code, Instruction, Ref
from .kernels import Kernel, is_refused
from .loops import Array, Loop, is_exact, loop_of, nest, strides_in
from .symbols import Opening, Value

_FEWEST = 3
"""So few statements are not worth a loop, unless the arrays are large."""
_LARGE = 1 << 14
"""Bytes of a large array."""
_MOST = 40
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
        count = len(self.opening.statements)
        if not self.opening.add(instruction):
            return False
        added = self.opening.statements[count:]
        if not all(map(is_exact, added)) or count + len(added) > _MOST:
            del self.opening.statements[count:]
            self.opening.values.pop(ref)
            return False
        self.row.append(instruction)
        return True

    def finished(self, uses: Counter[Ref]) -> list[Instruction]:
        """The call of a loop; or the calls themselves, where a loop is not worth it."""
        row, opening = self.row, self.opening
        if not row or not self._pays():
            return row
        inside = Counter(ref for i in row for ref in i.reads())
        written = tuple([i.result for i in row if uses[i.result] > inside[i.result]])
        found = self._loop(written)
        if found is None or is_refused(found[0]):
            return row
        for i in row:
            if i.result not in written:
                self.code.places.pop(i.result)
        loads = self._loads()
        kernel = Kernel(found[0], opening.statements, [*loads, *(opening.values[ref] for ref in written)], row)
        return [row[0].standing_for(kernel, (*(value.ref for value in loads), OUT, *found[1]), {}, written)]

    def _pays(self) -> bool:
        spec, count = self.code.specs[self.row[0].result], len(self.opening.statements)
        return bool(spec.shape) and count >= (2 if spec.nbytes >= _LARGE else _FEWEST)

    def _loads(self) -> list[Value]:
        """What the chain reads: arrays first, then numbers."""
        return sorted(self.opening.loads(), key=lambda value: not self._axes(value))

    def _axes(self, value: Value) -> int:
        return len(self.code.specs[value.ref].shape or ()) if value.ref is not None else 0

    def _loop(self, written: tuple[Ref, ...]) -> tuple[Loop, tuple[int, ...]] | None:
        """The loop, and the integers that it takes; None where arrays lie in memory as a loop cannot read them."""
        specs, shape = self.code.specs, self.code.specs[self.row[0].result].shape or ()
        arrays = [value for value in self._loads() if self._axes(value)]
        numbers = [value for value in self._loads() if not self._axes(value)]
        results = [self.opening.values[ref] for ref in written]
        strides = [strides_in(value, shape) for value in arrays] + [specs[ref].strides or () for ref in written]
        if not written or any(stride < 0 for each in strides for stride in each):
            return None
        sizes, moves = nest(shape, strides)
        found = [Array(value, self._axes(value), each) for value, each in zip([*arrays, *results], moves)]
        return loop_of(self.opening.statements, sizes, found[: len(arrays)], numbers, found[len(arrays) :])
