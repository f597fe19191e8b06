"""Shapes of nodes, in which -1 stands for a dimension that is not known before a run, and of gradients."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..errors import InputError
from ..shapes import eval_shape
from ..tape.gradient import unbroadcast
from .current import GraphError

Shape = tuple[int, ...]


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
    return pattern is None or (len(pattern) == len(shape) and all(p in (n, -1) for p, n in zip(pattern, shape)))


def broadcast_shape(name: str, *shapes: Sequence[int]) -> Shape:
    """`default_result_shape`, or an error that names the node and the shapes."""
    shape = default_result_shape(*shapes)
    if shape is None:
        met = f"{name}: shapes {' and '.join(map(str, shapes))} cannot be broadcast against each other"
        raise InputError(f"{met}; sizes are matched from the last on, and are equal, 1, or -1 where not known")
    return shape


def tried_shape(node: Any, call: Callable[..., Any], *shapes: Sequence[int]) -> Shape:
    """The shape that the call of a node gives for arrays of these shapes."""
    dtype = np.int64 if node.integers else node.graph.dtype
    try:
        return eval_shape(functools.partial(call, node), *shapes, dtype=dtype, sizes=node.stand_ins)
    except InputError as error:
        chosen = {name: getattr(node, name) for name in node.options}
        options = "".join([f" {name}={x!r:.60}" for name, x in chosen.items() if x is not node.options[name]])
        raise GraphError(f"{node.kind}{options}: {error}") from error


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
