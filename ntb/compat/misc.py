"""Shapes of nodes, in which -1 stands for a dimension that is not known before a run, and of gradients."""

from __future__ import annotations

import itertools
import math
import operator
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from ..errors import InputError, repair_of
from ..tape.gradient import unbroadcast
from .current import GraphError

Shape = tuple[int, ...]
product = math.prod


def default_result_shape(*shapes: Sequence[int]) -> Shape | None:
    """The shape of an elementwise result by NumPy's broadcasting; None where two known sizes cannot be combined.

    A -1 with a known size other than 1 is that size; with a 1 it stays unknown.

    >>> default_result_shape((-1, 5), (5,)), default_result_shape((-1,), (1,)), default_result_shape((2,), (3,))
    ((-1, 5), (-1,), None)
    """
    rank = max((len(shape) for shape in shapes), default=0)
    result = []
    for axis in range(-rank, 0):
        sizes = {shape[axis] for shape in shapes if -axis <= len(shape)}
        known = sizes - {1, -1}
        if len(known) > 1:
            return None
        result.append(known.pop() if known else min(sizes))
    return tuple(result)


def shape_matches(pattern: Sequence[int] | None, shape: Sequence[int]) -> bool:
    """Whether a shape fits a pattern: equal rank, and each dimension equal or -1 in the pattern; None fits all.

    >>> shape_matches((-1, 3), (7, 3)), shape_matches((-1, 3), (7, 4))
    (True, False)
    """
    if pattern is None:
        return True
    for p, n in zip(pattern, shape):
        if p != n and p != -1:
            return False
    return len(pattern) == len(shape)


def broadcast_shape(name: str, *shapes: Sequence[int]) -> Shape:
    """`default_result_shape`, or an error that names the node and the shapes."""
    shape = default_result_shape(*shapes)
    if shape is None:
        raise InputError(
            f"{name}: shapes {' and '.join(map(str, shapes))} cannot be broadcast against each other; sizes are "
            "matched from the last on, and are equal, 1, or -1 where not known"
        )
    return shape


def tried_shape(node: Any, call: Callable[..., Any], *shapes: Sequence[int]) -> Shape:
    """The shape that the call of a node gives for arrays of these shapes.

    Two sizes stand in the place of each that is not known. Where the results differ, the size is not known either.
    If these do not fit, an unknown size has to equal a known one, so that those are tried as well.
    """
    axes = sorted({axis for shape in shapes for axis, n in enumerate(shape) if n == -1})
    alike = [(size,) * len(axes) for size in node.stand_ins]
    fitting, error = _fitting(node, call, shapes, axes, alike)
    if error:
        known, free = {*itertools.chain(*shapes)} - {-1}, {*node.stand_ins}
        fitting, _ = _fitting(node, call, shapes, axes, itertools.product(known | free, repeat=len(axes)))
        if not fitting or not all(known & {*sizes} or free <= {*sizes} for sizes in zip(*fitting)):
            chosen = {name: getattr(node, name) for name in node.options}
            options = [f"{name}={x!r:.60}" for name, x in chosen.items() if x is not node.options[name]]
            stands = f" (with {node.stand_ins[0]} for -1)" if axes else ""
            met = f"{node.kind} of nodes of shapes {', '.join([*map(str, shapes), *options])}{stands}"
            raise GraphError("; ".join(filter(None, [f"{met}: {error}", repair_of(error)]))) from error
    return tuple([n[0] if len({*n}) == 1 else -1 for n in zip(*fitting.values(), strict=True)])


def _fitting(node: Any, call: Any, shapes: Any, axes: list[int], trials: Iterable[tuple]) -> tuple[dict, Any]:
    """The shape of the result for all trials that fit, and the first error of the others.

    A trial has a size for each of the axes: unknown sizes on one axis are equal, as those of batches are.
    """
    dtype = np.dtype(np.int64) if node.integers else node.graph.dtype
    fitting, error = {}, None
    for trial in trials:
        size = dict(zip(axes, trial))
        sizes = [[size[axis] if n == -1 else n for axis, n in enumerate(shape)] for shape in shapes]
        try:
            with np.errstate(all="ignore"):
                result = call(node, *[_stand_in(shape, dtype) for shape in sizes])
            if not isinstance(result, np.ndarray | np.generic):
                raise TypeError("what it gives is not one array, and so no node; take it of the value of a run")
            fitting[trial] = result.shape
        except Exception as caught:
            error = error or caught
    return fitting, error


def _stand_in(shape: Sequence[int], dtype: np.dtype) -> np.ndarray:
    """An array whose values are valid anywhere: zeros for labels and indices, matrices that have an inverse, ones."""
    if dtype.kind == "i" or len(shape) < 2:
        return np.full(shape, 0 if dtype.kind == "i" else 1, dtype)
    array = np.zeros(shape, dtype)
    diagonal = np.arange(min(shape[-2:]))
    array[..., diagonal, diagonal] = 1
    return array


def whole(name: str, value: Any, least: int = 1) -> int:
    """A size as an integer, or an error that says which."""
    try:
        number = operator.index(value)
    except TypeError:
        number = least - 1
    if number < least:
        raise InputError(f"{name} is a whole number from {least} on, not {value!r:.60}")
    return number


def number(name: str, value: Any) -> float:
    """An option as a number."""
    try:
        if isinstance(value, str | bytes):
            raise TypeError
        return float(value)
    except (TypeError, ValueError):
        raise InputError(f"{name} is a number, not {value!r:.60}") from None


def sum_to_match(g: Any, shape: Sequence[int]) -> Any:
    """Sum an array over the axes along which an operand of this shape was broadcast.

    >>> sum_to_match(np.ones((2, 3)), (1, 3)), sum_to_match(np.ones((2, 3)), ())
    (array([[2., 2., 2.]]), np.float64(6.0))
    """
    return unbroadcast(np.asarray(g), tuple(shape))


def fix_ds(dx: Any, dy: Any, sx: Shape, sy: Shape, bp_mask: Sequence[bool] = (True, True)) -> tuple[Any, Any]:
    """The gradients of two operands, each summed to its shape if the mask says that it is wanted.

    >>> fix_ds(np.ones((2, 3)), np.ones((2, 3)), (3,), (2, 3))[0]
    array([2., 2., 2.])
    """
    return sum_to_match(dx, sx) if bp_mask[0] else dx, sum_to_match(dy, sy) if bp_mask[1] else dy
