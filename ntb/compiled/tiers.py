"""Tiers: when the loops of a program are compiled. A program begins as it always does.

Once it has run for half a second (`PAYS`), or after its second call if all of its loops lie on disk, a thread in the
background makes it another executable, which takes the place of the first between two calls. Since no bit changes,
nobody can tell but by the clock. A program whose chains cannot be compiled stays as it is.
"""

from __future__ import annotations

import os
import threading
import warnings
from collections import deque
from time import perf_counter
from typing import Any
from weakref import ref

from ..replay import warm
from ..replay.code import Code
from ..replay.executable import Executable
from ..replay.memory import Blocks
from ..replay.passes import LOWERING, block, lower
from ..replay.program import Program
from .chains import chains
from .kernels import Kernel, is_kept, is_there
from .within import Within, within

PAYS = 0.5
"""Seconds that a program has run before its loops are compiled, which takes some tenths of a second each."""
_LARGE = 2000
"""Instructions of a program that takes long to lower once more: it has to run for longer before."""

_pending: deque[Any] = deque()
_worker: threading.Thread | None = None
_lock = threading.Lock()


def _setting() -> str:
    """What the environment variable NTB_COMPILE says: "0" for no loops, "now" to compile them at once and wait."""
    return os.environ.get("NTB_COMPILE", "1") if is_there() else "0"


def _consider(program: Program) -> None:
    """Let the background look at a program that has run some times."""
    global _worker
    if not program.compiles or program.tier in ("waiting", "compiled") or _setting() == "0":
        return
    age, size = perf_counter() - program.born, len(program.code.instructions)
    if _setting() == "now":
        _compile_loops(program, with_loops(program))
        return
    if age < PAYS * max(1, size / _LARGE) and (program.tier == "young" or size > _LARGE):
        return
    with _lock:
        program.tier = "waiting"
        _pending.append(ref(program))
        if _worker is None:
            _worker = threading.Thread(target=_work, name="ntb-compile")
            _worker.start()


def _work() -> None:
    """Compile for the programs that wait, until there are none or the main program ends."""
    global _worker
    while True:
        with _lock:
            if not _pending or not threading.main_thread().is_alive():
                _pending.clear()
                _worker = None
                return
            program = _pending.popleft()()
        if program is not None:
            _try_loops(program)
        del program


def _try_loops(program: Program) -> None:
    """Compile the loops of a program if it has run for long enough, or if they were compiled before."""
    try:
        code = with_loops(program)
        if perf_counter() - program.born > PAYS or all(map(is_kept, _loops_of(code))):
            _compile_loops(program, code)
        else:
            program.tier = "young"
    except Exception as error:  # the program goes on as it is
        warnings.warn(f"the loops of {program!r} were not compiled: {type(error).__name__}: {error}", stacklevel=1)


def _compile_loops(program: Program, code: Code) -> None:
    """Put an executable with the loops of this code, compiled, in the place of a program's, if there are any."""
    program.tier = "compiled"
    while not all([kernel.compile() for kernel in kernels_of(code)]):
        code = with_loops(program)  # without the loops that were refused
    if not _loops_of(code):
        return
    faster = Executable(code, program.executable.in_kind)
    faster.workspaces = program.executable.workspaces
    program.executable = faster


def with_loops(program: Program) -> Code:
    """The code of a program as it is executed, with loops in the place of chains."""
    return lower(program.code, _STEPS)


def kernels_of(code: Code) -> list[Any]:
    """The calls that stand for loops, each a `Kernel` or a `Within`."""
    blocks = [i.function for i in code.instructions if isinstance(i.function, Blocks)]
    return [f for each in blocks for f in (each, *each.inner) if isinstance(f, Kernel | Within)]


def _loops_of(code: Code) -> list[Any]:
    return [loop for kernel in kernels_of(code) for loop in kernel.loops]


_STEPS = (*LOWERING[: LOWERING.index(block)], chains, *LOWERING[LOWERING.index(block) :], within)
warm.when_warm.append(_consider)
