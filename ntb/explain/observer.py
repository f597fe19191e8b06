"""Observer: a listener that looks at operations and records none; and the line of the user's program that ran them."""

from __future__ import annotations

import linecache
import sys
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np

from ..tape.listener import Listener, listeners
from ..tape.operation import Operation

Location = tuple[str, int] | None
"""File and line number in the user's program."""
_LIBRARIES = (str(Path(__file__).parent.parent), str(Path(np.__file__).parent))


class Observer(Listener):
    """While it is open, `look` is called with every operation on tensors, also in backward walks, whose rules run on
    tensors if there is a listener; in traced functions, which then run eagerly; and inside a checkpoint.
    """

    only_looks = True  # so that what transformations answer with does not depend on it

    def __enter__(self) -> Observer:
        listeners.set((self, *listeners.get()))  # before all others, so that it does not separate them
        return self

    def look(self, operation: Operation, args: tuple, kwargs: dict, result: Any) -> None:
        """An operation ran, anywhere in the program."""

    def write(self, operation: Operation, args: tuple, kwargs: dict, result: Any) -> None:
        self.look(operation, args, kwargs, result)

    def inside(self, operation: Operation, args: tuple, kwargs: dict, result: Any) -> None:
        self.look(operation, args, kwargs, result)


def users_line() -> Location:
    """File and number of the line that is running, in the innermost code that is neither ntb's nor NumPy's."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith(_LIBRARIES):
        frame = frame.f_back
    return None if frame is None else (frame.f_code.co_filename, frame.f_lineno)


def quoted(line: Location) -> str:
    """A line as errors show it: `model.py:12: y = np.log(x)`.

    The cells of a notebook have no files, only names such as /tmp/ipykernel_71/2093.py, which tell a reader nothing.
    """
    if line is None:
        return "an unknown line"
    name, number = line
    place = f"line {number} of a cell" if Path(name).parent.name.startswith("ipykernel_") else f"{name}:{number}"
    source = linecache.getline(name, number).strip()
    return f"{place}: {source}" if source else place
