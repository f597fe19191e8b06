"""Listener: what the engine tells while a program runs, to tapes and to all else that wants to know."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from ..messages import leaves_tape

listeners: ContextVar[tuple[Any, ...]] = ContextVar("listeners", default=())
"""The listeners that are open now, the outermost first. A new thread has none (in Pythons where threads inherit the
context, and in `asyncio.to_thread`, those of its maker); a task of asyncio begins with those open where it is made."""

pulling: ContextVar[Any] = ContextVar("pulling", default=None)
"""Which derivative the innermost backward walk computes: (operation, position, id of the result, id of the argument).
None outside of walks, and in walks that nobody listens to."""


class Listener:
    """What may be told of a running program. The methods are called while it is open; these do nothing."""

    replays = False
    """Whether the program that it is told of runs again without its Python code: a trace."""

    tracked: Container = frozenset()
    """The ids of the values that it follows."""

    outer: Sequence[Listener] = ()
    """Listeners that do not see what goes on while this one is open, but a single operation that stands for it."""

    def __enter__(self) -> Any:
        listeners.set((*listeners.get(), self))
        return self

    def __exit__(self, *exception: object) -> None:
        # Taken out by identity, not by position: a generator may leave its block after its caller entered another.
        listeners.set(tuple(other for other in listeners.get() if other is not self))

    def write(self, operation: Any, args: tuple, kwargs: dict, result: Any) -> None:
        """An operation ran on tensors: `result = operation(*args, **kwargs)`."""

    def inside(self, operation: Any, args: tuple, kwargs: dict, result: Any) -> None:
        """An operation ran in a part of the program that this listener sees as one: a checkpoint, a step of a scan."""

    def create(self, variable: Any) -> None:
        """A variable was made."""

    def read(self, variable: Any) -> None:
        """A variable is read."""

    def assign(self, variable: Any, value: Any, new: Any) -> None:
        """A variable is about to be given a value; the tensor `new` is what its cell will hold."""

    def draw(self, generator: Any) -> Any:
        """A generator of `ntb.random` is about to draw. What is returned, if anything, is taken instead."""

    def decide(self, kind: Any, tensor: Any, answer: Any) -> None:
        """Python's control flow looked at a value: `answer = kind(tensor)`, of `bool`, `int` or `operator.index`."""

    def leave(self, tensor: Any, how: str, on_purpose: bool = False) -> None:
        """A value becomes a plain number or array, by `.numpy()` on purpose; an error if its gradient would be lost."""
        if tensor.id in self.tracked and not on_purpose:
            raise leaves_tape(how)


def traces() -> list[Any]:
    """The open listeners whose program will run again."""
    return [listener for listener in listeners.get() if listener.replays]


@contextmanager
def unheard(listener: Listener) -> Iterator[None]:
    """A block of which one of the open listeners is told nothing."""
    before = listeners.get()
    listeners.set(tuple(other for other in before if other is not listener))
    try:
        yield
    finally:
        if listener in before:
            at = before.index(listener)
            now = [other for other in listeners.get() if other is not listener]
            listeners.set((*now[:at], listener, *now[at:]))
