"""What a loop by hand has in the place of a Trainer: it tells how training goes, and keeps what it goes on from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ntb import io, random
from ntb.progress import Progress
from ntb.training.report import numbers

from .memory import Memory


class Log:
    """A bar while a loop goes on, and lines, whose numbers are its history. With each line a checkpoint is written.

    Args:
        steps: how many there shall be.
        state: what they change, beside ntb's default generator.
        memory: of the demo; it has the losses.
        path: of the checkpoint; None for none.

    Attributes:
        history: "step", and by name a list of numbers, one for each line.
    """

    def __init__(self, steps: int, state: Mapping[str, Any], memory: Memory, path: Path | None = None) -> None:
        self.steps = steps
        self.state = state
        self.memory = memory
        self.path = path
        self.history: dict[str, list[float]] = {"step": []}
        self._bar = Progress("training", steps)
        self._since: dict[str, list[float]] = {}  # by name what the steps since the last line reported

    @property
    def step(self) -> int:
        """How many steps were made."""
        return len(self.memory.losses)

    def add(self, report: Any) -> None:
        """Count a step, which reports its loss, or a dict of numbers."""
        values = numbers(report)
        self.memory.losses.append(values["loss"])
        for name, value in values.items():
            self._since.setdefault(name, []).append(value)
        self._bar.update(self.step, self._means())

    def line(self, **evaluated: Any) -> None:
        """Print the means over the steps since the last line, and what was evaluated; write the checkpoint."""
        values = {**self._means(), **numbers(evaluated)}
        for name, value in {"step": self.step, **values}.items():
            self.history.setdefault(name, []).append(value)
        self._since.clear()
        if self.path is not None:
            self.save(self.path)
        self._bar.title = f"step {self.step}/{self.steps}"
        self._bar.done(values)
        self._bar.title = "training"

    def _means(self) -> dict[str, float]:
        return {name: float(np.mean(values)) for name, values in self._since.items()}

    # --- files

    def save(self, path: Path) -> None:
        """Save all that the loop needs to go on from a line: what the steps change, what they draw from, and what was
        told of them."""
        io.save(path, self._tree(), {"memory": self.memory.state(), "history": self.history})

    def load(self, path: Path) -> None:
        """Go on from a file of `save`."""
        told = io.load(path, self._tree())
        self.memory.restore(told["memory"])
        self.history = told["history"]

    def _tree(self) -> dict[str, Any]:
        return {"state": self.state, "random": random.default()}
