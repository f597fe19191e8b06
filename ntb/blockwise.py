"""Elementwise work on large arrays, block by block.

Every call that works on an array larger than the processor's cache fetches it from memory and writes it back. A chain
of calls that runs on the first block of all its arrays, then on the second, finds in the cache what it left there. The
calls are the same, on slices. (The idea is the "loop blocking" of compilers; numexpr uses it, too.)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

BLOCK = 1 << 17
"""Bytes of a block of the result, measured on Adam's update: half as much costs more calls; four times as much does not
fit into the cache of some processors."""
UNHALVED = 128
"""Numbers of which NumPy takes the sum without halving them."""


def _sums_by_halves() -> bool:
    """Whether NumPy halves a long array for its sum. NumPy 2.0 halves each 8,192 numbers, and adds up their sums in a
    row."""
    x = np.zeros(8200)
    x[[0, 4096, -1]] = 1, 2.0**54, -(2.0**54)  # the second half sums to 0; 1 + 2**54 is 2**54
    return bool(np.add.reduce(x) == 1)


SUMS_BY_HALVES = _sums_by_halves()
"""Whether `blockwise_sum` has the bits of NumPy's sum."""


def blockwise(work: Callable[..., None], *arrays: Any, spare: int = 0, scratch: Sequence[Any] = ()) -> None:
    """Call `work` on block after block of an elementwise computation.

    Args:
        work: called with scratch arrays for its intermediate results, then with a block of each of the arrays.
        arrays: the result first, then the operands, which broadcast against it. An operand may share the memory of
            the result if the result is written in the last step.
        spare: how many scratch arrays to make, of the dtype of the result;
        scratch: or the scratch arrays themselves, as long as a block (`step_of`), for results in one piece.

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
    arrays = _laid_out(arrays)
    length, step = len(arrays[0]), step_of(first.nbytes, len(arrays[0]))
    for begin in range(0, length, step):
        parts = [a[begin : begin + step] if a.ndim and len(a) == length else a for a in arrays]
        scratch = scratch or [np.empty_like(parts[0]) for _ in range(spare)]
        work(*[s[: len(parts[0])] for s in scratch], *parts)


def blockwise_sum(work: Callable[..., Any], *arrays: Any, scratch: Sequence[Any]) -> Any:
    """Call `work` on block after block, and add up what it gives, the sum of something over the block.

    NumPy adds up the two halves of a long array first (pairwise summation; Higham, "The accuracy of floating point
    summation", 1993). Blocks that are such halves, or halves of halves, give the bits of one sum over all.

    Args:
        work, arrays, scratch: as in `blockwise`; all arrays lie in memory in one order, without gaps, or have no axes.
            Scratch arrays have at least 128 elements.

    >>> x = np.arange(100_000.0) / 7
    >>> blockwise_sum(lambda t, a: np.sum(np.square(a, t)), x, scratch=[np.empty(1 << 14)]) == np.sum(x * x)
    np.True_
    """
    flat = _laid_out(arrays)
    most = max(step_of(arrays[0].nbytes, len(flat[0])), UNHALVED)

    def total(begin: int, end: int) -> Any:
        length = end - begin
        if length <= most:
            return work(*[s[:length] for s in scratch], *[a[begin:end] if a.ndim else a for a in flat])
        half = length // 2
        middle = begin + half - half % 8
        return total(begin, middle) + total(middle, end)

    return total(0, len(flat[0]))


def in_one_piece(work: Callable[..., None], *arrays: Any, spare: int = 0) -> None:
    """`blockwise` in one piece: for libraries whose arrays are not on a CPU, and for readers of printed programs."""
    work(*[np.empty_like(arrays[0]) for _ in range(spare)], *arrays)


def step_of(nbytes: int, length: int) -> int:
    """The length of a block along the first axis of an array with this length and number of bytes."""
    return max(length * BLOCK // max(nbytes, 1), 1)


def _laid_out(arrays: tuple) -> tuple:
    """The arrays with their axes in the order they have in the memory of the first array; flat, if all can be."""
    first = arrays[0]
    order = sorted(range(first.ndim), key=lambda axis: (first.shape[axis] == 1, -abs(first.strides[axis])))
    arrays = tuple([a if a.ndim in (0, first.ndim) else np.broadcast_to(a, first.shape) for a in arrays])
    turned = [np.transpose(a, order) if a.ndim else a for a in arrays]
    if all(not a.ndim or (a.shape == turned[0].shape and a.flags.c_contiguous) for a in turned):
        return tuple([np.reshape(a, -1) if a.ndim else a for a in turned])
    return tuple(turned)
