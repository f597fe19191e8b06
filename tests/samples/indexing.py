"""Samples of indexing, of its adjoint, and of functions that pick elements."""

import operator

import numpy as np

from ntb.ops import at, indexing

from .base import BLOCKS, ONE, distinct, row

INDICES = {
    "integer": 1,
    "slice": slice(0, 2),
    "step": slice(None, None, -2),
    "tuple": (0, 1),
    "none": (None, ..., 0),
    "ellipsis": ...,
    "array": np.array([0, 1, 0, -2]),
    "list": [1, 1, 1],
    "mask": np.array([True, False]),
    "full mask": np.array([[True, False], [True, True]]),
    "two arrays": (np.array([0, 1, 0]), np.array([1, 1, 1])),
    "grid": (np.array([[0], [1]]), np.array([0, 0])),
    "mixed": (slice(None), [0, 0, 1], None),
    "empty": np.zeros(0, int),
    "scalar mask": True,
    "scalar array": (np.array(1), slice(None)),
}
for label, index in INDICES.items():
    row(operator.getitem, lambda x, index=index: x[index], [(2, 2), (2, 2, 2)], label=label)
    shape_of = lambda shape, index=index: np.empty(shape)[index].shape
    row(indexing.scatter, lambda g, index=index: indexing.scatter(g, index, (2, 2)), [shape_of((2, 2))], label=label)
    if label not in ("scalar mask",):
        row(
            at.put,
            lambda x, v, index=index: at.put(x, index, v),
            [((2, 2), shape_of((2, 2))), ((2, 2), ())],
            label=label,
        )
        row(
            at.put_add,
            lambda x, v, index=index: at.put_add(x, index, v),
            [((2, 2), shape_of((2, 2))), ((2, 2), ())],
            label=label,
        )
row(operator.getitem, lambda x: x[0, ..., [1, 0]], [(2, 2, 2), (2, 2)], label="axes moved to the front")
row(operator.getitem, lambda x: x[()], ONE, label="nothing")
IDS = np.array([[0, 1, 1], [1, 0, -1]])
row(np.take, lambda x: np.take(x, IDS), [(2,), (2, 2)])
for axis in (0, 1, -1):
    row(np.take, lambda x, axis=axis: np.take(x, IDS, axis), [(2, 2), (2, 2, 2)], label=f"axis {axis}")
row(np.take, lambda x: x.take([5, -3], 0, mode="wrap"), [(2,), (2, 2)], label="wrap")
row(np.take, lambda x: np.take(x, [5, -3], 0, mode="clip"), [(2,), (2, 2)], label="clip")
row(np.take_along_axis, lambda x: np.take_along_axis(x, IDS, 1), [(2, 2), (1, 2), (2, 4)])
row(np.take_along_axis, lambda x: np.take_along_axis(x, IDS, axis=0), [(2, 3), (2, 1)], label="axis 0")
row(np.take_along_axis, lambda x: np.take_along_axis(x, IDS[0], None), [(2,), (2, 2)], label="flat")
row(indexing.scatter_along_axis, lambda g: indexing.scatter_along_axis(g, IDS, 1, (2, 2)), [(2, 3)])
row(np.sort, shapes=BLOCKS, domains=distinct)
row(np.sort, lambda x: np.sort(x, axis=0), BLOCKS, distinct, label="axis 0")
row(np.sort, lambda x: np.sort(x, None), BLOCKS, distinct, label="flat")
row(
    np.where,
    lambda a, b: np.where(np.array([True, False]), a, b),
    [((2,), (2,)), ((), (2, 1)), ((1,), ()), ((0, 1), (2,))],
)
