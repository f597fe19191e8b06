"""Interrupts: a training step that is stopped anywhere leaves all state as before the step, or as after it.

Faults are planted in two ways. A trace function (`sys.settrace`) raises before the n-th instruction of Python's virtual
machine, for every n in turn, in ntb and in the programs that it generates: this is finer than what signals can do. And
signals are delivered at random moments while steps run in a loop.
"""

from __future__ import annotations

import itertools
import random
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

import ntb
import ntb.compat as graphs
from ntb import nn
from ntb.replay import kept, names
from ntb.state import restore, snapshot
from ntb.training import callbacks

OURS = (str(Path(ntb.__file__).parent), "<replay of")
EVERY, COARSE = "opcode", "line"


class Fault(Exception):
    """An exception that is nobody else's."""


FAULTS = (KeyboardInterrupt, MemoryError, TimeoutError, Fault)
"""Not the errors of operations, at which a traced function runs itself, to raise its own."""


LOCKS: Any = (kept._books, names.reading)
"""The locks of the code in which faults are planted."""


class Injector:
    """A block in which the n-th event in ntb's own code raises; without n they are counted."""

    def __init__(self, kind: str, n: int | None = None, error: type[BaseException] = KeyboardInterrupt) -> None:
        self.kind, self.n, self.error = kind, n, error
        self.count = 0
        self.where = "nowhere"

    def __enter__(self) -> Injector:
        self.before = sys.gettrace()
        sys._getframe().f_trace_opcodes = self.kind == EVERY  # Python 3.12 looks at the frame that begins
        sys.settrace(self.call)
        return self

    def __exit__(self, *exception: object) -> None:
        sys.settrace(self.before)
        for (
            lock
        ) in LOCKS:  # a fault can be planted where a block has ended and its lock is not given back; no signal can
            while lock._is_owned():
                lock.release()

    def call(self, frame: Any, event: str, argument: Any) -> Any:
        if not frame.f_code.co_filename.startswith(OURS):
            return None
        frame.f_trace_opcodes = self.kind == EVERY
        return self.event

    def event(self, frame: Any, event: str, argument: Any) -> Any:
        if event == self.kind:
            if self.count == self.n:
                self.where = f"{frame.f_code.co_filename}:{frame.f_lineno}"
                sys.settrace(None)
                raise self.error(f"planted before event {self.n}, {self.where}")
            self.count += 1
        return self.event


class Subject:
    """Something that makes steps, with all its state: `step()` makes the next one and returns what it computed."""

    steps = 0

    def step(self) -> Any:
        raise NotImplementedError

    def save(self) -> Any:
        raise NotImplementedError

    def load(self, state: Any) -> None:
        raise NotImplementedError

    def bits(self) -> bytes:
        """All state, to be compared."""
        return b"".join(flat(self.save()))


def flat(tree: Any) -> Iterator[bytes]:
    """Every number in nested containers, with dtypes and shapes."""
    if isinstance(tree, dict):
        tree = list(tree.items())
    if isinstance(tree, list | tuple):
        for item in tree:
            yield from flat(item)
    elif isinstance(tree, np.ndarray | np.generic):
        yield f"{tree.dtype}{tree.shape}".encode() + tree.tobytes()
    else:
        yield repr(tree).encode()


X = np.random.default_rng(1).normal(size=(7, 8, 5)).astype(np.float32)
LABELS = np.random.default_rng(2).integers(0, 3, (7, 8))


class Network(Subject):
    """Linear layers, batch norm, dropout; noise from a generator and from NumPy's own; Adam with a schedule."""

    check = "sometimes"

    def __init__(self, steps: int = 2) -> None:
        ntb.random.seed(0)
        np.random.seed(0)
        self.model = nn.Sequential(nn.Linear(5, 6), nn.BatchNorm(6), nn.Dropout(0.3), np.tanh, nn.Linear(6, 3))
        self.optimizer = ntb.optim.Adam(lr=ntb.optim.schedules.warmup(3, 0.01))
        self.rng, self.count = ntb.random.generator(3), ntb.Variable(0, trainable=False)
        self.tree = {
            "model": self.model, "optimizer": self.optimizer, "rng": self.rng, "count": self.count,
            "default": ntb.random.default(), "numpy": ntb.random.of_numpy(),
        }  # fmt: skip
        self.parameters = self.model.trainable_variables()
        self.optimizer.build(self.parameters)
        self.run = ntb.function(self.training_step, check=self.check)
        for _ in range(steps):
            self.step()

    def training_step(self, x: Any, labels: Any) -> Any:
        noise = self.rng.normal(size=x.shape, dtype=np.float32) + ntb.random.of_numpy().normal(size=3)[0]
        self.count.assign_add(1)
        with ntb.Tape() as tape:
            loss = nn.cross_entropy(self.model(x + 0.1 * noise.astype(np.float32), train=True), labels)
        self.optimizer.apply(tape.gradient(loss, self.parameters), self.parameters)
        return loss

    def step(self) -> Any:
        k = int(self.count.value) % len(X)
        return self.run(X[k], LABELS[k])

    def save(self) -> Any:
        return snapshot(self.tree)

    def load(self, state: Any) -> None:
        restore(self.tree, state)


