"""Many small parameters updated as one array.

To an elementwise update, such as Adam's, it makes no difference to which parameter an element belongs. Each small
parameter takes a call for each of a dozen operations, and most of that time is the call itself. Laid end to end, the
parameters share the calls, and get the same numbers, bit for bit. This pays in a program, where an operation costs a
call and no more; in eager execution the copies cost as much as they save.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..variable import Variable

SMALL_PARAMETER = 2048  # most elements of a small parameter; copies of larger ones cost as much as the calls
ENOUGH = 8  # fewest small parameters that are worth it; with fewer, a program is easier to read without


def together(variables: Sequence[Variable]) -> list[list[int]]:
    """The numbers of the parameters, in lists; the parameters of one list are updated as one array."""
    small: dict[Any, list[int]] = {}
    for i, variable in enumerate(variables):
        if variable.size <= SMALL_PARAMETER:
            small.setdefault(variable.dtype, []).append(i)
    groups = [members for members in small.values() if len(members) >= ENOUGH]
    joint = {i for members in groups for i in members}
    return groups + [[i] for i in range(len(variables)) if i not in joint]


def joined(arrays: Sequence[Any]) -> Any:
    """Arrays laid end to end; a single one as it is."""
    if len(arrays) == 1:
        return arrays[0]
    return np.concatenate([a if a.ndim == 1 else np.reshape(a, -1) for a in arrays])


def parted(flat: Any, variables: Sequence[Variable]) -> list[Any]:
    """The inverse of `joined`: arrays of the variables' shapes, each with its own memory."""
    if len(variables) == 1:
        return [flat]
    parts, begin = [], 0
    for variable in variables:
        end = begin + variable.size
        part = flat[begin:end]
        parts.append(np.positive(part if len(variable.shape) == 1 else np.reshape(part, variable.shape)))
        begin = end
    return parts
