"""Calls that an interrupt cannot come between."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from itertools import chain
from typing import Any


def at_once(*calls: Iterable[Any]) -> None:
    """Make all calls of some iterators, such as `map(set_tensor, variables, tensors)`.

    Python looks for signals between its own instructions, and this is a single one. So an interrupt comes before all of
    the calls or after all of them, if they are into C and do not fail; what can fail must have been done before.

    >>> x, y = [], []
    >>> at_once(map(list.append, [x, y], [1, 2]), map(x.append, [3]))
    >>> x, y
    ([1, 3], [2])
    """
    deque(chain(*calls), 0)
