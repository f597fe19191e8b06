"""Trace and replay in their simplest form, to be read first: a trace is a list of calls, a run is a loop over the list.

    >>> import ntb
    >>> w = ntb.Variable(1.0, name="w")
    >>> def step(x):
    ...     with ntb.Tape() as tape:
    ...         loss = np.square(w * x - 6.0)
    ...     w.assign_sub(0.1 * tape.gradient(loss, w))
    ...     return loss
    >>> program = trace(step, 2.0)
    >>> print(program)
    %1 = read(w)
    %2 = np.multiply(%1, %0)
    %3 = np.subtract(%2, 6.0)
    %4 = np.square(%3)
    %6 = np.multiply(%5, %3)
    %7 = np.multiply(%6, 2)
    %8 = np.multiply(%7, %0)
    %9 = np.multiply(0.1, %8)
    %10 = np.subtract(%1, %9)
    %11 = assign(w, %10)
    >>> [round(float(program(2.0)), 4) for _ in range(2)]
    [0.64, 0.0256]

`trace` runs the function once. Each operation tells the open listeners what it does, be it of the forward pass, the
backward walk or the update, and the listener `Trace` keeps it. Numbers stand for the values: %0 is what is fed, %5 a
constant, the one that backpropagation begins with. A run makes the same calls with other values: the tape, `for` and
`if`, layers and optimizers took part in making the list, are not in it, and cost nothing in a replay.

The other files of this room make the list shorter (`passes.py`), plan memory for it (`memory.py`), generate code from
it (`emit.py`), print it (`source.py`), and find out when it would not do what the function does (`function.py`). What
programs give with all of that is what they give here, bit for bit: `check` in tests/replay/parity.py compares them.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from ..errors import InputError
from ..messages import leaves_trace
from ..tape.listener import Listener
from ..tape.operation import Operation
from ..tape.tensor import Tensor
from ..tree import leaves, tree_map
from ..values.in_kind import to_arrays
from ..variable import Variable
from .code import Instruction, Ref, substitute
from .signature import lift, settled_outputs, signature_of


def trace(function: Callable[..., Any], *args: Any) -> Program:
    """Run a function, and keep what it does as a program. The run counts: what it assigns stays assigned.

    Arrays and floats among the arguments are fed; whatever else the function meets is constant in the program.
    """
    fed: list[tuple[str, Tensor]] = []  # with names, which are not needed here
    known: dict[int, Tensor] = {}
    tensors = [lift(x, "", fed, known) for x in args]
    with Trace() as kept:
        outputs = settled_outputs(function(*tensors))
    return Program(signature_of(args, {})[1], [tensor for _, tensor in fed], kept.notes, outputs)


class _Everything:
    """The ids of all values."""

    def __contains__(self, x: object) -> bool:
        return True


class Trace(Listener):
    """Keeps what a function does; `notes` has function, arguments, keywords, result and effect of each call."""

    replays = True
    tracked = _Everything()

    def __init__(self) -> None:
        self.notes: list[tuple] = []

    def note(self, function: Any, args: Any, kwargs: Any, result: Any, effect: str = "") -> None:
        """Keep a call. Generators call this when they draw."""
        self.notes.append((function, args, kwargs, result, effect))

    def write(self, operation: Operation, args: tuple, kwargs: dict, result: Any) -> None:
        self.note(operation.call, args, kwargs, result)
        if operation.traits.sized or (operation.function is operator.getitem and _has_mask(args[1])):
            first = result[0] if type(result) is tuple else result
            self.decide(np.shape, first, first.shape)  # the data decided the shape that all later calls count on

    def read(self, variable: Variable) -> None:
        self.note(read, (variable,), {}, variable.get())

    def assign(self, variable: Variable, value: Any, new: Any) -> None:
        self.note(assign, (variable, value), {}, new)

    def decide(self, kind: Any, tensor: Any, answer: Any) -> None:
        self.note(_decide, (kind, tensor), {}, answer, effect="guard")

    def leave(self, tensor: Any, how: str, on_purpose: bool = False) -> None:
        raise leaves_trace(how, on_purpose)


def read(variable: Variable) -> Any:
    """Stands in a list for the read of a variable."""
    return variable.get().value


def assign(variable: Variable, value: Any) -> Any:
    """Stands in a list for the assignment of a value to a variable."""
    variable.set(Tensor(np.array(value, order="C"), variable.id))
    return variable.get().value


def _decide(kind: Callable[[Any], Any], value: Any) -> Any:
    """Stands in a list for a decision of Python's control flow: `if` asks for `bool(value)`."""
    return kind(value)


class Program:
    """A list of calls on numbered values. The arguments that are arrays or floats are new in each run, others fixed."""

    def __init__(self, signature: Any, fed: list[Tensor], notes: list[tuple], outputs: Any) -> None:
        self._refs: dict[int, Ref] = {}  # the number of each value, by the `id()` of its tensor
        self.signature, self.constants = signature, dict[Ref, Any]()
        self.inputs = [self._new(tensor) for tensor in fed]
        self.calls = []
        for function, args, kwargs, result, effect in notes:
            if function is read and id(result) in self._refs:
                continue  # this content was read or assigned before
            args, kwargs = _numbered(args, self._known), _numbered(kwargs, self._known)
            self.calls.append(Instruction(function, args, kwargs, _numbered(result, self._new), effect=effect))
        self.outputs = _numbered(outputs, self._known)

    def _new(self, tensor: Tensor) -> Ref:
        return self._refs.setdefault(id(tensor), Ref(len(self._refs)))

    def _known(self, tensor: Tensor) -> Ref:
        if id(tensor) not in self._refs:  # no call made it: the function found it outside
            self.constants[self._new(tensor)] = tensor.value
        return self._refs[id(tensor)]

    def __call__(self, *args: Any) -> Any:
        fed, signature = signature_of(args, {})
        if signature != self.signature:
            raise InputError("the arguments have other shapes, dtypes or constants than in the trace; trace for these")
        values = self.constants | dict(zip(self.inputs, fed))
        for call, result in run(self.calls, values):
            if call.effect == "guard" and result != call.result:
                raise InputError(f"another branch: the trace met {call}, this run {result}; trace for these values")
        return to_arrays(substitute(self.outputs, lambda ref: Tensor(values[ref])))

    def __str__(self) -> str:
        return "\n".join(map(str, self.calls))


def run(calls: Iterable[Instruction], values: dict[Ref, Any]) -> Iterator[tuple[Instruction, Any]]:
    """Make all calls, and give each with its result. `values` has those that no call makes, and takes the others."""
    for call in calls:
        args, kwargs = substitute(call.args, values.__getitem__), substitute(call.kwargs, values.__getitem__)
        result = call.function(*args, **kwargs)
        values.update(zip(call.writes(), [result] if type(call.result) is Ref else leaves(result)))
        yield call, result


def _numbered(tree: Any, number: Callable[[Tensor], Ref]) -> Any:
    return tree_map(lambda x: number(x) if type(x) is Tensor else x, tree)


def _has_mask(index: Any) -> bool:
    """Whether an index has a mask that is computed."""
    return any(type(p) is Tensor and p.dtype.kind == "b" for p in (index if type(index) is tuple else (index,)))
