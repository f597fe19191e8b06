"""Chains: which calls of a program become one loop.

A chain is a row of calls that give arrays of one shape, or numbers, element by element. What only the chain reads is
never in memory. Calls that stand between those of a chain and do not belong to it, such as sums, come after its loop.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable

from ..replay.calls import OUT
from ..replay.code import Code, Instruction, Ref
from ..replay.memory import is_own
from .kernels import Kernel
from .loops import Array, Loop, is_exact, loop_of, nest, strides_in
from .symbols import Opening, Value

_FEWEST = 3
"""So few statements are not worth a loop, unless the arrays are large."""
_LARGE = 1 << 14
"""Bytes of a large array."""
_AHEAD = 8
"""Calls that may stand between those of a chain."""
_MOST = 40
"""Steps of one loop, as the time to compile it grows with their number."""


def chains(code: Code) -> Code:
    """Replace each chain of calls that a loop can do by the call of one."""
    uses = Counter(ref for i in code.instructions for ref in i.reads()) + Counter(code.results())
    kept: list[Instruction] = []
    rest = deque(code.instructions)
    while rest:
        chain = _Chain(code)
        put_off = chain.gather(rest)
        if not chain.pays():
            kept.append(rest.popleft())
            continue
        taken = [rest.popleft() for _ in range(len(chain.row) + len(put_off))]
        loop = chain.finished(uses)
        if loop is None:
            kept += taken
        else:
            kept.append(loop)
            rest.extendleft(reversed(put_off))
    code.instructions = kept
    return code


class _Chain:
    """A row of calls that one loop can do."""

    def __init__(self, code: Code) -> None:
        self.code = code
        self.row: list[Instruction] = []
        self.opening = Opening(code)

    def gather(self, rest: Iterable[Instruction]) -> list[Instruction]:
        """Take the calls at the beginning of `rest` that belong together; gives those between them, which come after
        the loop, and so does what reads their results. Large arrays would be in memory for longer: their chains end
        with the first other call."""
        put_off: list[Instruction] = []
        late: set[Ref] = set()  # the values that these give
        for instruction in rest:
            is_ready = late.isdisjoint(self.code.specs[ref].root for ref in instruction.reads())
            if is_ready and self.take(instruction):
                continue
            if not self.row or instruction.effect or not is_own(instruction) or len(put_off) == _AHEAD:
                break
            if self.code.specs[self.row[0].result].nbytes >= _LARGE:
                break
            put_off.append(instruction)
            late.update(self.code.specs[ref].root for ref in instruction.writes())
        return put_off

    def take(self, instruction: Instruction) -> bool:
        """Add a call; False if it does not belong to the chain."""
        code, ref = self.code, instruction.result
        if type(ref) is not Ref or instruction.effect or ref not in code.places or code.places[ref].storage.viewed:
            return False
        if ref in code.stays:
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

    def finished(self, uses: Counter[Ref]) -> Instruction | None:
        """The call of a loop; None where there can be none."""
        row, opening = self.row, self.opening
        inside = Counter(ref for i in row for ref in i.reads())
        written = tuple([i.result for i in row if uses[i.result] > inside[i.result]])
        found = self._loop(written)
        if found is None:
            return None
        for i in row:
            if i.result not in written:
                self.code.places.pop(i.result)
        loads = self._loads()
        kernel = Kernel(found[0], opening.statements, [*loads, *(opening.values[ref] for ref in written)], row)
        return row[0].standing_for(kernel, (*(value.ref for value in loads), OUT, *found[1]), {}, written)

    def pays(self) -> bool:
        if not self.row:
            return False
        spec, count = self.code.specs[self.row[0].result], len(self.opening.statements)
        return count >= (2 if spec.nbytes >= _LARGE else _FEWEST)

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
