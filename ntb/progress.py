"""Telling how far something is, and all else that ntb prints. No output is a reason to fail."""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from typing import Any


def say(text: Any = "", end: str = "\n", file: Any = None) -> None:
    """Print, whatever the output is: none (`sys.stdout` is None in programs without a console), one that has only a
    method `write`, one that was closed, or whose reader has gone. What its encoding does not have is escaped.

    Args:
        text: what to print.
        end: what comes after it.
        file: where to write; by itself the standard output.

    >>> say("loss 0.5")
    loss 0.5
    """
    file = sys.stdout if file is None else file
    text = f"{text}{end}"
    with suppress(Exception):  # an OSError, of one that was closed a ValueError, of none at all an AttributeError, …
        try:
            file.write(text)
        except UnicodeEncodeError as error:
            file.write(text.encode(error.encoding, "backslashreplace").decode(error.encoding))
        file.flush()


def _is_terminal(file: Any) -> bool:
    """Whether lines can be drawn anew there.

    >>> _is_terminal(None)
    False
    """
    with suppress(Exception):
        return bool(file.isatty())
    return False


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

    def __init__(self, title: str, total: int | None = None, file: Any = None) -> None:
        self.title = title
        self.total = total
        self.file = file
        self.live = _is_terminal(sys.stdout if file is None else file)
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
        say(start + text, end, self.file)
        self._width = 0 if end else len(text)


def _listed(values: dict[str, float]) -> str:
    """Names and numbers, four digits each.

    >>> _listed({"loss": 0.123456, "accuracy": 0.5})
    'loss 0.1235  accuracy 0.5'
    """
    return "  ".join(f"{name} {value:.4g}" for name, value in values.items())
