"""A step that is made many times: the part of a long computation that `scan` and `fixed_point` repeat.

To tapes the whole computation is one operation. Its step runs on tensors that no gradient tape sees; inside a traced
function it is traced once, to a program of its own, which the operation replays as often as it is needed. So neither a
tape nor a program grows with the number of steps. What the step finds in its closure, tensors and variables, counts as
arguments of the operation.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from typing import Any

import numpy as np

from ..tape.conversions import open_tapes
from ..tape.errors import ConvergenceError, TapeError
from ..tape.tape import Tape
from ..tape.tensor import Tensor, value_of
from ..tape.variable import Variable
from .boundary import Boundary, tensors_in
from .structures import is_float, watched, zeros


class Step(Boundary):
    """A function from tensors to a list of tensors, as one from arrays to arrays.

    Attributes:
        function: what a step does.
        captured: the tensors beside its arguments that it depends on; fed after these where it is a program.
        program: what it was traced to, inside a traced function.
    """

    def __init__(self, function: Callable[..., list[Tensor]], name: str) -> None:
        super().__init__()
        self.function = function
        self.name = name
        self.captured: list[Tensor] = []
        self.program: Any = None

    def will_assign(self, variable: Variable) -> None:
        raise TapeError(
            f"the function given to {self.name} assigns a variable; return what changes from step to step as part of "
            "the carried state, and assign the last one afterwards"
        )

    def will_draw(self, generator: Any) -> Any:
        raise TapeError(
            f"the function given to {self.name} draws random numbers; draw those of all steps before, and pass them "
            "as arguments"
        )

    # --- forwards

    @contextmanager
    def around(self) -> Any:
        """The block in which steps are made on arrays, and which no other tape sees."""
        token = open_tapes.set((self,))
        try:
            yield
        finally:
            open_tapes.reset(token)

    def prepare(self, *arrays: np.ndarray) -> None:
        """Trace the step, for arguments like these, if it is part of a traced function."""
        from ..replay.passes import simplify
        from ..replay.program import Program
        from ..replay.trace import Trace, build
        from ..tape.variable import read

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
        known = {id(x) for x in given}
        known |= {id(x) for note in trace.notes if note[0] is not read for x in tensors_in(note[3])}
        known |= {id(x) for _, x in trace._constants.values()}
        used = tensors_in([[note[1:3] for note in trace.notes if note[0] is not read], outputs])
        self.captured = list({id(x): x for x in used if id(x) not in known}.values())
        inputs = [(f"x{i}", x) for i, x in enumerate([*given, *self.captured])]
        code, values = build(self.name, trace, inputs, outputs)
        self.program = Program(simplify(code, values), None)
        for outer in self.traces:
            outer.codes |= trace.codes
            for variable in self.variables:
                outer.see(variable)

    def __call__(self, *arrays: np.ndarray) -> list[np.ndarray]:
        """One step, or in a traced function its replay; the results lie in C order, whatever made them."""
        if self.program is None:
            results = self.function(*[Tensor(x) for x in arrays[: len(arrays) - len(self.captured)]])
            for y in results:
                self.take(y)
        else:
            results = self.program.replay(list(arrays))
        return [np.asarray(value_of(y), order="C") for y in results]

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
        wanted = [x for x in (*given, *self.inputs.values()) if is_float(x)]
        found = tape.walk(seeds, [x.token for x in wanted])
        gradients = [found.get(x.token, zeros(x)) if is_float(x) else None for x in (*given, *self.inputs.values())]
        return gradients[: len(xs)], gradients[len(xs) :]

    def solve(self, x: list[np.ndarray], captured: list[np.ndarray], tolerance: float, most: int) -> list[np.ndarray]:
        """Make steps until a step changes nothing any more."""
        change = np.inf
        for count in range(most):
            try:
                new = self(*x, *captured)
            except np.linalg.LinAlgError as error:
                raise ConvergenceError(f"{self.name} met a singular matrix in step {count}: {error}") from error
            change = max([float(np.max(np.abs(a - b), initial=0.0)) for a, b in zip(new, x, strict=True)], default=0.0)
            size = max([float(np.max(np.abs(a), initial=1.0)) for a in new], default=1.0)
            if not np.isfinite(change):
                raise ConvergenceError(f"{self.name} diverged: after {count + 1} steps the values are no longer finite")
            x = new
            if change <= tolerance * size:
                return x
        raise ConvergenceError(
            f"{self.name} did not converge: step {most} still changed the values by {change:.3g}; start nearer to the "
            "solution, allow more steps=, or a larger tol=; an iteration x = f(x) needs a contraction, for others use "
            "ntb.root"
        )


def made_ready(step: Step, *arrays: np.ndarray) -> None:
    """Trace the step if a trace is open."""
    if step.traces:
        step.prepare(*arrays)
