"""Memory: 100,000 steps of training with the garbage collector off, and what is very long, made and let go.

Everything must be freed by reference counting alone, so resident memory and the number of objects stay flat. The long
things are made in a thread with a small stack and under a low limit of recursion, where a walk that recurses, or a
chain of objects that is freed link by link, would overflow.
"""

from __future__ import annotations

import gc
import os
import sys
import threading
import time
import tracemalloc
import warnings
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

import ntb
import ntb.compat as graphs
from ntb import nn

from .trainers import Graph, Mlp, Trainer

STEPS, SAMPLES, RECORDS, NODES = 100_000, 100, 1_000_000, 100_000
FLAT, OBJECTS = 1_000_000, 100  # bytes and objects by which the last nine tenths may differ
STATM = Path("/proc/self/statm")
PICTURE = Path(__file__).parent.parent / "docs" / "memory.png"
STACK, DEPTH = 512 * 1024, 100  # of the thread that makes long things

Say = Callable[[str], None]


def measure(scale: float, say: Say) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    steps, curves = max(int(STEPS * scale), 10 * SAMPLES), {}
    for style in ("eager", "replayed", "graph"):
        began = time.perf_counter()
        memory, objects = train(style, steps)
        grown, more = spread(memory), spread(objects)
        say(f"{style}: {steps:,} steps in {time.perf_counter() - began:.0f} s")
        figures |= {f"{style}: steps": steps, f"{style}: objects": more}
        if STATM.exists():
            figures |= {
                f"{style}: resident MB": round(memory[-1] / 1e6, 1),
                f"{style}: KB that it varies": grown // 1000,
            }
            assert grown < FLAT, f"{style}: resident memory varies by {grown:,} bytes"
        else:
            say("no /proc/self/statm on this system: resident memory is not read, objects are counted only")
        assert more < OBJECTS, f"{style}: the number of objects varies by {more}"
        curves[style] = memory
    if scale >= 1 and STATM.exists():
        draw(curves, steps)
    figures |= {
        f"40 batch sizes, {style}: MB kept": round(kept_by_shapes(style) / 1e6, 1) for style in ("eager", "replayed")
    }
    for make, size in ((tape, RECORDS), (program, NODES), (graph, NODES)):
        said = in_small_stack(make, max(int(size * scale), 1000))
        say(f"{make.__name__}: " + ", ".join(f"{what} {seconds:.1f} s" for what, seconds in said.items()))
        figures |= {f"{make.__name__}: {what}, s": round(seconds, 1) for what, seconds in said.items()}
    return figures


# --- training


