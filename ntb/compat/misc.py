"""Shapes of nodes, in which -1 stands for a dimension that is not known before a run, and of gradients."""

from __future__ import annotations

import operator
import re
from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np

from ..errors import InputError
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


def fitted_shape(name: str, pattern: str, *shapes: Sequence[int]) -> Shape:
    """The shape of a result by a pattern, in which a letter stands for one size; an error if the shapes do not fit it.

    >>> fitted_shape("Affine", "(N, D), (D, M), (M,) -> (N, M)", (-1, 3), (3, 2), (2,))
    (-1, 2)
    """
    expected, _, result = pattern.partition(" -> ")
    words, wanted = zip(*re.findall(r"([a-z]*) ?(\([^)]*\))", expected))
    letters = [re.findall(r"\w+", part) for part in wanted]
    fits = list(map(len, letters)) == list(map(len, shapes))
    sizes: dict[str, int] = {}
    for letter, n in zip(chain(*letters), chain(*shapes)):
        fits = fits and (-1 in (n, sizes.setdefault(letter, n)) or n == sizes[letter])
        sizes[letter] = max(n, sizes.get(letter, n))
    if not fits:
        met = [f"{word} of shape {shape}" if any(words) else f"{shape}" for word, shape in zip(words, shapes)]
        raise InputError(
            f"{name}: {'' if any(words) else 'shapes '}{listed(met)} do not fit; expected {listed(wanted)}"
        )
    return tuple([sizes[letter] for letter in re.findall(r"\w+", result)])


def listed(parts: Sequence[str]) -> str:
    """`a, b and c`."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def tried_shape(node: Any, name: str, *shapes: Sequence[int]) -> Shape:
    """The shape that a call gives for two sizes in the place of each that is not known; -1 where the results differ."""
    found = []
    for size in (3, 5):
        dtype = np.int64 if node.integers else node.graph.dtype
        dummies = [np.ones([size if n == -1 else n for n in shape], dtype) for shape in shapes]
        try:
            with np.errstate(all="ignore"):
                result = node.compute(*dummies)
        except (TypeError, ValueError, IndexError) as error:
            raise GraphError(f"{name} of nodes of shapes {', '.join(map(str, shapes))}: {error}") from None
        if not isinstance(result, np.ndarray | np.generic):
            raise GraphError(
                f"{name} of a node does not give one array, and so is no node; take it of the value of a run"
            )
        found.append(result.shape)
    return tuple([a if a == b else -1 for a, b in zip(*found, strict=True)])


def product(sizes: Sequence[int]) -> int:
    """The number of elements; -1 where a size is unknown."""
    if -1 in sizes:
        return -1
    count = 1
    for n in sizes:
        count *= n
    return count


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


def pair(name: str, value: Any, least: int = 1) -> tuple[int, int]:
    """Two sizes, of the height and of the width."""
    if not isinstance(value, tuple | list | np.ndarray) or len(value) != 2:
        raise InputError(f"{name} is a pair, of the height and of the width, not {value!r:.60}")
    height, width = [whole(name, n, least) for n in value]
    return height, width


def reduced_shape(shape: Sequence[int], axis: int | tuple[int, ...] | None, keepdims: bool, name: str) -> Shape:
    """The shape after a reduction over an axis, several or all."""
    rank = len(shape)
    axes = tuple(range(rank)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    if not all(isinstance(a, int | np.integer) and not isinstance(a, bool) for a in axes):
        raise InputError(f"{name}: an axis is a whole number, a tuple of these or None, not {axis!r:.60}")
    if any(not -rank <= a < rank for a in axes):
        raise InputError(f"{name}: axis {axis} does not exist in a node of rank {rank}; axes are counted from 0")
    axes = tuple(a % rank for a in axes)
    if len(set(axes)) < len(axes):
        raise InputError(f"{name}: an axis stands twice in {axis}; name it once")
    if keepdims:
        return tuple(1 if i in axes else n for i, n in enumerate(shape))
    return tuple(n for i, n in enumerate(shape) if i not in axes)


def sum_to_match(g: Any, shape: Sequence[int]) -> Any:
    """Sum an array over the axes along which an operand of this shape was broadcast.

    >>> sum_to_match(np.ones((2, 3)), (1, 3)), sum_to_match(np.ones((2, 3)), ())
    (array([[2., 2., 2.]]), np.float64(6.0))
    """
    return unbroadcast(np.asarray(g), tuple(shape))


def fix_ds(
    dx: Any, dy: Any, sx: Sequence[int], sy: Sequence[int], bp_mask: Sequence[bool] = (True, True)
) -> tuple[Any, Any]:
    """The gradients of two operands, each summed to its shape if the mask says that it is wanted.

    >>> fix_ds(np.ones((2, 3)), np.ones((2, 3)), (3,), (2, 3))[0]
    array([2., 2., 2.])
    """
    return sum_to_match(dx, sx) if bp_mask[0] else dx, sum_to_match(dy, sy) if bp_mask[1] else dy
