"""Marks: how far iterators, files and generators of random numbers have got, which tells whether a trace moved them."""

from __future__ import annotations

import gc
import io
import operator
import pickle
import queue
import random
import types
import warnings
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np

from .constants import Same, constant
from .findings import Finding

_GENERATORS = (types.GeneratorType, types.CoroutineType, types.AsyncGeneratorType)
_COUNTS = ("line_num", "coords")  # of a csv.reader, and of an array's `flat`
_DRAWING = (np.random.Generator, np.random.BitGenerator, np.random.RandomState, random.Random)


class Mark(Finding):
    """How far an object has got that gives something else each time. The key tells of a frame whether it went on."""

    __slots__ = ()
    checked = False  # a function that moves one is refused, and one that does not, does not depend on it

    def now(self) -> Any:
        return _position(self.holder, self.key)

    def parts(self) -> list[Any]:
        return _drawn_from(self.holder)

    def labelled(self, value: Any) -> list[tuple[str, Any]]:
        return [("", part) for part in _drawn_from(self.holder)]


def is_moving(x: Any) -> bool:
    """Whether an object gives something else each time it is asked, and keeps how far it has got out of sight."""
    return _is_iterator(x) or issubclass(type(x), (*_GENERATORS, *_DRAWING, queue.SimpleQueue))


def _is_iterator(x: Any) -> bool:
    """Whether it is an iterator in C."""
    return type(x) not in weakref.ProxyTypes and isinstance(_of_class(x, "__next__"), types.WrapperDescriptorType)


def _of_class(x: Any, name: str) -> Any:
    """What a class has under a name, without calling anything; None if it has nothing."""
    return next((vars(base)[name] for base in type(x).__mro__ if name in vars(base)), None)


def _position(x: Any, went_on: Callable[[Any], bool]) -> Any:
    if isinstance(x, _GENERATORS):
        frame = getattr(x, "gi_frame", None) or getattr(x, "cr_frame", None) or getattr(x, "ag_frame", None)
        return "finished" if frame is None else went_on(frame)
    if isinstance(x, np.random.Generator):
        x = x.bit_generator
    if isinstance(x, np.random.BitGenerator):
        return pickle.dumps(x.state)
    if isinstance(x, np.random.RandomState):
        return pickle.dumps(x.get_state())
    if isinstance(x, random.Random):
        return None if isinstance(x, random.SystemRandom) else x.getstate()
    if isinstance(x, queue.SimpleQueue):
        return x.qsize()
    return _of_file(x) if isinstance(x, io.IOBase) else _of_iterator(x)


def _of_file(x: Any) -> Any:
    if (
        x.closed or x.writable() or not x.seekable()
    ):  # what is written for people to read, a function may leave to a trace
        return x.closed
    try:
        return x.tell()
    except OSError:  # a text that is read in a loop does not tell
        return "in a loop", x.buffer.tell()


def _drawn_from(x: Any) -> list[Any]:
    """The iterators and functions that an iterator in C draws from."""
    if not _is_iterator(x) or isinstance(x, io.IOBase):
        return []
    held = [part for x in gc.get_referents(x) for part in (x if type(x) is tuple else [x])]
    return [part for part in held if part is not type(x) and (is_moving(part) or callable(part))]


def _of_iterator(x: Any) -> Any:
    """What an iterator in C would be pickled as."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # iterators will not be pickled in later Pythons
        try:
            state: Any = x.__reduce__()
        except (TypeError, AttributeError, NotImplementedError):
            state = tuple([getattr(x, name, None) for name in _COUNTS])
    return operator.length_hint(x, -1), _outline(state)


def _outline(x: Any) -> Any:
    """A state without the things in it, which may be large and stay what they are."""
    if isinstance(x, tuple | list) and len(x) < 10:
        return tuple([_outline(part) for part in x])
    return len(x) if isinstance(x, list) else id(x) if isinstance(constant(x), Same) else x
