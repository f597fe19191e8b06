"""Why a gradient came out as None: `tape.explain(target, source)`.

A tape records what gradients flow through, and by itself only that can be told. `Tape(explain=True)` keeps a journal of
all operations on tensors while it is open, also of those that carry no gradient, with the lines of the program that ran
them. It holds no arrays.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from .observer import Line, Observer, quoted, users_line
from .rules import Operation
from .tape import Tape
from .tensor import ArrayLike, Tensor
from .token import Token
from .variable import Variable

MANY = 5
ASK_MORE = "Run it again with Tape(explain=True), and this names the operation and its line"


class Step(NamedTuple):
    """An operation that ran, without its arrays.

    Attributes:
        place: the line that ran it, or without a journal its number on the tape.
        untracked: those of its inputs that the tape did not track at that moment.
        flows: whether the tape tracks its result.
    """

    operation: Operation
    place: Line | int
    inputs: list[Token]
    untracked: list[Token]
    results: list[Token]
    flows: bool = True

    def __str__(self) -> str:
        where = f"(%{self.place})" if isinstance(self.place, int) else f"at {quoted(self.place)}"
        return f"{self.operation.name} {where}"

    def why_not(self) -> str:
        """Why its result has no gradient."""
        if self.untracked:
            return f"{self}, which ran before its argument was watched"
        if self.operation.constant or all(y.dtype.kind in "iub" for y in self.results):
            return f"{self}, an operation without gradient"
        return f"{self}, which the tape did not record (stop_recording)"


class Journal(Observer):
    """Notes every operation on tensors, and every assignment, while its tape is open."""

    def __init__(self, tracked: set[Token]) -> None:
        super().__init__()
        self.tracked_by_tape = tracked
        self.steps: list[Step] = []
        self.assigned: dict[Token, Line] = {}

    def look(self, operation: Operation, args: tuple, kwargs: dict | None, result: Any) -> None:
        inputs = named([args, kwargs])
        untracked = [x for x in inputs if x not in self.tracked_by_tape and x.dtype.kind in "fc"]
        self.steps.append(Step(operation, users_line(), inputs, untracked, named(result)))

    def will_assign(self, variable: Variable) -> None:
        self.assigned[variable.token] = users_line()

    def flowing(self) -> list[Step]:
        """The steps, each with whether the tape recorded it, which it does after this has looked."""
        tracked = self.tracked_by_tape
        return [s._replace(flows=not s.operation.constant and not tracked.isdisjoint(s.results)) for s in self.steps]


def named(tree: Any) -> list[Token]:
    """The tokens of the tensors at any depth; one without a token is given one."""
    if type(tree) in (tuple, list, dict):
        return [token for x in (tree.values() if type(tree) is dict else tree) for token in named(x)]
    if not isinstance(tree, Tensor):
        return []
    tree.token = tree.token or Token(tree)
    return [tree.token]


def explanation(tape: Tape, target: Any, source: Any) -> str:
    """The answer of `Tape.explain`."""
    journal = tape.journal
    steps = journal.flowing() if journal else [
        Step(operation, i, inputs, [], list(result) if type(result) is tuple else [result])
        for i, (operation, inputs, result) in enumerate(tape.outline())
    ]  # fmt: skip
    if reason := no_tensor(target, source) or why_not_watched(tape, source, steps):
        return f"The gradient is None: {reason}."
    if target.token is source.token:
        return "There is a gradient: the target is the source itself."
    forwards = reached([source.token], steps)
    if target.token in forwards:
        path = leading_to(target.token, [s for s in steps if s.flows and not forwards.isdisjoint(s.inputs)])
        return f"There is a gradient: it flows from the source to the target through {listed(path)}."
    reason = (
        why_not_used(source, steps)
        or why_not_computed(target, steps, journal)
        or why_not_connected(target, steps, forwards, journal)
    )
    return f"The gradient is None: {reason}."


# --- reasons


def no_tensor(target: Any, source: Any) -> str:
    if not isinstance(target, ArrayLike):
        return (
            f"the target is a {type(target).__name__}, which no tape can know. It was computed outside of the tape, or "
            "its value left the tensors (.numpy(), .item(), float())"
        )
    if not isinstance(source, ArrayLike):
        kind = type(source).__name__
        return f"the source is a {kind}, which no tape can know: x = tape.watch(x), and compute with what it returns"
    if source.dtype.kind not in "fc":
        return (
            f"the source has dtype {source.dtype}, and only floating-point numbers have derivatives: "
            "x = tape.watch(x.astype(float)), and compute with that"
        )
    return ""


def why_not_watched(tape: Tape, source: Any, steps: list[Step]) -> str:
    if source.token in reached(tape.roots, steps):
        return ""
    others = ", ".join(sorted(map(repr, tape.roots))[:MANY]) or "nothing"
    watched = f". Watched were: {others}" + ", …" * (len(tape.roots) > MANY)
    made = [s.why_not() for s in steps if source.token in s.results and not s.flows]
    used = [str(s) for s in steps if source.token in s.inputs]
    if made:
        return f"the source is the result of {made[-1]}, and was not watched: call tape.watch(x) on it{watched}"
    if not isinstance(source, Variable):
        return (
            "the source was never watched"
            + "".join([f", though {name} used it" for name in used[:1]])
            + ": call tape.watch(x) before it is used. A copy of a watched tensor is another tensor"
            + watched
        )
    if not source.trainable:
        return f"{called(source)} is not trainable, so that tapes do not watch it by themselves: call tape.watch(v)"
    if not tape.watch_variables:
        return f"{called(source)} was never watched, as the tape was made with watch_variables=False: tape.watch(v)"
    return f"{called(source)} was not read while the tape recorded: what was read before is a tensor of its own"


def why_not_used(source: Any, steps: list[Step]) -> str:
    used = [s for s in steps if source.token in s.inputs]
    late = [s for s in used if source.token in s.untracked]
    if late and len(late) == len(used):
        return f"the source was watched only after {listed(late)} had used it: call tape.watch(x) before"
    if not used:
        return (
            "no operation that the tape recorded used the source: the target was computed from something else, such as "
            "a copy, the array that was watched instead of what tape.watch returned, or a value from before the watch"
        )
    return ""


def why_not_computed(target: Any, steps: list[Step], journal: Journal | None) -> str:
    if any(target.token in s.results for s in steps):
        return ""
    if isinstance(target, Variable):
        line = journal.assigned.get(target.token) if journal else None
        place = f", as {quoted(line)}" if line else ""
        return f"the target is {called(target)}, and no gradient flows through assign{place}: ask for that of the value"
    if journal:
        return "the target was computed outside of the tape's block: before it, after it, or in another thread"
    return (
        "the tape did not record how the target was computed: that was outside of its block, from values that it does "
        f"not track, or at last by an operation without gradient. {ASK_MORE}"
    )


def why_not_connected(target: Any, steps: list[Step], forwards: set[Token], journal: Journal | None) -> str:
    if journal is None:
        last = [s for s in steps if not forwards.isdisjoint(s.inputs)][-MANY:]
        return (
            f"the source was used by {listed(last)}, and the target does not depend on the result by operations that "
            f"carry a gradient. {ASK_MORE}"
        )
    path = leading_to(target.token, steps)
    cuts = [s for s in path if not s.flows and not forwards.isdisjoint(s.inputs)]
    if cuts:
        return f"the way from the source to the target passes through {'; '.join([s.why_not() for s in cuts[:MANY]])}"
    assigned = [line for token, line in journal.assigned.items() if any(token in s.inputs for s in path)]
    if assigned:
        return (
            "the target was computed from a variable, and no gradient flows through assign, as "
            + " and ".join(map(quoted, assigned[:MANY]))
            + ": compute with the value that is assigned"
        )
    return (
        f"no operation on tensors leads from the source to the target, which was computed by {listed(path)}: it does "
        "not depend on the source, or by a value that left the tensors (.numpy(), .item(), float())"
    )


# --- walks, and words


def reached(start: Iterable[Token | None], steps: list[Step]) -> set[Token]:
    """The values at the start, and all to which a gradient flows back from there."""
    found = {token for token in start if token is not None}
    for s in steps:
        if s.flows and any(x in found and x not in s.untracked for x in s.inputs):
            found.update(y for y in s.results if y.dtype.kind in "fc")
    return found


def leading_to(target: Token, steps: list[Step]) -> list[Step]:
    """The steps by which a value was computed, in their order."""
    needed, path = {target}, []
    for s in reversed(steps):
        if not needed.isdisjoint(s.results):
            needed.update(s.inputs)
            path.append(s)
    return path[::-1]


def listed(steps: list[Step]) -> str:
    names = list(dict.fromkeys(map(str, steps)))
    more = f" and {len(names) - MANY} more" if len(names) > MANY else ""
    return ", ".join(names[:MANY]) + more


def called(variable: Variable) -> str:
    return f"the variable {variable.name!r}" if variable.name else "the variable"
