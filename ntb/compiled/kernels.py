"""Kernels: calls of loops in machine code, which is compiled once, or lies on disk, and gives the bits of NumPy."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from ..replay.code import Instruction
from ..replay.memory import Blocks
from .agreement import agrees, by_numpy, parted
from .compiler import FLAGS, is_known, machine_code
from .disk import fetch, is_kept, keep
from .entry import ArrayKind, Task, can_enter, function_of
from .loops import Loop
from .symbols import Statement, Value
from .totals import Total

_compiled: dict[Task, Callable[..., int] | None] = {}


class Patience:
    """How often NumPy may do the work of a loop once more, to warn, before it does it alone.

    Attributes:
        left: that number; give_up: what is called when it is 0.
    """

    def __init__(self) -> None:
        self.left = 8
        self.give_up: Callable[[], None] = lambda: None

    def lessen(self, flags: int = -1) -> None:
        self.left -= warns(flags)
        if self.left == 0:
            self.give_up()


class Looped(Blocks):
    """A call that runs loops in machine code, or NumPy where it has to warn of what they met.

    Attributes:
        loops: which it runs, as source; tasks: the same, as they are compiled.
    """

    loops: Any
    tasks: Any

    def __init__(self, run: Any, chain: list[Instruction]) -> None:
        super().__init__(run, chain)
        self.patience = Patience()

    def compile(self) -> bool:
        """Put the machine code in; False if there is none that gives the bits of NumPy on this machine."""
        return False


class Quiet(Blocks):
    """The call of a ufunc between two loops, of which NumPy is not to warn that it overflows."""

    def __init__(self, ufunc: np.ufunc, row: list[Instruction]) -> None:
        def run(x: Any, out: Any) -> None:
            with np.errstate(over="ignore"):
                ufunc(x, out)

        super().__init__(run, row)
        self.__name__ = ufunc.__name__


class Kernel(Looped):
    """The call of a loop for a row of calls.

    Attributes:
        loop: which it is; statements: what it does; values: of what is loaded, and of the results.
        totals: sums of results, which come after these; run: the loop in machine code, when it is compiled.
    """

    __name__ = "run_loop"
    kind = "loop"

    def __init__(
        self, loop: Loop, statements: list[Statement], values: list[Value], row: list[Instruction],
        totals: Sequence[Total] = (),
    ) -> None:  # fmt: skip
        super().__init__(None, row)
        self.loop, self.statements, self.values, self.totals = loop, statements, values, totals
        self.loops = [loop]

    def __call__(self, *given: Any, **_: Any) -> None:
        """Run on blocks. They are flat, and get as many axes as the loop was compiled for."""
        count = len(self.loop.arrays)
        arrays, numbers, (out,) = given[:count], given[count:-1], given[-1:]
        arrays, out = map(_with_axes, (arrays, out), (self.loop.arrays, self.loop.results))
        if flags := self.run(*arrays, *numbers, out):
            self.again(flags, *arrays, *numbers, out)

    def again(self, flags: int, *given: Any) -> None:
        """Do the work by NumPy, which warns as it is set to, if the loop raised flags that NumPy does not ignore."""
        if not _is_done(flags):
            self.patience.lessen(flags)
            self._by_numpy(*given)

    def _by_numpy(self, *given: Any) -> None:
        loads, results = parted(self.values, len(self.loop.arrays) + len(self.loop.numbers))
        inner = [*self.loop.inner[: len(self.loop.arrays)], *[None] * len(self.loop.numbers)]
        held = {v: self._laid_out(x, v, stride) if v.shape else x for v, x, stride in zip(loads, given, inner)}
        by_numpy(self.statements, held)
        for value, out in zip(results, given[len(loads)]):
            np.copyto(self._laid_out(out, value, out.itemsize) if value.shape else out, held[value])
        for total, out in zip(self.totals, given[len(loads)][len(results) :]):
            np.add.reduce(held[total.of], axis=None, out=out)

    def _laid_out(self, x: np.ndarray, value: Value, inner: int | None) -> np.ndarray:
        """An array as the loop takes it: on blocks it is not as long as in the program."""
        if self.loop.integers:
            return as_strided(x, value.shape, value.strides)
        return as_strided(x, (x.size,), (inner or 0,))

    @property
    def tasks(self) -> list[Task]:
        return [task_of(self.loop)]

    def compile(self) -> bool:
        code = compiled(
            task_of(self.loop), lambda code: agrees(code, self.loop, self.statements, self.values, self.totals)
        )
        self.run = code
        return code is not None


def _with_axes(blocks: Sequence[Any], kinds: Sequence[tuple[str, int]]) -> tuple[Any, ...]:
    return tuple([x.reshape((1,) * (axes - 1) + (-1,)) for x, (_, axes) in zip(blocks, kinds)])


def compiled(task: Task, agrees: Callable[[Callable[..., int]], bool]) -> Callable[..., int] | None:
    """The machine code of a task, made once; None if there is none that can be used.

    Args:
        agrees: whether it gives the bits of NumPy, which is asked before it is kept on disk.
    """
    if task not in _compiled:
        try:
            _compiled[task] = _fetched(task) or _made(task, agrees)
        except Exception:  # whatever a compiler does not know to do, NumPy does
            _compiled[task] = None
    return _compiled[task]


def _fetched(task: Task) -> Callable[..., int] | None:
    code = fetch(task)
    return function_of(code) if code is not None else None


def _made(task: Task, agrees: Callable[[Callable[..., int]], bool]) -> Callable[..., int] | None:
    code = machine_code(task)
    function = function_of(code)
    if function is None or not agrees(function):
        return None
    keep(task, code)
    return function


def is_there() -> bool:
    """Whether what the extra `fast` names is installed, and the processor and the objects of Python are known."""
    return is_known() and can_enter() and all(importlib.util.find_spec(name) for name in ("numba", "platformdirs"))


def is_at_hand(task: Task) -> bool:
    """Whether a task was compiled before, by this process or another."""
    return task in _compiled or is_kept(task)


def task_of(loop: Loop) -> Task:
    """A loop as it is compiled."""
    arrays, results = ([ArrayKind(*kind, contiguous=False) for kind in kinds] for kinds in (loop.arrays, loop.results))
    return Task(loop.source, "loop", (*arrays, *loop.numbers, tuple(results), *["i8"] * loop.integers))


def warns(flags: int) -> bool:
    """Whether NumPy, as it is set now, says something of what these flags tell; or must work since a loop refused."""
    said: dict[str, Any] = {**np.geterr()}
    return flags < 0 or any(flags & flag and said[kind] != "ignore" for kind, flag in FLAGS.items())


def _is_done(flags: int) -> bool:
    """Whether what a loop did holds: NumPy has nothing to say, and no NaN was made, whose bits are its own."""
    return not warns(flags) and not flags & FLAGS["invalid"]
