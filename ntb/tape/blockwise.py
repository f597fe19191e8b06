"""Elementwise work on large arrays, block by block.

An array that is larger than the processor's cache is fetched from memory and written back by every call that works on
it. A chain of calls that runs on the first block of all its arrays, then on the second, finds in the cache what it left
there; it is the same calls, on slices. (The idea is that of the "loop blocking" of compilers, and of numexpr.)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

BLOCK = 1 << 17
"""Bytes of a block of the result, measured on Adam's update: half of it costs more calls, four times as much leaves the
cache of some processors."""


def blockwise(work: Callable[..., None], *arrays: Any, spare: int = 0, scratch: Sequence[Any] = ()) -> None:
    """Call `work` on block after block of an elementwise computation.

    Args:
        work: called with scratch arrays for what stands between its steps, then with a block of each of the arrays.
        arrays: the result first, then what it is computed of, which broadcasts against it. An argument may share the
            memory of the result if that is written in the last step.
        spare: how many scratch arrays there are to be, of the dtype of the result;
        scratch: or the arrays themselves, of the length of a block (`step_of`), for results in one piece.

    >>> out, x = np.empty(100_000), np.arange(100_000.0)
    >>> def squares_plus_one(t, y, a):
    ...     np.multiply(a, a, t)
    ...     np.add(t, 1, y)
    >>> blockwise(squares_plus_one, out, x, spare=1)
    >>> out[-1]
    np.float64(9999800002.0)
    """
    first = arrays[0]
    if first.nbytes <= BLOCK and not scratch:
        work(*[np.empty_like(first) for _ in range(spare)], *arrays)
        return
    arrays = laid_out(arrays)
    length, step = len(arrays[0]), step_of(first.nbytes, len(arrays[0]))
    for begin in range(0, length, step):
        parts = [a[begin : begin + step] if a.ndim and len(a) == length else a for a in arrays]
        scratch = scratch or [np.empty_like(parts[0]) for _ in range(spare)]
        work(*[s[: len(parts[0])] for s in scratch], *parts)


def at_once(work: Callable[..., None], *arrays: Any, spare: int = 0) -> None:
    """`blockwise` in one piece: for libraries whose arrays are on no CPU, and for readers of printed programs."""
    work(*[np.empty_like(arrays[0]) for _ in range(spare)], *arrays)


blockwise.on_arrays = at_once  # type: ignore[attr-defined]


def step_of(nbytes: int, length: int) -> int:
    """How far a block goes along the first axis of an array of so many bytes."""
    return max(length * BLOCK // max(nbytes, 1), 1)


def laid_out(arrays: tuple) -> tuple:
    """The arrays with the axis first that is the outermost in the memory of the first array; flat, if all can be."""
    first = arrays[0]
    order = sorted(range(first.ndim), key=lambda axis: (first.shape[axis] == 1, -abs(first.strides[axis])))
    arrays = tuple([a if a.ndim in (0, first.ndim) else np.broadcast_to(a, first.shape) for a in arrays])
    turned = [np.transpose(a, order) if a.ndim else a for a in arrays]
    if all(not a.ndim or (a.shape == turned[0].shape and a.flags.c_contiguous) for a in turned):
        return tuple([np.reshape(a, -1) if a.ndim else a for a in turned])
    return tuple(turned)
