"""`@ntb.function`: run a function once under a trace, which keeps everything, then replay what it kept.

Each replay reads anew: arrays, tensors and Python floats among the arguments, variables, draws of random numbers. The
function is traced again if one of these differs: the structure of the arguments, shapes and dtypes, the values of other
arguments (ints, bools, strings), what it finds outside its arguments (surroundings.py), the outcome of `if` on traced
values. Now and then the function runs beside its replay, to see that both do the same (spot_check.py).
"""

from __future__ import annotations

import functools
import sys
import types
from collections.abc import Callable, Hashable
from time import perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..errors import TapeError, warn
from ..functions import names_by_position
from ..habits import knows_habits, of_class
from ..tape.listener import listeners
from ..tape.tensor import Tensor
from ..tree import tree_map
from ..values.in_kind import to_arrays, wants_arrays
from .containers import Copy, written
from .dependencies import Dependencies
from .kept import Kept, RetraceWarning
from .refusals import made_anew, refuse
from .signature import Diverged, check_hash, lift, map_outputs, output, settled_outputs, signature_of
from .spot_check import OF_COMPUTING, Rehearsal, StaleReplayWarning, chosen, difference_of, spot_check
from .warm import tell

if TYPE_CHECKING:
    from .program import Program
    from .trace import Transaction


class _Lifted(NamedTuple):
    """The arguments of a call with tensors in the place of what is fed.

    Attributes:
        inputs: these tensors, with names; copies: containers that were made for them.
    """

    args: list[Any]
    kwargs: dict[str, Any]
    inputs: list[tuple[str, Tensor]]
    copies: list[Copy]


