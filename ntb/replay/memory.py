"""Memory: where the values of a program lie. Every pass takes the code and gives it back with places filled in.

Shapes are constants of a program, so all its memory is planned before it runs:

    allocate    a result that NumPy can write into a given array gets a place of its own
    fix_views   views of such places are made once, not in every run
    renew       a variable's new value is written where its next array lies
    in_place    a result takes the place of an operand that is read for the last time
    reuse       places whose values do not live at the same time share memory (arena.py)

A place has the order of axes that the traced value had, since the order in which numbers are added up depends on it.
A complex scalar has no place: in an array without axes NumPy would round `*` and `np.square` differently.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..tape.rules import table
from ..traits import Traits, traits_of
from ..tree import leaves
from .calls import choose
from .code import Code, Instruction, Ref, Spec

SMALL = 4096  # below so many bytes NumPy's check for overlap costs more than writing over an operand saves


class Storage:
    """A stretch of memory: a part of the program's arena, or the next array of a variable.

    Attributes:
        nbytes: its size; offset: where it begins in the arena.
        renews: if it is the next array of a variable, the variable's new value.
        viewed: whether views of it are made once, so that it must stay where it is.
    """

    __slots__ = ("nbytes", "offset", "renews", "viewed")

    def __init__(self, nbytes: int, renews: Ref | None = None) -> None:
        self.nbytes = nbytes
        self.offset: int | None = None
        self.renews = renews
        self.viewed = False


class Place:
    """Where a value lies: a storage, the offset in it, and how the elements are laid out."""

    __slots__ = ("offset", "spec", "storage")

    def __init__(self, storage: Storage, spec: Spec, offset: int = 0) -> None:
        self.storage = storage
        self.spec = spec
        self.offset = offset

    @property
    def fixed(self) -> bool:
        """Whether it is the same array in every run."""
        return self.storage.renews is None


def allocate(code: Code) -> Code:
    """Give a place to each result that can be written into a given array and is not kept after the run.

    A place is an array that is the same in all runs, so that a run need not ask for memory. What is returned has no
    place, since the caller keeps it; nor has what a function of the user's is given, which may keep it.
    """
    kept = {code.specs[ref].root for ref in code.results()} | _seen_by_strangers(code) | _scalars_to_be_viewed(code)
    for instruction in code.instructions:
        ref = instruction.result
        if writes_into(instruction) and ref not in kept and not _adds_backwards(code, instruction):
            spec = code.specs[ref]
            if spec.root == ref and spec.dense and (spec.shape or _kind(spec) == "f") and _kind(spec) in "biufc":
                code.places[ref] = Place(Storage(spec.nbytes), spec)
    return code


def _kind(spec: Spec) -> str:
    return spec.dtype.kind if spec.dtype is not None else ""


def _adds_backwards(code: Code, instruction: Instruction) -> bool:
    """Whether it adds up an array that is turned round: NumPy 2.0 begins at the other end if it is given `out`."""
    layouts = (code.specs[ref].strides for ref in instruction.reads())
    is_reduction = isinstance(getattr(instruction.function, "__self__", None), np.ufunc)
    return is_reduction and any(min(strides) < 0 for strides in layouts if strides)


def writes_into(instruction: Instruction) -> bool:
    """Whether the call can write its result into a given array."""
    function = instruction.function
    if function is np.concatenate and "dtype" in instruction.kwargs:  # it takes `dtype` or `out`, not both
        return False
    if isinstance(function, Blocks):
        return True
    takes_out = function is choose or traits(function).takes_out
    return takes_out and type(instruction.result) is Ref and not instruction.effect


class Blocks:
    """A chain of elementwise calls that runs block by block, into arrays given as `out` (blocks.py).

    Attributes:
        run: the compiled chain; chain: its instructions, among which a profile divides the time.
        inner: those of its calls that are such chains themselves.
        loops: what was compiled to machine code for it (ntb/compiled).
        kind: what it is, as a profile says it.
    """

    __name__ = "run_blocks"
    kind = "blocks"

    def __init__(self, run: Any, chain: list[Instruction]) -> None:
        self.run = run
        self.inner: list[Blocks] = [i.function for i in chain if isinstance(i.function, Blocks)]
        self.chain = [each for i in chain for each in getattr(i.function, "chain", (i,))]
        self.loops: list[Any] = [loop for blocks in self.inner for loop in blocks.loops]

    def __call__(self, *args: Any, **out: Any) -> None:
        self.run(*args, **out)


def traits(function: Any) -> Traits:
    """What is known of a function; if the table does not have it, what can be seen from the function itself."""
    operation = table.get(function)
    return traits_of(function) if operation is None else operation.traits


def _seen_by_strangers(code: Code) -> set[Ref]:
    """The values given to functions that are not `is_own`, which may keep or return them."""
    found: set[Ref] = set()
    for instruction in code.instructions:
        if not is_own(instruction):
            found.update(code.specs[ref].root for ref in instruction.reads())
    return found


def _scalars_to_be_viewed(code: Code) -> set[Ref]:
    """NumPy scalars that not only arithmetic reads: an array without axes can be viewed, a NumPy scalar cannot."""
    return {
        ref
        for instruction in code.instructions
        if not writes_into(instruction)
        for ref in instruction.reads()
        if code.specs[ref].shape == ()
    }


def is_own(instruction: Instruction) -> bool:
    """Whether the function is known to keep no array, and its arguments hold no function, which might."""
    held = (a for a in leaves(instruction.args) if callable(a) and not isinstance(a, type))
    return traits(instruction.function).pure and next(held, None) is None


def fix_views(code: Code) -> Code:
    """Make the views of values that have a place once, before the runs.

    A place does not move from run to run, so a view of it is the same in all of them. Its call goes from the list.
    """
    kept = []
    for instruction in code.instructions:
        results = instruction.writes()
        roots = {code.specs[ref].root for ref in (*instruction.reads(), *results)}
        root = code.places.get(roots.pop()) if len(roots) == 1 and not instruction.effect else None
        if root is None or not results or any(code.specs[ref].root == ref for ref in results):
            kept.append(instruction)
            continue
        root.storage.viewed = True
        for ref in results:
            spec = code.specs[ref]
            code.places[ref] = Place(root.storage, spec, spec.offset)
    code.instructions = kept
    return code


def renew(code: Code) -> Code:
    """Write the new value of a variable into the array that will be the variable's after the run.

    A variable has two arrays, which change roles when a run has succeeded. Meanwhile the old value stays as it was, for
    a run that fails, and for whoever has read it.
    """
    assigned = list(code.assignments.values())
    given_away = {code.specs[ref].root for ref in code.results()[: -len(assigned) or None]} | _seen_by_strangers(code)
    makers = {i.result: i for i in code.instructions if type(i.result) is Ref}
    for variable, ref in code.assignments.items():
        spec, maker = code.specs[ref], makers.get(ref)
        if (
            maker is not None and writes_into(maker) and spec.root == ref and ref not in given_away
            and (spec.shape or _kind(spec) != "c")
            and assigned.count(ref) == 1 and ref not in code.places
            and spec.dtype == variable.dtype and spec.strides == variable.get().value.strides
        ):  # fmt: skip
            code.places[ref] = Place(Storage(spec.nbytes, ref), spec)
    return code


def in_place(code: Code) -> Code:
    """Let the result of an elementwise operation take the place of an operand that no later call reads.

    Each element is read before it is overwritten, and nothing else of the operand is needed. Small arrays are left
    alone: NumPy looks whether operands overlap, which costs more than the memory is worth.
    """
    last = {storage: death for storage, (_, death) in lifetimes(code).items()}
    members: dict[Storage, list[Ref]] = {}
    for ref, found in code.places.items():
        members.setdefault(found.storage, []).append(ref)
    for now, instruction in enumerate(code.instructions):
        result = instruction.result
        mine = code.places.get(result) if type(result) is Ref else None
        if mine is None or not is_elementwise(instruction):
            continue
        if instruction.function is np.sign:  # NumPy takes eight times as long in place
            continue
        for ref in instruction.args:
            other = code.places.get(ref) if type(ref) is Ref else None
            if other is None or last[other.storage] > now or not _can_take(mine, other):
                continue
            if any(code.specs[r].root == code.specs[ref].root and r != ref for r in instruction.reads()):
                continue  # another view of the operand, which would change while it is read
            gone, stays = other.storage, mine.storage
            stays.viewed |= gone.viewed
            last[stays] = max(last.get(stays, now), now)
            for r in members.pop(gone):
                code.places[r].storage = stays
                members[stays].append(r)
            break
    return code


def _can_take(mine: Place, other: Place) -> bool:
    """Whether a result may take the place of an operand that is read for the last time."""
    a, b = mine.storage, other.storage
    return (
        a is not b
        and SMALL <= b.nbytes == a.nbytes
        and other.fixed  # the new value of a variable must stay
        and not (b.viewed and not mine.fixed)
        and other.spec.like(mine.spec)
    )


def is_elementwise(instruction: Instruction) -> bool:
    known = traits(instruction.function)
    return known.elementwise and known.takes_out and "where" not in instruction.kwargs


def lifetimes(code: Code) -> dict[Storage, tuple[int, int]]:
    """For each storage the first and the last instruction that use it, directly or through a view."""
    lives: dict[Storage, tuple[int, int]] = {}
    for now, instruction in enumerate(code.instructions):
        for ref in (*instruction.writes(), *instruction.reads()):
            found = code.places.get(code.specs[ref].root)
            if found is not None:
                birth, _ = lives.get(found.storage, (now, now))
                lives[found.storage] = birth, now
    return lives
