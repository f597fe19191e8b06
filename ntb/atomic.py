"""Calls that no interrupt can separate: they change state as a whole or not at all.

A room for what commits state: `ntb/optim`, `ntb/training.py`, `ntb/state.py` (saved state), `ntb/replay`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from functools import partial
from itertools import chain
from typing import Any

from .tape.tensor import Tensor
from .variable import Variable


def uninterrupted(*calls: Iterable[Any]) -> None:
    """Make all calls of some iterators, such as `map(set_tensor, variables, tensors)`.

    Python looks for signals between its own instructions, and this is a single one. So an interrupt comes before all
    calls or after all of them, if they run in C and do not fail. Whatever can fail must be done before.

    >>> x, y = [], []
    >>> uninterrupted(map(list.append, [x, y], [1, 2]), map(x.append, [3]))
    >>> x, y
    ([1, 3], [2])
    """
    deque(chain(*calls), 0)


def put_back(calls: Sequence[partial[Any]]) -> None:
    """Make calls that may be made twice, as those that put generators of random numbers back.

    NumPy divides long integers in them, and Python looks for signals there. After an interrupt all are made again.
    """
    try:
        uninterrupted(map(partial.__call__, calls))
    except BaseException:
        uninterrupted(map(partial.__call__, calls))
        raise


set_tensor = vars(Variable)["_tensor"].__set__
"""`Variable.set` as one call into C, which an interrupt cannot split."""


def assign_all(variables: Sequence[Variable], values: Iterable[Any]) -> None:
    """Assign several values, as `Variable.assign` does one. An error or an interrupt leaves all assigned or none."""
    new: list[Tensor] = [variable.prepared(value) for variable, value in zip(variables, values)]
    uninterrupted(map(set_tensor, variables, new))