class Function:
    """A traced function: what `ntb.function` returns.

    With `in_kind` callers with arrays are answered with arrays; with `arrays` all callers are. With `max_traces=0` the
    function runs as it is, and an error leaves variables and generators as they were all the same.
    """

    def __init__(
        self, function: Callable[..., Any], max_traces: int = 64, check: str | None = None, in_kind: bool = True,
        arrays: bool = False, compile: bool = True,
    ) -> None:  # fmt: skip
        functools.update_wrapper(self, function)
        self.function = function
        self.check = chosen(check)
        self.in_kind = in_kind
        self.arrays = arrays
        self.compiles = compile
        self._kept = Kept(getattr(function, "__name__", "a function"), max_traces)
        self._replays = max_traces > 0  # until a spot check finds that its replays differ from its runs

    __getattr__ = of_class("traced")

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else _Method(self, instance)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if listeners.get():  # an open listener is told of each operation
            return self._in_kind(self.function(*args, **kwargs), args, kwargs)
        if not self._replays:
            return self._in_kind(self.run(args, kwargs)[0], args, kwargs)
        signature, programs = self._kept.latest
        recognize = programs[0].recognize if programs else None
        leaves = recognize(args, kwargs) if recognize is not None else None
        if leaves is None:
            latest = signature
            leaves, signature = signature_of(args, kwargs)
            if signature != latest:
                programs = self._kept.of(signature)
        for program in programs:
            if program.dependencies.unchanged() or program.dependencies.changed() is None:
                program.until_check -= 1
                due = program.until_check <= 0 and self._is_due(program)
                try:
                    if not due:
                        return program.executable.replay(leaves)
                    rehearsal = program.executable.rehearse(leaves)
                except Diverged:
                    continue
                except OF_COMPUTING as error:
                    failure = f"{type(error).__name__}: {error}"
                else:
                    return self._in_kind(self._checked(program, rehearsal, args, kwargs), args, kwargs)
                return self._in_kind(self._run_instead(failure, args, kwargs), args, kwargs)
        return self._answer_anew(args, kwargs, signature, programs)

    def _answer_anew(self, args: tuple, kwargs: dict, signature: Hashable, programs: list[Program]) -> Any:
        """The answer to a call for which no program was kept, or none of those of its signature: it is traced."""
        program, answer, transaction = self._trace(args, kwargs, signature)
        try:
            self._kept.add(signature, program, made_anew(program.dependencies, transaction), programs)
        except RetraceWarning:  # where warnings are errors
            transaction.roll_back()
            raise
        return self._in_kind(answer, args, kwargs)

    def _is_due(self, program: Program) -> bool:
        """Whether a program that has run for a while is checked now."""
        tell(program)
        if program.schedule.check == "never":
            program.until_check = program.schedule.next()
        return program.until_check <= 0

    def _in_kind(self, answer: Any, args: tuple, kwargs: dict) -> Any:
        """An answer in tensors as the caller gets it."""
        return to_arrays(answer) if self._answers_with_arrays(args, kwargs) else answer

    def _answers_with_arrays(self, args: tuple, kwargs: dict, tensors: bool = False) -> bool:
        return self.arrays or (self.in_kind and wants_arrays(args, kwargs, tensors=tensors))

    def run(self, args: tuple, kwargs: dict, transaction: Transaction | None = None) -> tuple[Any, Transaction]:
        """Run the function as it is, on tensors. An error leaves variables and generators as they were."""
        from .trace import Transaction

        transaction = transaction or Transaction(getattr(self.function, "__code__", None))
        lifted = self._lifted(args, kwargs)
        try:
            with transaction:
                outputs = settled_outputs(self.function(*lifted.args, **lifted.kwargs))
            outputs = tree_map(_as_replayed, outputs)
            transaction.inputs, transaction.outputs = lifted.inputs, outputs
            return self._answered(outputs, lifted, transaction), transaction
        except BaseException:
            listeners.set(())  # an interrupt may have kept the `with` block of a tape from closing it
            transaction.roll_back()
            raise

    def _checked(self, program: Program, rehearsal: Rehearsal, args: tuple, kwargs: dict) -> Any:
        """The result of the function itself, which is compared with that of a replay."""
        began = perf_counter()
        answer, problem = spot_check(self, program, rehearsal, args, kwargs)
        if problem:
            self._stop_replays(problem)
        else:
            program.until_check = program.schedule.next(perf_counter() - began)
        return answer

    def _run_instead(self, failure: str, args: tuple, kwargs: dict) -> Any:
        """Run the function when a replay failed, which changed nothing: the function raises its own error."""
        answer, _ = self.run(args, kwargs)
        self._stop_replays(difference_of(self, f"the replay fails ({failure})"))
        return answer

    def _stop_replays(self, problem: str) -> None:
        self._replays = False
        self._kept.clear()
        warn(problem, StaleReplayWarning)

    def trace(self, *args: Any, **kwargs: Any) -> Program:
        """The program for these arguments, traced now; what the run did to variables and generators is undone.

        Raises:
            TapeError: a tape is open, or the function makes new variables or writes Python state in every run.
        """
        if listeners.get():
            raise TapeError(
                "a function cannot be traced while a tape is open, which would record what the trace undoes; call "
                ".trace outside of `with Tape():`"
            )
        _, signature = signature_of(args, kwargs)
        check_hash(signature)
        for _ in range(2):  # the first run may make what is made once, such as an optimizer's slots
            program, _, transaction = self._trace(args, kwargs, signature)
            transaction.roll_back()
            made = made_anew(program.dependencies, transaction)
            if not made:
                return program
        raise TapeError(f"this function makes {made} in every run, which no program can; make them outside of it")

    def __reduce_ex__(self, protocol: Any) -> Any:
        """As a function of Python's a traced one is copied and pickled by its name, where it has one. Otherwise a copy
        has the function and traces anew."""
        name = getattr(self.function, "__qualname__", "")
        found: Any = sys.modules.get(getattr(self.function, "__module__", None) or "")
        for part in name.split("."):
            found = getattr(found, part, None)
        return name if found is self else super().__reduce_ex__(protocol)

    @property
    def programs(self) -> list[Program]:
        """All programs that are kept, the most recently used signature last."""
        return self._kept.all()

    def __repr__(self) -> str:
        name, count = getattr(self.function, "__name__", repr(self.function)), len(self.programs)
        return f"<traced function {name}, {count} program{'s' * (count != 1)}>"

    def _repr_html_(self) -> str:
        from ..markup.pieces import table, titled

        rows = [(program.describe_inputs(), *program.stats.values()) for program in self.programs]
        head = ["program for", *self.programs[0].stats] if rows else []
        return titled(repr(self).strip("<>"), table(head, rows))

    def _lifted(self, args: tuple, kwargs: dict) -> _Lifted:
        names = names_by_position(self.function)
        known: dict[int, Tensor] = {}
        found = _Lifted([], {}, [], [])
        for i, a in enumerate(args):
            found.args.append(lift(a, names[i] if i < len(names) else f"x{i}", found.inputs, known, found.copies))
        for name, a in kwargs.items():
            found.kwargs[name] = lift(a, name, found.inputs, known, found.copies)
        return found

    def _answered(self, outputs: Any, lifted: _Lifted, transaction: Transaction) -> Any:
        """What the caller of a run gets: arrays of his own; and variables get arrays of their own."""
        from .emit import own

        place = written(lifted.copies)
        if place is not None:
            raise TapeError(
                f"the traced function writes to {place}, in a copy that the caller does not see; return the new value"
            )
        transaction.own_state(lifted.inputs)
        fed = {id(tensor.value) for _, tensor in lifted.inputs}
        return map_outputs(lambda t: output(own(t.value, id(t.value) in fed)), outputs)

    def _trace(self, args: tuple, kwargs: dict, signature: Hashable) -> tuple[Program, Any, Transaction]:
        # Imported for the first program, so that `import ntb` stays quick.
        from .names import name_values
        from .passes import simplify
        from .program import Program
        from .surroundings import Surroundings
        from .trace import Trace, build

        trace, surroundings = Trace(getattr(self.function, "__code__", None)), Surroundings()
        lifted = self._lifted(args, kwargs)
        try:
            with trace, surroundings.watching(trace, self.function, [*lifted.args, *lifted.kwargs.values()]):
                outputs = settled_outputs(self.function(*lifted.args, **lifted.kwargs))
            answer = self._answered(outputs, lifted, trace)
            dependencies = Dependencies(surroundings.found(trace.current))
            refuse(surroundings, dependencies, trace)
            code, values = build(getattr(self.function, "__name__", "function"), trace, lifted.inputs, outputs)
            name_values(code, self.function)
            in_kind = self._answers_with_arrays(args, kwargs, tensors=True)
            program = Program(simplify(code, values), signature, dependencies, self.check, in_kind=in_kind,
                              compiles=self.compiles)  # fmt: skip
            if program.schedule.check != "never":
                program.changed_arrays = trace.changed_arrays()
        except BaseException:
            listeners.set(())  # an interrupt may have kept the `with` block of a tape from closing it
            trace.roll_back()
            raise
        finally:
            surroundings.close()
        return program, answer, trace


