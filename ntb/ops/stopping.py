"""Where derivatives end on purpose: stop_gradient at a value, stop_recording for a block.

A room that gives tapes `stop_recording`. All layers above `ntb/ops` may use `stop_gradient`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ..extending import extends
from ..messages import stopped_inside
from ..primitive import primitive
from ..tape.listener import listeners, unheard
from ..tape.rules import declare
from ..tape.tape import Tape


@primitive(general=True)
def stop_gradient(x: Any) -> Any:
    """The same value as a constant: no gradient flows through it.

    >>> import ntb
    >>> with ntb.Tape() as tape:
    ...     x = tape.watch(3.0)
    ...     y = x * stop_gradient(x)
    >>> tape.gradient(y, x)
    Tensor(3.)
    """
    return x


declare(stop_gradient, constant=True)


@extends(Tape)
class Stopping:
    """The method of tapes that makes a block a constant."""

    @contextmanager
    def stop_recording(self: Any) -> Iterator[None]:
        """A block whose operations this tape does not record (outer and inner tapes do).

        >>> with Tape() as tape:
        ...     x = tape.watch(2.0)
        ...     with tape.stop_recording():
        ...         monitored = x * x
        >>> len(tape)
        0
        """
        if any(self in listener.outer for listener in listeners.get()):
            raise stopped_inside()
        with unheard(self):
            yield
