"""A step that is made many times: the part of a long computation that `scan` and `fixed_point` repeat.

To tapes the whole computation is one operation. Its step runs on tensors that no gradient tape sees. Inside a traced
function the step is traced once: it has a program of its own, which the operation replays as often as needed. So
neither a tape nor a program grows with the number of steps. Tensors and variables in the step's closure count as
arguments of the operation.
"""

from __future__ import annotations

import operator
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import ConvergenceError, TapeError
from ..tape.listener import listeners
from ..tape.operation import Derivative, Operation
from ..tape.rules import operation_of
from ..tape.tape import Tape
from ..tape.tensor import Tensor, wrap
from ..tape.value_id import ValueId
from ..variable import Variable
from .boundary import Boundary, Watchful, tensors_in
from .forward import ForwardTape, Repetition, tangent_of
from .structures import is_float, watched, zeros_of


def repetition(
    function: Callable[..., Any], rule: Callable[..., Any], push: Callable[..., Any], parameters: int
) -> Repetition:
    """An operation that repeats a step on arrays, the items of its second argument."""
    operation = Repetition(function, operation_of(function).call)
    options = parameters - 2
    operation.derivative = Derivative(
        (None, rule),
        names=("step", "parts", *["option"] * options),
        keep=(False, True, *[False] * options),
        keep_result=True,
    )
    operation.push = push
    return operation


class Step(Boundary):
    """A function from tensors to a list of tensors that is repeated on arrays.

    Attributes:
        function: what a step does.
        captured: the tensors that it depends on besides its arguments; they are fed after the arguments.
        on_arrays: the step as the operation repeats it.
    """

    serves_all_numbers = False
    """Whether it is being traced: all steps share one program, which may not decide by a number."""

    def __init__(self, function: Callable[..., list[Tensor]], name: str) -> None:
        super().__init__()
        self.function = function
        self.name = name
        self.captured: list[Tensor] = []
        self.on_arrays: _Repeated | None = _Repeated(name, self.run)

    def assign(self, variable: Variable, value: Any, new: Any) -> None:
        raise TapeError(
            f"the function given to {self.name} assigns a variable; return what changes from step to step as part of "
            "the carried state, and assign the last one afterwards"
        )

    def draw(self, generator: Any) -> Any:
        self.refuse_draws()

    def refuse_draws(self) -> None:
        raise TapeError(
            f"the function given to {self.name} draws random numbers; draw those of all steps before, and pass them "
            "as arguments"
        )

    # --- forwards

    def repeat(self, repetition: Operation, arrays: list[np.ndarray], *options: Any) -> tuple:
        """Run the operation that repeats this step, on these arrays and the captured tensors."""
        around = listeners.set((self,))
        before = pickle.dumps(np.random.get_state(legacy=False))
        try:
            value = repetition.call(self.on_arrays, [*arrays, *[x.value for x in self.captured]], *options)
        finally:
            listeners.reset(around)
        if pickle.dumps(np.random.get_state(legacy=False)) != before:
            self.refuse_draws()
        return value

    def record(self, repetition: Operation, xs: list[Tensor], value: tuple, *options: Any) -> Any:
        """The results as tensors, which depend on `xs` and on what is captured: one record on each tape."""
        if not self.captured:
            self.captured = list(self.inputs.values())
        on_arrays, self.on_arrays = self.on_arrays, None  # it refers to this step, which does not need it any more
        self.release()
        return _recorded(repetition, (on_arrays, [*xs, *self.captured], *options), value)

    def run(self, arrays: list[np.ndarray]) -> list[Tensor]:
        """Run the step, operation by operation."""
        self.constants = 0
        results = self.function(*map(Tensor, arrays))
        self.met.add(self.constants)
        for y in results:
            self.take(y)
        return results

    def prepare(self, *arrays: np.ndarray) -> None:
        """Trace the step, for arguments like these."""
        from ..replay.executable import Executable
        from ..replay.passes import lower, simplify
        from ..replay.simple import read
        from ..replay.trace import Trace, build

        trace = Trace(getattr(self.function, "__code__", None))
        given = [Tensor(x) for x in arrays]
        around = listeners.set((trace, self))
        self.serves_all_numbers = True
        try:
            outputs = self.function(*given)
        finally:
            self.serves_all_numbers = False
            listeners.reset(around)
        for y in outputs:
            self.take(y)
        if trace.created or any(note[4] == "guard" for note in trace.notes):
            raise TapeError(
                f"inside a traced function the function given to {self.name} cannot make variables or decide by the "
                "value of a tensor (`if`, `while`, int()), as all steps share one program; use np.where"
            )
        calls = [note for note in trace.notes if note[0] is not read]
        known = {id(x) for x in (*given, *tensors_in([note[3] for note in calls]))}
        used = tensors_in([[note[1:3] for note in calls], outputs])
        self.captured = list({id(x): x for x in used if id(x) not in known}.values())
        inputs = [(f"x{i}", x) for i, x in enumerate([*given, *self.captured])]
        code, values = build(self.name, trace, inputs, outputs)
        self.on_arrays = _Repeated(self.name, Executable(lower(simplify(code, values))).replay)
        for outer in self.traces:
            for variable in self.variables:
                outer.read(variable)

    # --- backwards

    def pull(self, xs: list[Any], gs: list[Any]) -> tuple[list[Any], list[Any]]:
        """From gradients of the results to gradients of the arguments `xs` and of the tracked captured tensors."""
        given: list[Any] = []

        def part(tape: Tape) -> list[Tensor]:
            given.extend(watched(tape, x) for x in xs)
            return self.function(*given)

        tape, results = self.run_again(part)
        seeds: dict = {}
        for y, g in zip(results, gs, strict=True):
            if g is not None and y.id is not None:
                seeds[y.id] = seeds[y.id] + g if y.id in seeds else g
        sources = [*given, *self.inputs.values()]
        found = tape.walk(seeds, [x.id for x in sources if is_float(x)])
        gradients = [found.get(x.id, zeros_of(x)) if is_float(x) else None for x in sources]
        return gradients[: len(xs)], gradients[len(xs) :]

    def push(self, xs: list[Any], tangents: list[Any], captured: dict[ValueId, Any]) -> list[Any]:
        """From tangents of the arguments `xs` and of the captured tensors to tangents of the results; None is zero."""
        tape = _PushedAgain()

        def part(tape: Any) -> list[Tensor]:
            tape.tangents.update(captured)
            given = [watched(tape, x) for x in xs]
            tape.tangents.update((x.id, t) for x, t in zip(given, tangents, strict=True) if t is not None)
            return self.function(*given)

        _, results = self.run_again(part, tape)
        return [tangent_of(y.id, tape.tangents) if is_float(y) and y.id else None for y in results]

    def gradients_of_captured(self, gradients: list[Any]) -> dict[int, Any]:
        """The gradients of the tracked captured tensors, by their position in `captured`."""
        places = {x.id: i for i, x in enumerate(self.captured)}
        return {places[x]: g for x, g in zip(self.inputs, gradients, strict=True)}


