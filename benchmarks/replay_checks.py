"""What it costs that replays cannot be stale: `python -m benchmarks.replay_checks`.

Two training steps, the linear fit and a network of 200 layers, replayed with spot checks and without, by turns. Before
each replay all places are looked at that the program depends on; this is timed by itself.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import ntb
from ntb import nn

from .report import number_text, table_of


class Deep(nn.Module):
    """A chain of 200 linear layers with tanh."""

    def __init__(self, width: int) -> None:
        rng = ntb.random.generator(0)
        self.layers = [nn.Linear(width, width, rng=rng, dtype=np.float64) for _ in range(200)]

    def __call__(self, x: Any, train: bool = False) -> Any:
        for layer in self.layers:
            x = np.tanh(layer(x))
        return x


def linear_fit(check: str) -> Callable[[], Any]:
    """The step of a line fitted to 100 points."""
    x = np.random.default_rng(0).normal(size=100)
    a, b = ntb.Variable(0.0), ntb.Variable(0.0)
    return step_of(lambda x: a * x + b, [a, b], x, 3 * x + 1, check)


def deep(check: str) -> Callable[[], Any]:
    """The step of a network of 200 layers of width 16, on 32 examples."""
    model, x = Deep(16), np.random.default_rng(0).normal(size=(32, 16))
    return step_of(model, model.trainable_variables(), x, x, check)


def step_of(model: Any, parameters: Any, x: Any, y: Any, check: str) -> Callable[[], Any]:
    """A traced training step on these data."""
    optimizer = ntb.optim.SGD(0.01)

    def step(x: Any, y: Any) -> Any:
        with ntb.Tape() as tape:
            loss = np.mean((model(x) - y) ** 2)
        optimizer.apply(tape.gradient(loss, parameters), parameters)
        return loss

    traced = ntb.function(step, check=check)
    run = lambda: traced(x, y)
    run.traced = traced  # type: ignore[attr-defined]
    return run


def microseconds(step: Callable[[], Any], count: int) -> float:
    began = time.perf_counter()
    for _ in range(count):
        step()
    return (time.perf_counter() - began) / count * 1e6


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.replay_checks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=15, help="how often each is measured (default: 15)")
    options = parser.parse_args()
    rows = []
    for title, make, count in (("linear fit", linear_fit, 4000), ("200 layers", deep, 1000)):
        steps = {check: make(check) for check in ("never", "sometimes")}
        for step in steps.values():
            microseconds(step, 1100)  # the first checks come close together
        times: dict[str, list[float]] = {check: [] for check in steps}
        for _ in range(options.rounds):
            for check, step in steps.items():
                times[check].append(microseconds(step, count))
        dependencies = steps["never"].traced.programs[0].dependencies  # type: ignore[attr-defined]
        look = statistics.median(microseconds(dependencies.unchanged, 1000) for _ in range(options.rounds))
        without = statistics.median(times["never"])
        ratio = statistics.median(b / a for a, b in zip(times["never"], times["sometimes"]))
        cells = [without, ratio, len(dependencies.findings), look, look / without]
        rows.append([title, *map(number_text, cells)])
    print(table_of(["step", "µs without checks", "with checks, times", "places", "µs to look", "share"], rows))


if __name__ == "__main__":
    main()