class Checked(Network):
    """Steps of which each runs beside its replay, as every thousandth does."""

    check = "always"


class Shapes(Network):
    """Steps on batches of two sizes in turn: two programs, which share their memory."""

    def __init__(self, steps: int = 4) -> None:
        super().__init__(steps)

    def step(self) -> Any:
        k = int(self.count.value)
        size = 8 - k % 2
        return self.run(X[k % len(X)][:size], LABELS[k % len(X)][:size])

    def load(self, state: Any) -> None:
        super().load(state)
        self.run(X[0][:7], LABELS[0][:7])  # so that the next step has to turn to the other program
        super().load(state)


class Graph(Subject):
    """The graph style: batch norm, dropout, Adam."""

    def __init__(self) -> None:
        np.random.seed(0)
        self.graph = g = graphs.ComputationGraph()
        with graphs.default_graph(g):
            x, labels, rate, train, keep = (graphs.Placeholder(s) for s in ([-1, 5], [-1], (), (), ()))
            h, *_ = graphs.affine_layer(x, 6)
            h, *_ = graphs.batchnorm_layer(h, train)
            h = graphs.Dropout(graphs.Relu(h), keep)
            scores, *_ = graphs.affine_layer(h, 3)
            self.loss = graphs.CrossEntropyLogits(scores, labels)
            self.optimizer = graphs.Optim(self.loss, lr=rate, update_rule="adam")
        self.fed = [{x: x_, labels: y, rate: 0.01, train: 1.0, keep: 0.7} for x_, y in zip(X, LABELS)]
        self.step(), self.step()

    def step(self) -> Any:
        return self.graph.run([self.loss, self.optimizer], self.fed[0])[0]

    def save(self) -> Any:
        return self.graph.save(), ntb.random.of_numpy().value

    def load(self, state: Any) -> None:
        self.graph.load(state[0])
        ntb.random.of_numpy().assign(state[1])


class Eager(Subject):
    """An optimizer's step without a trace."""

    def __init__(self) -> None:
        self.variables = [ntb.Variable(np.ones(3)), ntb.Variable(np.zeros((2, 2)))]
        self.optimizer = ntb.optim.Adam(0.1)
        self.optimizer.build(self.variables)

    def step(self) -> None:
        self.optimizer.apply([v.value * 0.5 + 1.0 for v in self.variables], self.variables)

    def save(self) -> Any:
        return snapshot([self.variables, self.optimizer])

    def load(self, state: Any) -> None:
        restore([self.variables, self.optimizer], state)


class Loading(Network):
    """Loading a checkpoint, as the step."""

    def __init__(self, folder: str | Path) -> None:
        super().__init__(steps=0)
        self.path = f"{folder}/state.npz"
        before = self.save()
        super().step()
        ntb.save(self.path, self.tree)
        self.load(before)

    def step(self) -> None:
        ntb.load(self.path, self.tree)


def same(a: Any, b: Any) -> bool:
    return b"".join(flat(np.asarray(a))) == b"".join(flat(np.asarray(b)))


def at_every_event(
    make: Callable[[], Subject], kind: str, share: float = 1.0, fresh: bool = False, last: int | None = None,
    events: Sequence[int] | None = None,
) -> dict[str, int]:  # fmt: skip
    """Plant a fault at each event of a step in turn, or at a random share of them, at so many of the last, or at
    these.

    After each: the state is that before or after, bit for bit, and the next steps give what undisturbed ones give.
    `fresh` makes the subject anew for every fault, so that it is the traced first call that is disturbed.
    """
    subject = make()
    start = subject.save()
    with Injector(kind) as counted:
        subject.step()
    states, answers = [], []
    subject.load(start)
    for _ in range(3):
        states.append(subject.bits())
        answers.append(subject.step())
    choose = random.Random(0)
    if events is None:
        events = [n for n in range(counted.count) if choose.random() < share]
    if last is not None:
        events = list(range(counted.count - last, counted.count))
    found = {"faults": 0, "before": 0, "after": 0}
    for n, error in zip(events, itertools.cycle(FAULTS)):
        if fresh:
            subject = make()
        subject.load(start)
        injector = Injector(kind, n, error)
        with suppress(error, ntb.InputError), injector:  # `load` says that the file cannot be read
            subject.step()
        if injector.where == "nowhere":
            continue  # the count differs a little where something is remembered
        bits = subject.bits()
        if bits not in states[:2]:
            raise AssertionError(f"{error.__name__} planted at event {n}, {injector.where}, left a torn state")
        at = states.index(bits)
        found["faults"] += 1
        found["after" if at else "before"] += 1
        for k in range(at, 2):
            if not same(subject.step(), answers[k]) or subject.bits() != states[k + 1]:
                raise AssertionError(f"after a fault at event {n}, {injector.where}, training went on differently")
    return found


