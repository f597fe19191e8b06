"""`@ntb.function`: run a function once under a trace, which keeps everything, then replay what it kept.

Each replay reads anew: arrays, tensors and Python floats among the arguments, variables, draws of random numbers. The
function is traced again if one of these differs: the structure of the arguments, shapes and dtypes, the values of other
arguments (ints, bools, strings), the numbers and objects that it finds in its closure, its globals and the attributes
of objects, the outcome of `if` on traced values. The elements of NumPy arrays that are not arguments are constants.
"""

from __future__ import annotations

import functools
import itertools
import pickle
import threading
import types
import warnings
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import ConversionError, TapeError
from ..tape.listener import listeners
from ..tape.tensor import Tensor
from .signature import Diverged, check_hash, difference, lift, map_outputs, output, settled_outputs, signature_of
from .surroundings import VALUES, Finding, changed, chosen_findings, look_around

if TYPE_CHECKING:
    from .program import Program
    from .trace import Trace
    from .workspace import Workspace

_MANY_TRACES = 8
_books = threading.RLock()
"""Held while a traced function looks up or changes its programs, as several threads may call it at once."""


class RetraceWarning(UserWarning):
    """A traced function is traced again and again, which costs more than it saves."""


class Function:
    """A traced function: what `ntb.function` returns."""

    def __init__(self, function: Callable[..., Any], max_traces: int = 64) -> None:
        functools.update_wrapper(self, function)
        self.function = function
        self.max_traces = max_traces
        self._programs: OrderedDict[Hashable, list[Program]] = OrderedDict()
        self._latest: tuple[Hashable, list[Program]] = None, []  # the signature that was used last, and its programs
        self._workspaces: list[Workspace] = []  # that all programs run in
        self._traces = 0
        self._warned = False

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else _Method(self, instance)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if listeners.get():
            return self.function(*args, **kwargs)  # an open listener is told of each operation
        leaves, signature = signature_of(args, kwargs)
        latest, programs = self._latest
        if signature != latest:
            check_hash(signature)
            programs = self._choose(signature)
        for program in programs:
            if changed(program.findings) is None:
                try:
                    return program.replay(leaves)
                except Diverged:
                    continue
        program, answer, trace = self._trace(args, kwargs, signature)
        try:
            self._store(signature, program, keep=not trace.created)
        except RetraceWarning:  # where warnings are errors
            trace.roll_back()
            raise
        return answer

    def _choose(self, signature: Hashable) -> list[Program]:
        """The programs of a signature, which is noted as the one used last."""
        with _books:
            programs = self._programs.get(signature, [])
            if programs:
                self._programs.move_to_end(signature)
            self._latest = signature, programs
        return programs

    def trace(self, *args: Any, **kwargs: Any) -> Program:
        """The program for these arguments, traced now; what the run did to variables and generators is undone.

        Raises:
            TapeError: a tape is open, or the function makes new variables in every run.
        """
        if listeners.get():
            raise TapeError(
                "a function cannot be traced while a tape is open, which would record what the trace undoes; call "
                ".trace outside of `with Tape():`"
            )
        _, signature = signature_of(args, kwargs)
        check_hash(signature)
        for _ in range(2):  # the first run may make variables that are made once, such as an optimizer's slots
            program, _, trace = self._trace(args, kwargs, signature)
            trace.roll_back()
            if not trace.created:
                return program
        raise TapeError("this function makes new variables in every run, which no program can; make them outside of it")

    @property
    def programs(self) -> list[Program]:
        """All programs that are kept, the most recently used signature last."""
        with _books:
            return [program for programs in self._programs.values() for program in programs]

    def _trace(self, args: tuple, kwargs: dict, signature: Hashable) -> tuple[Program, Any, Trace]:
        # Imported for the first program, so that `import ntb` stays quick.
        from .emit import own
        from .names import name_values
        from .passes import simplify
        from .program import Program
        from .trace import Trace, build

        trace = Trace(getattr(self.function, "__code__", None))
        inputs: list[tuple[str, Tensor]] = []
        names = self.function.__code__.co_varnames if hasattr(self.function, "__code__") else ()
        known: dict[int, Tensor] = {}
        lifted = [lift(a, names[i] if i < len(names) else f"x{i}", inputs, known) for i, a in enumerate(args)]
        lifted_kwargs = {name: lift(a, name, inputs, known) for name, a in kwargs.items()}
        places = look_around(self.function, (*lifted, *lifted_kwargs.values()))
        try:
            with trace, _numpy_random_untouched(places, trace):
                outputs = settled_outputs(self.function(*lifted, **lifted_kwargs))
            code, values = build(getattr(self.function, "__name__", "function"), trace, inputs, outputs)
            name_values(code, self.function)
            program = Program(simplify(code, values), signature, chosen_findings(places, trace.codes))
            trace.own_state(inputs)
            fed = {id(tensor.value) for _, tensor in inputs}
            answer = map_outputs(lambda t: output(own(t.value, id(t.value) in fed)), outputs)
        except BaseException:
            listeners.set(())  # an interrupt may have kept the `with` block of a tape from closing it
            trace.roll_back()
            raise
        return program, answer, trace

    def _store(self, signature: Hashable, program: Program, keep: bool) -> None:
        """Keep a program for later calls, unless its run made variables: the next run may not make any."""
        with _books:
            self._traces += 1
            why = ""
            if keep:
                program.workspaces = self._workspaces
                # in a new list, as another thread may be going through the old one
                self._programs[signature] = [program, *self._programs.pop(signature, [])]
            if self._traces > _MANY_TRACES and not self._warned:
                self._warned = True
                why = self._why(signature) if keep else "each run makes new variables; make them outside of it, once"
            for _ in range(len(self.programs) - self.max_traces):
                oldest = next(iter(self._programs))
                self._programs[oldest] = self._programs[oldest][:-1]
                if not self._programs[oldest]:
                    del self._programs[oldest]
            if keep:
                self._choose(signature)
        if why:
            name = getattr(self.function, "__name__", "a function")
            warnings.warn(f"{name} was traced {self._traces} times: {why}", RetraceWarning, stacklevel=3)

    def _why(self, signature: Hashable) -> str:
        """What makes traces differ, for the warning."""
        same = self._programs[signature]
        if len(same) > 1:
            place = changed(same[1].findings)
            if place is not None:
                return (
                    f"{place.name!r} was {_abridged(place.value)} and is now {_abridged(place.get(*place.key))}. What "
                    "the function finds around it is constant in a program: pass a number that varies as an argument "
                    "(a float), or keep it in a Variable"
                )
            return (
                "an `if` (or int()) on a traced value goes many different ways; use np.where, or keep the decision "
                "outside the traced function"
            )
        parts = [difference(a, b) for a, b in itertools.pairwise(list(self._programs)[-3:])]
        return (
            f"calls differ in {' and '.join(dict.fromkeys(parts))}. Each shape, dtype, int, bool and string "
            "has a trace of its own: keep shapes equal (drop or pad the last batch), and numbers that vary as floats"
        )


