"""Arguments: telling tensors, plain values and unknown objects apart."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from .tree import leaves


class Shaped:
    """What follows from a shape."""

    __slots__ = ()
    shape: Any

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        return math.prod(self.shape)


class Traceable(Shaped):
    """What NumPy's functions and our primitives recognise as a tensor or variable."""

    __slots__ = ()
    value: Any


def first_traceable(tree: Any) -> Any:
    """The first tensor or variable in a tree; None without one."""
    return next((x for x in leaves(tree) if isinstance(x, Traceable)), None)


PLAIN = frozenset({np.ndarray, np.float64, np.float32, np.int64, np.bool_, np.complex128, float, int, bool, complex,
                   str, slice, type(None), type(...)})  # fmt: skip
"""The types of nearly all arguments: there is no tensor in them, and no array of another library."""


def are_plain(xs: Iterable[Any]) -> bool:
    """Whether there are surely no tensors, and no arrays of other libraries, among arguments."""
    return all([type(x) in PLAIN or (type(x) is tuple and PLAIN.issuperset(map(type, x))) for x in xs])


adopters: list[Callable[[Any], Any]] = []
"""What rooms above make tensors with of objects that the engine does not know; each returns None for all others."""


def adopted(x: Any) -> Any:
    """A tensor that holds an object which the engine does not know; anything else as it is."""
    if type(x) not in PLAIN and not isinstance(x, Traceable):
        for adopt in adopters:
            if (found := adopt(x)) is not None:
                return found
    return x
