"""Structures of arguments: lists, tuples and dicts of arrays, taken apart and put together."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from ..tape.answers import map_sources
from ..tape.errors import InputError
from ..tape.rules import derivative, primitive
from ..tape.tape import Tape
from ..tape.tensor import ArrayLike, Tensor, astype, is_number, tensor
from ..tape.text import describe


@primitive(general=True)
def fresh(x: Any) -> Any:
    """The same value as a value of its own: what tells two uses of one tensor apart."""
    return x if hasattr(x, "__array_function__") else np.asarray(x)


derivative(fresh, lambda g, _y, _x: g)


def leaves(tree: Any) -> list[Any]:
    """The values at any depth, in order."""
    found: list[Any] = []
    map_sources(found.append, tree)
    return found


def like(tree: Any, values: Iterable[Any]) -> Any:
    """The structure with other values in it.

    >>> like({"a": 1, "b": [2, 3]}, "xyz")
    {'a': 'x', 'b': ['y', 'z']}
    """
    remaining = iter(values)
    return map_sources(lambda _: next(remaining), tree)


def filled(tree: Any, values: Iterable[Any]) -> Any:
    """The structure with other values in it, None where it has None."""
    remaining = iter(values)
    return map_sources(lambda x: None if x is None else next(remaining), tree)


def is_float(x: Any) -> bool:
    """Whether it is an array or number that can be differentiated by; a text or None is not."""
    if isinstance(x, np.ndarray | np.generic | ArrayLike):
        return x.dtype.kind in "fc"
    return isinstance(x, float | complex)


def watched(tape: Tape, x: Any, strictly: bool = False) -> Any:
    """A tensor of its own that the tape tracks, since the same array in two places shall count as two.

    What is no float stays as it is, or, where it is to be differentiated by, is an error.
    """
    return tape.watch(fresh(x)) if strictly or is_float(x) else x


def chosen(args: tuple, argnums: int | tuple[int, ...]) -> list[int]:
    """The positions of the arguments to differentiate by."""
    numbers = (argnums,) if isinstance(argnums, int) else tuple(argnums)
    if any(not -len(args) <= n < len(args) for n in numbers):
        raise InputError(
            f"argnums {argnums} does not fit a call with {len(args)} positional arguments; they are counted from 0"
        )
    return list(numbers)


def watch_arguments(tape: Tape, args: tuple, argnums: int | tuple[int, ...]) -> tuple[list[Any], Any]:
    """The arguments with those at `argnums` watched; and these in the form of `argnums`, one or a tuple."""
    numbers = chosen(args, argnums)
    given = list(args)
    for n in numbers:
        given[n] = map_sources(lambda x: watched(tape, x, strictly=True), args[n])
    sources = [given[n] for n in numbers]
    return given, sources[0] if isinstance(argnums, int) else tuple(sources)


def matching(tree: Any, x: Any, what: str) -> list[Any]:
    """The leaves of a structure that is to be like that of `x`, each brought to the dtype of its counterpart.

    None, for a leaf or for a part of the structure, stands for zeros, and gives None for each leaf.

    Raises:
        InputError: the structures or shapes differ, or a complex number stands where a real one belongs.
    """
    if tree is None:
        return [None for _ in leaves(x)]
    if isinstance(x, dict):
        if not isinstance(tree, dict) or tree.keys() != x.keys():
            raise InputError(f"{what} {describe(tree)} does not fit; expected a dict with the keys {list(x)}")
        return [leaf for key in x for leaf in matching(tree[key], x[key], what)]
    if isinstance(x, list | tuple):
        if not isinstance(tree, list | tuple) or len(tree) != len(x):
            raise InputError(
                f"{what} {describe(tree)} does not have the structure of {describe(x)}; give a part for each"
            )
        return [leaf for part, counterpart in zip(tree, x) for leaf in matching(part, counterpart, what)]
    if not is_float(x):
        return [None]
    t, y = tensor(tree), tensor(x)
    if t.shape != y.shape or (t.dtype.kind == "c" and y.dtype.kind != "c"):
        raise InputError(
            f"{what} {describe(t)} does not fit {describe(y)}; expected one number for each of its elements"
        )
    return [astype(t, y.dtype) if t.dtype != y.dtype or is_number(t) else t]


def returned(value: Any) -> Any:
    """What a function returned, if that is anything."""
    if value is None:
        raise InputError("the function returned None; expected a number to differentiate: end it with `return loss`")
    return value


def without_aux(result: Any, has_aux: bool) -> tuple[Any, Any]:
    """The result proper, and what a function with `has_aux` returns beside it."""
    if not has_aux:
        return result, None
    if not isinstance(result, tuple) or len(result) != 2:
        raise InputError(
            "with has_aux=True the function returns a pair, the result and anything else, as in `return loss, scores`; "
            f"this returned {describe(result)}"
        )
    return result


def as_tensors(xs: Iterable[Any]) -> list[Any]:
    """A list with tensors in place of arrays, of the same memory."""
    return [x if x is None or isinstance(x, Tensor) else Tensor(x) for x in xs]


def zeros_of(x: Any) -> Tensor:
    """A tensor of zeros in the shape and dtype of a value."""
    return Tensor(np.zeros(x.shape, x.dtype))
