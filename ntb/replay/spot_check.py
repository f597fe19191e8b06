"""Spot checks: now and then a function is run, and its program beside it, to see that both do the same, bit for bit.

A program repeats the arithmetic of a trace. What a trace cannot see, such as an array that is changed in place, a file
that is read or Python state behind functions in C, makes a replay that differs from the function, and nobody would
know. So the second call of a program is checked, the 4th, 8th, 16th and so on, and from the 1024th on one in a
thousand, or fewer if that took more than a hundredth of the time: the function runs as if it were not traced, the
program runs without a consequence, and results, variables and generators are compared. What the function did counts.
"""

from __future__ import annotations

import math
import os
import pickle
from collections.abc import Sequence
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from ..atomic import uninterrupted
from ..errors import InputError, add_note
from ..functions import name_of
from ..tape.listener import pulling
from ..tape.operation import Operation
from ..tape.tensor import value_of
from ..tree import leaves, tree_map
from .code import Code
from .dependencies import told
from .findings import same
from .refusals import is_filled
from .simple import run
from .trace import Transaction

if TYPE_CHECKING:
    from .function import Function
    from .program import Program

_SETTING = "NTB_CHECK"
"""The environment variable that chooses how often programs are checked, where `ntb.function(check=...)` does not."""
_CHOICES = ("always", "sometimes", "never")
_WITNESSED = 2**25  # bytes of the first values of a run, to tell which of them differs
_RARELY, _SHARE = 1000, 0.01  # one call in so many, or fewer, so that checks take no more than this share of the time
OF_COMPUTING = (ArithmeticError, LookupError, ValueError, TypeError)
"""The errors of operations. The function itself may raise others in their place, with more to tell."""


class StaleReplayWarning(UserWarning):
    """A replay differs from what the function itself does; it is not replayed any more."""


def chosen(check: str | None) -> str:
    """How often programs are checked: "always", "sometimes" or "never"."""
    found = check if check is not None else os.environ.get(_SETTING, "sometimes")
    if found not in _CHOICES:
        where = "check=" if check is not None else f"the environment variable {_SETTING}="
        raise InputError(f'{where}{found!r} does not say how often to check; take "always", "sometimes" or "never"')
    return found


class Schedule:
    """When a program is checked next.

    Attributes:
        check: "always", "sometimes" or "never"; calls: how many there were.
    """

    def __init__(self, check: str) -> None:
        self.check = check
        self.calls = 1
        self._gap, self._since = 1, perf_counter()

    def next(self, seconds: float = 0.0) -> float:
        """In how many calls the next check is, after one that took so long.

        >>> schedule = Schedule("sometimes")
        >>> [schedule.next() for _ in range(12)]
        [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1000, 1000]
        """
        if self.check == "always":
            return 1
        now, gap = perf_counter(), self.calls
        if self.calls >= _RARELY and self.check == "sometimes":
            time_of_a_call = max(now - self._since, 1e-6) / self._gap
            gap = max(_RARELY, math.ceil(seconds / (_SHARE * time_of_a_call)))
        self.calls += gap
        self._gap, self._since = gap, now
        return gap


class Rehearsal:
    """What a replay would give and change.

    Attributes:
        leaves: what was fed; before: the arrays that the variables held; back: calls that put the generators back.
        answer: the result; variables: their new arrays; generators: their states afterwards.
        error: what was raised instead.
    """

    def __init__(self, leaves: list[Any], before: dict[Any, Any], back: list[Any]) -> None:
        self.leaves = leaves
        self.before = before
        self.back = back
        self.answer: Any = None
        self.variables: dict[Any, Any] = {}
        self.generators: dict[Any, Any] = {}
        self.error = ""


class _Witness(Transaction):
    """Keeps what each operation of a run gave, with the line of the program that it is on; the first ones only, where
    all of them would fill the memory."""

    def __init__(self, code: Any) -> None:
        super().__init__(code)
        self.values: dict[tuple, list[Any]] = {}
        self._room = _WITNESSED

    def write(self, operation: Operation, args: tuple, kwargs: dict, result: Any) -> None:
        self._room -= sum(getattr(value_of(x), "nbytes", 0) for x in leaves(result))
        if self._room > 0:
            line = self.running_line("forward" if pulling.get() is None else "backward")
            self.values.setdefault((operation.call, line), []).append(value_of(result))


def spot_check(
    function: Function, program: Program, rehearsal: Rehearsal, args: tuple, kwargs: dict
) -> tuple[Any, str]:
    """Run the function, and compare; returns the function's result, and how the replay differs, if it does."""
    witness = _Witness(getattr(function.function, "__code__", None))
    try:
        answer, _ = function.run(args, kwargs, witness)
    except Exception as error:
        if not rehearsal.error:
            add_note(error, "(the replay of this traced function went through; it is not like the function)")
        raise
    if _is_disturbed(rehearsal, witness):
        return answer, ""
    problem = _difference(rehearsal, witness, answer)
    changed = [finding for finding in program.dependencies.findings if not finding.holds(finding.now())]
    written = [told(finding) for finding in changed if not is_filled(finding)]  # else the next call is traced
    if not problem and not written:
        return rehearsal.answer, ""  # the same, in tensors also where a run gives NumPy's scalars
    first = _first_value(program.code, rehearsal, witness) if problem else ""
    found = [first] if first else []
    found += [f"the run changed Python state: {text}" for text in written[:3]]
    found += [f"an array {text} that the function finds around it was changed" for text in program.changed_arrays()]
    return answer, difference_of(function, problem, found)


