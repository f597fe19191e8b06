"""Executable: a code made ready to run. It reads variables and draws anew, and commits state when all has succeeded."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from operator import methodcaller
from typing import Any

from ..atomic import set_tensor, take_all, uninterrupted
from .code import Code
from .emit import Routine
from .signature import Diverged
from .spot_check import OF_COMPUTING, Rehearsal
from .workspace import Workspace

_remembered = methodcaller("remembered")


class Executable:
    """What a call of a traced function comes to: a run of the generated code, and what must happen before and after it.

    Attributes:
        routine: the generated code.
        in_kind: whether who calls with arrays is answered with arrays.
        workspaces: the idle ones; the programs of a traced function have this list in common.
    """

    def __init__(self, code: Code, in_kind: bool = False) -> None:
        self.routine = Routine(code)
        self.in_kind = in_kind
        self.workspaces: list[Workspace] = []
        self._variables = tuple(code.variables)
        self._assigned = (*self.routine.unplanned, *self.routine.renewed)
        self._generators = code.generators()

    def replay(self, leaves: list[Any]) -> Any:
        """Run on what is fed, as `signature_of` lists it, and commit. A plain list is answered in tensors."""
        back = list(map(_remembered, self._generators))
        workspace, binding, values = Workspace.ready(self.workspaces, self.routine, leaves)
        try:
            answer, new, before = binding.run(values, self.in_kind and not getattr(leaves, "tensors", True))
            commit: Iterator[Any] = map(set_tensor, self._assigned, [*new, *binding.next])
            if back:  # the commit also clears it, so that an interrupt that comes after it undoes nothing
                commit = chain(commit, map(list.clear, [back]))
            take_all(commit)
            binding.next = before
        except BaseException:
            uninterrupted(again=back)
            raise
        finally:
            self.workspaces.append(workspace)
        return answer

    def rehearse(self, leaves: list[Any]) -> Rehearsal:
        """What a replay on the flat list of fed values would give and change; nothing is changed.

        Raises:
            Diverged: a decision goes another way than in the program.
        """
        back = list(map(_remembered, self._generators))
        found = Rehearsal(leaves, {variable: variable.get().value for variable in self._variables}, back)
        workspace, binding, values = Workspace.ready(self.workspaces, self.routine, leaves)
        try:
            try:
                found.answer, new, _ = binding.run(values, False)
                contents = [*(cell.value for cell in new), *(cell.value.copy() for cell in binding.next)]
                found.variables = dict(zip(self._assigned, contents))
                found.generators = {generator: generator.value for generator in self._generators}
            finally:
                uninterrupted(again=back)
        except Diverged:
            raise
        except OF_COMPUTING as error:
            found.error = f"{type(error).__name__}: {error}"
        except BaseException:  # an interrupt, perhaps before what is above has begun to put generators back
            uninterrupted(again=back)
            raise
        finally:
            self.workspaces.append(workspace)
        return found
