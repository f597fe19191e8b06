"""How long building blocks take beside PyTorch's: forward, and backward to inputs and parameters.

`python -m benchmarks blocks`. Each library has a process that answers for all blocks; they are asked by turns.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from collections.abc import Callable
from typing import Any

from .libraries import cores, installed, limit_threads

LIMIT = 1.5
"""How many times PyTorch's time a block may take."""


def ours(name: str, longest: int | None = None) -> Callable[[], Any]:
    """A step of a block of ntb's, replayed, with the shape of its result."""
    import numpy as np

    import ntb

    from .blocks import BLOCKS, OPTIMIZERS, arrays_of

    if name in OPTIMIZERS:
        line = OPTIMIZERS[name]
        optimizer, arrays = line.ours(), arrays_of(line.arrays, longest)
        variables = [ntb.Variable(x) for x in arrays]
        update = ntb.function(lambda gradients: optimizer.apply(gradients, variables))
        given = [ntb.tensor(x) for x in arrays]
        return lambda: update(given)
    line = BLOCKS[name]
    f, arrays = line.ours(), arrays_of(line.arrays, longest)
    parameters = f.trainable_variables() if isinstance(f, ntb.nn.Module) else []
    options = {"train": True} if isinstance(f, ntb.nn.Module) else {}
    inputs = [ntb.Variable(x) if by else ntb.tensor(x) for x, by in zip(arrays, differentiated(line.arrays))]
    by = [x for x in inputs if isinstance(x, ntb.Variable)] + list(parameters)
    shape = first(f(*inputs, **options)).shape
    weights = ntb.tensor(weights_of(shape))

    @ntb.function
    def step():
        with ntb.Tape() as tape:
            y = first(f(*inputs, **options))
            loss = np.sum(y * weights) if shape else y
        return loss, tape.gradient(loss, by)

    step.shape = shape
    return step


def theirs(name: str, longest: int | None = None) -> Callable[[], Any]:
    """The same step in PyTorch."""
    import torch

    from .blocks import BLOCKS, OPTIMIZERS, arrays_of

    if name in OPTIMIZERS:
        line = OPTIMIZERS[name]
        parameters = [torch.from_numpy(x.copy()).requires_grad_() for x in arrays_of(line.arrays, longest)]
        for p in parameters:
            p.grad = p.detach().clone()
        return line.theirs(torch)(parameters).step
    line = BLOCKS[name]
    f, arrays = line.theirs(torch), arrays_of(line.arrays, longest)
    inputs = [torch.from_numpy(x).requires_grad_(by) for x, by in zip(arrays, differentiated(line.arrays))]
    by = [x for x in inputs if x.requires_grad] + (list(f.parameters()) if isinstance(f, torch.nn.Module) else [])
    shape = tuple(first(f(*inputs)).shape)
    weights = torch.from_numpy(weights_of(shape))

    def step():
        y = first(f(*inputs))
        loss = (y * weights).sum() if shape else y
        return loss, torch.autograd.grad(loss, by)

    step.shape = shape
    return step


def differentiated(arrays: str) -> list[bool]:
    """Which of a line's arrays gradients are asked for."""
    return [word.startswith("f:") for word in arrays.split()]


def first(result: Any) -> Any:
    """The result, or the first of several, such as the outputs of a recurrent layer."""
    return result[0] if isinstance(result, tuple | list) else result


def weights_of(shape: tuple[int, ...]) -> Any:
    """What the elements of a result are summed with."""
    import numpy as np

    return np.random.default_rng(1).normal(size=shape).astype(np.float32)


MAKERS = {"ntb": ours, "torch": theirs}


def serve(library: str) -> None:
    """Answer requests, one a line, "seconds name": the milliseconds of a step, which is made at the first."""
    from .measure import no_wait, samples

    steps: dict[str, Callable[[], Any]] = {}
    for line in sys.stdin:
        seconds, _, name = line.strip().partition(" ")
        answer: dict[str, Any] = {}
        try:
            if name not in steps:
                steps.clear()
                steps[name] = MAKERS[library](name)
                answer["shape"] = getattr(steps[name], "shape", None)
            answer["ms"] = statistics.median(samples(steps[name], no_wait, float(seconds)))
        except Exception as error:  # told as the reason why there is no time
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


def measure(names: list[str], threads: int, rounds: int, seconds: float, report: Callable[[str], None]) -> list[dict]:
    """Each block by both libraries, by turns."""
    import os

    from .runner import Failure, Process

    environment = {**os.environ, "NTB_COMPILE": "now"}  # so that loops are there before anything is measured
    libraries = [library for library in MAKERS if library == "ntb" or installed(library)]
    processes = {
        library: Process([library, "--threads", str(threads)], 120.0, "compare_blocks", env=environment)
        for library in libraries
    }
    found = []
    try:
        for number, name in enumerate(names, start=1):
            row: dict[str, Any] = {"block": name}
            times: dict[str, list[float]] = {library: [] for library in libraries}
            for turn in range(rounds):
                for library in libraries[turn % 2 :] + libraries[: turn % 2]:
                    try:
                        answer = processes[library].ask(f"{seconds} {name}")
                    except Failure as failure:
                        answer = {"error": str(failure)}
                    if "error" in answer:
                        row[f"{library} error"] = answer["error"]
                    else:
                        times[library].append(answer["ms"])
            row |= {library: statistics.median(ms) for library, ms in times.items() if ms}
            found.append(row)
            report(f"[{number}/{len(names)}] {name}: " + ", ".join(f"{k} {v}" for k, v in row.items() if k != "block"))
    finally:
        for process in processes.values():
            process.end()
    return found


def table(rows: list[dict]) -> str:
    """The times in milliseconds and their ratios; below, why some are above the goal."""
    from .blocks import BLOCKS, OPTIMIZERS
    from .reasons import reason
    from .report import number_text, table_of

    lines, notes = [], []
    for row in rows:
        name = row["block"]
        texts = [
            number_text(row[library]) if library in row else row.get(f"{library} error", "–") for library in MAKERS
        ]
        ratio = row["ntb"] / row["torch"] if "ntb" in row and "torch" in row else None
        met = "" if ratio is None else "met" if ratio <= LIMIT else "**not met**"
        if met == "**not met**":
            notes += [f"- {name}: {why}." for why in [reason("block", name)] if why]
        arrays = (BLOCKS.get(name) or OPTIMIZERS[name]).arrays
        lines.append([name, arrays.replace(",", "x"), *texts, "" if ratio is None else f"{ratio:.2f}", met])
    head = ["block", "arrays", "ntb, ms", "PyTorch, ms", "ratio", f"at most {LIMIT:g}"]
    return "\n".join([table_of(head, lines), "", *notes]).strip()


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.compare_blocks", description=__doc__)
    parser.add_argument("library", choices=MAKERS)
    parser.add_argument("--threads", type=int, default=cores(), help="(default: the cores there are)")
    options = parser.parse_args(arguments)
    limit_threads(options.threads)
    serve(options.library)


if __name__ == "__main__":
    main()