class Interrupted(KeyboardInterrupt):
    """What our signal handler raises."""


def by_signals(subject: Subject, count: int, longest: float, seed: int = 0) -> dict[str, int]:
    """Deliver signals at random moments, up to `longest` seconds apart, while steps run in a loop."""

    def handler(number: int, frame: Any) -> None:
        raise Interrupted

    start, length = subject.save(), 50
    states = []
    for _ in range(length + 1):
        states.append(subject.bits())
        subject.step()
    subject.load(start)
    choose, found, k = random.Random(seed), {"signals": 0, "before": 0, "after": 0}, 0
    before = signal.signal(signal.SIGALRM, handler)
    try:
        while found["signals"] < count:
            try:
                try:
                    signal.setitimer(signal.ITIMER_REAL, choose.uniform(1e-6, longest))
                    while k < length:
                        subject.step()
                        k += 1
                finally:
                    signal.setitimer(signal.ITIMER_REAL, 0)
            except Interrupted:
                found["signals"] += 1
                bits = subject.bits()
                if bits not in states[k : k + 2]:
                    raise AssertionError(f"signal {found['signals']} left a torn state") from None
                after = bits == states[k + 1] if k < length else False
                found["after" if after else "before"] += 1
                k += after
            if k >= length:
                subject.load(start)
                k = 0
    finally:
        signal.signal(signal.SIGALRM, before)
    return found


def checkpoints(kind: str, folder: str | Path, share: float = 1.0) -> int:
    """Plant a fault at each event of a Trainer's second epoch; a run that goes on from its last checkpoint has the
    numbers of one without faults."""
    path = Path(folder) / "run.safetensors"  # a zip that is stopped raises errors of its own
    x = np.arange(8, dtype=np.float32).reshape(4, 2)
    rows = ntb.data.batches(x, x, size=2, shuffle=0)

    def make() -> ntb.training.Trainer:
        ntb.random.seed(0)
        model = nn.Sequential(nn.Linear(2, 2), nn.Dropout(0.5))
        kept = [callbacks.Best("loss"), callbacks.Checkpoint(path, steps=1)]
        return ntb.training.Trainer(model, nn.mse, ntb.optim.Adam(0.1), callbacks=kept, traced=False, progress=False)

    def bits(trainer: ntb.training.Trainer) -> list[bytes]:
        trainer.callbacks[0].restore_best(trainer)
        losses = np.array(trainer.history["loss"])
        values = [losses, ntb.random.default().value, *snapshot(trainer.state).values()]
        return [value.tobytes() for value in values]

    def second_epoch(injector: Injector) -> None:
        trainer = make()
        trainer.fit(rows, epochs=1)
        with suppress(Fault), injector:
            trainer.fit(rows, epochs=1)

    counted = Injector(kind)
    second_epoch(counted)
    whole = make()
    whole.fit(rows, epochs=3)
    expected = bits(whole)
    choose = random.Random(0)
    events = [n for n in range(counted.count) if choose.random() < share]
    for n in events:
        injector = Injector(kind, n, Fault)
        second_epoch(injector)
        trainer = make()
        trainer.load(path)
        trainer.fit(rows, until=3)
        if bits(trainer) != expected:
            raise AssertionError(f"after a fault at event {n}, {injector.where}, training went on differently")
    return len(events)


def measure(scale: float, say: Callable[[str], None]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    share = min(1.0, scale)
    with tempfile.TemporaryDirectory() as folder:
        planted: list[tuple[str, Callable[[], Subject], str, float, bool]] = [
            ("replayed step", Network, EVERY, share, False),
            ("replayed step, two shapes", Shapes, EVERY, share, False),
            ("checked step", Checked, EVERY, share / 20, False),
            ("g.run", Graph, EVERY, share, False),
            ("eager Optimizer.apply", Eager, EVERY, share, False),
            ("ntb.load", lambda: Loading(folder), COARSE, share, False),
            ("traced first call", lambda: Network(steps=0), COARSE, share / 200, True),
        ]
        for name, make, kind, part, fresh in planted:
            counts = at_every_event(make, kind, part, fresh)
            found[f"{name}: faults"] = counts["faults"]
            found[f"{name}: state as before, as after"] = f"{counts['before']:,}, {counts['after']:,}"
            say(f"{name}: {counts}")
    with tempfile.TemporaryDirectory() as folder:
        found["a Trainer's second epoch: faults"] = checkpoints(COARSE, folder, share / 10)
    signals = max(5, round(4000 * scale))
    for name, subject in (("replayed step", Network()), ("checked step", Checked()), ("g.run", Graph())):
        counts = by_signals(subject, signals, 0.002)
        found[f"{name}: signals delivered"] = counts["signals"]
        found[f"{name}: signals, state as before, as after"] = f"{counts['before']:,}, {counts['after']:,}"
        say(f"{name}: {counts}")
    return found
