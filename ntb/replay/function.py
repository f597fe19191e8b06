"""`@ntb.function`: run a function once under a tape that keeps everything, then replay the tape.

What replays see anew: arrays, tensors and Python floats among the arguments, variables, draws of random numbers. What
makes another trace: the structure of the arguments, shapes and dtypes, the values of all other arguments (ints, bools,
strings), the numbers and objects that the function finds in its closure and globals, and the outcome of `if` on traced
values.
"""

from __future__ import annotations

import functools
import itertools
import warnings
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

from ..tape.errors import InputError, TapeError
from ..tape.tensor import Tensor, open_tapes
from .emit import Diverged, own
from .names import name_values
from .passes import fold, prune
from .program import Program
from .signature import captured_by, difference, key_of, lift, map_outputs, output, settled
from .trace import Trace, build

MANY_TRACES = 8


class RetraceWarning(UserWarning):
    """A traced function is traced again and again, which costs more than it saves."""


class Function:
    """What `ntb.function` makes of a function."""

    def __init__(self, function: Callable[..., Any], max_traces: int = 64) -> None:
        functools.update_wrapper(self, function)
        self.function = function
        self.max_traces = max_traces
        self._programs: OrderedDict[Hashable, list[Program]] = OrderedDict()
        self._captured = captured_by(function)
        self._warned = False

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else functools.partial(self, instance)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if open_tapes.get():
            return self.function(*args, **kwargs)  # an open tape records operation by operation
        leaves, signature = self.signature(args, kwargs)
        programs = self._programs.get(signature)
        for program in programs or ():
            try:
                return program.replay(leaves)
            except Diverged:
                continue
        program, answer, _ = self._trace(args, kwargs, signature)
        self._store(signature, program)
        return answer

    def trace(self, *args: Any, **kwargs: Any) -> Program:
        """The program for these arguments. Traced if need be, with what the run did to variables undone."""
        if open_tapes.get():
            raise TapeError("a function cannot be traced while a tape is open")
        _, signature = self.signature(args, kwargs)
        program, _, trace = self._trace(args, kwargs, signature)
        trace.roll_back()
        return program

    @property
    def programs(self) -> list[Program]:
        """All programs that were traced, the most recently used last."""
        return [program for programs in self._programs.values() for program in programs]

    def signature(self, args: tuple, kwargs: dict) -> tuple[list[Any], Hashable]:
        """The values that are fed, and the key of the trace that fits them."""
        leaves: list[Any] = []
        key: tuple = (key_of(args, leaves), key_of(kwargs, leaves) if kwargs else None, self._captured())
        arrays = [id(leaf) for leaf in leaves]
        if len(set(arrays)) < len(arrays):
            key = (*key, tuple(map(arrays.index, arrays)))  # which arguments are the same array
        try:
            hash(key)
        except TypeError as error:
            raise InputError(
                f"a traced function cannot tell calls apart by an argument that has no hash ({error}); "
                "pass arrays, numbers, strings, lists, tuples, dicts or objects with an identity"
            ) from None
        return leaves, key

    def _trace(self, args: tuple, kwargs: dict, signature: Hashable) -> tuple[Program, Any, Trace]:
        trace = Trace(getattr(self.function, "__code__", None))
        inputs: list[tuple[str, Tensor]] = []
        names = self.function.__code__.co_varnames if hasattr(self.function, "__code__") else ()
        known: dict[int, Tensor] = {}
        lifted = [lift(a, names[i] if i < len(names) else f"x{i}", inputs, known) for i, a in enumerate(args)]
        lifted_kwargs = {name: lift(a, name, inputs, known) for name, a in kwargs.items()}
        try:
            with trace:
                outputs = self.function(*lifted, **lifted_kwargs)
            code, values = build(getattr(self.function, "__name__", "function"), trace, inputs, settled(outputs))
        except BaseException:
            trace.roll_back()
            raise
        name_values(code, self.function)
        code = prune(fold(code, values))
        program = Program(code, self, signature)
        return program, map_outputs(lambda t: output(own(t.value)), outputs), trace

    def _store(self, signature: Hashable, program: Program) -> None:
        self._programs.setdefault(signature, []).append(program)
        self._programs.move_to_end(signature)
        count = sum(map(len, self._programs.values()))
        if count > MANY_TRACES and not self._warned:
            self._warned = True
            warnings.warn(
                f"{getattr(self.function, '__name__', 'a function')} was traced {count} times: {self._why()}",
                RetraceWarning,
                stacklevel=3,
            )
        while count > self.max_traces:
            _, dropped = self._programs.popitem(last=False)
            count -= len(dropped)

    def _why(self) -> str:
        """What makes traces differ, for the warning."""
        keys = list(self._programs)
        if len(keys) == 1:
            return (
                "an `if` (or int()) on a traced value goes many different ways; use np.where, or keep the decision "
                "outside the traced function"
            )
        parts = [difference(a, b) for a, b in itertools.pairwise(keys[-3:])]
        return (
            f"calls differ in {' and '.join(dict.fromkeys(parts))}. Each shape, dtype, int, bool and string "
            "has a trace of its own: keep shapes equal (drop or pad the last batch), and numbers that vary as floats"
        )


def function(f: Callable[..., Any] | None = None, *, max_traces: int = 64) -> Any:
    """Trace a function on its first call, replay it on later ones.

    Args:
        f: a function of arrays, numbers and anything else. It may read and assign variables, open tapes and ask for
            gradients: a whole training step is one program.
        max_traces: how many traces are kept; the least recently used goes first.

    Returns:
        A callable with the same results, bit for bit: tensors for arrays. `.trace(*args)` gives the `Program`.

    Raises:
        ConversionError: inside, a traced value leaves for a plain number or array, which would freeze it.

    >>> import ntb
    >>> w = ntb.Variable(1.0, name="w")
    >>> @function
    ... def step(x):
    ...     with ntb.Tape() as tape:
    ...         loss = (w * x - 6.0) ** 2
    ...     w.assign_sub(0.1 * tape.gradient(loss, w))
    ...     return loss
    >>> [float(step(2.0).numpy()) for _ in range(3)]
    [16.0, 0.64, 0.0256]
    """
    if f is None:
        return functools.partial(function, max_traces=max_traces)
    return Function(f, max_traces)
