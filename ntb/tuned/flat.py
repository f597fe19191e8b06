"""Many small parameters updated as one array.

To an elementwise update, such as Adam's, it makes no difference to which parameter an element belongs. Each small
parameter takes a call for each of a dozen operations, and most of that time is the call itself. Laid end to end, the
parameters share the calls, and get the same numbers, bit for bit. This pays in a program, where an operation costs a
call and no more: one for a deep network of small layers gets a tenth to a fifth faster. In eager execution the copies
cost as much as they save.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

SMALL_PARAMETER = 2048
"""Most elements of a small parameter; copies of larger ones cost as much as the calls."""
ENOUGH = 8
"""Fewest small parameters that are worth it; with fewer, a program is easier to read without."""


def together(parameters: Sequence[Any]) -> list[list[int]]:
    """The numbers of the parameters, in lists; the parameters of one list are updated as one array.

    Complex numbers without axes stay alone, as `*` of NumPy's scalars rounds otherwise than `*` of arrays.
    """
    small: dict[Any, list[int]] = {}
    for i, w in enumerate(parameters):
        if w.size <= SMALL_PARAMETER and (w.ndim or w.dtype.kind != "c"):
            small.setdefault(w.dtype, []).append(i)
    groups = [members for members in small.values() if len(members) >= ENOUGH]
    joint = {i for members in groups for i in members}
    return groups + [[i] for i in range(len(parameters)) if i not in joint]


def joined(arrays: Sequence[Any]) -> Any:
    """Arrays laid end to end; a single one as it is."""
    if len(arrays) == 1:
        return arrays[0]
    return np.concatenate([a if a.ndim == 1 else np.reshape(a, -1) for a in arrays])


def parted(flat: Any, shapes: Sequence[tuple[int, ...]]) -> list[Any]:
    """The inverse of `joined`: arrays of these shapes, each with its own memory."""
    if len(shapes) == 1:
        return [flat]
    parts, begin = [], 0
    for shape in shapes:
        end = begin + math.prod(shape)
        part = flat[begin:end]
        parts.append(np.positive(part if len(shape) == 1 else np.reshape(part, shape)))
        begin = end
    return parts