class _Method:
    """A traced function as the method of an object."""

    def __init__(self, function: Function, instance: Any) -> None:
        functools.update_wrapper(self, function, updated=())
        self.__wrapped__ = types.MethodType(function.function, instance)
        self.function = function
        self.instance = instance

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.function(self.instance, *args, **kwargs)

    def trace(self, *args: Any, **kwargs: Any) -> Program:
        """The program for these arguments; see `Function.trace`."""
        return self.function.trace(self.instance, *args, **kwargs)

    @property
    def programs(self) -> list[Program]:
        return self.function.programs


def _abridged(x: Any) -> str:
    text = repr(x) if type(x) in VALUES else f"a {type(x).__name__}"
    return text if len(text) < 60 else text[:57] + "..."


@contextmanager
def _numpy_random_untouched(places: list[Finding], trace: Trace) -> Iterator[None]:
    """A block in which drawing NumPy's random numbers is an error: a program would repeat them for ever."""
    numpy_random: Any = np.random  # the stubs do not know its get_bit_generator
    found = [place.value.bit_generator for place in places if isinstance(place.value, np.random.Generator)]
    before = [(bits, pickle.dumps(bits.state)) for bits in (numpy_random.get_bit_generator(), *found)]
    yield
    recorded = [generator.numpy.bit_generator for generator in trace.generators]
    if any(pickle.dumps(bits.state) != state and not any(bits is r for r in recorded) for bits, state in before):
        raise ConversionError(
            "numbers drawn from np.random inside a traced function would be the same in every replay; "
            "draw them from ntb.random, as in ntb.random.generator(0).normal(size=3). (If another thread drew "
            "them, give that one a np.random.default_rng() of its own.)"
        )


def function(f: Callable[..., Any] | None = None, *, max_traces: int = 64) -> Any:
    """Trace a function on its first call, replay it on later ones.

    Arrays, Python floats, variables and random draws are new in each replay. The function is traced again if a number
    or object that it finds in its closure, its globals or the attributes of objects is replaced. But a NumPy array
    found there is a constant: changing its elements in place has no effect. Pass it, or keep it in a Variable.

    Args:
        f: a function of arrays, numbers and anything else. It may read and assign variables, open tapes and ask for
            gradients: a whole training step is one program.
        max_traces: how many traces are kept; the least recently used goes first.

    Returns:
        A callable with the same results, bit for bit: tensors for arrays. `.trace(*args)` gives the `Program`.

    Raises:
        ConversionError: a traced value becomes a plain number or array inside `f`, which would freeze it.

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
        return functools.partial(function, max_traces=max_traces)
    return Function(f, max_traces)
