"""How the time of tracing, replaying and running eagerly grows with a graph's length, the batch and the layers' width.

`python -m benchmarks growth`
"""

from __future__ import annotations

import gc
import json
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

import ntb

from .measure import no_wait, samples
from .problem import Draw, Problem, Step
from .report import number_text, table_of
from .with_ntb import eagerly, trainer
from .workloads import w10_mlp

Make = Callable[[Callable[..., Any]], Step]

LENGTHS = (10, 100, 1_000, 10_000, 100_000)
BATCHES = (1, 4, 16, 64, 256, 1024, 4096)
WIDTHS = (8, 32, 128, 512, 2048)


def chain(length: int) -> Make:
    """The gradient of so many operations, one after the other, on 8 numbers."""

    def make(function: Callable[..., Any]) -> Step:
        w = ntb.Variable(np.full(8, 0.9))
        x = np.linspace(-1.0, 1.0, 8)

        @function
        def step(x):
            with ntb.Tape() as tape:
                for _ in range(length // 3):
                    x = np.tanh(x * w) + 0.1
                total = np.sum(x)
            return tape.gradient(total, w)

        return lambda: step(x)

    return make


def network(batch: int, width: int) -> Make:
    """A step of gradient descent for a network width-width-width-10 with relu."""
    draw = Draw("float32")
    sizes = [(width, width), (width, width), (width, 10)]
    parameters: dict[str, np.ndarray] = {}
    for i, (inputs, outputs) in enumerate(sizes):
        parameters |= {f"w{i}": draw.dense(inputs, outputs), f"b{i}": draw.zeros(outputs)}
    problem = Problem(parameters, (draw.uniform(batch, width), draw.labels(10, batch)))

    def make(function: Callable[..., Any]) -> Step:
        layers = [ntb.nn.Linear(inputs, outputs) for inputs, outputs in sizes]
        model = ntb.nn.Sequential(layers[0], ntb.nn.relu, layers[1], ntb.nn.relu, layers[2])
        for variable, value in zip(model.trainable_variables(), parameters.values()):
            variable.assign(value)
        optimizer = ntb.optim.SGD(lr=w10_mlp.OPTIMIZER[1])
        loss = lambda x, y: ntb.nn.cross_entropy(model(x), y)
        return trainer(function, loss, model.trainable_variables(), optimizer, problem)

    return make


def timed(make: Make, seconds: float) -> dict[str, float]:
    """Milliseconds of tracing (the first call), of a replayed and of an eager step."""
    eager = make(eagerly)
    eager()
    traced = make(ntb.function)
    gc.collect()  # what was measured before, lest it be freed while this is traced
    began = time.perf_counter()
    traced()
    trace = 1e3 * (time.perf_counter() - began)
    times = {
        name: statistics.median(samples(f, no_wait, seconds)) for name, f in (("eager", eager), ("replay", traced))
    }
    return {"trace": trace, **times}


def measure(report: Callable[[str], None], seconds: float = 0.3) -> dict[str, list[dict[str, float]]]:
    """The three series, by what grows."""

    def rows(title: str, sizes: Sequence[int], make: Callable[[int], Make]) -> Iterator[dict[str, float]]:
        for size in sizes:
            row = timed(make(size), seconds)
            report(f"{title} {size}: " + ", ".join(f"{name} {number_text(ms)} ms" for name, ms in row.items()))
            yield {"size": size, **row}

    return {
        "operations": list(rows("operations", LENGTHS, chain)),
        "batch size": list(rows("batch size", BATCHES, lambda batch: network(batch, 128))),
        "layer width": list(rows("layer width", WIDTHS, lambda width: network(128, width))),
    }


def table(series: dict[str, list[dict[str, float]]]) -> str:
    """The series as a table in Markdown."""
    rows = [
        [title, f"{row['size']:,}", *[number_text(row[name]) for name in ("trace", "eager", "replay")]]
        for title, found in series.items()
        for row in found
    ]
    return table_of(["what grows", "size", "trace, ms", "eager, ms", "replay, ms"], rows)


def ready(operations: int = 10_000) -> float:
    """Seconds until a program of so many operations is ready: those of the first call, which also runs once."""
    length, found = operations, 0
    while not operations <= found <= 1.2 * operations:
        seconds, found = first_call(length)
        length = int(1.05 * length * operations / found)
    return seconds


def first_call(length: int) -> tuple[float, int]:
    """Seconds of the first call of a chain, and the number of operations in its program."""
    functions: list[ntb.Function] = []

    def traced(f: Callable[..., Any]) -> ntb.Function:
        functions.append(ntb.function(f))
        return functions[0]

    step = chain(length)(traced)
    began = time.perf_counter()
    step()
    return time.perf_counter() - began, functions[0].programs[0].stats["operations"]


if __name__ == "__main__":
    print(json.dumps({"ready": ready()}))
