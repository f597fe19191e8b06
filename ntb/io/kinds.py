"""What is known of a file's arrays before they are read."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

METADATA = "__metadata__"
"""The name under which both formats keep what is no array."""

TRAINABLE = "__trainable__"
"""The name under which the names of trainable Variables are kept, where they are known."""

LONGEST = 100_000_000
"""Bytes of metadata that are read; the limit of the safetensors format for its header."""

_MOST_AXES = 64  # of an array of NumPy's


class Kind(NamedTuple):
    """The dtype and shape that a file gives for an array."""

    dtype: np.dtype
    shape: tuple[int, ...]

    @property
    def nbytes(self) -> int:
        return math.prod(self.shape) * self.dtype.itemsize

    def native(self) -> Kind:
        """The same in the machine's order of bytes, in which arrays are given to the user."""
        return Kind(self.dtype.newbyteorder("="), self.shape)


Texts = dict[str, str]
"""What is no array, by `METADATA` and `TRAINABLE`, as JSON."""


class Contents(NamedTuple):
    """An open file: what is known of it by its header, and how one of its arrays is read."""

    kinds: dict[str, Kind]
    texts: Texts
    array: Callable[[str], np.ndarray]


def kind_of(name: str, dtype: Any, shape: Any, allowed: str = "biufc") -> Kind:
    """A Kind, if there can be such an array.

    >>> kind_of("w", "<f4", [2, 3]).nbytes
    24
    """
    if np.dtype(dtype).kind not in allowed:
        what = "objects, which are pickles and never read" if np.dtype(dtype).hasobject else np.dtype(dtype)
        raise ValueError(f"{name} is an array of {what}; expected {'text' if allowed == 'U' else 'numbers'}")
    if len(shape) > _MOST_AXES or not all(type(n) is int and n >= 0 for n in shape):
        raise ValueError(f"{name} has no possible shape")
    return Kind(np.dtype(dtype), tuple(shape))
