"""Workspace: the memory that programs run in, one at a time.

The programs of a traced function have their workspaces in common. A run takes an idle one and gives it back; a run that
begins while another goes on, in another thread or inside it, takes a second one. So a function that meets forty shapes
keeps one arena, as large as its largest program needs, and one next array for each variable.

A program is bound to a workspace once: then its functions have the places, which are views of the arena. Nothing here
keeps a program alive, nor does a program keep an arena.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter
from sys import getrefcount
from typing import Any
from weakref import WeakKeyDictionary, ref

import numpy as np

from ..tape.tensor import Tensor
from ..tape.value_id import ValueId
from .arena import ALIGNMENT
from .code import address
from .emit import Routine
from .memory import Place

_HELD_HERE = max(map(getrefcount, [object()]))  # the reference count of an object that only a list holds


class _Binding:
    """A routine that is ready to run in a workspace.

    When a run has succeeded, the variables' arrays and the next arrays change roles. If a caller still holds a next
    array, because it read the variable a step ago, the caller keeps it.

    Attributes:
        code: of the routine, by which a workspace knows its binding.
        run: the generated code, from the values that a run begins with to the answer (emit.py).
        ids: of the variables that it renews; next: their next arrays, while this is the latest binding.
    """

    def __init__(self, routine: Routine, arena: np.ndarray) -> None:
        self.code = routine.code
        start, memory = -address(arena) % ALIGNMENT, arena.data
        places = routine.code.places.items()
        arrays = {f"b{ref}": _array_at(memory, start, place) for ref, place in places if place.fixed}
        self.run = routine.function(arrays)
        self.ids = [variable.id for variable in routine.renewed]
        self.next: Sequence[Tensor] = ()

    def renew(self) -> None:
        """Replace each next array that a caller still holds by a new one."""
        arrays = list(map(_value, self.next))
        held = zip(map(getrefcount, self.next), map(getrefcount, arrays))
        free = [tensor <= _HELD_HERE and array <= _HELD_HERE + 1 for tensor, array in held]
        self.next = [tensor if mine else _new(tensor.id) for tensor, mine in zip(self.next, free)]


_value = attrgetter("value")


def _new(id: ValueId) -> Tensor:
    return Tensor(np.empty(id.shape, id.dtype), id)


def _array_at(memory: memoryview, start: int, place: Place) -> np.ndarray:
    spec = place.spec
    offset = start + (place.storage.offset or 0) + place.offset
    return np.ndarray(spec.shape or (), spec.dtype, memory, offset, spec.strides)


class Workspace:
    """An arena, and the next arrays of variables.

    Attributes:
        latest: gives the binding that ran last, or None if its program is gone.
    """

    def __init__(self) -> None:
        self.latest: Callable[[], _Binding | None] = lambda: None
        self._arena = np.empty(0, np.uint8)
        self._bindings: WeakKeyDictionary[Routine, _Binding] = WeakKeyDictionary()
        self._spare: WeakKeyDictionary[ValueId, np.ndarray] = WeakKeyDictionary()  # next arrays of other bindings

    @staticmethod
    def ready(idle: list[Workspace], routine: Routine, fed: Sequence[Any]) -> tuple[Workspace, _Binding, list[Any]]:
        """An idle workspace, which is taken, the binding of a routine there, and the values that its run begins with:
        what is fed, next arrays, spare room."""
        try:
            workspace = idle.pop()
        except IndexError:  # the first run, or one that begins while another goes on
            workspace = Workspace()
        binding = workspace.latest()
        if binding is None or binding.code is not routine.code:
            binding = workspace.bind(routine)
        next = binding.next
        if next and max(map(getrefcount, [*next, *map(_value, next)])) > _HELD_HERE + 1:  # two have each: that list too
            binding.renew()
        return workspace, binding, [*fed, *binding.next, *routine.spare]

    def bind(self, routine: Routine) -> _Binding:
        """The binding of a routine, made the latest one."""
        next = self._taken_from_latest([variable.id for variable in routine.renewed])
        binding = self._bindings.get(routine)
        if binding is None:
            self._fit(routine)
            binding = self._bindings[routine] = _Binding(routine, self._arena)
        binding.next = next
        self.latest = ref(binding)
        return binding

    def _taken_from_latest(self, ids: list[ValueId]) -> Sequence[Tensor]:
        """The next arrays of these variables: those of the latest binding, spare ones, or new ones."""
        latest = self.latest()
        if latest is not None:
            next, latest.next = latest.next, ()
            if latest.ids == ids:  # nearly always
                return next
            self._spare.update((tensor.id, tensor.value) for tensor in next)
        spare = [self._spare.pop(id, None) for id in ids]
        return [_new(id) if array is None else Tensor(array, id) for id, array in zip(ids, spare)]

    def _fit(self, routine: Routine) -> None:
        """Make the arena as large as the largest program needs, of those that are bound and still there."""
        size = ALIGNMENT + max(other.code.arena for other in (routine, *self._bindings))
        if size != self._arena.nbytes:
            self._bindings = WeakKeyDictionary()  # with it goes the old arena, before the new one is made
            self._arena = np.empty(0, np.uint8)
            self._arena = np.empty(size, np.uint8)
