"""Threads: eight at once, each of which must get the numbers that it gets alone, bit for bit.

The interpreter is told to switch threads after every microsecond, a thousand times as often as it does by itself.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

import ntb

from .trainers import Convnet, Graph, Lstm, Mlp, Trainer

THREADS = 8
STEPS, CHANGES, PROCESSES = 1000, 20_000, 30
Step = Callable[[Any, Any], Any]


def measure(scale: float, say: Callable[[str], None]) -> dict[str, Any]:
    figures: dict[str, Any] = {"with the GIL": has_gil()}
    steps = max(int(STEPS * scale), 5)
    with quick_switches():
        for kind in (Mlp, Convnet, Lstm, Graph):
            began = time.perf_counter()
            for style in compare(kind, steps):
                figures[f"steps of {kind.__name__.lower()}, {style}"] = THREADS * steps
            say(f"{kind.__name__.lower()}: {THREADS} x {steps:,} steps each way, {time.perf_counter() - began:.0f} s")
        changes = max(int(CHANGES * scale), 100)
        figures |= {f"read while training, {how}": watch(changes, how) for how in READERS}
        say(f"reads while another thread trains: {changes:,} steps")
        figures["calls of a function of many signatures"] = crowd(max(int(CHANGES * scale), 100))
    processes = max(int(PROCESSES * scale), 1)
    for number in range(processes):
        meet(number)
    figures["processes whose threads met functions at once"] = processes
    return figures


def has_gil() -> bool:
    """Whether the interpreter has a global lock; only free-threaded builds since Python 3.13 run without."""
    return getattr(sys, "_is_gil_enabled", lambda: True)()


@contextmanager
def quick_switches() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def at_once(jobs: Sequence[Callable[[], Any]]) -> list[Any]:
    """Run each job in a thread of its own; all begin together. The first error of one is raised here."""
    results: list[Any] = [None] * len(jobs)
    errors: list[BaseException] = []
    ready = threading.Barrier(len(jobs))

    def work(i: int) -> None:
        try:
            ready.wait()
            results[i] = jobs[i]()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(len(jobs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return results


# --- training, each thread its own model


def plain(trainers: Sequence[Trainer]) -> list[Step]:
    """The step itself."""
    return [trainer.step for trainer in trainers]


def separate(trainers: Sequence[Trainer]) -> list[Step]:
    """A traced function for each."""
    return [ntb.function(trainer.step) for trainer in trainers]


def shared(trainers: Sequence[Trainer]) -> list[Step]:
    """One traced function for all, which each calls with its own trainer."""
    one = ntb.function(lambda trainer, x, labels: trainer.step(x, labels))
    return [lambda x, labels, trainer=trainer: one(trainer, x, labels) for trainer in trainers]


STYLES: dict[str, Callable[[Sequence[Trainer]], list[Step]]] = {
    "eager": plain,
    "replayed": separate,
    "sharing a traced function": shared,
}


def compare(kind: type[Trainer], steps: int, styles: Sequence[str] = ()) -> Sequence[str]:
    """Train eight models one after the other, and again at once, in each of the styles, which are returned."""
    styles = styles or (["run"] if kind is Graph else list(STYLES))
    alone = [run(trainer, trainer.step, steps) for trainer in map(kind, range(THREADS))]
    for style in styles:
        trainers = [kind(seed) for seed in range(THREADS)]
        made = STYLES.get(style, plain)(trainers)
        together = at_once([lambda t=t, step=step: run(t, step, steps) for t, step in zip(trainers, made, strict=True)])
        assert together == alone, f"{kind.__name__}, {style}: {together} instead of {alone}"
    return styles


def run(trainer: Trainer, step: Step, steps: int) -> str:
    """A digest of every loss, and of the state at the end."""
    digest = hashlib.sha256()
    for _ in range(steps):
        digest.update(np.asarray(step(*trainer.batch())).tobytes())
    for name, value in trainer.state().items():
        digest.update(name.encode() + value.tobytes())
    return digest.hexdigest()


# --- reading variables while another thread trains them


class Pair:
    """Two variables, each of one number all over; after every step the second is twice the first."""

    def __init__(self) -> None:
        self.one = ntb.Variable(np.zeros(5000))
        self.two = ntb.Variable(np.zeros(5000))

    def step(self, by: float) -> None:
        new = self.one + by
        self.one.assign(new)
        self.two.assign(new * 2.0)

    def both(self, by: float) -> Any:
        return self.one * by, self.two * by


def read_each(pair: Pair) -> None:
    for variable in (pair.one, pair.two):
        assert is_even(variable.numpy()), "a value was torn"
        assert is_even((variable * 1.0).numpy()), "a value was torn"


def read_both(pair: Pair, both: Callable[[float], Any]) -> None:
    one, two = both(1.0)
    assert is_even(one) and is_even(two), "a value was torn"
    assert not has_gil() or two[0] == 2 * one[0], f"half of a step was seen: {one[0]}, {two[0]}"


def is_even(array: np.ndarray) -> bool:
    return bool(np.all(array == array[0]))


READERS = ("eagerly", "replayed")


def watch(steps: int, how: str, readers: int = 3) -> int:
    """The number of reads that other threads made during so many replayed steps, each checked."""
    pair = Pair()
    # A call that is checked reads and assigns one after the other, as any eager run.
    step, both = (ntb.function(f, check="never") for f in (pair.step, pair.both))
    done = threading.Event()
    step(1.0), both(1.0)

    def train() -> int:
        try:
            for _ in range(steps):
                step(1.0)
            return 0
        finally:
            done.set()

    def read() -> int:
        count = 0
        while not done.is_set() or not count:
            read_each(pair) if how == "eagerly" else read_both(pair, both)
            count += 1
        return count

    counts = at_once([train] + [read] * readers)
    assert pair.one.numpy()[0] == steps + 1
    return sum(counts)


# --- one traced function, more signatures than it keeps


def crowd(calls: int, signatures: int = 20) -> int:
    """Threads that call one function with ever other shapes, while what it keeps is thrown out again and again."""
    f = ntb.function(lambda x, n: np.sum(np.tanh(x)) * n, max_traces=signatures // 2)
    inputs = [np.linspace(0, 1, n) for n in range(1, signatures + 1)]
    expected = [(np.sum(np.tanh(x)) * len(x)).item() for x in inputs]

    def work(seed: int) -> int:
        order = np.random.default_rng(seed).zipf(1.5, calls // THREADS) % signatures
        for i in order.tolist():
            assert f(inputs[i], len(inputs[i])).item() == expected[i]
        return len(order)

    with warnings_ignored():
        return sum(at_once([lambda seed=seed: work(seed) for seed in range(THREADS)]))


@contextmanager
def warnings_ignored() -> Iterator[None]:
    """Without complaint about traces, which is not what this is about."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ntb.RetraceWarning)
        yield


# --- functions met for the first time, in a process of its own


def meet(seed: int) -> None:
    """Let eight threads of a new process use what they never used before, at once."""
    found = subprocess.run([sys.executable, "-m", "reliability.first_use", str(seed)], capture_output=True, text=True)
    assert found.returncode == 0, found.stderr
