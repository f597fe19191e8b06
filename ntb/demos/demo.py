"""What the demos share: options, the report of a loop, what is written where, and how an interrupt ends them."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from ntb import io, random, vis
from ntb.data import batches
from ntb.progress import Progress, say
from ntb.replay.function import Function, function
from ntb.replay.program import Program
from ntb.state import named_variables
from ntb.training import numbers


class UserError(Exception):
    """What the command line was asked for cannot be done; the message is all that the user is to see."""


class Demo:
    """One run of a demo: what the command line asked for, and what comes of it.

    Args:
        name: of the demo.
        steps: of training; None for the demo's own number.
        seed: of all random numbers.
        data: the folder or file that `load` reads; None for what comes with ntb.
        out: the folder for checkpoint and pictures, which is made if need be.
        replay: whether steps are traced and replayed, or run eagerly, which gives the same numbers.
        style: "eager", or "graph": the same network described with `ntb.compat`, which gives the same numbers.

    Attributes:
        losses: those of all steps.
    """

    def __init__(
        self, name: str, *, steps: int | None = None, seed: int = 0, data: str | None = None,
        out: str | Path | None = None, replay: bool = True, style: str = "eager",
    ) -> None:  # fmt: skip
        self.name = name
        self.wanted_steps = steps
        self.seed = seed
        self.data = data
        self.out = Path(out or f"out/{name}")
        self.replay = replay
        self.style = style
        self.losses: list[float] = []
        self.interrupted = False
        self.history: Mapping[str, Sequence[float]] = {}
        self.written: list[str] = []
        self._pictures = True
        try:
            self.out.mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=self.out).close()
        except OSError as error:
            raise UserError(f"cannot write to {self.out} ({error.strerror}); name another folder with --out") from error
        random.seed(seed)

    # --- before

    def function(self, f: Callable[..., Any]) -> Any:
        """`ntb.function`, which traces and replays; with --no-replay the function itself."""
        return function(f) if self.replay else f

    def in_style(self, eager: Callable[..., Any], graph: Callable[..., Any]) -> Callable[..., Any]:
        """The one of two functions that is of the style asked for."""
        return graph if self.style == "graph" else eager

    def load(self, loader: Callable[[Any], Any]) -> Any:
        """What `loader` makes of --data. That it cannot be read is the user's to know, not a traceback's."""
        try:
            return loader(self.data)
        except (OSError, ValueError) as error:
            raise UserError(
                f"{error}" if isinstance(error, (FileNotFoundError, ValueError)) else repr(error)
            ) from error

    def steps(self, usual: int) -> int:
        """How many steps to make: what was asked for, or else the usual number."""
        return self.wanted_steps or usual

    def introduce(self, *lines: Any) -> None:
        """Say what is going to be trained."""
        say(f"{self.name}: " + "\n".join(map(str, lines)))
        how = "replayed from a trace" if self.replay else "run eagerly"
        say(f"{'each run of the graph' if self.style == 'graph' else 'each step'} is {how}\n")

    # --- training

    @contextmanager
    def training(self, state: Any) -> Iterator[None]:
        """A block of training, which Ctrl-C ends. What was learned until then is saved before all else: as model.npz,
        with the history in its metadata. Then the time that it took is told."""
        began = time.perf_counter()
        try:
            yield
        except KeyboardInterrupt:
            self.interrupted = True
        took = time.perf_counter() - began
        io.save(self.path("model.npz"), state, {"demo": self.name, "seed": self.seed, "history": dict(self.history)})
        if self.interrupted:
            say("\ninterrupted; what was learned so far is kept")
        say(f"\ntrained for {took:.3g} s")

    def recorded(self, train_step: Callable[..., Any]) -> Callable[..., Any]:
        """The training step, whose losses are kept, so that styles can be compared."""

        def step(*batch: Any) -> Any:
            report = train_step(*batch)
            self.losses.append(np.asarray(report["loss"] if isinstance(report, Mapping) else report).item())
            return report

        return step

    def loop(self, steps: int, every: int) -> Loop:
        """The steps of a training loop, with a report after the first one and every so many."""
        loop = Loop(steps, every)
        self.history = loop.history
        return loop

    def epochs(self, *arrays: Any, size: int, epochs: int) -> Epochs:
        """Shuffled batches for a Solver, for so many epochs unless steps were asked for."""
        return Epochs(arrays, size, epochs, self.wanted_steps)

    # --- after

    def program(self, step: Any, *args: Any) -> Program:
        """The program that a step is traced to."""
        return (step if isinstance(step, Function) else function(step)).trace(*args)

    def picture(self, name: str, draw: Callable[..., Any], *args: Any, **options: Any) -> None:
        """Write a picture, or say why there is none: matplotlib may be missing, or set up for another place."""
        if not self._pictures:
            return
        try:
            draw(*args, **options).savefig(self.out / name, format="png", backend="agg")
            self.path(name)
        except vis.MissingMatplotlib as error:
            self._pictures = False
            say(f"no pictures: {error}")
        except Exception as error:  # of matplotlib's, of which there are many; the network is saved
            say(f"no picture {name}: {type(error).__name__}: {error}")

    def curves(self, title: str) -> None:
        """Write the picture of the history, if there is any."""
        if any(map(len, self.history.values())):
            self.picture("history.png", vis.history, self.history, title=title)

    def path(self, name: str) -> Path:
        """Where to write a file; it is listed at the end."""
        self.written.append(name)
        return self.out / name

    def finish(self) -> None:
        """List the files."""
        say(f"written to {self.out}: {', '.join(self.written)}")


@dataclass
class Network:
    """A network in either style, as the loop around it needs it.

    Attributes:
        shown: what introduces it: the model, or the graph.
        train_step: from a batch to the numbers to report.
        evaluate: what it says without being trained: for a classifier, from images to scores.
        state: what training changes, for checkpoints and the best epoch.
    """

    shown: Any
    train_step: Callable[..., Any]
    evaluate: Callable[..., Any]
    state: dict[str, Any]

    def __str__(self) -> str:
        parameters = [v for v in named_variables(self.state).values() if v.trainable]
        return f"{self.shown}\n{sum(p.size for p in parameters)} parameters"


def agreement(eager: Demo, graph: Demo) -> str:
    """What the losses of two styles have in common, after the same number of steps."""
    first, second = np.array(eager.losses), np.array(graph.losses)
    if np.array_equal(first, second):
        return f"graph style: the same {len(first)} losses, to the last bit"
    apart = np.abs(first - second)
    return (
        f"graph style: {np.count_nonzero(apart)} of {len(first)} losses differ, by {np.max(apart):.2g} at most, "
        f"the first of them in step {np.argmax(apart > 0) + 1}"
    )


class Loop:
    """Counts steps, shows a bar, and collects what is reported.

    Attributes:
        history: "step", and by name a list of what was logged: means over the steps since the report before.
        due: whether a report is due at the end of this step, so that costly numbers need be computed only then.
    """

    def __init__(self, steps: int, every: int) -> None:
        self.steps = steps
        self.every = every
        self.due = False
        self.history: dict[str, list[float]] = {"step": []}
        self._values: dict[str, list[float]] = {}

    def __iter__(self) -> Iterator[int]:
        bar = Progress("training", self.steps)
        for step in range(1, self.steps + 1):
            self.due = step in (1, self.steps) or step % self.every == 0
            yield step
            bar.title = f"step {step}/{self.steps}" if self.due else "training"
            means = {name: float(np.mean(values)) for name, values in self._values.items()}
            if not self.due:
                bar.update(step, means)
                continue
            self._values.clear()
            self.history["step"].append(step)
            for name, value in means.items():
                self.history.setdefault(name, []).append(value)
            bar.done(means)

    def log(self, **values: Any) -> None:
        """Report numbers, such as `loss=…`."""
        for name, value in numbers(values).items():
            self._values.setdefault(name, []).append(value)


class Epochs:
    """Batches for a Solver: as many epochs as make `steps` steps, each shuffled anew; the last may be a short one."""

    def __init__(self, arrays: Sequence[Any], size: int, epochs: int, steps: int | None) -> None:
        self.arrays = arrays
        self.size = min(size, len(arrays[0]))
        self.each = len(arrays[0]) // self.size
        self.steps = self.remaining = steps or epochs * self.each

    def __len__(self) -> int:
        return -(-self.remaining // self.each)

    def __call__(self) -> Epoch:
        steps = min(self.each, self.remaining)
        self.remaining -= steps
        return Epoch(shuffled(*self.arrays, size=self.size), steps)


class Epoch:
    """The batches of one epoch, whose number is known."""

    def __init__(self, batches: Iterable[Any], steps: int) -> None:
        self.batches = batches
        self.steps = steps

    def __len__(self) -> int:
        return self.steps

    def __iter__(self) -> Iterator[Any]:
        return islice(self.batches, self.steps)


def shuffled(*arrays: Any, size: int) -> Iterator[tuple]:
    """Batches in an order that `ntb.random.seed` determines, all of one size, so that there is one trace."""
    return batches(*arrays, size=size, shuffle=random.default(), drop_last=True)


def endless(*arrays: Any, size: int) -> Iterator[tuple]:
    """Shuffled batches, epoch after epoch."""
    while True:
        yield from shuffled(*arrays, size=min(size, len(arrays[0])))


def predict(model: Callable[[Any], Any], x: Any) -> np.ndarray:
    """The class that the model gives the greatest score, for each of (N, …): integers (N,)."""
    return np.concatenate([np.argmax(np.asarray(model(rows)), axis=-1) for (rows,) in batches(x, size=500)])
