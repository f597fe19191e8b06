"""Program: what is kept of a trace and can be asked: its source, what it costs, a picture. `executable.py` runs it."""

from __future__ import annotations

from functools import cached_property
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InputError, TapeError
from ..functions import name_of
from .code import Code
from .dependencies import Dependencies, told
from .executable import Executable
from .formats import writers
from .memory import traits
from .passes import lower
from .signature import Diverged, recognizer_of, signature_of
from .spot_check import Schedule

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..markup.graph import Box
    from .profile import Profile
    from .source import Source

_OTHER_BRANCH = "with these values the function takes another branch than the program; call the traced function itself"


class Program:
    """A traced function for one signature: callable, printable, and a plain list of instructions.

    The modules that print or measure it are imported on first use, since training needs none of them.

    Calling it commits what the function assigns to variables, after everything that can fail has succeeded: an
    exception or an interrupt in the middle changes neither variables nor generators.

    Attributes:
        code: as `source` shows it; executable: what runs.
        signature, dependencies: of the calls that it serves; recognize: tells most of these at once.
        changed_arrays: names the constants that have changed.
        until_check: the number of calls until one is checked; schedule: which that is.
        compiles: whether loops may be compiled for it; born: when it was traced.
        tier: how far that is: "new", "young" where it has not run for long enough, "waiting" or "compiled".
    """

    def __init__(
        self, code: Code, signature: Any, dependencies: Dependencies | None = None, check: str = "never", *,
        in_kind: bool = False, lowered: bool = True, compiles: bool = True,
    ) -> None:  # fmt: skip
        self.code = code
        self.signature = signature
        self.recognize = recognizer_of(signature)
        self.dependencies = dependencies or Dependencies()
        self.changed_arrays: Callable[[], list[str]] = list
        self.schedule = Schedule("never" if any(traits(i.function).calls_back for i in code.instructions) else check)
        self.until_check = self.schedule.next()
        self.executable = Executable(lower(code) if lowered else code, in_kind)
        self.compiles, self.tier, self.born = compiles and lowered, "new", perf_counter()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Replay; the arguments must have the signature that was traced."""
        leaves = self._leaves(args, kwargs)
        try:
            return self.executable.replay(leaves)
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
            leaves = self._leaves(args, kwargs)
            return measure(self.executable.routine, self.code, self._written, leaves, self.describe_inputs(), repeat)
        except Diverged:
            raise InputError(_OTHER_BRANCH) from None

    def explain(self, path: Any, *args: Any, repeat: int = 20, **kwargs: Any) -> None:
        """Write a page for a browser: each line beside its formula, linked with the lines that go back through it.

        Args:
            path: the file, such as "page.html". It needs nothing else, and can be sent to others.
            args, kwargs: the arguments of the traced function. With them the page also has what each line computes in
                a run, and its time; neither variables nor generators change. They may be left out.
            repeat: the number of runs that are measured.

        Raises:
            InputError: the arguments have another signature or take another branch than the trace.
            OSError: the file cannot be written.

        >>> import ntb, tempfile, pathlib
        >>> step = ntb.function(lambda w: ntb.grad(lambda w: np.sum(np.tanh(w)))(w))
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     page = pathlib.Path(folder, "page.html")
        ...     step.trace(np.ones(3)).explain(page, np.ones(3), repeat=1)
        ...     "<math>" in page.read_text(encoding="utf-8")
        True
        """
        from pathlib import Path

        from .annotated.page import page

        if args or kwargs or not self.code.inputs:
            leaves, profile = self._leaves(args, kwargs), self.profile(*args, repeat=repeat, **kwargs)
            text = page(self.code, self._written, self.describe_inputs(), leaves, profile)
        else:
            text = page(self.code, self._written, self.describe_inputs())
        Path(path).write_text(text, encoding="utf-8")

    @property
    def kernels(self) -> dict[str, str]:
        """The loops that were compiled for it, as source, by the lines of its own that each stands for."""
        found: list[Any] = [i.function for i in self.executable.routine.code.instructions]
        chains = [(f.loops, dict.fromkeys(i.origin for i in f.chain)) for f in found if getattr(f, "loops", None)]
        return {
            f"{n}: {', '.join([name_of(i.function) for i in chain])}": "\n".join([loop.source for loop in loops])
            for n, (loops, chain) in enumerate(chains, 1)
        }

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
            "memory": self.executable.routine.code.arena,
        }

    def save_source(self, path: Any) -> None:
        """Write a module that runs without ntb; big constants and the variables' values go beside it as .npz."""
        from .export import save_module

        save_module(self.code, path)

    def save_onnx(self, path: Any) -> None:
        """Write an ONNX file of what the program computes, with the variables as they are now, for arrays of just the
        sizes of its trace; `ntb.onnx.export` writes one for batches of any size, and says what can be written.

        Raises:
            InputError: the library onnx is not installed; the program assigns, draws or decides, or calls what ONNX
                has not. `save_source` writes any program.
        """
        writers["onnx"](self.code, path)

    def to_dot(self) -> str:
        """The program as a graph in the DOT language."""
        from ..markup.dot import dot

        return dot(self.boxes(), self.code.name)

    def boxes(self) -> list[Box]:
        """What `ntb.vis.graph` draws: a box for each value that goes in, and for each operation."""
        from .export import boxes_of

        return boxes_of(self.code)

    def _repr_html_(self) -> str:
        from ..markup.graph import picture
        from ..markup.pieces import folded, titled
        from ..markup.python import highlighted
        from .quantities import quantity

        stats = self.stats
        facts = [
            f"{stats['operations']} operations",
            f"{quantity(stats['flops'])}flop",
            f"{quantity(stats['memory'])}B",
        ]
        drawn = picture(self.boxes())
        graph = [folded("graph", drawn)] if drawn else []
        name = f"program {self.code.name}({self.describe_inputs()})"
        return titled(name, highlighted(self.source), *graph, facts=facts)

    def describe_inputs(self) -> str:
        """Names, dtypes and shapes of what is fed."""
        return ", ".join(f"{name}: {self.code.specs[ref]}" for name, ref in self.code.inputs) or "no inputs"

    def __str__(self) -> str:
        return self.source

    def __repr__(self) -> str:
        return f"<program {self.code.name}({self.describe_inputs()}), {len(self.code.instructions)} operations>"
