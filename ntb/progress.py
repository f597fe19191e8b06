"""A line of text that says how far something is."""

from __future__ import annotations

import sys
import time
from typing import TextIO


class Progress:
    """A bar that redraws its line on a terminal; elsewhere (a file, a pipe) only `done` prints, one plain line.

    Args:
        title: what is going on, such as "epoch 3/10".
        total: how many steps there are, or None if that is not known.
        file: where to write; by itself the standard output.

    >>> bar = Progress("epoch 1/2", total=4)
    >>> for i in range(4):
    ...     bar.update(i + 1, {"loss": 1 / (i + 1)})
    >>> bar.done({"loss": 0.25})
    epoch 1/2  loss 0.25
    """

    def __init__(self, title: str, total: int | None = None, file: TextIO | None = None) -> None:
        self.title = title
        self.total = total
        self.file = file or sys.stdout
        self.live = self.file.isatty()
        self._drawn = 0.0
        self._width = 0

    def update(self, step: int, values: dict[str, float]) -> None:
        """Show that `step` steps are done, and some values beside; at most ten times a second."""
        now = time.monotonic()
        if self.live and (now - self._drawn > 0.1 or step == self.total):
            self._drawn = now
            if self.total:
                filled = 20 * min(step, self.total) // self.total
                bar = f"[{'#' * filled}{'.' * (20 - filled)}] {step}/{self.total}"
            else:
                bar = f"step {step}"
            self._write(f"{self.title} {bar}  {_listed(values)}", end="")

    def done(self, values: dict[str, float]) -> None:
        """Replace the bar by a line that stays."""
        self._write(f"{self.title}  {_listed(values)}", end="\n")

    def _write(self, text: str, end: str) -> None:
        wiped = " " * self._width + "\r" if self._width else ""
        start = "\r" + wiped if self.live else ""
        print(start + text, end=end, file=self.file, flush=True)
        self._width = 0 if end else len(text)


def _listed(values: dict[str, float]) -> str:
    """Names and numbers, four digits each.

    >>> _listed({"loss": 0.123456, "accuracy": 0.5})
    'loss 0.1235  accuracy 0.5'
    """
    return "  ".join(f"{name} {value:.4g}" for name, value in values.items())
