"""What attention remembers of the tokens before, when a text is generated token by token."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import InputError
from ...values.creation import in_type
from ...variable import Variable
from ..checks import floating_type, whole_number
from ..module import Module


class KeyValueCache(Module):
    """Keys and values of the steps so far, so that each step computes those of its own tokens alone.

    All its arrays have their full length from the beginning: a traced step has one program for all lengths.

    Args:
        batch: how many sequences are generated at the same time.
        heads: of the keys and values.
        length: how many steps it can hold.
        size: of a head.
        dtype: of keys and values.

    Variables:
        keys: (batch, heads, length, size), not trained.
        values: (batch, heads, length, size), not trained either.
        filled: how many steps it holds, not trained.

    Raises:
        InputError: a size that is no whole number; more steps than `length` at once.

    >>> cache = KeyValueCache(1, 2, 10, 4)
    >>> keys, _, sees = cache.extend(np.ones((1, 2, 3, 4)), np.ones((1, 2, 3, 4)))
    >>> keys.shape, np.sum(sees, axis=-1).tolist()
    ((1, 2, 10, 4), [1, 2, 3])
    """

    def __init__(self, batch: int, heads: int, length: int, size: int, *, dtype: Any = np.float32) -> None:
        shape = tuple(whole_number(n, "a size of a cache", 0) for n in (batch, heads, length, size))
        self.keys = Variable(np.zeros(shape, floating_type(dtype)), trainable=False)
        self.values = Variable(np.zeros(shape, dtype), trainable=False)
        self.filled = Variable(np.array(0), trainable=False)

    def extend(self, keys: Any, values: Any) -> tuple[Any, Any, Any]:
        """Take in the keys and values of T more steps, (batch, heads, T, size).

        Returns:
            All keys and all values, (batch, heads, length, size), and which of them each of the T queries sees,
            (T, length).
        """
        steps, length = keys.shape[-2], self.keys.shape[-2]
        if steps > length:
            raise InputError(f"{steps} steps do not fit into a cache for {length}")
        start, places = self.filled.read(), np.arange(length)
        new = np.expand_dims((places >= start) & (places < start + steps), -1)
        source = np.clip(places - start, 0, max(steps - 1, 0))
        for held, more in ((self.keys, keys), (self.values, values)):
            held.assign(np.where(new, np.take(in_type(more, held.dtype), source, axis=-2), held))
        self.filled.assign(start + steps)
        sees = places <= start + np.expand_dims(np.arange(steps), -1)
        return self.keys.read(), self.values.read(), sees

    def clear(self) -> None:
        """Begin anew."""
        self.filled.assign(0)
