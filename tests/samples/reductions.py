"""Samples of reductions, with every form of axis and keepdims, and of cumulative functions."""

import numpy as np

from ntb.ops import reductions

from .base import AT_LEAST_2D, BLOCKS, distinct, real, row

FORMS = [
    ("all", {}, [(), (1,), (3,), (2, 2, 2)]),
    ("first", {"axis": 0}, BLOCKS),
    ("last", {"axis": -1}, BLOCKS),
    ("middle", {"axis": 1}, AT_LEAST_2D),
    ("two axes", {"axis": (0, -1)}, AT_LEAST_2D),
    ("keepdims", {"axis": 0, "keepdims": True}, BLOCKS),
    ("two axes, keepdims", {"axis": (-1, 0), "keepdims": True}, AT_LEAST_2D),
    ("all, keepdims", {"keepdims": True}, BLOCKS),
    ("where", {"axis": -2, "where": np.array([[True], [False], [True]])}, [(3, 2), (2, 3, 2)]),
]
for f, domain in ((np.sum, real), (np.mean, real), (np.prod, real), (np.max, distinct), (np.min, distinct)):
    for label, options, shapes in FORMS:
        options = options | (
            {"initial": -9.0 if f is np.max else 9.0} if "where" in options and f in (np.max, np.min) else {}
        )
        row(f, lambda x, f=f, options=options: f(x, **options), shapes, domain, label)
for f in (np.var, np.std):
    for label, options, shapes in FORMS:
        shapes = [s for s in shapes if min(s, default=1) > 1 or f is np.var]
        row(f, lambda x, f=f, options=options: f(x, **options), shapes, distinct, label)
    row(f, lambda x, f=f: f(x, axis=0, ddof=1), [(2, 2), (3,)], distinct, "ddof")
    row(f, lambda x, f=f: f(x, axis=-1, correction=1), [(2, 2), (3,)], distinct, "correction")
row(np.sum, lambda x: np.sum(x, axis=0), [(0,), (0, 2), (2, 0)], label="empty")
row(np.prod, lambda x: np.prod(x, axis=0), [(0,), (0, 2), (2, 0)], label="empty")
row(np.prod, lambda x: np.prod(x, axis=0, initial=3.0), BLOCKS, label="initial")
row(np.mean, lambda x: np.mean(x, axis=0), [(2, 0)], label="empty")
row(np.sum, lambda x: np.add.reduce(x), BLOCKS, label="reduce")
row(np.amax, lambda x: np.amax(x, axis=0), BLOCKS, distinct)
row(np.amin, lambda x: np.amin(x, 0), BLOCKS, distinct)
row(np.ptp, lambda x: np.ptp(x, axis=-1), BLOCKS, distinct)
for f in (np.cumsum, np.cumprod):
    row(f, shapes=[(1,), (0,), (2, 2), (2, 2, 2)])
    for axis in (0, -1):
        row(f, lambda x, f=f, axis=axis: f(x, axis=axis), [*BLOCKS, (0, 2), (2, 0)], label=f"axis {axis}")
row(np.cumprod, lambda x: np.cumprod(x * np.array([1.0, 0.0, 2.0, 0.0])), [(4,)], label="zeros")
row(np.prod, lambda x: np.prod(x * np.array([1.0, 0.0, 2.0])), [(3,)], label="zero")
for axis in (0, -1):
    row(
        reductions.recurrence,
        lambda b, x, axis=axis: reductions.recurrence(b, x, axis=axis),
        [((3,), (3,)), ((2, 2), (2, 2)), ((0,), (0,)), ((2, 2, 2),) * 2],
        label=f"axis {axis}",
    )
