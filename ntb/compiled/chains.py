"""Chains: which calls of a program become one loop.

A chain is a row of calls that give arrays of one shape, or numbers, element by element. What only the chain reads is
never in memory. Calls that stand between those of a chain and do not belong to it, such as sums, come after its loop.

A primitive may call a function in its midst that stays NumPy's, as the sigmoid does exp. Then the chain is a loop, that
call and another loop; on large arrays these run block by block, so that what one hands to the next stays in the cache.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable

from ..replay.blocks import is_large, is_sum_of, is_whole
from ..replay.code import Code, Instruction, Ref
from ..replay.memory import is_own
from .loops import is_call, is_exact
from .parts import calls_of
from .symbols import Opening, Statement
from .totals import is_total

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
        totals = [i for i in put_off if is_total(code, i, chain.row)]
        if not chain.pays(len(totals)):
            kept.append(rest.popleft())
            continue
        taken = [rest.popleft() for _ in range(len(chain.row) + len(put_off))]
        total = rest.popleft() if rest and chain.flat and is_sum_of(code, rest[0], chain.row) else None
        taken += [total] if total else []
        made = chain.finished(uses, total, totals)
        kept += made or taken
        rest.extendleft(reversed([i for i in put_off if i not in totals] if made else []))
    code.instructions = kept
    return code


class _Chain:
    """A row of calls that one loop can do."""

    def __init__(self, code: Code) -> None:
        self.code = code
        self.row: list[Instruction] = []
        self.makers: list[Instruction] = []  # of each statement
        self.calls, self.flat = False, True  # whether there are calls of NumPy's; whether blocks can be cut
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
        if type(ref) is not Ref or instruction.effect or ref not in code.places or self._reads_a_view(instruction):
            return False
        if not code.stays.isdisjoint(instruction.origin.writes()):
            return False
        if self.row and code.specs[ref].shape != code.specs[self.row[0].result].shape:
            return False
        count = len(self.opening.statements)
        if not self.opening.add(instruction):
            return False
        added = self.opening.statements[count:]
        if not self._may_add(instruction, added):
            del self.opening.statements[count:]
            self.opening.values.pop(ref)
            return False
        self.row.append(instruction)
        self.makers += [instruction] * len(added)
        return True

    def _may_add(self, instruction: Instruction, added: list[Statement]) -> bool:
        """Whether the statements of a call can follow. Large arrays in a chain with calls must be cut into blocks."""
        if len(self.makers) + len(added) > _MOST or not all(is_exact(s) or is_call(s) for s in added):
            return False
        calls = not all(map(is_exact, added))
        if calls and len(added) == 1:  # a call of NumPy's, which needs no loop
            return False
        spec = self.code.specs[instruction.result]
        values = [self.code.specs[ref] for ref in (*instruction.reads(), instruction.result)]
        flat = not is_large(spec) or all(is_whole(each, spec.shape) for each in values)
        if (calls or self.calls) and not (flat and self.flat):
            return False
        self.calls, self.flat = self.calls or calls, self.flat and flat
        return True

    def _reads_a_view(self, instruction: Instruction) -> bool:
        """Whether a call reads what the row writes, but in another layout, so that it must wait for all of it."""
        made = {i.result for i in self.row}
        return any(self.code.specs[ref].root in made and ref not in made for ref in instruction.reads())

    def finished(self, uses: Counter[Ref], total: Instruction | None, totals: list[Instruction]) -> list[Instruction]:
        """The calls of loops, and of NumPy's functions between them; none where there can be no loop.

        Args:
            uses: how often each value is read; total: a sum of what the chain gives, which follows it; totals: sums of
                small arrays, which its loop takes.
        """
        row = [*self.row, *([total] if total else []), *totals]
        places, inside = self.code.places, Counter(ref for i in row for ref in i.reads())
        written = [i.result for i in self.row if uses[i.result] > inside[i.result] or places[i.result].storage.viewed]
        calls = calls_of(self.code, self.opening.statements, self.makers, written, total, totals)
        if calls:
            stored = {ref for call in calls for ref in call.writes()}
            for ref in [i.result for i in self.row if i.result not in stored]:
                places.pop(ref, None)
        return calls

    def pays(self, totals: int) -> bool:
        """Whether a loop is worth it that also takes so many sums."""
        if not self.row:
            return False
        spec, count = self.code.specs[self.row[0].result], len(self.opening.statements)
        return count + totals >= (2 if spec.nbytes >= _LARGE else _FEWEST)
