"""What the demos share: options, checkpoints, what is written where, and how an interrupt ends training."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ntb import io, random, vis
from ntb.errors import InputError
from ntb.progress import say
from ntb.replay.function import Function, function
from ntb.replay.program import Program
from ntb.state import named_variables
from ntb.training import Callback, Trainer
from ntb.training.callbacks import Checkpoint

from .log import Log
from .memory import Memory

EVERY = 25
"""How many steps a Trainer makes between two checkpoints."""


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
        resume: whether training goes on from the checkpoint in `out`, or begins anew.
        strategy: what makes the steps of a Trainer, if they are made on a cluster.

    Attributes:
        memory: the losses of all steps, and the options that decide them.
        checkpoint: the file from which a run goes on.
        interrupted: whether Ctrl-C ended training.
    """

    def __init__(
        self, name: str, *, steps: int | None = None, seed: int = 0, data: str | None = None,
        out: str | Path | None = None, replay: bool = True, style: str = "eager", resume: bool = False,
        strategy: Any = None,
    ) -> None:  # fmt: skip
        self.name = name
        self.wanted_steps = steps
        self.seed = seed
        self.data = data
        self.out = Path(out or f"out/{name}")
        self.replay = replay
        self.style = style
        self.resume = resume
        self.strategy = strategy
        self.memory = Memory(self, {"steps": steps, "seed": seed, "style": style, "data": data})
        self.checkpoint = self.out / "checkpoint.npz"
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
        self.memory.asked["steps"] = self.wanted_steps or usual
        return self.wanted_steps or usual

    def introduce(self, *lines: Any, state: Any = None) -> None:
        """Say what is going to be trained, and how many parameters the state of training has."""
        parameters = [v for v in named_variables(state).values() if v.trainable]
        lines += (f"{sum(p.size for p in parameters)} parameters",) if parameters else ()
        say(f"{self.name}: " + "\n".join(map(str, lines)))
        how = "replayed from a trace" if self.replay else "run eagerly"
        say(f"{'each run of the graph' if self.style == 'graph' else 'each step'} is {how}\n")

    # --- training

    @property
    def made(self) -> int:
        """How many steps were made."""
        return len(self.memory.losses)

    @property
    def callbacks(self) -> list[Callback]:
        """What a demo's Trainer calls, beside its own callbacks."""
        return [self.memory, Checkpoint(self.checkpoint, steps=EVERY)]

    def log(self, steps: int, state: Mapping[str, Any]) -> Log:
        """The log of a loop by hand of so many steps, which change `state`."""
        return Log(steps, state, self.memory, self.checkpoint)

    def watched(self, train_step: Callable[..., Any]) -> Callable[..., Any]:
        """The training step of a loop by hand."""

        def step(*batch: Any) -> Any:
            self.before_step(train_step, batch)
            return train_step(*batch)

        return step

    def before_step(self, train_step: Callable[..., Any], batch: tuple[Any, ...]) -> None:
        """Called before each step with what makes it, for children of the class that look at steps."""

    @contextmanager
    def training(self, loop: Trainer | Log) -> Iterator[None]:
        """A block in which a Trainer trains, or a loop by hand, of which this is the log. With --resume it begins with
        the checkpoint. Ctrl-C ends it. What was learned until then is saved before all else: as model.npz, with the
        history in its metadata. Then the time that it took is told."""
        self._go_on(loop)
        began = time.perf_counter()
        try:
            yield
        except KeyboardInterrupt:
            self.interrupted = True
        took = time.perf_counter() - began
        self.history = loop.history
        book = {"demo": self.name, "seed": self.seed, "history": dict(self.history)}
        io.save(self.path("model.npz"), loop.state, book)
        if self.checkpoint.exists():
            self.path(self.checkpoint.name)
        if self.interrupted:
            say("\ninterrupted; what was learned so far is kept; --resume goes on from the last checkpoint")
        say(f"\ntrained for {took:.3g} s")

    def _go_on(self, loop: Trainer | Log) -> None:
        """Load the checkpoint, if that is wanted and there is one. A run that begins anew deletes it, so that it is
        always of the last run."""
        asked = self.memory.asked
        if not self.resume:
            self.checkpoint.unlink(missing_ok=True)
            return
        if not self.checkpoint.exists():
            say(f"there is no checkpoint in {self.out}; training begins anew\n")
            return
        try:
            loop.load(self.checkpoint)
        except InputError as error:
            raise UserError(f"{error}\nresume with the same --style and --data, or leave out --resume") from None
        before = self.memory.asked
        if before != asked:
            others = [name for name in asked if asked[name] != before[name]]
            raise UserError(
                f"{self.checkpoint} is of a run with {_options(before, others)}, not {_options(asked, others)}; give "
                "the same options, or leave out --resume to begin anew"
            )
        left = asked["steps"] - self.made
        say(f"training goes on after step {self.made}\n" if left else f"all {self.made} steps were made before\n")

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


def _options(asked: Mapping[str, Any], names: Sequence[str]) -> str:
    """Options as the command line has them.

    >>> _options({"steps": 30, "seed": 1, "data": None}, ["seed", "data"])
    '--seed 1, no --data'
    """
    return ", ".join(f"no --{name}" if asked[name] is None else f"--{name} {asked[name]}" for name in names)
