"""The shape of a result, where -1 stands for a size that is not known: found by calls on stand-ins.

What is known of a function is what it does, so no rule of shapes is stated for any. Two sizes are tried in the place of
each that is not known; where the results differ, the size of the result is not known either.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from .errors import InputError, repair_of

_Shape = tuple[int, ...]


def eval_shape(
    function: Callable[..., Any], *shapes: Sequence[int], dtype: Any = np.float64, sizes: tuple[int, int] = (3, 5)
) -> _Shape:
    """The shape that a function gives for arrays of these shapes, with -1 for any size.

    Args:
        function: of arrays, one for each shape, to one array. It is called, perhaps several times, so it should not
            change anything. Unknown sizes on one axis are taken to be equal, as those of batches are; one that does
            not fit so is tried as a known one.
        dtype: of the arrays: zeros if it is of integers (valid labels and indices), else ones, or for matrices an
            identity, which has an inverse.
        sizes: the two that are tried.

    Raises:
        InputError: no sizes fit; or what the function gives is not one array.

    >>> eval_shape(lambda x, w: x @ w, (-1, 784), (784, 10))
    (-1, 10)
    """
    axes = sorted({axis for shape in shapes for axis, n in enumerate(shape) if n == -1})
    fitting, error = _fitting(function, shapes, axes, dtype, [(size,) * len(axes) for size in sizes])
    if error:
        known, free = {*itertools.chain(*shapes)} - {-1}, {*sizes}
        fitting, _ = _fitting(function, shapes, axes, dtype, itertools.product(known | free, repeat=len(axes)))
        if not fitting or not all(known & {*found} or free <= {*found} for found in zip(*fitting)):
            stands = f" (with {sizes[0]} for -1)" if axes else ""
            met = f"arrays of shapes {', '.join(map(str, shapes))}{stands} do not fit: {error}"
            raise InputError("; ".join(filter(None, [met, repair_of(error)]))) from error
    return tuple([n[0] if len({*n}) == 1 else -1 for n in zip(*fitting.values(), strict=True)])


def _fitting(
    function: Callable[..., Any], shapes: Sequence[Sequence[int]], axes: list[int], dtype: Any, trials: Iterable[tuple]
) -> tuple[dict[tuple, _Shape], Any]:
    """The shape of the result for all trials that fit, and the first error of the others.

    A trial has a size for each of the axes.
    """
    fitting, error = {}, None
    for trial in trials:
        size = dict(zip(axes, trial))
        tried = [[size[axis] if n == -1 else n for axis, n in enumerate(shape)] for shape in shapes]
        try:
            with np.errstate(all="ignore"):
                result = function(*[_stand_in(shape, np.dtype(dtype)) for shape in tried])
            if not hasattr(result, "shape"):
                raise TypeError("what it gives is not one array; call it on values")
            fitting[trial] = tuple(result.shape)
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
