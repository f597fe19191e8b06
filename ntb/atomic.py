"""Calls that no interrupt can separate: they change state as a whole or not at all.

A room for what commits state: `ntb/optim`, `ntb/training` and its older form in `ntb/compat`, `ntb/state.py`
(saved state), `ntb/replay`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Sequence
from functools import partial
from itertools import chain
from typing import Any

from .tape.tensor import Tensor
from .variable import Variable


def uninterrupted(*calls: Iterable[Any], again: Collection[partial[Any]] = ()) -> None:
    """Make all calls of some iterators, such as `map(set_tensor, variables, tensors)`.

    Python looks for signals between its own instructions, and this is a single one. So an interrupt comes before all
    calls or after all of them, if they run in C and do not fail. Whatever can fail must be done before.

    Args:
        calls: iterators of which each step is a call.
        again: calls that are made at the end and may be made twice, as those that put generators of random numbers
            back. NumPy divides long integers in them, where Python looks for signals; then all of these are made again.

    >>> x, y = [], []
    >>> uninterrupted(map(list.append, [x, y], [1, 2]), map(x.append, [3]))
    >>> x, y
    ([1, 3], [2])
    """
    rest = chain(*calls)
    try:
        deque(chain(rest, map(partial.__call__, again)), 0)
    except BaseException:  # what is left of the calls, as some may not have begun
        deque(chain(rest, map(partial.__call__, again)), 0)
        raise


take_all = deque[Any](maxlen=0).extend
"""Make all calls of one iterator, which cannot fail: the quick form of `uninterrupted`. The deque keeps nothing."""

set_tensor = vars(Variable)["_tensor"].__set__
"""`Variable.set` as one call into C, which an interrupt cannot split."""


def assign_all(variables: Sequence[Variable], values: Iterable[Any]) -> None:
    """Assign several values, as `Variable.assign` does one. An error or an interrupt leaves all assigned or none."""
    new: list[Tensor] = [variable.prepared(value) for variable, value in zip(variables, values)]
    uninterrupted(map(set_tensor, variables, new))
