"""Where the time of a program goes: its source with time, operations and bytes beside each line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, reduce
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from ..atomic import uninterrupted
from ..errors import InputError
from ..functions import name_of
from .code import Code, Instruction
from .costs import Work, work_of
from .emit import Routine
from .memory import Blocks
from .page import page
from .quantities import TOP, cut_off, quantity, rates, time_text
from .source import Source
from .workspace import Workspace


@dataclass(frozen=True)
class Row:
    """A line of a program's source and what it took.

    Attributes:
        number: its number in `program.source`, from 1.
        text: its text there.
        work: seconds, calls, flops, bytes read and written; all zero where nothing is computed.
        heading: whether the work is the sum over all lines under it: `def …`, `# forward`, `# backward`, `# update`.
        user: (file, number) of the line of the user's program that it comes from; None if not known.
    """

    number: int
    text: str
    work: Work = field(default_factory=Work)
    heading: bool = False
    user: tuple[str, int] | None = None

    @property
    def place(self) -> str:
        """The line of the user's program as it is shown: `train.py:12`."""
        return f"{Path(self.user[0]).name}:{self.user[1]}" if self.user else ""


@dataclass(frozen=True)
class Profile:
    """What the lines of a program took; print it, or save it as a page for a browser.

    For each call the median time over the runs counts; a line's time is the sum over its calls. Each call's time
    includes the 0.05 µs that reading the clock takes. Operations that run together, block by block or as a compiled
    loop, share their time in proportion to the bytes that they would move alone.

    Attributes:
        name: of the traced function; inputs: its arguments' names, dtypes and shapes.
        repeat: how many runs were measured.
        run: the median of the seconds that a whole run takes when nothing inside it is measured.
        memory: bytes of the memory that was planned for all values of a run.
        lines: the lines of `program.source`.
        operations: work by the name of the function that is called, the most expensive first.
        chains: work of operations that run together, as compiled loops or block by block, by their names, the most
            expensive first; of memory they read and write what is beside them, not what they pass on among each other.
        bandwidth: bytes that a copy of a large array reads and writes in a second.
    """

    name: str
    inputs: str
    repeat: int
    run: float
    memory: int
    lines: list[Row]
    operations: dict[str, Work]
    chains: dict[str, Work]
    bandwidth: float

    @property
    def body(self) -> list[Row]:
        """The lines of the function itself, without imports and helpers before it."""
        first = next(i for i, line in enumerate(self.lines) if line.heading)
        return self.lines[first:]

    @property
    def total(self) -> Work:
        """The work of all lines."""
        return self.body[0].work

    @property
    def sections(self) -> dict[str, Work]:
        """The work of "forward", "backward" and "update", as far as the program has them."""
        found: dict[str, Work] = {}
        for line in self.body[1:]:
            if line.heading:
                name = line.text.strip(" #")
                found[name] = found.get(name, Work()).plus(line.work)
        return found

    def share(self, work: Work) -> float:
        """The part of the time of all lines, from 0 to 1."""
        return work.seconds / self.total.seconds if self.total.seconds else 0.0

    def of_copy(self, work: Work) -> float:
        """The bandwidth as a part of a copy's; above 1 where the memory is in a cache."""
        return rates(work)[1] * 1e9 / self.bandwidth

    def top(self, count: int = TOP) -> list[Row]:
        """The most expensive lines, the first one first."""
        lines = [line for line in self.lines if line.work.calls and not line.heading]
        return sorted(lines, key=lambda line: -line.work.seconds)[:count]

    def summary(self) -> list[str]:
        """What was run, and what it took in all."""
        work = self.total
        return [
            f"{self.name}({self.inputs})",
            f"a run takes {time_text(self.run)}, the median of {self.repeat}; its lines add up to "
            f"{time_text(work.seconds)}, measured one by one",
            f"{work.calls} calls, {quantity(work.flops)}flop, {quantity(work.read)}B read, "
            f"{quantity(work.written)}B written, {quantity(self.memory)}B of memory planned",
        ]

    def __str__(self) -> str:
        places = max(len(line.place) for line in self.body)
        heads = f"{'time':>9} {'share':>6} {'calls':>5} {'flop':>6} {'read':>6} {'write':>6}"
        source = [f"{heads}  {'line':{places}}"]
        for line in self.body:
            shown = self._columns(line.work) if line.work.calls else " " * len(heads)
            source.append(f"{shown}  {line.place:{places}}  {line.text}".rstrip())
        return "\n".join(
            [
                *self.summary(), "", *source, "",
                "most expensive lines", f"{heads} {'Gflop/s':>7} {'GB/s':>6}",
                *(f"{self._rates(line.work)}  {cut_off(line.text.strip())}" for line in self.top()), "",
                "most expensive operations", f"{heads} {'Gflop/s':>7} {'GB/s':>6}",
                *(f"{self._rates(work)}  {name}" for name, work in list(self.operations.items())[:TOP]),
                *self._chain_lines(),
            ]
        )  # fmt: skip

    def _chain_lines(self) -> list[str]:
        if not self.chains:
            return []
        shown = list(self.chains.items())[:TOP]
        return [
            "", f"most expensive chains (a copy moves {quantity(self.bandwidth)}B/s)",
            f"{'time':>9} {'share':>6} {'calls':>5} {'flop':>6} {'read':>6} {'write':>6} {'Gflop/s':>7} {'GB/s':>6} "
            f"{'of copy':>7}",
            *(f"{self._rates(work)} {self.of_copy(work):>7.0%}  {cut_off(name)}" for name, work in shown),
        ]  # fmt: skip

    def _columns(self, work: Work) -> str:
        return (
            f"{time_text(work.seconds):>9} {self.share(work):>6.1%} {work.calls:>5} {quantity(work.flops):>6} "
            f"{quantity(work.read):>6} {quantity(work.written):>6}"
        )

    def _rates(self, work: Work) -> str:
        flops, transfer = rates(work)
        return f"{self._columns(work)} {flops:>7.3g} {transfer:>6.3g}"

    def to_html(self) -> str:
        """The profile as an HTML page that needs nothing else."""
        return page(self)

    def save(self, path: Any) -> None:
        """Write the page of `to_html` to a file."""
        Path(path).write_text(self.to_html(), encoding="utf-8")


