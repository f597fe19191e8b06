"""What an optimizer remembers of each parameter, and how it finds it again when either of them has been copied.

A parameter's *mark* is a text that occurs nowhere else. The first optimizer that remembers something of a Variable
gives it one, and copies and pickles of the Variable have the same. So slots are found by the mark: in whatever order
parameters come, and whether they and the optimizer were moved in one piece or each by itself. In a file, where there
are values only, slots are named after the paths of their parameters (`named_slots`).
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import copy
from itertools import repeat
from typing import Any
from weakref import ref

from ..atomic import uninterrupted
from ..errors import InputError
from ..tape.value_id import ValueId
from ..variable import Variable
from .precision import computing_type

_First = Callable[[Any], Sequence[Any]]
"""The first values of a parameter's slots, of its own value."""


class Memory:
    """The slots of parameters.

    Attributes:
        slots: for each slot name the Variables, by the places of their parameters; as entries are added and none is
            changed, a trace may do so.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self.slots: dict[str, dict[int, Variable]] = {name: {} for name in names}
        self.places: dict[str, int] = {}  # by a parameter's mark, its place
        self.forget_users()

    def forget_users(self) -> None:
        """Know the parameters by their marks only, as after a move."""
        self.met: dict[ValueId, int] = {}  # by the id of a parameter that was met, its place
        self.users: dict[ValueId, ref[Variable]] = {}  # and the parameter itself, while it is there

    def __copy__(self) -> Memory:
        copied = Memory(())
        copied.slots = {name: {i: copy(cell) for i, cell in cells.items()} for name, cells in self.slots.items()}
        copied.places, copied.met, copied.users = dict(self.places), dict(self.met), dict(self.users)
        return copied

    def __getstate__(self) -> dict[str, Any]:
        return {"slots": self.slots, "places": self.places}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.slots, self.places = state["slots"], state["places"]
        self.forget_users()

    def meet(self, variables: Sequence[Variable], first: _First, anew: bool = False) -> None:
        """Find the places of variables that were not met so far, or make them.

        Args:
            variables: all variables of a step.
            first: the slots that a parameter begins with.
            anew: whether a copy of a parameter that is still trained begins anew; otherwise that is an error.

        Raises:
            InputError: it cannot be said which memory belongs to a variable.
        """
        unknown = [v for v in variables if v.id not in self.met]
        if unknown and self.slots:
            self._meet(unknown, first, anew)

    def _meet(self, unknown: list[Variable], first: _First, anew: bool) -> None:
        served = self._served()
        copies = [v for v in unknown if v.mark in self.places and not (anew and self.places[v.mark or ""] in served)]
        marks = Counter(v.mark for v in copies)
        for v in copies:
            if self.places[v.mark or ""] in served or marks[v.mark] > 1:
                raise InputError(
                    f"{_described(v)} is a copy of a parameter that this optimizer has trained, and would share its "
                    "memory with it. Copy both in one go, copy.deepcopy((model, optimizer)); or let the copy begin "
                    "anew, optimizer.build([copy])"
                )
        if self.places and not (self.met or copies):
            raise InputError(
                f"this optimizer was copied, or came from a pickle, and remembers {len(self.places)} parameters, of "
                f"which {_described(unknown[0])} is none. Copy or pickle both in one go, (model, optimizer); or save "
                "and load both by ntb.save and ntb.load"
            )
        for v in unknown:
            if v.mark in marks:
                place = self.places[v.mark or ""]
                uninterrupted(map(self.users.setdefault, [v.id], [ref(v)]), map(self.met.setdefault, [v.id], [place]))
            else:
                self._make(v, first)

    def _served(self) -> dict[int, Variable]:
        """The parameters that were met and are still there, by their places."""
        found = {self.met[id]: user() for id, user in self.users.items()}
        return {place: v for place, v in found.items() if v is not None}

    def _make(self, v: Variable, first: _First) -> None:
        if v.mark is None or v.mark in self.places:
            v.mark = os.urandom(12).hex()
        called, place = v.name or "variable", len(self.places)
        cells = [Variable(x, trainable=False, name=f"{called}_{name}") for x, name in zip(_begun(v, first), self.slots)]
        uninterrupted(
            map(dict.setdefault, self.slots.values(), repeat(place), cells),
            map(self.places.setdefault, [v.mark], [place]),
            map(self.users.setdefault, [v.id], [ref(v)]),
            map(self.met.setdefault, [v.id], [place]),
        )

    def named_slots(self, names: Mapping[Variable, str]) -> Iterator[tuple[str, Variable]]:
        """The slots, each named after its parameter: by its path, or, if it is not in the tree, as it is called: by its
        own name, or its path in a model.

        Args:
            names: the paths of the variables in the tree.

        Raises:
            InputError: a parameter is not in the tree, and its own name does not tell it from others.
        """
        by_mark: dict[str | None, list[Variable]] = {}
        for v in names:
            by_mark.setdefault(v.mark, []).append(v)
        served, known = self._served(), set(self.met.values())
        complete = bool(served) and all(v in names for v in served.values())  # so that what is not here is gone
        labels: dict[int, str | None] = {}
        for mark, place in self.places.items():
            here = by_mark.get(mark, [])
            owner = served.get(place, here[0] if len(here) == 1 else None)
            if owner is not None:
                labels[place] = names.get(owner, owner.name)
            elif here or not (complete or place in known):
                raise InputError(_without_names("of some it has not met the variables yet"))
        if len(set(labels.values())) < len(labels) or (None in labels.values() and len(self.places) > 1):
            raise InputError(_without_names("their own names do not tell them from each other"))
        for name, cells in self.slots.items():
            yield from ((f"{name}.{label or 0}", cells[place]) for place, label in labels.items())

    def missing(
        self, names: Iterable[str], variables: Mapping[str, Any], first: _First
    ) -> dict[str, tuple[Variable, Any]]:
        """The slots that are among these names and not made yet: the parameter that each is named after, and the value
        that it begins with."""
        found = {}
        for name in names:
            _, slot, label = [*name.split(".", 2), "", ""][:3]
            v = variables.get(label)
            if name != f"slots.{slot}.{label}" or slot not in self.slots or not isinstance(v, Variable):
                continue
            if v.id not in self.met and v.mark not in self.places:
                found[name] = v, dict(zip(self.slots, _begun(v, first)))[slot]
        return found


def _begun(v: Variable, first: _First) -> Sequence[Any]:
    """The slots that a parameter begins with, in the type in which it is updated."""
    value, dtype = v.get().value, computing_type(v.dtype)
    return first(value if value.dtype == dtype else value.astype(dtype))


def _without_names(why: str) -> str:
    return (
        f"what an optimizer remembers is named after its parameters, and {why}. Put both into one tree: "
        "{'model': model, 'optimizer': optimizer}"
    )


def _described(v: Variable) -> str:
    return f"a variable {v.name!r} of shape {v.shape}" if v.name else f"a variable of shape {v.shape}"
