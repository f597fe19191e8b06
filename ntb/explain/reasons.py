"""Why a gradient came out as None: the answer of `tape.explain(target, source)`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..tape.record import outline
from ..tape.tape import Tape
from ..tape.tensor import ArrayLike
from ..tape.value_id import ValueId
from ..variable import Variable
from .journal import Entry, Journal
from .observer import quoted

_MOST_LISTED = 5
_ASK_MORE = "Run it again with Tape(explain=True), and this names the operation and its line"


def explanation(tape: Tape, target: Any, source: Any) -> str:
    """The answer of `Tape.explain`."""
    journal, records = tape.journal, tape.outline or outline(tape._records)
    entries = [
        Entry(operation, i, inputs, [], list(result) if type(result) is tuple else [result])
        for i, (operation, inputs, result) in enumerate(records)
    ]
    if journal:
        entries = journal.flowing({y for entry in entries for y in entry.results if y.dtype.kind in "fc"})
    if reason := _no_tensor(target, source) or _why_not_watched(tape, source, entries):
        return f"The gradient is None: {reason}."
    if target.id is source.id:
        return "There is a gradient: the target is the source itself."
    forwards = _reached([source.id], entries)
    if target.id in forwards:
        path = _leading_to(target.id, [s for s in entries if s.flows and not forwards.isdisjoint(s.inputs)])
        return f"There is a gradient: it flows from the source to the target through {_listed(path)}."
    reason = (
        _why_not_used(source, entries)
        or _why_not_computed(target, entries, journal)
        or _why_not_connected(target, entries, forwards, journal)
    )
    return f"The gradient is None: {reason}."


# --- reasons


def _no_tensor(target: Any, source: Any) -> str:
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


def _why_not_watched(tape: Tape, source: Any, entries: list[Entry]) -> str:
    if source.id in _reached(tape.roots, entries):
        return ""
    others = ", ".join(sorted(map(repr, tape.roots))[:_MOST_LISTED]) or "nothing"
    watched = f". Watched were: {others}" + ", …" * (len(tape.roots) > _MOST_LISTED)
    made = [s.why_not() for s in entries if source.id in s.results and not s.flows]
    used = [str(s) for s in entries if source.id in s.inputs]
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
        return f"{_called(source)} is not trainable, so that tapes do not watch it by themselves: call tape.watch(v)"
    if not tape.watch_variables:
        return f"{_called(source)} was never watched, as the tape was made with watch_variables=False: tape.watch(v)"
    return f"{_called(source)} was not read while the tape recorded: what was read before is a tensor of its own"


def _why_not_used(source: Any, entries: list[Entry]) -> str:
    used = [s for s in entries if source.id in s.inputs]
    late = [s for s in used if source.id in s.untracked]
    if late and len(late) == len(used):
        return f"the source was watched only after {_listed(late)} had used it: call tape.watch(x) before"
    if not used:
        return (
            "no operation that the tape recorded used the source: the target was computed from something else, such as "
            "a copy, the array that was watched instead of what tape.watch returned, or a value from before the watch"
        )
    return ""


def _why_not_computed(target: Any, entries: list[Entry], journal: Journal | None) -> str:
    if any(target.id in s.results for s in entries):
        return ""
    if isinstance(target, Variable):
        line = journal.assigned.get(target.id) if journal else None
        place = f", as {quoted(line)}" if line else ""
        return (
            f"the target is {_called(target)}, and no gradient flows through assign{place}: ask for that of the value"
        )
    if journal:
        return "the target was computed outside of the tape's block: before it, after it, or in another thread"
    return (
        "the tape did not record how the target was computed: that was outside of its block, from values that it does "
        f"not track, or at last by an operation without gradient. {_ASK_MORE}"
    )


def _why_not_connected(target: Any, entries: list[Entry], forwards: set[ValueId], journal: Journal | None) -> str:
    if journal is None:
        last = [s for s in entries if not forwards.isdisjoint(s.inputs)][-_MOST_LISTED:]
        return (
            f"the source was used by {_listed(last)}, and the target does not depend on the result by operations that "
            f"carry a gradient. {_ASK_MORE}"
        )
    path = _leading_to(target.id, entries)
    cuts = [s for s in path if not s.flows and not forwards.isdisjoint(s.inputs)]
    if cuts:
        reasons = "; ".join([s.why_not() for s in cuts[:_MOST_LISTED]])
        return f"the way from the source to the target passes through {reasons}"
    assigned = [line for x, line in journal.assigned.items() if any(x in s.inputs for s in path)]
    if assigned:
        return (
            "the target was computed from a variable, and no gradient flows through assign, as "
            + " and ".join(map(quoted, assigned[:_MOST_LISTED]))
            + ": compute with the value that is assigned"
        )
    return (
        f"no operation on tensors leads from the source to the target, which was computed by {_listed(path)}: it does "
        "not depend on the source, or by a value that left the tensors (.numpy(), .item(), float())"
    )


# --- walks through the entries, and words


def _reached(start: Iterable[ValueId | None], entries: list[Entry]) -> set[ValueId]:
    """The values at the start, and all values computed from them that can pass a gradient back to them."""
    found = {x for x in start if x is not None}
    for s in entries:
        if s.flows and any(x in found and x not in s.untracked for x in s.inputs):
            found.update(y for y in s.results if y.dtype.kind in "fc")
    return found


def _leading_to(target: ValueId, entries: list[Entry]) -> list[Entry]:
    """The entries that computed a value, in the order in which they ran."""
    needed, path = {target}, []
    for s in reversed(entries):
        if not needed.isdisjoint(s.results):
            needed.update(s.inputs)
            path.append(s)
    return path[::-1]


def _listed(entries: list[Entry]) -> str:
    names = list(dict.fromkeys(map(str, entries)))
    more = f" and {len(names) - _MOST_LISTED} more" if len(names) > _MOST_LISTED else ""
    return ", ".join(names[:_MOST_LISTED]) + more


def _called(variable: Variable) -> str:
    return f"the variable {variable.name!r}" if variable.name else "the variable"
