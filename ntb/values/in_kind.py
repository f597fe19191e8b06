"""In kind: who gives arrays is answered with arrays, who gives tensors with tensors.

Decided here for all transformations (`grad`, `jacobian`, `scan` …) and for traced functions. Other libraries, such as
SciPy, call these with arrays of their own and expect arrays that they may keep and write to. An open tape needs
tensors, as it could not follow anything else.
"""

from __future__ import annotations

import types
from typing import Any

import numpy as np

from ..tape.listener import listeners
from ..tape.tensor import ArrayLike, Tensor
from ..tree import children, tree_map

_NO_ARRAYS: tuple[type, ...] = (bool, str, bytes, slice, type(None), type(...), np.dtype)
_NO_ARRAYS += (type, types.ModuleType, types.FunctionType, types.BuiltinFunctionType, types.MethodType, np.ufunc)
"""What is no array argument, and is not looked into."""


def wants_arrays(*args: Any, tensors: bool = False) -> bool:
    """Whether who calls with these arguments is answered with NumPy's arrays instead of tensors.

    He is if there is an array of NumPy or a number among them (or what NumPy makes an array of, such as a column of a
    table), no Tensor and no Variable, and no array of another library that ntb computes with; all this also inside of
    lists, dicts and objects, so that a model among the arguments asks for tensors. And if nobody listens: inside the
    block of a tape, or of a traced function, all answers are tensors. With `tensors`, these count as arrays.

    >>> wants_arrays(np.ones(2), {"rate": 0.1}), wants_arrays(np.ones(2), Tensor(1.0)), wants_arrays("text")
    (True, False, False)
    """
    if any(not getattr(type(listener), "only_looks", False) for listener in listeners.get()):
        return False
    found = False
    pending: list[Any] = list(args)
    seen: set[int] = set()  # of containers and objects, which may hold each other
    while pending:
        x = pending.pop()
        kind = type(x)
        if kind is np.ndarray or kind is float:
            found = True
        elif isinstance(x, _NO_ARRAYS):
            continue
        elif isinstance(x, np.ndarray | np.generic | int | float | complex) or (tensors and kind is Tensor):
            found = True
        elif isinstance(x, ArrayLike) or hasattr(kind, "__array_function__"):
            return False
        elif hasattr(kind, "__array__"):
            found = True
        elif id(x) not in seen:
            seen.add(id(x))
            pending += _held_by(x)
    return found


def _held_by(x: Any) -> list[Any]:
    """What a container or an object holds."""
    if isinstance(x, tuple | list | dict):
        return [part for _, part in children(x)]
    return list(getattr(x, "__dict__", {}).values())


def to_arrays(tree: Any, own: bool = False) -> Any:
    """The tree with an array in the place of each tensor, which its receiver may write to; or a number, of no axes.

    Args:
        tree: an answer. What is no tensor stays as it is, and so does a tensor of another library's array.
        own: nobody else has these arrays, so that they need no copy.

    >>> to_arrays({"loss": Tensor(np.array(0.5)), "name": "a"})["loss"] + 1
    np.float64(1.5)
    """
    return tree_map(lambda x: to_array(x.value if own else np.array(x.value)) if type(x) is Tensor else x, tree)


def to_array(value: Any) -> Any:
    """A value as NumPy's functions return it: an array that can be written to; of no axes, a number."""
    if type(value) is np.ndarray:
        return value[()] if not value.ndim else value if value.flags.writeable else value.copy()
    return value