def measure(routine: Routine, code: Code, source: Source, leaves: Sequence[Any], inputs: str, repeat: int) -> Profile:
    """Profile a code, with this source, that `routine` runs on these fed values; `Program.profile` says more.

    Raises:
        InputError: repeat is not a whole number from 1 on.
        Diverged: the values take another branch than the trace.
    """
    if type(repeat) is not int or repeat < 1:
        raise InputError(f"repeat is the number of runs to measure, a whole number from 1 on, not {repeat!r}")
    timed = Routine(routine.code, timed=True)
    times = timed.times or []
    whole, parts = [], []
    plain, measured = Workspace(), Workspace()
    for _ in range(repeat + 1):  # the first run warms up
        whole.append(_seconds_of(plain, routine, leaves))
        times[:] = [0.0] * len(times)
        _seconds_of(measured, timed, leaves)
        parts.append(list(times))
    seconds = np.median(parts[1:], axis=0)
    work = {id(i): work_of(code, i) for i in code.instructions}
    for instruction, t in zip(timed.code.instructions, seconds, strict=True):
        for key, part in _shares_of(instruction, work):
            work[key] = work[key].plus(Work(float(t) * part, 1))
    return Profile(
        code.name, inputs, repeat, float(np.median(whole[1:])), timed.code.arena,
        list(_lines_of(source, work)), _operations_of(code.instructions, work),
        _chains_of(timed.code, seconds, work), _bandwidth(),
    )  # fmt: skip


def _seconds_of(workspace: Workspace, routine: Routine, leaves: Sequence[Any]) -> float:
    """The time of a run that leaves variables and generators as they were."""
    back = [generator.remembered() for generator in routine.code.generators()]
    _, binding, values = Workspace.ready([workspace], routine, leaves)
    try:
        try:
            begin = perf_counter()
            binding.run(values, False)
            return perf_counter() - begin
        finally:
            uninterrupted(again=back)
    except BaseException:  # an interrupt, perhaps before what is above has begun to put generators back
        uninterrupted(again=back)
        raise


def _shares_of(instruction: Instruction, work: dict[int, Work]) -> list[tuple[int, float]]:
    """The instructions that this one stands for, by their `id()`, each with its share of the time. In a chain that runs
    block by block, the shares are in proportion to the bytes."""
    keys = [id(i.origin) for i in getattr(instruction.function, "chain", (instruction,))]
    weights = [work[key].read + work[key].written or 1 for key in keys]
    return [(key, weight / sum(weights)) for key, weight in zip(keys, weights)]


def _lines_of(source: Source, work: dict[int, Work]) -> Iterator[Row]:
    """The lines of a source with the work of the instructions they show."""
    for number, text in enumerate(source.head, 1):
        yield Row(number, text)
    for number, (text, instructions, heading, *_) in enumerate(source.lines, len(source.head) + 1):
        user = instructions[-1].line if instructions and not heading else None
        yield Row(number, text, _summed_up(work[id(i)] for i in instructions), heading, user)


def _operations_of(instructions: Sequence[Instruction], work: dict[int, Work]) -> dict[str, Work]:
    """The work by name, the most expensive first."""
    found: dict[str, Work] = {}
    for i in instructions:
        name = i.args[1] if i.effect == "draw" else i.effect or name_of(i.function)
        found[name] = found.get(name, Work()).plus(work[id(i)])
    return dict(sorted(found.items(), key=lambda item: -item[1].seconds))


def _chains_of(code: Code, seconds: Iterable[float], work: dict[int, Work]) -> dict[str, Work]:
    """The work of what runs together, by names, the most expensive first."""
    found: dict[str, Work] = {}
    for instruction, t in zip(code.instructions, seconds, strict=True):
        call = instruction.function
        if not isinstance(call, Blocks):
            continue
        name = f"{call.kind}: {', '.join(name_of(i.function) for i in call.chain)}"
        moved, flops = work_of(code, instruction), sum(work[id(i.origin)].flops for i in call.chain)
        found[name] = found.get(name, Work()).plus(moved._replace(seconds=float(t), calls=1, flops=flops))
    return dict(sorted(found.items(), key=lambda item: -item[1].seconds))


@cache
def _bandwidth() -> float:
    """The bytes that a copy of a large array reads and writes in a second; measured once."""
    source, target, times = np.zeros(1 << 25, np.uint8), np.zeros(1 << 25, np.uint8), []
    for _ in range(4):
        begin = perf_counter()
        np.copyto(target, source)
        times.append(perf_counter() - begin)
    return 2 * source.nbytes / max(min(times), 1e-9)


def _summed_up(work: Iterable[Work]) -> Work:
    return reduce(Work.plus, work, Work())
