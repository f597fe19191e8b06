"""Tiers: when the loops of a program are compiled. A program begins as it always does.

Once it has run for half a second (`PAYS`), or after its second call if all of its loops lie on disk, a thread in the
background makes it another executable, which takes the place of the first between two calls. Since no bit changes,
nobody can tell but by the clock. A program whose chains cannot be compiled stays as it is.

Calls stay with NumPy (`Code.stays`) if their loop does not give its bits, if time is up before it is compiled, or if
NumPy had to do its work once more again and again, to warn of what the loop met.
"""

from __future__ import annotations

import os
import threading
import warnings
from collections import deque
from functools import partial
from time import perf_counter, thread_time
from typing import Any
from weakref import ref

from ..replay import warm
from ..replay.code import Code, Ref
from ..replay.executable import Executable
from ..replay.memory import Blocks
from ..replay.passes import LOWERING, block, lower
from ..replay.program import Program
from .chains import chains
from .kernels import Looped, is_at_hand, is_there
from .within import within

PAYS = 0.5
"""Seconds that a program has run before its loops are compiled, which takes some tenths of a second each."""
_BUDGET = 20.0
"""Seconds of the processor's time that the loops of one program may take to compile, those that gain most first."""
_CALL = 5000
"""Bytes that NumPy moves in the time that a call takes of its own."""
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
    if not program.compiles or program.tier in ("waiting", "compiled") or _setting() == "0":
        return
    age, size = perf_counter() - program.born, len(program.code.instructions)
    if _setting() == "now":
        _compile_loops(program, with_loops(program))
        return
    if age < PAYS * max(1, size / _LARGE) and (program.tier == "young" or size > _LARGE):
        return
    _put_off(program)


def _put_off(program: Program) -> None:
    """Let the background thread compile the loops of a program."""
    global _worker
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
        if perf_counter() - program.born > PAYS or all(
            is_at_hand(task) for kernel in kernels_of(code) for task in kernel.tasks
        ):
            _compile_loops(program, code)
        else:
            program.tier = "young"
    except Exception as error:  # the program goes on as it is
        warnings.warn(f"the loops of {program!r} were not compiled: {type(error).__name__}: {error}", stacklevel=1)


def _compile_loops(program: Program, code: Code) -> None:
    """Put an executable with the loops of this code, compiled, in the place of a program's."""
    program.tier = "compiled"
    begin = thread_time()
    while left := [kernel for kernel in _by_gain(code) if not (_has_time(begin, kernel) and kernel.compile())]:
        known = len(program.code.stays)
        program.code.stays.update(ref for kernel in left for ref in _results_of(kernel))
        if len(program.code.stays) == known:  # it would go on for ever
            return
        code = with_loops(program)
    kernels = kernels_of(code)
    if not kernels and not kernels_of(program.executable.routine.code):
        return
    for kernel in kernels:
        kernel.patience.give_up = partial(_give_up, ref(program), _results_of(kernel))
    faster = Executable(code, program.executable.in_kind)
    faster.workspaces = program.executable.workspaces
    program.executable = faster


def _has_time(begin: float, kernel: Looped) -> bool:
    """Whether what was compiled since a time leaves some for this one; what is at hand takes none."""
    return thread_time() - begin < _BUDGET or all(map(is_at_hand, kernel.tasks))


def _by_gain(code: Code) -> list[Looped]:
    """The kernels of a code, those first that save most passes over memory."""
    return sorted(kernels_of(code), key=lambda kernel: -_moved(code, kernel))


def _moved(code: Code, kernel: Looped) -> int:
    """Bytes that NumPy reads and writes for it; a call counts as much as `_CALL` of them."""
    return sum(_CALL + sum(code.specs[ref].nbytes for ref in (*i.reads(), *i.writes())) for i in kernel.chain)


def _results_of(kernel: Looped) -> list[Ref]:
    return [ref for i in kernel.chain for ref in i.origin.writes()]


def _give_up(found: Any, results: list[Ref]) -> None:
    """Leave these results to NumPy, which has to compute them anyhow, from one of the next calls on."""
    program = found()
    if program is not None:
        program.code.stays.update(results)
        if _setting() == "now":
            _compile_loops(program, with_loops(program))
        else:
            _put_off(program)


def with_loops(program: Program) -> Code:
    """The code of a program as it is executed, with loops in the place of chains."""
    return lower(program.code, _STEPS)


def kernels_of(code: Code) -> list[Looped]:
    """The calls that stand for loops, also those within blocks."""
    blocks = [i.function for i in code.instructions if isinstance(i.function, Blocks)]
    return [f for each in blocks for f in (each, *each.inner) if isinstance(f, Looped)]


_STEPS = (*LOWERING[: LOWERING.index(block)], chains, *LOWERING[LOWERING.index(block) :], within)
warm.when_warm.append(_consider)
