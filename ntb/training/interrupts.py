"""Ctrl-C between two steps of training, not within one."""

from __future__ import annotations

import signal
import threading
from typing import Any


class Interrupts:
    """A block in which Ctrl-C is kept until `check` is called, or until the block ends. A second one interrupts at
    once, as usual.

    Outside of the main thread, and where the program has a handler of its own, everything stays as it is.

    >>> try:
    ...     with Interrupts() as interrupts:
    ...         signal.raise_signal(signal.SIGINT)
    ...         print("the step is finished")
    ...         interrupts.check()
    ... except KeyboardInterrupt:
    ...     print("training ends")
    the step is finished
    training ends
    """

    def __init__(self) -> None:
        self._asked = False
        self._before: Any = None

    def __enter__(self) -> Interrupts:
        main = threading.current_thread() is threading.main_thread()
        if main and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            self._before = signal.signal(signal.SIGINT, self._keep)
        return self

    def __exit__(self, kind: Any, *_: object) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)
        if kind is None:
            self.check()

    def _keep(self, number: int, frame: Any) -> None:
        if self._asked:
            signal.default_int_handler(number, frame)
        self._asked = True

    def check(self) -> None:
        """Raise KeyboardInterrupt if Ctrl-C was pressed since the block began."""
        if self._asked:
            self._asked = False
            raise KeyboardInterrupt
