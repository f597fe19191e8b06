"""Signatures: which calls of a traced function one program serves.

Arrays and Python floats are fed: they count by shape, dtype and layout. Variables and objects without a hash count by
identity, everything else by value.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

import numpy as np

from ..arguments import adopted
from ..errors import InputError
from ..tape.tensor import ArrayLike, Tensor
from ..tree import BRANCHES, children, rebuild, tree_map


class Diverged(Exception):
    """A decision of Python's control flow would go another way than in the trace."""


class _Same:
    """Stands in a signature for an object that counts by identity, and keeps it alive: no other can get its `id()`."""

    __slots__ = ("x",)

    def __init__(self, x: Any) -> None:
        self.x = x

    def __eq__(self, other: object) -> bool:
        return type(other) is _Same and other.x is self.x

    def __hash__(self) -> int:
        return id(self.x)

    def __repr__(self) -> str:
        return f"a {type(self.x).__name__}"


def signature_of(args: tuple, kwargs: dict) -> tuple[list[Any], Hashable]:
    """The values that are fed, and the key of the programs that fit them."""
    leaves: list[Any] = []
    parts: list[Hashable] = [tuple]
    for a in args:
        parts.append(_key_of(a, leaves))
    key: tuple = (tuple(parts), _key_of(kwargs, leaves) if kwargs else None)
    if len(set(map(id, leaves))) < len(leaves):
        arrays = [id(leaf) for leaf in leaves if type(leaf) is np.ndarray]
        if len(set(arrays)) < len(arrays):
            key = (*key, tuple(map(arrays.index, arrays)))  # which arguments are the same array
    return leaves, key


def check_hash(signature: Hashable) -> None:
    """Raise an error if a signature cannot be the key of a dict."""
    try:
        hash(signature)
    except TypeError as error:
        raise InputError(
            f"a traced function cannot tell calls apart by an argument that has no hash ({error}); "
            "pass arrays, numbers, strings, lists, tuples, dicts or objects with an identity"
        ) from None


def _key_of(x: Any, leaves: list[Any]) -> Hashable:
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
        return (kind, *[_key_of(part, leaves) for part in x])
    if isinstance(x, BRANCHES):
        return (kind, *[(name, _key_of(part, leaves)) for name, part in children(x)])
    if isinstance(x, np.generic):
        leaves.append(x)
        return ("scalar", x.dtype)
    if isinstance(found := adopted(x), Tensor):  # of another library
        raise found.untraceable()
    if isinstance(x, ArrayLike) or (kind.__hash__ is None and hasattr(x, "__dict__") and not isinstance(x, np.ndarray)):
        return _Same(x)
    return (kind, x)


def lift(x: Any, name: str, inputs: list[tuple[str, Tensor]], known: dict[int, Tensor]) -> Any:
    """Replace each array and float by a Tensor, in the order of `_key_of`."""
    kind = type(x)
    value = x.value if kind is Tensor else x
    if isinstance(value, np.ndarray | np.generic | float | complex):
        # An array that is given twice is one tensor, so that `f(x, x)` computes what it would without a trace.
        tensor = known.get(id(value)) if isinstance(value, np.ndarray) else None
        if tensor is None:
            tensor = known[id(value)] = Tensor(value)
        inputs.append((name, tensor))
        return tensor
    if isinstance(x, BRANCHES):
        names = [str(key) if str(key).isidentifier() else f"{name}_{i}" for i, (key, _) in enumerate(children(x))]
        return rebuild(x, [lift(part, n, inputs, known) for n, (_, part) in zip(names, children(x))])
    return x


def settled_outputs(x: Any) -> Any:
    """The outputs with variables read, and tensors in place of arrays.

    Raises:
        InputError: something else is returned, in which a replay could not find the tensors.
    """
    if isinstance(x, ArrayLike):
        return x.read()
    if isinstance(x, np.ndarray):
        return Tensor(x.copy(order="K"))
    if isinstance(x, BRANCHES):
        return tree_map(settled_outputs, x)
    if x is None or isinstance(x, bool | int | float | complex | str | bytes | np.generic | np.dtype):
        return x
    raise InputError(
        "a traced function returns tensors, numbers, strings, and tuples, lists and dicts of them, "
        f"not a {type(x).__name__}"
    )


def map_outputs(f: Callable[[Tensor], Any], x: Any) -> Any:
    return tree_map(lambda y: f(y) if type(y) is Tensor else y, x)


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
