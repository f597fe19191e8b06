"""Sequences of unequal lengths: laid into one array, with a mask that tells what of it counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...errors import InputError
from ...habits import knows_habits
from ..checks import as_array, of_shape, whole_number
from ..ranges import checked_mask, checked_numbers


def length_mask(lengths: Any, steps: int) -> Any:
    """Which steps of sequences count, if those are the first ones: lengths (N,) -> bools (N, steps).

    Args:
        lengths: integers 0 ... steps, of any shape.
        steps: how long the longest sequence may be.

    Returns:
        (*lengths.shape, steps): True before the end of each sequence.

    Raises:
        InputError: lengths that are no integers, negative, or greater than `steps`.

    >>> length_mask([1, 3], 3)
    array([[ True, False, False],
           [ True,  True,  True]])
    """
    lengths = as_array(lengths, "lengths")
    if lengths.dtype.kind not in "iu":
        raise InputError(f"lengths are integers, not {lengths.dtype}; convert them with .astype(int)")
    lengths = checked_numbers(lengths, 0, steps, "the lengths of sequences")
    return np.less(np.arange(steps), np.expand_dims(lengths, -1))


@knows_habits
def pad_sequences(
    sequences: Sequence[Any],
    value: float = 0,
    *,
    length: int | None = None,
    multiple: int = 1,
    side: str = "after",
) -> tuple[Any, np.ndarray]:
    """Lay sequences of unequal lengths into one array, and fill up behind the shorter ones, or before them.

    Args:
        sequences: one or more arrays (length, ...), which differ in their first axis alone.
        value: what fills up.
        length: the common length T; by itself the greatest length there is.
        multiple: T is rounded up to a multiple of this, so that traced functions meet fewer lengths.
        side: "after" fills up at the end; "before" at the beginning, where `length_mask(lengths, T)[:, ::-1]` is the
            mask of what counts.

    Returns:
        The array (N, T, ...), and the lengths (N,), which recurrent layers take as `lengths` if what fills up is after.

    Raises:
        InputError: no sequence at all, numbers in the place of sequences, other axes that differ, a sequence longer
            than `length`, a length or multiple that is no whole number, another side.

    >>> x, lengths = pad_sequences([[1, 2, 3], [4]])
    >>> x, lengths
    (array([[1, 2, 3],
           [4, 0, 0]]), array([3, 1]))
    >>> pad_sequences([[1, 2, 3], [4]], -1, multiple=2, side="before")[0]
    array([[-1,  1,  2,  3],
           [-1, -1, -1,  4]])
    """
    arrays = [as_array(s, "a sequence") for s in sequences]
    shapes = {a.shape[1:] for a in arrays}
    if len(shapes) != 1 or not all(a.ndim for a in arrays):
        raise InputError(
            "pad_sequences takes one or more sequences (length, ...), whose shapes differ in the length alone, not "
            f"{[a.shape for a in arrays]}"
        )
    lengths = np.array([len(a) for a in arrays])
    longest = int(lengths.max())
    steps = longest if length is None else whole_number(length, "the common length of sequences", 0)
    if longest > steps:
        raise InputError(f"a sequence has {longest} steps, more than length={length}; cut it, as in s[:{length}]")
    steps += -steps % whole_number(multiple, "the multiple to which sequences are padded")
    if side not in ("after", "before"):
        raise InputError(f'sequences are padded at the side "after" or "before", not {side!r}')
    padded = []
    for a in arrays:
        more = (0, steps - len(a)) if side == "after" else (steps - len(a), 0)
        padded.append(np.pad(a, [more, *[(0, 0)] * (a.ndim - 1)], constant_values=value))
    return np.stack(padded), lengths


def mask_of(x: Any, mask: Any, lengths: Any) -> Any:
    """The mask (N, T) of sequences x (N, T, ...), which may be given by their lengths; None if all steps count."""
    if mask is not None and lengths is not None:
        raise InputError(
            "steps are hidden by mask= or by lengths=, and both were given; np.logical_and joins two masks"
        )
    if x.ndim < 2:
        return None  # the network will refuse x
    if lengths is not None:
        mask = length_mask(of_shape(x.shape[:1], as_array(lengths, "lengths"), "lengths"), x.shape[1])
    return None if mask is None else checked_mask(mask, x.shape[:2])
