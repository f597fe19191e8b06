"""Telling how far something is, and all else that ntb prints. No output is a reason to fail."""

from __future__ import annotations

import importlib.util
import sys
import time
import warnings
from collections.abc import Callable
from contextlib import suppress
from typing import Any

_Values = dict[str, float] | Callable[[], dict[str, float]]


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
    """A bar that is drawn anew: on a terminal, and in a notebook that can show one. It tells how many steps are done,
    how many a second, the time that is left, and some values. Elsewhere (a file, a pipe) only `done` prints, one plain
    line.

    It is drawn by tqdm, where that is installed (the extra `progress`), which knows notebooks, and else in plain text.

    Args:
        title: what is going on, such as "epoch 3/10".
        total: how many steps there are, or None if that is not known.
        file: where to write, in plain text; by itself the standard output.
        begin: how many steps were done before.

    >>> bar = Progress("epoch 1/2", total=4)
    >>> for i in range(4):
    ...     bar.update(i + 1, {"loss": 1 / (i + 1)})
    >>> bar.done({"loss": 0.25})
    epoch 1/2  loss 0.25
    """

    def __init__(self, title: str, total: int | None = None, file: Any = None, begin: int = 0) -> None:
        self.title = title
        self.total = total
        self.file = file
        self.begin = begin
        self.live = _is_terminal(sys.stdout if file is None else file) or (file is None and _shows_widgets())
        self._began = time.monotonic()
        self._drawn = 0.0
        self._step = begin
        self._width = 0
        self._tqdm: Any = None

    def update(self, step: int, values: _Values) -> None:
        """Show that `step` steps are done, and some values beside, or what a function gives; at most ten times a
        second."""
        if not self.live:
            return
        now = time.monotonic()
        if now - self._drawn > 0.1 or step == self.total:
            self._drawn, self._step = now, step
            listed = _listed(values() if callable(values) else values)
            if not self._by_tqdm(step, listed, now):
                self._write(f"{self.title} {self._bar(step)}  {listed}  {self._pace(step, now)}".rstrip())

    def done(self, values: dict[str, float]) -> None:
        """Replace the bar by a line that stays."""
        self.close()
        say(f"{self.title}  {_listed(values)}", "\n", self.file)

    def close(self) -> None:
        """Take the bar away."""
        if self._width:
            self._write("")
        with suppress(Exception):
            self._tqdm.close()
        self._tqdm, self.begin, self._began = None, self._step, time.monotonic()

    def _bar(self, step: int) -> str:
        if not self.total:
            return f"step {step}"
        filled = 20 * min(step, self.total) // self.total
        return f"[{'#' * filled}{'.' * (20 - filled)}] {step}/{self.total}"

    def _pace(self, step: int, now: float) -> str:
        """Steps in a second, and the time that is left.

        >>> bar = Progress("epoch 1", total=400)
        >>> bar._began = 0.0
        >>> bar._pace(100, 50.0)
        '2 steps/s  2:30 left'
        """
        made, took = step - self.begin, now - self._began
        if made < 1 or took <= 0:
            return ""
        left = round((self.total - step) * took / made) if self.total else None
        return f"{made / took:.3g} steps/s" + (f"  {left // 60}:{left % 60:02} left" if left is not None else "")

    def _by_tqdm(self, step: int, listed: str, now: float) -> bool:
        """Draw by tqdm; whether that went well."""
        if self.file is not None:
            return False
        with suppress(Exception):  # it is not installed, or the output is none
            if self._tqdm is None:
                options = {"leave": False, "dynamic_ncols": True, "unit": "step", "file": sys.stdout}
                self._tqdm = _tqdm()(desc=self.title, total=self.total, initial=self.begin, **options)
                self._tqdm.start_t -= now - self._began
            self._tqdm.n = step
            self._tqdm.set_description_str(self.title, refresh=False)
            self._tqdm.set_postfix_str(listed, refresh=False)
            self._tqdm.refresh()
            return True
        self._tqdm = None
        return False

    def _write(self, text: str) -> None:
        say(f"\r{' ' * self._width}\r{text}" if self._width else f"\r{text}", "", self.file)
        self._width = len(text)


def _tqdm() -> Any:
    """tqdm's class of bars for where we are."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of what a notebook lacks
        from tqdm.auto import tqdm
    return tqdm


def _shows_widgets() -> bool:
    """Whether this is a notebook in which tqdm can draw."""
    with suppress(Exception):
        return "ipykernel" in sys.modules and all(map(importlib.util.find_spec, ("tqdm", "ipywidgets")))
    return False


def _listed(values: dict[str, float]) -> str:
    """Names and numbers, four digits each.

    >>> _listed({"loss": 0.123456, "accuracy": 0.5})
    'loss 0.1235  accuracy 0.5'
    """
    return "  ".join(f"{name} {value:.4g}" for name, value in values.items())