class _PushedAgain(Watchful, ForwardTape):
    """Pushes tangents through a step that runs again."""


def _recorded(operation: Operation, args: tuple, value: tuple) -> tuple:
    """The results of an operation as tensors; tells the open listeners of them."""
    results = wrap(value)
    for listener in listeners.get():
        listener.write(operation, args, {}, results)
    return results


class _Repeated:
    """A step on arrays: all that a program keeps of it."""

    def __init__(self, name: str, run: Callable[[list[np.ndarray]], list[Tensor]]) -> None:
        self.name = name
        self.run = run

    def __call__(self, *arrays: np.ndarray) -> list[np.ndarray]:
        """One step; the results lie in C order, so that each step meets the same layout as the first one."""
        return [np.asarray(y.value, order="C") for y in self.run(list(arrays))]

    def solve(self, x: list[np.ndarray], rest: list[np.ndarray], tolerance: float, most: int) -> list[np.ndarray]:
        """Repeat the step until it changes each array by no more than the tolerance times its largest element.

        An array that goes to 0 never gets there. It has arrived when it is as small, beside what it has been, as the
        square of the tolerance; or, if it is but a difference of rounded numbers, when changes as small as the
        tolerance grow no smaller.
        """
        seen = [_largest(a) for a in x]
        least, since = np.inf, 0
        for count in range(most):
            try:
                new = self(*x, *rest)
            except np.linalg.LinAlgError as error:
                raise singular(self.name, count + 1, error) from error
            changes = [_largest(a - b) for a, b in zip(new, x, strict=True)]
            change = max(changes)
            if not np.isfinite(change):
                raise ConvergenceError(f"{self.name} diverged: in step {count + 1} the values are no longer finite")
            sizes = [_largest(a) for a in new]
            seen = list(map(max, seen, sizes))
            bounds = [tolerance * max(size, tolerance * peak) for size, peak in zip(sizes, seen, strict=True)]
            least, since = (change, 0) if change < least else (least, since + 1)
            if all(map(operator.le, changes, bounds)) or (since > 10 and change <= tolerance * max(seen)):
                return new
            x = new
        raise ConvergenceError(
            f"{self.name} did not converge: step {most} still changed the values by {change:.3g}; start nearer to the "
            "solution, allow more steps=, or a larger tol=. x = f(x) converges for contractions; for others there is "
            "ntb.root"
        )

    def __repr__(self) -> str:
        return f"<the step of a {self.name}>"


def _largest(a: np.ndarray) -> float:
    return float(np.max(np.abs(a), initial=0.0))


def singular(name: str, step: int, error: Exception) -> ConvergenceError:
    return ConvergenceError(f"{name} met a singular matrix in step {step} ({error}); start from another point")
