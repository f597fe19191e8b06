"""Arrays that are not NumPy's: Dask's, CuPy's, any that answer NumPy's protocols (NEP 13 and 18).

A foreign array is never made one of NumPy's unless the user says so (`t.numpy()`, `float(t)`), as that would compute or
move all of it. How operations run on one is in `elsewhere.py`.
"""

from __future__ import annotations

import types
from typing import Any

import numpy as np

from .rules import Traceable

NUMBERS = (np.float64, np.float32, np.int64, np.bool_, np.complex128, float, int, bool, complex)
FAMILIAR = frozenset(
    {np.ndarray, *NUMBERS, types.NoneType, types.EllipsisType, str, slice}
)  # types of values that are surely not foreign


def is_foreign(x: Any) -> bool:
    """Whether it is an array of another library than NumPy."""
    kind = type(x)
    return kind not in FAMILIAR and hasattr(kind, "__array_function__") and not isinstance(x, np.ndarray | Traceable)


def first_foreign(tree: Any) -> Any:
    """The first foreign array at any depth of lists, tuples and dicts; None without one."""
    kind = type(tree)
    if kind in FAMILIAR:
        return None
    if kind is tuple or kind is list or kind is dict:
        for x in tree.values() if kind is dict else tree:
            if type(x) not in FAMILIAR:
                found = first_foreign(x)
                if found is not None:
                    return found
        return None
    return tree if is_foreign(tree) else None


def stand_in(x: Any) -> Any:
    """A NumPy array of the shape and dtype of a foreign one, without memory, for questions about these; else x."""
    if is_foreign(x):
        return np.broadcast_to(np.zeros((), x.dtype), x.shape)
    return type(x)([stand_in(item) for item in x]) if type(x) in (tuple, list) else x


def is_lazy(array: Any) -> bool:
    """Whether an array is a description of what is to be computed, as Dask's are."""
    return hasattr(array, "__dask_graph__")


def name_of_library(array: Any) -> str:
    return type(array).__module__.partition(".")[0]


def to_numpy(value: Any) -> Any:
    """The value as NumPy's array or number: Dask's arrays are computed, CuPy's are fetched."""
    if not is_foreign(value):
        return value
    for method in ("compute", "get", "todense"):
        if hasattr(value, method):
            value = getattr(value, method)()
            break
    return np.asarray(value)[()]
