"""A demo that goes as far as a training step, whose program is looked at: where its time goes, what its lines mean."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from types import ModuleType
from typing import Any

from ntb.replay.program import Program
from ntb.training import Callback

from .demo import Demo
from .log import Log


class OneStep(Demo):
    """A demo that makes some steps of training, looks at the program of the next one, and stops there.

    Args:
        name, options: as a `Demo` takes them.
        before: how many steps are made before.
        look: called with the program and the batch of the step.

    Attributes:
        found: what `look` returned.
    """

    found: Any

    def __init__(
        self, name: str, *, before: int, look: Callable[[Program, tuple[Any, ...]], Any], **options: Any
    ) -> None:
        super().__init__(name, **options)
        self.before = before
        self.look = look

    def run(self, module: ModuleType) -> Any:
        """Run the demo's module as far as the step."""
        with suppress(Seen):
            module.run(self)
        return self.found

    def before_step(self, train_step: Callable[..., Any], batch: tuple[Any, ...]) -> None:
        if self.made < self.before:
            return
        self.found = self.look(self.program(train_step, *batch), batch)
        raise Seen

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


class Seen(Exception):
    """Ends the loop around the training step."""
