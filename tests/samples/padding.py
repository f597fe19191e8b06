"""Samples of np.pad in all its modes."""

import numpy as np

from ntb.ops import padding

from .base import BLOCKS, distinct, row

PLANE = [(3, 2), (2, 3)]

row(np.pad, lambda x: np.pad(x, 1), BLOCKS)
row(np.pad, lambda x: np.pad(x, ((0, 2), (1, 0)), constant_values=7.0), [(2, 2), (0, 1), (1, 1)], label="sides")
row(np.pad, lambda x: np.pad(x, {-1: (1, 2)}, mode="edge"), [(2,), (2, 3)], label="dict")
row(np.pad, lambda x: np.pad(x, 0, "edge"), [(2,), (2, 0)], label="nothing")
for mode in ("edge", "wrap", "reflect", "symmetric", "linear_ramp"):
    row(np.pad, lambda x, mode=mode: np.pad(x, ((1, 0), (2, 1)), mode), PLANE, label=mode)
    row(np.pad, lambda x, mode=mode: np.pad(x, (5, 8), mode), [(1,), (3,), (4,)], label=f"{mode}, wide")
for mode in ("reflect", "symmetric"):
    row(
        np.pad,
        lambda x, mode=mode: np.pad(x, [(2, 5)], mode, reflect_type="odd"),
        [(1,), (2,), (3,), (2, 2)],
        label=f"{mode}, odd",
    )
for mode in ("maximum", "mean", "median", "minimum"):
    row(np.pad, lambda x, mode=mode: np.pad(x, ((1, 0), (2, 1)), mode), PLANE, distinct, label=mode)
    for label, length in (("2", 2), ("sides", (1, 3)), ("axes", ((2, 1), (1, 2))), ("columns", ((1,), (2,)))):
        row(
            np.pad,
            lambda x, mode=mode, length=length: np.pad(x, 1, mode, stat_length=length),
            [(3, 2)],
            distinct,
            label=f"{mode} of {label}",
        )
row(
    np.pad,
    lambda x: np.pad(x, ((1, 2), (3, 0)), "linear_ramp", end_values=((1.0, 2.0), (-1.0, 0.5))),
    PLANE,
    label="end values",
)


def ramp_to(x, ends):
    """NumPy takes them as lists, which do not say that their members are tensors, where the array is none."""
    return np.pad(x, ((1, 2), (2, 0)), "linear_ramp", end_values=ends)


row(np.pad, ramp_to, [((2, 2), ()), ((2, 2), (2,)), ((2, 1), (2, 2))], label="tracked end values")
row(
    np.pad,
    lambda x, c: np.pad(x, ((1, 2), (2, 0)), constant_values=c),
    [((2, 2), ()), ((2, 2), (1,)), ((2, 2), (2,)), ((2, 1), (2, 1)), ((0, 1), (2, 2))],
    label="tracked constants",
)
INDEX = np.array([2, 1, 0, 1, 2, 0])
row(padding.gather, lambda x: padding.gather(x, INDEX, axis=-1), [(3,), (2, 3)])
row(padding.fold, lambda g: padding.fold(g, INDEX, axis=0), [(6,), (6, 2)])
