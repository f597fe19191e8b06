"""A step that is made many times: the part of a long computation that `scan` and `fixed_point` repeat.

To tapes the whole computation is one operation. Its step runs on tensors that no gradient tape sees; inside a traced
function it is traced once, to a program of its own, which the operation replays as often as it is needed. So neither a
tape nor a program grows with the number of steps. What the step finds in its closure, tensors and variables, counts as
arguments of the operation.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import numpy as np

from ..tape.conversions import open_tapes
from ..tape.errors import ConvergenceError, TapeError
from ..tape.rules import Operation
from ..tape.tape import Tape
from ..tape.tensor import Tensor, recorded
from ..tape.token import Token
from ..tape.variable import Variable, read
from .boundary import Boundary, tensors_in
from .forward import ForwardTape, Repetition, tangent_of
from .structures import is_float, watched, zeros_of


def repetition(
    function: Callable[..., Any], rule: Callable[..., Any], push: Callable[..., Any], parameters: int
) -> Repetition:
    """An operation that repeats a step on arrays, the items of its second argument."""
    operation = Repetition(function)
    operation.names = ("step", "parts", *["option"] * (parameters - 2))
    operation.keep = (False, True, *[False] * (parameters - 2))
    operation.keep_result = True
    operation.rules, operation.push = (None, rule), push
    return operation


class Step(Boundary):
    """A function from tensors to a list of tensors that is repeated on arrays.

    Attributes:
        function: what a step does.
        captured: the tensors beside its arguments that it depends on; fed after these.
        on_arrays: the step as it is made.
    """

    def __init__(self, function: Callable[..., list[Tensor]], name: str) -> None:
        super().__init__()
        self.function = function
        self.name = name
        self.captured: list[Tensor] = []
        self.on_arrays: Repeated | None = Repeated(name, self.run)

    def will_assign(self, variable: Variable) -> None:
        raise TapeError(
            f"the function given to {self.name} assigns a variable; return what changes from step to step as part of "
            "the carried state, and assign the last one afterwards"
        )

    def will_draw(self, generator: Any) -> Any:
        self.refuse_draws()

    def refuse_draws(self) -> None:
        raise TapeError(
            f"the function given to {self.name} draws random numbers; draw those of all steps before, and pass them "
            "as arguments"
        )

    # --- forwards

    def repeat(self, repetition: Operation, arrays: list[np.ndarray], *options: Any) -> tuple:
        """The results of the operation that repeats this step on arrays, and of what is captured."""
        token = open_tapes.set((self,))
        before = pickle.dumps(np.random.get_state(legacy=False))
        try:
            value = repetition.call(self.on_arrays, [*arrays, *[x.value for x in self.captured]], *options)
        finally:
            open_tapes.reset(token)
        if pickle.dumps(np.random.get_state(legacy=False)) != before:
            self.refuse_draws()
        return value

    def record(self, repetition: Operation, xs: list[Tensor], value: tuple, *options: Any) -> Any:
        """The results as tensors, which depend on `xs` and on what is captured: one record on each tape."""
        if not self.captured:
            self.captured = list(self.inputs.values())
        on_arrays, self.on_arrays = self.on_arrays, None  # which refers to this, and is not needed any more
        self.release()
        return recorded(repetition, (on_arrays, [*xs, *self.captured], *options), {}, value)

    def run(self, arrays: list[np.ndarray]) -> list[Tensor]:
        """A step, operation by operation."""
        self.constants = 0
        results = self.function(*map(Tensor, arrays))
        for y in results:
            self.take(y)
        return results

    def prepare(self, *arrays: np.ndarray) -> None:
        """Trace the step, for arguments like these."""
        from ..replay.passes import simplify
        from ..replay.program import Program
        from ..replay.trace import Trace, build

        trace = Trace(getattr(self.function, "__code__", None))
        given = [Tensor(x) for x in arrays]
        token = open_tapes.set((trace, self))
        try:
            outputs = self.function(*given)
        finally:
            open_tapes.reset(token)
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
        self.on_arrays = Repeated(self.name, Program(simplify(code, values), None).replay)
        for outer in self.traces:
            outer.codes |= trace.codes
            for variable in self.variables:
                outer.see(variable)

    # --- backwards

    def pull(self, xs: list[Any], gs: list[Any]) -> tuple[list[Any], list[Any]]:
        """From gradients of the results to those of the arguments `xs`, and of what is captured and tracked."""
        given: list[Any] = []

        def part(tape: Tape) -> list[Tensor]:
            given.extend(watched(tape, x) for x in xs)
            return self.function(*given)

        tape, results = self.run_again(part)
        seeds: dict = {}
        for y, g in zip(results, gs, strict=True):
            if g is not None and y.token is not None:
                seeds[y.token] = seeds[y.token] + g if y.token in seeds else g
        sources = [*given, *self.inputs.values()]
        found = tape.walk(seeds, [x.token for x in sources if is_float(x)])
        gradients = [found.get(x.token, zeros_of(x)) if is_float(x) else None for x in sources]
        return gradients[: len(xs)], gradients[len(xs) :]

    def push(self, xs: list[Any], tangents: list[Any], captured: dict[Token, Any]) -> list[Any]:
        """From tangents of the arguments `xs`, and of what is captured, to those of the results; None is zero."""
        tape = ForwardTape()

        def part(tape: Any) -> list[Tensor]:
            tape.tangents.update(captured)
            given = [watched(tape, x) for x in xs]
            tape.tangents.update((x.token, t) for x, t in zip(given, tangents, strict=True) if t is not None)
            return self.function(*given)

        _, results = self.run_again(part, tape)
        return [tangent_of(y.token, tape.tangents) if is_float(y) and y.token else None for y in results]

    def gradients_of_captured(self, gradients: list[Any]) -> dict[int, Any]:
        """Gradients of what is captured and tracked, by the place among all that is captured."""
        places = {x.token: i for i, x in enumerate(self.captured)}
        return {places[token]: g for token, g in zip(self.inputs, gradients, strict=True)}


class Repeated:
    """A step on arrays: all that a program keeps of it."""

    def __init__(self, name: str, run: Callable[[list[np.ndarray]], list[Tensor]]) -> None:
        self.name = name
        self.run = run

    def __call__(self, *arrays: np.ndarray) -> list[np.ndarray]:
        """One step; the results lie in C order, whatever made them, so that each step meets what the first one met."""
        return [np.asarray(y.value, order="C") for y in self.run(list(arrays))]

    def solve(self, x: list[np.ndarray], rest: list[np.ndarray], tolerance: float, most: int) -> list[np.ndarray]:
        """Make steps until a step changes nothing any more."""
        change = np.inf
        for count in range(most):
            try:
                new = self(*x, *rest)
            except np.linalg.LinAlgError as error:
                raise singular(self.name, count + 1, error) from error
            change = max([float(np.max(np.abs(a - b), initial=0.0)) for a, b in zip(new, x, strict=True)])
            size = max([float(np.max(np.abs(a), initial=1.0)) for a in new])
            if not np.isfinite(change):
                raise ConvergenceError(f"{self.name} diverged: in step {count + 1} the values are no longer finite")
            if change <= tolerance * size:
                return new
            x = new
        raise ConvergenceError(
            f"{self.name} did not converge: step {most} still changed the values by {change:.3g}; start nearer to the "
            "solution, allow more steps=, or a larger tol=. x = f(x) converges for contractions; for others there is "
            "ntb.root"
        )

    def __repr__(self) -> str:
        return f"<the step of a {self.name}>"


def singular(name: str, step: int, error: Exception) -> ConvergenceError:
    return ConvergenceError(f"{name} met a singular matrix in step {step} ({error}); start from another point")
