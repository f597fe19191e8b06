"""The lines that two states of the tree are compared in: what an eager operation costs, forward and backward.

`python -m benchmarks.state_lines` measures on request, `tanh 0.02` for the line `tanh` and 0.02 seconds of it, and
prints the median. It is the time that the thread computes, which other work on the machine disturbs less than the time
that passes.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

import ntb

from . import workloads
from .problem import Step
from .states import serve
from .with_ntb import eagerly

LENGTH = 200
"""How many operations are recorded on a tape."""


@dataclass(frozen=True)
class Line:
    """Something to measure.

    Attributes:
        title: what it is: for operations their code, in which `x`, `c` are 4 numbers and `y` is what the operation
            before has made of `x`.
        make: from the title to the step that is timed.
        units: how many operations are in a step.
        unit: that times are shown in.
    """

    title: str
    make: Callable[[str], Step]
    units: int = LENGTH
    unit: str = "µs"


def surroundings() -> dict[str, Any]:
    """What the code of an operation may name besides x and y."""
    return {"np": np, "c": np.array([0.4, 0.3, 0.2, 0.1]), "variable": ntb.Variable(numbers())}


def numbers() -> np.ndarray:
    """Numbers whose 200th powers are far from the ends of float64."""
    return np.array([0.7, 0.9, 1.1, 1.3])


def forward(code: str) -> Step:
    """An operation on a watched operand, again and again; its results live as long as the tape."""
    operations = eval(f"lambda x: [{code} for _ in range({LENGTH})]", surroundings())
    start = numbers()

    def step() -> None:
        with ntb.Tape(persistent=True) as tape:
            operations(tape.watch(start))

    return step


def backward(code: str) -> Step:
    """The gradient of a chain of an operation."""
    operation = eval(f"lambda x, y: {code}", surroundings())
    with ntb.Tape(persistent=True) as tape:
        x = y = tape.watch(numbers())
        for _ in range(LENGTH):
            y = operation(x, y)
        total = np.sum(y)
    return lambda: tape.gradient(total, x)


def workload(title: str) -> Step:
    """A training step of a workload, eagerly."""
    module = workloads.load(title.split()[0])
    return module.with_ntb(module.problem("float32", keep=getattr(module, "KEEP", 1.0)), eagerly)


def replayed(title: str) -> Step:
    """Replays of a workload's training step."""
    module = workloads.load(title.split()[0])
    one = module.with_ntb(module.problem("float64"), ntb.function)
    return lambda: [one() for _ in range(LENGTH)]


FORWARD = {
    "multiply": "x * x",
    "add": "x + c",
    "scale": "x * 1.5",
    "np-multiply": "np.multiply(x, x)",
    "np-add": "np.add(x, c)",
    "tanh": "np.tanh(x)",
    "exp": "np.exp(x)",
    "negative": "-x",
    "item": "x[0]",
    "sum": "np.sum(x)",
    "sum-axis": "np.sum(x, axis=0)",
    "maximum": "np.maximum(x, 0.0)",
    "reshape": "np.reshape(x, (2, 2))",
    "variable-multiply": "variable * x",
    "variable-tanh": "np.tanh(variable)",
}
BACKWARD = {
    "scale-back": "y * 1.0001",
    "add-back": "y + x",
    "multiply-back": "y * x",
    "tanh-back": "np.tanh(y)",
    "negative-back": "-y",
    "add-array-back": "y + c",
    "exp-back": "np.exp(-y)",
    "item-back": "y[::-1]",
    "sum-back": "np.sum(y) * x",
}
LINES = {
    **{name: Line(code, forward) for name, code in FORWARD.items()},
    **{name: Line(code, backward) for name, code in BACKWARD.items()},
    "W3": Line("W3 convnet, an eager step", workload, 1, "ms"),
    "W5": Line("W5 text, an eager step", workload, 1, "ms"),
    "W6": Line("W6 chain, an operation", workload, 1000),
    "W10": Line("W10 MLP, an eager step", workload, 1, "ms"),
    "W1-replay": Line("W1 linear fit, a replayed step", replayed),
}


@cache
def step_of(name: str) -> Step:
    return LINES[name].make(LINES[name].title)


def time_of(step: Step, seconds: float) -> float:
    """Seconds of a step: the median over so many seconds, of three steps at least, without the garbage collector."""
    step()
    found: list[float] = []
    gc.collect()
    gc.disable()
    try:
        end = time.perf_counter() + seconds
        while len(found) < 3 or time.perf_counter() < end:
            began = time.thread_time()
            step()
            found.append(time.thread_time() - began)
    finally:
        gc.enable()
    return statistics.median(found)


def answer(request: str) -> dict[str, Any]:
    """The time of a line per operation or step, in its unit."""
    name, seconds = request.split()
    line = LINES[name]
    return {"time": time_of(step_of(name), float(seconds)) / line.units * {"µs": 1e6, "ms": 1e3}[line.unit]}


if __name__ == "__main__":
    gc.freeze()  # the modules, which no collection need look at
    serve(answer)