def train(style: str, steps: int, samples: int = SAMPLES) -> tuple[list[int], list[int]]:
    """Resident bytes and the number of objects that the collector sees, each sampled so many times."""
    trainer: Trainer = Graph(0) if style == "graph" else Mlp(0)
    step = ntb.function(trainer.step) if style == "replayed" else trainer.step
    memory, objects = [], []
    with collector_off():
        for _ in range(samples):
            for _ in range(steps // samples):
                step(*trainer.batch())
            memory.append(resident())
            objects.append(len(gc.get_objects()))
    return memory, objects


def kept_by_shapes(style: str, sizes: Sequence[int] = range(25, 1025, 25)) -> int:
    """The bytes that a step of training keeps, parameters included, after two batches of each of 40 sizes."""
    rng = np.random.default_rng(0)
    model = nn.Sequential(nn.Linear(784, 512), np.tanh, nn.Linear(512, 512), np.tanh, nn.Linear(512, 10))
    parameters, optimizer = model.trainable_variables(), ntb.optim.Adam(0.001)
    optimizer.build(parameters)

    def step(x: Any, labels: Any) -> Any:
        with ntb.Tape() as tape:
            loss = nn.cross_entropy(model(x), labels)
        optimizer.apply(tape.gradient(loss, parameters), parameters)
        return loss

    run = ntb.function(step) if style == "replayed" else step
    with collector_off(), warnings.catch_warnings():
        warnings.simplefilter("ignore", ntb.RetraceWarning)
        tracemalloc.start()
        for size in [*sizes, *sizes]:
            run(rng.normal(size=(size, 784)).astype(np.float32), rng.integers(0, 10, size))
        kept, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    return kept


def resident() -> int:
    """Bytes of memory that the process has now, as Linux tells; 0 on other systems, which know the peak only."""
    return int(STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") if STATM.exists() else 0


def spread(samples: list[int]) -> int:
    """By how much the last nine tenths differ at most."""
    late = samples[len(samples) // 10 :]
    return max(late) - min(late)


@contextmanager
def collector_off() -> Iterator[None]:
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def draw(curves: dict[str, list[int]], steps: int) -> None:
    import matplotlib.pyplot as plt

    fig, axes = plt.subplots(figsize=(6, 3.2), layout="constrained")
    at = np.arange(1, SAMPLES + 1) * steps / SAMPLES
    for (style, memory), line in zip(curves.items(), ("-", "--", ":"), strict=True):
        axes.plot(at, np.array(memory) / 1e6, line, label=style)
    top = max(map(max, curves.values())) / 1e6
    axes.set(xlabel="step of training", ylabel="resident memory (MB)", ylim=(0, 1.3 * top))
    axes.grid(alpha=0.3)
    axes.legend(loc="lower right")
    fig.savefig(PICTURE, dpi=110)
    plt.close(fig)


# --- long things: each is made, used, and let go


def in_small_stack(make: Callable[..., None], size: int) -> dict[str, float]:
    """Call it in a thread of its own, with little room for recursion; the CPU seconds of each of its parts."""
    times: dict[str, float] = {}
    errors: list[BaseException] = []

    def work() -> None:
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(DEPTH)
        try:
            with collector_off():
                make(size, times)
        except BaseException as error:
            errors.append(error)
        finally:
            sys.setrecursionlimit(limit)

    before = threading.stack_size(STACK)
    thread = threading.Thread(target=work)
    thread.start()
    threading.stack_size(before)
    thread.join()
    if errors:
        raise errors[0]
    return times


@contextmanager
def timed(times: dict[str, float], what: str) -> Iterator[None]:
    """Take the seconds of CPU, which other processes do not change."""
    began = time.process_time()
    yield
    times[what] = time.process_time() - began


def tape(records: int, times: dict[str, float]) -> None:
    """A tape of so many records: half keep an array, half keep none."""
    with timed(times, "recorded"), ntb.Tape() as tape:
        x = y = tape.watch(0.5)
        for _ in range(records // 2):
            y = np.tanh(y + 0.1)
    assert len(tape) == records // 2 * 2
    with timed(times, "printed"):
        assert str(tape).count("\n") == len(tape) - 1
    ends = [weakref.ref(tape), weakref.ref(y), weakref.ref(y.id)]
    with timed(times, "differentiated and freed"):
        assert np.isfinite(tape.gradient(y, x).item())
    with ntb.Tape() as tape:
        y = tape.watch(0.5)
        for _ in range(records // 2):
            y = np.tanh(y + 0.1)
    with timed(times, "dropped unused"):
        del tape, y
    assert [end() for end in ends] == [None] * 3


def program(operations: int, times: dict[str, float]) -> None:
    """A traced function of so many operations."""

    def chain(x: Any) -> Any:
        for _ in range(operations // 2):
            x = np.tanh(x + 0.1)
        return x

    f = ntb.function(chain)
    with timed(times, "traced"):
        first = f(np.ones(3))
    with timed(times, "replayed"):
        assert np.array_equal(f(np.ones(3)), first)
    with timed(times, "printed"):
        assert f.programs[0].source.count("tanh") == operations // 2
    end = weakref.ref(f.programs[0])
    with timed(times, "freed"):
        del f
    assert end() is None


def graph(nodes: int, times: dict[str, float]) -> None:
    """A graph of so many nodes."""
    with timed(times, "built"):
        g = graphs.ComputationGraph()
        with graphs.default_graph(g):
            x = graphs.Placeholder([3])
            y = x
            for _ in range(nodes // 2):
                y = graphs.Tanh(y + x)
    assert len(g.nodes) >= nodes
    with timed(times, "printed"):
        assert str(g).count("\n") >= nodes
    with timed(times, "run"):
        g.run([y], {x: np.ones(3)})
    end = weakref.ref(g)
    with timed(times, "freed"):
        del g, x, y
    assert end() is None
