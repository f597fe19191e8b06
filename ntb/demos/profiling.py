"""A demo that goes as far as a training step, to see where that step's time goes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from types import ModuleType
from typing import Any

from ntb.replay.profile import Profile
from ntb.training import Callback

from .demo import Demo
from .log import Log


class Profiling(Demo):
    """A demo that makes some steps of training, profiles the program of the next one, and stops there.

    Args:
        name, options: as a `Demo` takes them.
        before: how many steps are made before.
        repeat: how many runs of the program are measured.

    Attributes:
        profile: of the training step.
    """

    profile: Profile

    def __init__(self, name: str, *, before: int, repeat: int, **options: Any) -> None:
        super().__init__(name, **options)
        self.before = before
        self.repeat = repeat

    def run(self, module: ModuleType) -> Profile:
        """Run the demo's module as far as the step."""
        with suppress(Measured):
            module.run(self)
        return self.profile

    def before_step(self, train_step: Callable[..., Any], batch: tuple[Any, ...]) -> None:
        if self.made < self.before:
            return
        self.profile = self.program(train_step, *batch).profile(*batch, repeat=self.repeat)
        raise Measured

    def steps(self, usual: int) -> int:
        return max(usual, self.before + 1)

    # There is nothing to keep: no checkpoint is written, nor is that of an earlier run deleted.

    @property
    def callbacks(self) -> list[Callback]:
        return [self.memory]

    def log(self, steps: int, state: Mapping[str, Any]) -> Log:
        return Log(steps, state, self.memory)

    @contextmanager
    def training(self, loop: Any) -> Iterator[None]:
        """A block that Ctrl-C leaves at once."""
        yield


class Measured(Exception):
    """Ends the loop around the training step."""
