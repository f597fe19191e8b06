"""Signatures: which calls of a traced function one program serves.

Arrays and Python floats are fed, and count by shape, dtype and layout; variables and objects without a hash count by
identity; everything else by value.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

import numpy as np

from ..tape.elsewhere import untraceable
from ..tape.errors import InputError
from ..tape.foreign import is_foreign
from ..tape.tensor import ArrayLike, Tensor, map_tree


class Diverged(Exception):
    """A decision of Python's control flow would go another way than in the trace."""


class Same:
    """Stands in a signature for an object that counts by identity, and keeps it alive, so that no other gets its id."""

    __slots__ = ("x",)

    def __init__(self, x: Any) -> None:
        self.x = x

    def __eq__(self, other: object) -> bool:
        return type(other) is Same and other.x is self.x

    def __hash__(self) -> int:
        return id(self.x)

    def __repr__(self) -> str:
        return f"a {type(self.x).__name__}"


def signature_of(args: tuple, kwargs: dict) -> tuple[list[Any], Hashable]:
    """The values that are fed, and the key of the trace that fits them."""
    leaves: list[Any] = []
    key: tuple = (key_of(args, leaves), key_of(kwargs, leaves) if kwargs else None)
    if len(set(map(id, leaves))) < len(leaves):
        arrays = [id(leaf) for leaf in leaves if type(leaf) is np.ndarray]
        if len(set(arrays)) < len(arrays):
            key = (*key, tuple(map(arrays.index, arrays)))  # which arguments are the same array
    return leaves, key


def check_hash(signature: Hashable) -> None:
    """Complain of a signature that cannot be the key of a dict."""
    try:
        hash(signature)
    except TypeError as error:
        raise InputError(
            f"a traced function cannot tell calls apart by an argument that has no hash ({error}); "
            "pass arrays, numbers, strings, lists, tuples, dicts or objects with an identity"
        ) from None


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
    if is_foreign(x):
        raise untraceable(x)
    if isinstance(x, ArrayLike) or (kind.__hash__ is None and hasattr(x, "__dict__") and not isinstance(x, np.ndarray)):
        return Same(x)
    return (kind, x)


def lift(x: Any, name: str, inputs: list[tuple[str, Tensor]], known: dict[int, Tensor]) -> Any:
    """Put a Tensor in the place of each array and float, in the order of `key_of`."""
    kind = type(x)
    value = x.value if kind is Tensor else x
    if isinstance(value, np.ndarray | np.generic | float | complex):
        # An array that is given twice is one tensor, so that `f(x, x)` computes what it would without a trace.
        tensor = known.get(id(value)) if isinstance(value, np.ndarray) else None
        if tensor is None:
            tensor = known[id(value)] = Tensor(value)
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


def settled(x: Any) -> Any:
    """The outputs with variables read, and tensors in place of arrays.

    Raises:
        InputError: something else is returned, in which a replay could not find the tensors.
    """
    if isinstance(x, ArrayLike):
        return x.read()
    if isinstance(x, np.ndarray):
        return Tensor(x.copy(order="K"))
    if isinstance(x, tuple) and hasattr(x, "_fields"):  # the named results of np.linalg.eigh become a plain tuple
        x = tuple(x)
    if type(x) in (tuple, list, dict):
        return map_tree(settled, x)
    if x is None or isinstance(x, bool | int | float | complex | str | bytes | np.generic | np.dtype):
        return x
    raise InputError(
        "a traced function returns tensors, numbers, strings, and tuples, lists and dicts of them, "
        f"not a {type(x).__name__}"
    )


def map_outputs(f: Callable[[Tensor], Any], x: Any) -> Any:
    return f(x) if type(x) is Tensor else map_tree(lambda item: map_outputs(f, item), x)


def output(value: Any) -> Any:
    """What the caller gets: a tensor, or the Python number that stayed one."""
    return value if type(value) in (float, complex, int, bool) else Tensor(value)


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
