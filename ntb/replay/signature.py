"""Signatures: which calls of a traced function one program serves.

Arrays and Python floats are fed, and count by shape, dtype and layout; everything else counts by value.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Hashable
from typing import Any

import numpy as np

from ..tape.tensor import Tensor, map_tree
from ..tape.variable import Variable


def key_of(x: Any, leaves: list[Any]) -> Hashable:
    """The part of a signature that an argument makes; its arrays and floats are appended to `leaves`."""
    kind = type(x)
    if kind is Tensor:
        x, kind = x.value, type(x.value)
    if kind is np.ndarray:
        leaves.append(x)
        flags = x.flags
        layout = "C" if flags.c_contiguous else "F" if flags.f_contiguous else x.strides
        return ("array", x.shape, x.dtype, layout)
    if kind is float or kind is complex:
        leaves.append(x)
        return str(kind)
    if kind is tuple or kind is list:
        return (kind, *[key_of(item, leaves) for item in x])
    if kind is dict:
        return (dict, *[(name, key_of(item, leaves)) for name, item in x.items()])
    if isinstance(x, np.generic):
        leaves.append(x)
        return ("scalar", x.dtype)
    return (kind, x)


def lift(x: Any, name: str, inputs: list[tuple[str, Tensor]], known: dict[int, Tensor]) -> Any:
    """Put a Tensor in the place of each array and float, in the order of `_key`."""
    kind = type(x)
    value = x.value if kind is Tensor else x
    if isinstance(value, np.ndarray | np.generic | float | complex) and not isinstance(value, bool):
        # An array that is given twice is one tensor, so that `f(x, x)` computes what it would without a trace.
        tensor = known.get(id(value))
        if tensor is None:
            tensor = Tensor(value.copy(order="K") if isinstance(value, np.ndarray) else value)
            if isinstance(value, np.ndarray):
                known[id(value)] = tensor
        inputs.append((name, tensor))
        return tensor
    if kind is tuple or kind is list:
        return kind([lift(item, f"{name}_{i}", inputs, known) for i, item in enumerate(x)])
    if kind is dict:
        return {
            key: lift(item, str(key) if str(key).isidentifier() else f"{name}_{i}", inputs, known)
            for i, (key, item) in enumerate(x.items())
        }
    return x


def settled(outputs: Any) -> Any:
    """The outputs with variables read, and arrays copied that the user could change."""
    return map_outputs(lambda t: t, outputs)


def map_outputs(f: Callable[[Tensor], Any], x: Any) -> Any:
    if isinstance(x, Variable):
        x = x.get()
    if type(x) is Tensor:
        return f(x)
    if isinstance(x, np.ndarray):
        return x.copy()
    return map_tree(lambda item: map_outputs(f, item), x)


def output(value: Any) -> Any:
    """What the caller gets: a tensor, or the Python number that stayed one."""
    return value if type(value) in (float, complex, int, bool) else Tensor(value)


def captured_by(function: Callable[..., Any]) -> Callable[[], Hashable]:
    """A function that tells what the traced function finds in its closure and globals now, as part of its signature.

    Numbers and strings count by value, other objects by identity; modules, functions and classes not at all.
    """
    code = getattr(function, "__code__", None)
    if code is None:
        return lambda: None
    cells = function.__closure__ or ()
    space = function.__globals__
    names = [name for name in code.co_names if name in space and not _is_code(space[name])]

    def captured() -> Hashable:
        values = [cell.cell_contents for cell in cells if not _is_empty(cell)] + [space.get(name) for name in names]
        return tuple(
            [(type(v), v) if type(v) in (int, float, bool, str) else None if _is_code(v) else id(v) for v in values]
        )

    return captured if cells or names else lambda: None


def _captured_key(x: Any) -> Hashable:
    if type(x) in (int, float, bool, str):
        return (type(x), x)
    return None if _is_code(x) else id(x)


def _is_empty(cell: types.CellType) -> bool:
    try:
        cell.cell_contents  # noqa: B018 (empty before its variable is assigned)
    except ValueError:
        return True
    return False


def _is_code(x: Any) -> bool:
    return isinstance(x, types.ModuleType | types.FunctionType | types.BuiltinFunctionType | type | np.ufunc)


def difference(a: Any, b: Any) -> str:
    """Where two signatures differ, in words."""
    if a == b:
        return "the outcome of an `if`"
    if isinstance(a, tuple) and isinstance(b, tuple):
        if a[:1] == ("array",) == b[:1]:
            what = ["", "the shape of an array", "the dtype of an array", "the memory layout of an array"]
            return next(f"{what[i]} ({a[i]}, then {b[i]})" for i in range(1, 4) if a[i] != b[i])
        if len(a) == len(b):
            return next(difference(x, y) for x, y in zip(a, b, strict=True) if x != y)
    return f"a value ({a!r}, then {b!r})"
