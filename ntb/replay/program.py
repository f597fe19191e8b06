"""Program: a code made ready to run. It reads variables anew, draws anew, and commits state when all has succeeded."""

from __future__ import annotations

from collections import Counter
from functools import cached_property, partial
from operator import attrgetter, methodcaller
from typing import TYPE_CHECKING, Any

import numpy as np

from ..atomic import set_tensor, uninterrupted
from ..errors import InputError, TapeError
from ..tape.tensor import Tensor
from ..values.in_kind import to_array
from .code import Code, Ref, refs, substitute
from .dependencies import Dependencies, told
from .emit import Routine, own
from .memory import traits
from .passes import lower
from .signature import Diverged, output, signature_of
from .spot_check import OF_COMPUTING, Rehearsal, Schedule
from .workspace import Binding, Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .profile import Profile
    from .source import Source

_cell, _present, _remembered = attrgetter("_tensor"), attrgetter("_tensor.value"), methodcaller("remembered")
"""The tensor, and the array, that a variable holds now."""
_OTHER_BRANCH = "with these values the function takes another branch than the program; call the traced function itself"


class Program:
    """A traced function for one signature: callable, printable, and a plain list of instructions.

    The modules that print or measure it are imported on first use, since training needs none of them.

    Calling it commits what the function assigns to variables, after everything that can fail has succeeded: an
    exception or an interrupt in the middle changes neither variables nor generators.

    Attributes:
        workspaces: the idle ones; the programs of a traced function have this list in common.
        until_check: the number of calls until one is checked; schedule: which that is.
        in_kind: whether who calls with arrays is answered with arrays.
    """

    in_kind = False

    def __init__(
        self, code: Code, signature: Any, dependencies: Dependencies | None = None, check: str = "never", *,
        lowered: bool = True,
    ) -> None:  # fmt: skip
        self.code = code
        self.signature = signature
        self.dependencies = dependencies or Dependencies()
        self.changed_arrays: Callable[[], list[str]] = list
        self.schedule = Schedule("never" if any(traits(i.function).calls_back for i in code.instructions) else check)
        self.until_check = self.schedule.next()
        self._routine = Routine(lower(code) if lowered else code)
        self.workspaces: list[Workspace] = []
        self._variables = tuple(code.variables)
        self._renewed = tuple(self._routine.renewed)
        self._unplanned = [variable for variable in code.assignments if variable not in set(self._renewed)]
        self._assigned = (*self._unplanned, *self._renewed)
        self._generators = code.generators()
        self._count = len(list(refs(code.outputs)))
        self._single = type(code.outputs) is Ref
        returned, times = self._routine.returned, Counter(self._routine.returned)
        self._shared = [ref in code.shared or (i < self._count and times[ref] > 1) for i, ref in enumerate(returned)]
        anew = set(range(self._count)) - set(self._routine.shared_results())
        self._careful = [i for i in range(self._count) if self._shared[i] or i not in anew]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Replay; the arguments must have the signature that was traced."""
        leaves = self._leaves(args, kwargs)
        try:
            return self.replay(leaves)
        except Diverged:
            raise InputError(_OTHER_BRANCH) from None

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise TapeError(
            "a program is code that was compiled here, with the variables that it reads and assigns, and cannot be "
            "copied or pickled: copy the traced function, or write the program as a module by save_source"
        )

    def _leaves(self, args: tuple, kwargs: dict[str, Any]) -> list[Any]:
        """The flat list of what is fed, if the program fits these arguments."""
        leaves, signature = signature_of(args, kwargs)
        if signature != self.signature:
            raise InputError(
                f"this program was traced for {self.describe_inputs()}; call the traced function itself for others"
            )
        finding = self.dependencies.changed()
        if finding is not None:
            text = told(finding)
            raise InputError(f"{text}; the first is a constant in this program. Call the traced function itself")
        return leaves

    def replay(self, leaves: list[Any]) -> Any:
        """Run on the flat list of fed values. The answer holds tensors, if these are no `Fed` without tensors."""
        back = list(map(_remembered, self._generators))
        undo = map(partial.__call__, back)
        workspace, binding = self._bound()
        try:
            results = binding.run([*leaves, *map(_present, self._variables)])
            for i in self._careful:
                results[i] = own(results[i], self._shared[i])
            wrapped = to_array if self.in_kind and not getattr(leaves, "tensors", True) else output
            answer = wrapped(results[0]) if self._single else self._answer(results, wrapped)
            new = [*self._cells(results), *binding.next] if self._unplanned else binding.next
            before = list(map(_cell, self._renewed))
            commit = map(set_tensor, self._assigned, new)
            # The commit also clears `back`, so that an interrupt that comes after it undoes nothing.
            uninterrupted(commit, map(list.clear, [back]))
            binding.next = before
        except BaseException:
            uninterrupted(undo)
            raise
        finally:
            self.workspaces.append(workspace)
        return answer

    def _bound(self) -> tuple[Workspace, Binding]:
        """An idle workspace, and the program's binding in it."""
        try:
            workspace = self.workspaces.pop()
        except IndexError:  # the first run, or one that begins while another goes on
            workspace = Workspace()
        binding = workspace.latest()
        if binding is None or binding.code is not self._routine.code:
            binding = workspace.bind(self._routine)
        return workspace, binding

    def rehearse(self, leaves: list[Any]) -> Rehearsal:
        """What a replay on the flat list of fed values would give and change; nothing is changed.

        Raises:
            Diverged: a decision goes another way than in the program.
        """
        back = list(map(_remembered, self._generators))
        found = Rehearsal(leaves, {variable: variable.get().value for variable in self._variables}, back)
        workspace, binding = self._bound()
        try:
            results = binding.run([*leaves, *map(_present, self._variables)])
            found.answer = self._answer([own(x, True) for x in results], output)
            new = [*(cell.value for cell in self._cells(results)), *(cell.value.copy() for cell in binding.next)]
            found.variables = dict(zip(self._assigned, new))
            found.generators = {generator: generator.value for generator in self._generators}
        except Diverged:
            raise
        except OF_COMPUTING as error:
            found.error = f"{type(error).__name__}: {error}"
        finally:
            uninterrupted(map(partial.__call__, back))
            self.workspaces.append(workspace)
        return found

    def _cells(self, results: list[Any]) -> Iterator[Tensor]:
        """New contents for the variables whose new values have no place."""
        for i, variable in enumerate(self._unplanned, self._count):
            yield Tensor(np.asarray(own(results[i], self._shared[i]), order="C"), variable.id)

    def _answer(self, results: list[Any], wrapped: Callable[[Any], Any]) -> Any:
        remaining = iter(results)
        return substitute(self.code.outputs, lambda _: wrapped(next(remaining)))

    @property
    def constants(self) -> dict[str, np.ndarray]:
        """The big constants by the names that they have in `source`; small ones are written out there."""
        return self._written.constants.copy()

    @property
    def source(self) -> str:
        """The program as readable NumPy that runs without ntb: a function of the inputs and the variables' values."""
        return str(self._written)

    @cached_property
    def _written(self) -> Source:
        from .source import Source

        return Source(self.code)

    def profile(self, *args: Any, repeat: int = 20, **kwargs: Any) -> Profile:
        """Run `repeat` times and measure each line of `source`; neither variables nor generators change.

        Args:
            args, kwargs: the arguments of the traced function.
            repeat: the number of runs; the median of their times counts. One more run before them warms up.

        Raises:
            InputError: the arguments have another signature or take another branch than the trace.

        >>> import ntb
        >>> program = ntb.function(lambda x: np.sum(x @ x)).trace(np.ones((8, 8)))
        >>> found = program.profile(np.ones((8, 8)), repeat=3)
        >>> found.total.flops  # 2 * 8**3 for the product, 8**2 for the sum
        1088
        """
        from .profile import measure

        try:
            return measure(self._routine, self.code, self._leaves(args, kwargs), self.describe_inputs(), repeat)
        except Diverged:
            raise InputError(_OTHER_BRANCH) from None

    @property
    def stats(self) -> dict[str, int]:
        """How many operations, inputs, variables, constants and assignments there are; `flops`, the floating-point
        operations; `bytes` of all intermediate values; `memory`, the bytes planned for them, as they share memory."""
        from .costs import work_of

        made = {ref for i in self.code.instructions for ref in i.writes()}
        return {
            "operations": len(self.code.instructions),
            "inputs": len(self.code.inputs),
            "variables": len(self.code.variables),
            "constants": len(self.code.constants),
            "assignments": len(self.code.assignments),
            "bytes": sum(self.code.specs[ref].nbytes for ref in made),
            "flops": sum(work_of(self.code, i).flops for i in self.code.instructions),
            "memory": self._routine.code.arena,
        }

    def save_source(self, path: Any) -> None:
        """Write a module that runs without ntb; big constants and the variables' values go beside it as .npz."""
        from .export import save_module

        save_module(self.code, path)

    def to_dot(self) -> str:
        """The program as a graph in the DOT language."""
        from .export import dot_of

        return dot_of(self.code)

    def describe_inputs(self) -> str:
        """Names, dtypes and shapes of what is fed."""
        return ", ".join(f"{name}: {self.code.specs[ref]}" for name, ref in self.code.inputs) or "no inputs"

    def __str__(self) -> str:
        return self.source

    def __repr__(self) -> str:
        return f"<program {self.code.name}({self.describe_inputs()}), {len(self.code.instructions)} operations>"
