"""Trees of arrays, as arguments and results: which leaves can be differentiated, and whether two trees fit."""

from __future__ import annotations

import inspect
from collections import deque
from collections.abc import Callable, Iterable, Mapping, MutableSequence, Set
from dataclasses import is_dataclass
from typing import Any

import numpy as np

from ..errors import InputError, describe
from ..habits import answer_to
from ..primitive import primitive
from ..tape.rules import derivative
from ..tape.tape import Tape, Tracker
from ..tape.tensor import ArrayLike, Tensor, is_number
from ..tree import children, is_branch, leaves, tree_map
from ..values.creation import astype, tensor


@primitive(general=True, moves=True)
def fresh(x: Any) -> Any:
    """The same value as a new tensor, so that two uses of one tensor can be told apart."""
    return x if hasattr(x, "__array_function__") else np.asarray(x)


derivative(fresh, lambda g, _y, _x: g)


def filled(tree: Any) -> list[Any]:
    """The leaves that are not None, in whose places `fill_but_none` puts others."""
    return [x for x in leaves(tree) if x is not None]


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

    What is no float stays as it is; with `strictly` it is an error, except for None.

    Raises:
        InputError: a container that is no tree, whose arrays would count as constants.
    """
    if is_float(x):
        return tape.watch(fresh(x))
    if isinstance(x, np.ndarray | np.generic | ArrayLike | int | str | bytes | None):
        return tape.watch(fresh(x)) if strictly and x is not None else x
    check_leaf(x, "an argument to differentiate by")
    if strictly and not hasattr(x, "__array__") and hasattr(x, "variables"):
        raise InputError(
            f"a {type(x).__name__} cannot be differentiated by as a whole; take its variables: `with ntb.Tape() as "
            "tape: loss = ...`, then `tape.gradient(loss, model.trainable_variables())`"
        )
    return tape.watch(fresh(x)) if strictly else x


def check_leaf(x: Any, what: str) -> None:
    """Complain of a container that is no tree: what it holds would be overlooked.

    Raises:
        InputError: naming the class, and what to make of it.
    """
    if isinstance(x, Mapping):
        repair = "dict(x) is one"
    elif isinstance(x, deque | Set) or (isinstance(x, MutableSequence) and not isinstance(x, bytearray)):
        repair = "list(x) is one"
    elif is_dataclass(x) and not isinstance(x, type) and not isinstance(x, ArrayLike) and not is_branch(x):
        repair = "it has attributes beside its fields, or a field without a value; keep arrays in fields alone"
    else:
        return
    raise InputError(
        f"{what} is a {type(x).__name__}, which is no tree; trees are lists, tuples, dicts, their subclasses, and "
        f"dataclasses of fields only: {repair}"
    )


def by_position(f: Callable[..., Any], args: tuple, kwargs: dict) -> tuple[tuple, dict]:
    """The arguments by position, as far as the function's signature tells that of those by keyword."""
    if not kwargs:
        return args, kwargs
    try:
        bound = inspect.signature(f).bind(*args, **kwargs)
    except (TypeError, ValueError):  # the call will say what is wrong; some functions in C have no signature
        return args, kwargs
    return bound.args, bound.kwargs


def check_call(f: Any, argnums: Any, name: str) -> None:
    """Complain of what is no function, and of arguments that are given at once, as in `grad(f, x)`."""
    if not callable(f):
        raise InputError(
            f"ntb.{name} takes a function, and was given {describe(f)}; {answer_to('ntb.grad(loss, params)')}"
        )
    numbers = argnums if isinstance(argnums, tuple | list) else (argnums,)
    if any(isinstance(n, bool) or not isinstance(n, int | np.integer) for n in numbers):
        raise InputError(
            f"argnums is the position of an argument, or a tuple of positions, not {describe(argnums)}; they are "
            "counted from 0. " + answer_to(f"ntb.{name}(f, v)")
        )


def _chosen_positions(args: tuple, argnums: int | tuple[int, ...]) -> list[int]:
    """The positions in `argnums`, as a list; an error if the call has no such argument."""
    numbers = tuple(argnums) if isinstance(argnums, tuple | list) else (argnums,)
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
    return given, tuple(sources) if isinstance(argnums, tuple | list) else sources[0]


