"""Random programs: gradients against differences, replays against eager runs, ntb.compat's graphs against eager blocks.

Hypothesis makes the programs, in blocks that begin from a seed of their own; two processes share the blocks. A block
stops at its first wrong answer, which is told with what was drawn; `python -m reliability.programs gradients 17`
repeats block 17 of a check.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import re
import sys
import traceback
from collections import Counter
from collections.abc import Callable
from typing import Any

import hypothesis
import numpy as np
from hypothesis import strategies as st

import ntb
from ntb.check import GradientCheckError
from ntb.functions import name_of
from tests.compat.graphs import compare
from tests.replay.parity import check
from tests.replay.programs import real_parts, sampled, sampled_step, training_step

from .models import random_model

BLOCK = 200
PROCESSES = 2
FINER = "with finer steps"
Draw = Callable[[Any], Any]


# --- the checks: each draws a program, tries it, and names the operations and blocks that took part


def gradients(draw: Draw) -> list[str]:
    """The gradient checker on a chain of sampled operations: each moves the arguments of the next a little."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    chosen, shapes = sampled(draw)
    arguments = [sample.arrays(rng, sizes) for sample, sizes in zip(chosen, shapes, strict=True)]
    slopes = [[directions(rng, x) for x in xs] for xs in arguments]

    def program(t: Any) -> Any:
        total: Any = 0.0
        for sample, xs, vs in zip(chosen, arguments, slopes, strict=True):
            moved = 0.02 * np.tanh(total)
            for part in real_parts(sample.call(*[x + (t * v + moved) for x, v in zip(xs, vs, strict=True)])):
                total = total + np.sum(np.arcsinh(part))
        return total

    kinds = checked(draw, program, min(sample.order for sample in chosen))
    return [*kinds, *[name_of(sample.operation) for sample in chosen]]


def models(draw: Draw) -> list[str]:
    """The gradient checker on a random network, with respect to its input and all of its parameters."""
    model, arrays, blocks = random_model(draw)
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    slopes = [directions(rng, x) for x in arrays]
    kinds = checked(draw, lambda t: model(*[x + t * v for x, v in zip(arrays, slopes, strict=True)]))
    return [*kinds, *blocks]


def directions(rng: np.random.Generator, x: np.ndarray) -> Any:
    """Where an array moves to. One number moves all arrays: eight differences check every element."""
    v = rng.uniform(-1, 1, x.shape)
    return v + 1j * rng.uniform(-1, 1, x.shape) if x.dtype.kind == "c" else v


def checked(draw: Draw, program: Callable[[Any], Any], highest: int = 2) -> list[str]:
    order = min(highest, draw(st.sampled_from([1, 1, 1, 2])))
    mode = draw(st.sampled_from(["rev", "fwd"] if highest > 1 else ["rev"]))  # forward mode needs the second derivative
    with np.errstate(all="ignore"):
        try:
            ntb.check_gradients(program, 0.0, order=order, modes=[mode])
        except GradientCheckError:  # too steep, or near a kink; a wrong rule stays wrong
            ntb.check_gradients(lambda t: program(t * 0.01) * 100, 0.0, order=order, modes=[mode])
            return [f"order {order}, {mode}", FINER]
    return [f"order {order}, {mode}"]


def operations(draw: Draw) -> list[str]:
    """Replays of sampled operations, their gradient and an update."""
    return replayed(draw, sampled_step(draw, calls=2))


def training(draw: Draw) -> list[str]:
    """Replays of training steps with draws, views and several variables."""
    return replayed(draw, training_step(draw, calls=2))


def replayed(draw: Draw, program: tuple) -> list[str]:
    sources = draw(st.sampled_from([False, False, True]))
    with np.errstate(all="ignore"):
        check(*program, sources=sources)
    return ["printed source run"] * sources


def graphs(draw: Draw) -> list[str]:
    """Runs of a graph, with feeds of nodes in the middle, gradients of gradients and optimizers."""
    compare(draw)
    return []


CHECKS = {gradients: 70_000, models: 16_000, operations: 8_000, training: 3_000, graphs: 10_000}
"""How many programs each is tried on; about one of 25 has been made before, and is not counted."""


# --- running them


def run_block(check: Callable[[Draw], list[str]], number: int, size: int = BLOCK) -> tuple[set, Counter, str]:
    """Try the programs of a block: a digest of each, how often what took part, and what went wrong."""
    programs: set[bytes] = set()
    parts: Counter = Counter()

    def one(data: st.DataObject) -> None:
        drawn: list[str] = []

        def draw(strategy: Any) -> Any:
            drawn.append(repr(value := data.draw(strategy)))
            return value

        took_part = check(draw)
        programs.add(hashlib.blake2b(re.sub("0x[0-9a-f]+", "", "".join(drawn)).encode(), digest_size=8).digest())
        parts.update(took_part)

    settings = hypothesis.settings(
        max_examples=size, database=None, deadline=None, phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )  # fmt: skip
    try:
        hypothesis.seed(number)(settings(hypothesis.given(st.data())(one)))()
    except Exception as error:
        return programs, parts, "".join(traceback.format_exception(error))
    return programs, parts, ""


def task(job: tuple) -> tuple:
    return job, run_block(*job)


def measure(scale: float, say: Callable[[str], None]) -> dict[str, Any]:
    jobs = [
        (check, number, min(BLOCK, round(count * scale) - at))
        for check, count in CHECKS.items()
        for number, at in enumerate(range(0, round(count * scale), BLOCK))
    ]
    jobs.sort(key=lambda job: job[1] / CHECKS[job[0]])  # all checks from the beginning on
    programs: dict[Any, set] = {check: set() for check in CHECKS}
    parts: dict[Any, Counter] = {check: Counter() for check in CHECKS}
    wrong = 0
    with multiprocessing.get_context("spawn").Pool(PROCESSES) as pool:
        for done, ((check, number, _), (tried, took_part, error)) in enumerate(pool.imap_unordered(task, jobs), 1):
            programs[check] |= tried
            parts[check] += took_part
            if error:
                wrong += 1
                say(f"{check.__name__} {number}: {error}")
            if done % 20 == 0:
                say(f"{done} of {len(jobs)} blocks, {sum(map(len, programs.values())):,} programs")
    figures: dict[str, Any] = {f"programs: {check.__name__}": len(tried) for check, tried in programs.items()}
    figures["programs, all different"] = sum(map(len, programs.values()))
    both = parts[gradients] + parts[models]
    figures["checked at order 2"] = sum(n for part, n in both.items() if part.startswith("order 2"))
    figures["checked in forward mode"] = sum(n for part, n in both.items() if part.endswith("fwd"))
    figures["checked with finer steps"] = both[FINER]
    figures["operations in gradient checks"] = sum(not part.startswith(("order", FINER)) for part in parts[gradients])
    figures["building blocks and losses in models"] = sum(
        not part.startswith(("order", FINER)) for part in parts[models]
    )
    figures["printed sources run"] = sum(counter["printed source run"] for counter in parts.values())
    if wrong:
        raise AssertionError(f"{wrong} of {len(jobs)} blocks met a wrong answer, told above; otherwise {figures}")
    return figures


if __name__ == "__main__":
    sys.exit(run_block(globals()[sys.argv[1]], int(sys.argv[2]))[2])
