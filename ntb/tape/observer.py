"""Observer: a tape that looks at operations and records none, and the line of the user's program that made them run."""

from __future__ import annotations

import linecache
import sys
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np

from .conversions import open_tapes
from .errors import TapeError
from .rules import Operation
from .tape import NO_TAPE, Tape

Line = tuple[str, int] | None
LIBRARIES = (str(Path(__file__).parent.parent), str(Path(np.__file__).parent))


class Observer(Tape):
    """While it is open, `look` is called with every operation on tensors: those of backward walks, since rules run on
    tensors where a tape listens; those of traced functions, which run eagerly then; and those inside a checkpoint.
    """

    def __init__(self) -> None:
        super().__init__(watch_variables=False)

    def __enter__(self) -> Observer:
        open_tapes.set((self, *open_tapes.get()))  # before all others, which it shall not come between
        return self

    def write(self, operation: Operation, args: tuple, kwargs: dict | None, result: Any) -> None:
        self.look(operation, args, kwargs, result)

    def gradient(self, *args: Any, **kwargs: Any) -> Any:
        raise TapeError(NO_TAPE)


def users_line() -> Line:
    """File and number of the line that is running, in the innermost code that is neither ntb's nor NumPy's."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith(LIBRARIES):
        frame = frame.f_back
    return None if frame is None else (frame.f_code.co_filename, frame.f_lineno)


def quoted(line: Line) -> str:
    """A line as errors show it: `model.py:12: y = np.log(x)`."""
    if line is None:
        return "an unknown line"
    name, number = line
    source = linecache.getline(name, number).strip()
    return f"{name}:{number}: {source}" if source else f"{name}:{number}"