def _as_replayed(y: Any) -> Any:
    """A result of a run as a replay gives it: a number that was drawn is a tensor."""
    return Tensor(y) if isinstance(y, np.generic) else y


class _Method:
    """A traced function as the method of an object."""

    def __init__(self, function: Function, instance: Any) -> None:
        functools.update_wrapper(self, function, updated=())
        self.__wrapped__ = types.MethodType(function.function, instance)
        self.function = function
        self.instance = instance

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.function(self.instance, *args, **kwargs)

    def __reduce__(self) -> tuple:
        return _Method, (self.function, self.instance)

    def __repr__(self) -> str:
        return repr(self.function)

    def trace(self, *args: Any, **kwargs: Any) -> Program:
        """The program for these arguments; see `Function.trace`."""
        return self.function.trace(self.instance, *args, **kwargs)

    @property
    def programs(self) -> list[Program]:
        return self.function.programs


@knows_habits
def function(f: Callable[..., Any] | None = None, *, max_traces: int = 64, check: str | None = None,
             compile: bool = True) -> Any:  # fmt: skip
    """Trace a function on its first call, replay it on later ones.

    Arrays, Python floats, variables and random draws are new in each replay. The function is traced again if a number
    or object is replaced that it finds outside of its arguments: in its closure, globals, attributes of objects and
    classes, containers. What a replay could not do again is refused: changing Python state, taking the next of an
    iterator, drawing from Python's or NumPy's generators.

    Not seen are elements of a NumPy array found outside that are changed in place, and what code in C, files and clocks
    give. So the second call of a program, the 4th, 8th, 16th … and later one in a thousand runs the function beside
    the replay and compares bit by bit: a difference warns, and ends the replays. docs/replays.md tells more.

    Args:
        f: a function of arrays, numbers and anything else. It may read and assign variables, open tapes and ask for
            gradients: a whole training step is one program.
        max_traces: how many traces are kept; the least recently used goes first.
        check: how often a replay is checked: "always", "sometimes" as above, or "never"; by default what the
            environment variable NTB_CHECK says, or "sometimes".
        compile: whether chains of elementwise operations may become loops in machine code once the function has run for
            a while, where numba is installed. No bit of a result changes.

    Returns:
        A callable with the same results, bit for bit. Called with arrays and numbers it gives NumPy's arrays and
        numbers; with a tensor, a Variable or a model among the arguments, without any array, or in a tape's block, it
        gives tensors. `.trace(*args)` gives the `Program`.

    Raises:
        ConversionError: a traced value becomes a plain number or array inside `f`, which would freeze it; or numbers
            are drawn that replays would repeat; or an error that a value raised is caught.
        TapeError: `f` changes Python state, moves an iterator, makes a generator.

    >>> import ntb
    >>> w = ntb.Variable(1.0, name="w")
    >>> @function
    ... def step(x):
    ...     with ntb.Tape() as tape:
    ...         loss = (w * x - 6.0) ** 2
    ...     w.assign_sub(0.1 * tape.gradient(loss, w))
    ...     return loss
    >>> [round(step(2.0).item(), 4) for _ in range(3)]
    [16.0, 0.64, 0.0256]
    """
    if f is None:
        return functools.partial(function, max_traces=max_traces, check=check, compile=compile)
    return Function(f, max_traces, check, compile=compile)
