"""Trees of arrays, as arguments and results: which leaves can be differentiated, and whether two trees fit."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from ..errors import InputError, describe
from ..primitive import primitive
from ..tape.rules import derivative
from ..tape.tape import Tape, Tracker
from ..tape.tensor import ArrayLike, Tensor, is_number
from ..tree import leaves, tree_map
from ..values.creation import astype, tensor


@primitive(general=True, moves=True)
def fresh(x: Any) -> Any:
    """The same value as a new tensor, so that two uses of one tensor can be told apart."""
    return x if hasattr(x, "__array_function__") else np.asarray(x)


derivative(fresh, lambda g, _y, _x: g)


def fill_but_none(tree: Any, values: Iterable[Any]) -> Any:
    """The tree with other leaves, but None where it has None."""
    remaining = iter(values)
    return tree_map(lambda x: None if x is None else next(remaining), tree)


def is_float(x: Any) -> bool:
    """Whether it is an array or number of floats, real or complex, and so can have a gradient; or a table of them."""
    if isinstance(x, np.ndarray | np.generic | ArrayLike):
        return x.dtype.kind in "fc"
    table = hasattr(type(x), "__array__") and not hasattr(type(x), "__array_function__")
    return np.asarray(x).dtype.kind in "fc" if table else isinstance(x, float | complex)


def watched(tape: Tracker, x: Any, strictly: bool = False) -> Any:
    """A new tensor that the tape tracks, so that one array in two arguments counts as two.

    What is no float stays as it is; with `strictly` it is an error.
    """
    return tape.watch(fresh(x)) if strictly or is_float(x) else x


def _chosen_positions(args: tuple, argnums: int | tuple[int, ...]) -> list[int]:
    """The positions in `argnums`, as a list; an error if the call has no such argument."""
    numbers = (argnums,) if isinstance(argnums, int) else tuple(argnums)
    if any(not -len(args) <= n < len(args) for n in numbers):
        raise InputError(
            f"argnums {argnums} does not fit a call with {len(args)} positional arguments; they are counted from 0"
        )
    return list(numbers)


def watch_arguments(tape: Tape, args: tuple, argnums: int | tuple[int, ...]) -> tuple[list[Any], Any]:
    """The arguments, with those at `argnums` watched; and the watched ones, one or a tuple as `argnums` is."""
    numbers = _chosen_positions(args, argnums)
    given = list(args)
    for n in numbers:
        given[n] = tree_map(lambda x: watched(tape, x, strictly=True), args[n])
    sources = [given[n] for n in numbers]
    return given, sources[0] if isinstance(argnums, int) else tuple(sources)


def matching(tree: Any, x: Any, what: str) -> list[Any]:
    """The leaves of a tree that must have the structure of `x`, each in the dtype of its counterpart.

    None, for a leaf or a branch, stands for zeros, and gives None for each leaf.

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
    """The list with arrays as tensors, which share their memory."""
    return [x if x is None or isinstance(x, Tensor) else Tensor(x) for x in xs]


def zeros_of(x: Any) -> Tensor:
    """A tensor of zeros in the shape and dtype of a value."""
    return Tensor(np.zeros(x.shape, x.dtype))
