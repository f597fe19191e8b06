"""What the demos share: options, the log of a training loop, what is written where, and how an interrupt ends them."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from ntb import io, random, vis
from ntb.progress import Progress, say
from ntb.replay.function import Function, function
from ntb.replay.program import Program
from ntb.training.report import numbers


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
    def saving(self, state: Any) -> Iterator[None]:
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

    def log(self, steps: int) -> Log:
        """The log of a loop of so many steps; its history is the demo's."""
        log = Log(steps)
        self.history = log.history
        return log

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


class Log:
    """What a training loop tells: a bar while it goes on, and lines, whose numbers are kept.

    Attributes:
        history: "step", and by name a list of numbers, one for each line.
    """

    def __init__(self, steps: int) -> None:
        self.steps = steps
        self.step = 0
        self.history: dict[str, list[float]] = {"step": []}
        self._bar = Progress("training", steps)
        self._since: dict[str, list[float]] = {}  # by name what the steps since the last line reported

    def add(self, report: Any) -> None:
        """Count a step, which reports its loss, or a dict of numbers."""
        self.step += 1
        for name, value in numbers(report).items():
            self._since.setdefault(name, []).append(value)
        self._bar.update(self.step, self._means())

    def line(self, **evaluated: Any) -> None:
        """Print the means over the steps since the last line, and what was evaluated."""
        values = {**self._means(), **numbers(evaluated)}
        for name, value in {"step": self.step, **values}.items():
            self.history.setdefault(name, []).append(value)
        self._since.clear()
        self._bar.title = f"step {self.step}/{self.steps}"
        self._bar.done(values)
        self._bar.title = "training"

    def _means(self) -> dict[str, float]:
        return {name: float(np.mean(values)) for name, values in self._since.items()}