def paired(tree: Any, x: Any, what: str) -> list[tuple[Any, Any]]:
    """The leaves of a tree that must have the structure of `x`, each with its counterpart, in the order of `x`.

    None in the place of a branch stands for None in all of its leaves.

    Raises:
        InputError: the structures differ.
    """
    if not is_branch(x):
        return [(tree, x)]
    if tree is None:
        return [(None, leaf) for leaf in leaves(x)]
    if isinstance(x, dict):
        if not isinstance(tree, dict) or tree.keys() != x.keys():
            raise InputError(f"{what} {describe(tree)} does not fit; expected a dict with the keys {list(x)}")
        return [pair for key in x for pair in paired(tree[key], x[key], what)]
    if isinstance(x, list | tuple):
        if not isinstance(tree, list | tuple) or len(tree) != len(x):
            raise InputError(
                f"{what} {describe(tree)} does not have the structure of {describe(x)}; give a part for each"
            )
    elif type(tree) is not type(x):
        raise InputError(f"{what} {describe(tree)} does not fit; expected a {type(x).__name__}, as what it belongs to")
    parts = zip(children(tree), children(x), strict=True)
    return [pair for (_, part), (_, counterpart) in parts for pair in paired(part, counterpart, what)]


def matching(tree: Any, x: Any, what: str) -> list[Any]:
    """The leaves of a tree that must have the structure of `x`, each in the dtype of its counterpart.

    None, for a leaf or a branch, stands for zeros, and gives None for each leaf.

    Raises:
        InputError: the structures or shapes differ, or a complex number stands where a real one belongs.
    """
    return [_fitting(leaf, counterpart, what) for leaf, counterpart in paired(tree, x, what)]


def _fitting(leaf: Any, x: Any, what: str) -> Any:
    if leaf is None:
        return None
    if not is_float(x):
        if isinstance(leaf, float | np.ndarray) and np.any(np.not_equal(leaf, 0)):
            raise InputError(
                f"{what} {describe(leaf)} belongs to {describe(x)}, which has no derivative; give None there"
            )
        return None
    t, y = tensor(leaf), tensor(x)
    if t.shape != y.shape or (t.dtype.kind == "c" and y.dtype.kind != "c"):
        raise InputError(
            f"{what} {describe(t)} does not fit {describe(y)}; expected one number for each of its elements"
        )
    return astype(t, y.dtype) if t.dtype != y.dtype or is_number(t) else t


def tensors_like(tree: Any, x: Any, what: str) -> list[Tensor]:
    """The leaves of a tree that must have the structure of `x`, as tensors, where `x` has not None.

    Raises:
        InputError: the structures differ.
    """
    pairs = [(leaf, counterpart) for leaf, counterpart in paired(tree, x, what) if counterpart is not None]
    if any(leaf is None or is_branch(leaf) for leaf, _ in pairs):
        raise InputError(f"{what} {describe(tree)} does not have the structure of {describe(x)}; give a part for each")
    return [tensor(leaf) for leaf, _ in pairs]


def returned(value: Any) -> Any:
    """What a function returned, if that is anything."""
    if value is None:
        raise InputError("the function returned None; expected a number to differentiate: end it with `return loss`")
    return value


def checked_result(value: Any) -> Any:
    """The result of a function, in which all arrays can be found."""
    for y in leaves(value):
        if not isinstance(y, Tensor):
            check_leaf(y, "the result")
    return value


def without_aux(result: Any, has_aux: bool) -> tuple[Any, Any]:
    """The result proper, and what a function with `has_aux` returns beside it."""
    if not has_aux:
        return checked_result(result), None
    if not isinstance(result, tuple) or len(result) != 2:
        raise InputError(
            "with has_aux=True the function returns a pair, the result and anything else, as in `return loss, scores`; "
            f"this returned {describe(result)}"
        )
    checked_result(result[0])
    return result


def as_tensors(xs: Iterable[Any]) -> list[Any]:
    """The list with arrays as tensors, which share their memory."""
    return [x if x is None or isinstance(x, Tensor) else Tensor(x) for x in xs]


def zeros_of(x: Any) -> Tensor:
    """A tensor of zeros in the shape and dtype of a value."""
    return Tensor(np.zeros(x.shape, x.dtype))
