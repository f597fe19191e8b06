"""Partners: which lines of a program go back through a line of its forward pass, and which update what it reads.

Nothing is guessed from names. A call of the backward walk knows its pulls, the operations that it goes back through
(trace.py). A line of the update belongs to a parameter if the parameter's gradient goes into it, and what it computes
goes into the parameter's new value.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ..code import Code, Instruction, Pull, Ref
from ..names import final_gradients
from ..source import Source, Statement


@dataclass(eq=False)
class Line:
    """A line of the program's function that computes something, with what belongs to it.

    Attributes:
        number: of its first piece in `program.source`, from 1.
        text: all of its pieces.
        section: "forward", "backward" or "update"; "return" for the last line.
        statement: of the source.
        through: the lines that it goes back through, if it is a part of a backward walk.
        back: the lines that go back through it.
        updates: the lines that update the parameters that it reads; for a line of the update, the lines before it
            that these parameters concern.
        uses, used: the lines that compute what it reads, and those that read what it computes.
        pulls: the steps of walks back through it, for the rules that they follow.
        why: what there is to know where it has no such lines.
    """

    number: int
    text: str
    section: str
    statement: Statement
    through: set[int] = field(default_factory=set)
    back: set[int] = field(default_factory=set)
    updates: set[int] = field(default_factory=set)
    uses: set[int] = field(default_factory=set)
    used: set[int] = field(default_factory=set)
    pulls: list[Pull] = field(default_factory=list)
    why: str = ""

    @property
    def calls(self) -> list[Instruction]:
        """The calls of the program that it stands for."""
        return list({id(i.origin): i.origin for i in self.statement.calls}.values())

    @property
    def results(self) -> list[Ref]:
        """What it assigns."""
        return list(self.statement.calls[-1].writes()) if self.statement.calls else []


def lines_of(code: Code, source: Source) -> list[Line]:
    """The lines of a program that compute something, and its last one, with their partners."""
    lines = list(_without_partners(source))
    _Search(code, source, lines).run()
    return lines


def _without_partners(source: Source) -> Iterator[Line]:
    found = enumerate(source.lines, len(source.head) + 1)
    for number, statement in found:
        if statement.heading or not statement.pieces or not statement.text:
            continue
        more = [next(found)[1].text for _ in range(statement.pieces - 1)]
        section = statement.section or "return"
        yield Line(number, "\n".join([statement.text, *more]), section, statement)


class _Search:
    """Finds the partners of all lines.

    Attributes:
        shown: the numbers in `lines` of the lines that show a call, by the `id()` of the call. By hand, one call may be
            two lines; one that is not written is shown by the line after it.
        made_by: the call that makes a value.
    """

    def __init__(self, code: Code, source: Source, lines: list[Line]) -> None:
        self.code, self.source, self.lines = code, source, lines
        self.shown = {id(i): {n} for n, line in enumerate(lines) for i in line.statement.instructions}
        for n, line in enumerate(lines):
            for i in line.calls:
                self.shown[id(i)].add(n)
        self.made_by = {ref: i for i in code.instructions for ref in i.writes()}

    def run(self) -> None:
        self._data()
        self._walks()
        if self.code.assignments:
            self._updates()
        self._unchanged()
        reasons = _Reasons(self.code, self.lines)
        for line in self.lines:
            if not (line.through or line.back or line.updates):
                line.why = reasons.of(line)

    def _data(self) -> None:
        """What reads what, as it is written."""
        makers = {ref: n for n, line in enumerate(self.lines) for i in line.statement.calls for ref in i.writes()}
        outputs = self.source.code.results()
        for n, line in enumerate(self.lines):
            read = outputs if line.section == "return" else [ref for i in line.statement.calls for ref in i.reads()]
            line.uses = {makers[ref] for ref in read if ref in makers} - {n}
            for k in line.uses:
                self.lines[k].used.add(n)

    def _walks(self) -> None:
        """Which lines go back through which."""
        for n, line in enumerate(self.lines):
            for i in line.calls:
                for pull in i.pulls:
                    forward = [self.shown.get(id(self.made_by.get(ref)), set()) for ref in pull.results]
                    for k in set().union(*forward) - {n}:
                        line.through.add(k)
                        self.lines[k].back.add(n)
                        self.lines[k].pulls.append(pull)

    def _unchanged(self) -> None:
        """A rule may give the gradient as it is, by no call: then the lines count that compute that gradient."""
        toward: dict[Ref, list[int]] = {}
        for n, line in enumerate(self.lines):
            for i in line.calls:
                if i.toward is not None and i.pulls:
                    toward.setdefault(i.toward, []).append(n)
        for k, line in enumerate(self.lines):
            if not line.back:
                for n in {n for i in line.calls for ref in i.writes() for n in toward.get(ref, ())} - {k}:
                    line.back.add(n)
                    self.lines[n].through.add(k)
                    line.why = "Its rule gives the gradient as it is: what computes it belongs to this line, too."

    def _updates(self) -> None:
        """Which lines update the parameters that other lines read. A set of parameters is a number, a bit for each."""
        gradients = final_gradients(self.code)
        trained = [ref for ref in self.code.variables.values() if ref in gradients]
        parameters = {ref: 1 << n for n, ref in enumerate(trained)}
        reached = self._reached({gradients[ref]: bit for ref, bit in parameters.items()})
        wanted = self._wanted(parameters)
        updating: dict[int, set[int]] = {}  # by bit, lines
        concerned: dict[int, set[int]] = {}
        for n, line in enumerate(self.lines):
            for i in line.calls:
                if i.section == "update":
                    into, out = (_union(known, i.writes()) for known in (reached, wanted))
                    book, found = updating, into & out or into
                else:
                    about = [i.toward] if i.pulls else i.reads()
                    book, found = concerned, _union(parameters, about)
                for bit in _bits(found):
                    book.setdefault(bit, set()).add(n)
        for bit, those in updating.items():
            for k in concerned.get(bit, ()):
                self.lines[k].updates |= those - {k}
            for n in those:
                self.lines[n].updates |= concerned.get(bit, set()) - {n}

    def _reached(self, known: dict[Ref, int]) -> dict[Ref, int]:
        """For the values of the update the parameters whose gradients go into them."""
        for i in self.code.instructions:
            if i.section == "update" and (into := _union(known, i.reads())):
                known.update((ref, known.get(ref, 0) | into) for ref in i.writes())
        return known

    def _wanted(self, parameters: dict[Ref, int]) -> dict[Ref, int]:
        """For the values of the update the parameters whose new values they go into."""
        old, known = self.code.variables, dict[Ref, int]()
        for variable, ref in self.code.assignments.items():
            if variable in old:
                known[ref] = known.get(ref, 0) | parameters.get(old[variable], 0)
        for i in reversed(self.code.instructions):
            if i.section == "update" and (out := _union(known, i.writes())):
                known.update((ref, known.get(ref, 0) | out) for ref in i.reads())
        return known


class _Reasons:
    """Says why a line has no others that belong to it.

    Attributes:
        depends: the values that depend on what a gradient is computed toward.
        counts: the values through which a gradient comes back, or would if it were not a constant.
    """

    def __init__(self, code: Code, lines: list[Line]) -> None:
        self.code = code
        self.depends = {i.toward for i in code.instructions if i.toward is not None}
        self.counts = set(code.folded) | {ref for i in code.instructions for pull in i.pulls for ref in pull.results}
        for i in code.instructions:
            if not self.depends.isdisjoint(i.reads()):
                self.depends.update(i.writes())

    def of(self, line: Line) -> str:
        calls = line.calls
        if line.section == "return":
            return "What the function returns."
        if any(i.effect == "guard" for i in calls):
            return "A check, which computes nothing: the program is for values that decide as in its trace."
        if any(i.section == "update" for i in calls) and line.section == "update":
            return "No gradient goes into it: a count of steps, or a rate that follows from it."
        pulls = [pull for i in calls for pull in i.pulls]
        if pulls:
            names = " and ".join(dict.fromkeys(pull.operation.name for pull in pulls))
            return f"It goes back through {names}, whose own value the program does not need and does not compute."
        if any(i.section == "backward" for i in calls):
            return "A part of the walk back that goes through no single line."
        if any(i.effect == "draw" for i in calls):
            return "Random numbers, which depend on nothing: no gradient goes on from here."
        return self._of_forward(calls)

    def _of_forward(self, calls: list[Instruction]) -> str:
        written = [ref for i in calls for ref in i.writes()]
        if not self.code.folded.isdisjoint(written):
            return "Its step of the way back is a constant, the same in each run, and is written into the line before."
        if self.depends.isdisjoint(written):
            return "No gradient comes here: it depends on nothing that is differentiated."
        if all(getattr(self.code.specs[ref].dtype, "kind", "f") in "iub" for ref in written):
            return "No gradient goes through it: whole numbers and decisions have no slope."
        if not self.counts.isdisjoint(written):
            return "Its gradient is needed nowhere."
        return "No gradient comes back to it: what is differentiated does not depend on it, or with slope 0."


def _union(known: dict[Ref, int], refs: Iterable[Ref]) -> int:
    """All parameters that are known of some values."""
    found = 0
    for ref in refs:
        found |= known.get(ref, 0)
    return found


def _bits(x: int) -> Iterator[int]:
    while x:
        low = x & -x
        yield low
        x ^= low