def difference_of(function: Function, problem: str, found: Sequence[str] = ()) -> str:
    """What to tell the user when a replay differs from the function."""
    name = getattr(function, "__name__", "the function")
    lines = [f"{name} does not do in a replay what it does by itself" + (f": {problem}" if problem else ""), *found]
    lines += [
        "What the run did counts, and from now on the function runs without replays. Keep what changes from call to "
        "call in Variables or pass it as an argument; docs/replays.md has what a trace cannot see"
    ]
    return ".\n  ".join(lines) + "."


def _is_disturbed(rehearsal: Rehearsal, witness: Transaction) -> bool:
    """Whether another thread assigned a variable or drew in between, so that the two did not begin with the same."""
    began = {variable: tensor.value for variable, tensor in witness.before.items()}
    if any(began.get(v, v.get().value) is not array for v, array in rehearsal.before.items()):
        return True
    states = dict(zip(rehearsal.generators, rehearsal.back))
    drawn = [(state, states[g]) for g, state in witness.generators.items() if g in states]
    return any(pickle.dumps(a.args[-1]) != pickle.dumps(b.args[-1]) for a, b in drawn)


def _difference(rehearsal: Rehearsal, witness: Transaction, answer: Any) -> str:
    """How a replay differs from a run; "" if it does not."""
    if rehearsal.error:
        return f"the replay fails ({rehearsal.error})"
    expected, found = leaves(answer), leaves(rehearsal.answer)
    if len(expected) != len(found):
        return f"the function returned {len(expected)} values, the replay {len(found)}"
    for i, (x, y) in enumerate(zip(expected, found)):
        if not _agree(value_of(x), value_of(y)):
            which = "the result" if len(expected) == 1 else f"result {i}"
            return f"{which} {_unlike(value_of(x), value_of(y))}"
    if tree_map(_nothing, answer) != tree_map(_nothing, rehearsal.answer):
        return "the function returned the values in another structure than the replay"
    for variable in {**rehearsal.variables, **witness.before}:
        x = variable.get().value
        y = rehearsal.variables[variable] if variable in rehearsal.variables else witness.before[variable].value
        if not _agree(x, y):
            return f"the variable {variable.name or ''} {_unlike(x, y)}".replace("  ", " ")
    for generator in {**rehearsal.generators, **witness.generators}:
        if generator not in rehearsal.generators or not _agree(generator.value, rehearsal.generators[generator]):
            return "a generator of random numbers draws otherwise"
    return ""


def _first_value(code: Code, rehearsal: Rehearsal, witness: _Witness) -> str:
    """The first value of the program that differs from what the run computed in the same place, with its line.

    A program leaves out calls that were made before, or for nothing, and makes one of many alike. So its calls on a
    line are some of the run's, in the same order, and some of its own, which nothing is known of.
    """
    passed: dict[tuple, int] = {}
    now = [generator.remembered() for generator in rehearsal.generators]
    values = dict(zip([ref for _, ref in code.inputs], rehearsal.leaves)) | code.constants
    values |= {ref: rehearsal.before[variable] for variable, ref in code.variables.items()}
    uninterrupted(again=rehearsal.back)
    try:
        for instruction, value in run([i for i in code.instructions if i.effect != "guard"], values):
            key = instruction.function, instruction.line
            of_the_run = witness.values.get(key, [])
            left = [i for i in range(passed.get(key, 0), len(of_the_run)) if _is_like(of_the_run[i], value)]
            place = next((i for i in left if _agree(of_the_run[i], value)), None)
            if place is None and left:
                file, line = instruction.line or ("an unknown file", 0)
                made = f"the first value that differs is made by {name_of(instruction.function)} at {file}:{line}"
                expected = min((of_the_run[i] for i in left), key=lambda x: np.mean(np.not_equal(x, value)))
                return f"{made}: it {_unlike(expected, value)}"
            if place is not None:
                passed[key] = place + 1
    finally:
        uninterrupted(again=now)
    return ""


def _is_like(x: Any, y: Any) -> bool:
    """Whether two values have the same shape and dtype."""
    return np.shape(x) == np.shape(y) and getattr(x, "dtype", type(x)) == getattr(y, "dtype", type(y))


def _nothing(_: Any) -> None:
    """Stands for every leaf of a tree, to compare its branches."""


def _agree(x: Any, y: Any) -> bool:
    """Whether two values agree in type and every bit; any NaN is like any other."""
    if isinstance(x, tuple | list) and isinstance(y, tuple | list):
        return len(x) == len(y) and all(map(_agree, x, y))
    if not isinstance(x, np.ndarray | np.generic) or not isinstance(y, np.ndarray | np.generic):
        return same(x, y)
    if x.shape != y.shape or x.dtype != y.dtype:
        return False
    if x.tobytes() == y.tobytes():
        return True
    if x.dtype.kind == "c":
        return _agree(x.real, y.real) and _agree(x.imag, y.imag)
    return x.dtype.kind == "f" and bool(np.all(_alike(x, y)))


def _alike(x: Any, y: Any) -> Any:
    return np.where(np.isnan(x), np.isnan(y), (x == y) & (np.signbit(x) == np.signbit(y)))


def _unlike(x: Any, y: Any) -> str:
    """Where two values differ, in words: the run's first."""
    if not _is_like(x, y):
        return f"is {_kind(x)} in the run, and {_kind(y)} in the replay"
    if np.ndim(x):
        place = next(zip(*np.nonzero(~np.asarray(_alike(x, y) if x.dtype.kind == "f" else x == y)), strict=True))
        index = ", ".join(map(str, map(int, place)))
        return f"is {x[place]!s} at [{index}] in the run, and {y[place]!s} in the replay"
    return f"is {x!s} in the run, and {y!s} in the replay"


def _kind(x: Any) -> str:
    return f"{x.dtype}{list(np.shape(x))}" if hasattr(x, "dtype") else repr(x)
