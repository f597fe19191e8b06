"""Samples of the methods of ufuncs."""

import numpy as np

from ntb.ops import ufunc_methods

from .base import AT_LEAST_2D, BLOCKS, ONE, TWO, distinct, positive, real, row

FOLDING = (np.subtract, np.divide, np.logaddexp, np.hypot, np.power)
KEPT = np.array([[True], [False], [True]])

for f in FOLDING:
    name = f.__name__
    row(np.ufunc.reduce, f.reduce, [(2, 2), (3, 2), (2, 2, 2)], positive, name, exact=f is not np.power)
    row(np.ufunc.accumulate, f.accumulate, BLOCKS, positive, name)
for f in (np.add, np.maximum, np.logaddexp):
    domain = distinct if f is np.maximum else real
    row(np.ufunc.reduce, lambda x, f=f: f.reduce(x, None), [(), (1,), (2, 2)], domain, f"{f.__name__}, all")
    row(np.ufunc.reduceat, lambda x, f=f: f.reduceat(x, [0, 2, 1]), [(3,), (3, 2)], domain, f.__name__)
    row(
        np.ufunc.reduce,
        lambda x, f=f: f.reduce(x, (0, -1), keepdims=True, initial=0.5, where=KEPT),
        [(2, 3, 2)],
        domain,
        f"{f.__name__}, two axes",
        exact=f is not np.logaddexp,
    )
row(np.ufunc.reduce, lambda x: np.multiply.reduce(x, -1, initial=2), BLOCKS, label="multiply, initial")
row(np.ufunc.reduce, lambda x: np.divide.reduce(x, -1, initial=2.0), BLOCKS, positive, label="divide, initial")
row(np.ufunc.reduce, lambda x: np.hypot.reduce(x, 1), [(2, 0)], label="empty")
row(
    np.ufunc.reduce,
    lambda x: np.fmax.reduce(x, 1, where=KEPT[:2].T, initial=-9),
    [(2, 2), (1, 2)],
    distinct,
    "fmax, where",
)
row(np.ufunc.reduce, lambda x: np.maximum.reduce(x, 1, dtype=float), [(2, 2)], distinct, label="dtype")
row(np.ufunc.accumulate, lambda x: np.maximum.accumulate(x, -1), BLOCKS, distinct, label="maximum, last")
row(np.ufunc.accumulate, np.add.accumulate, BLOCKS, label="add")
row(np.ufunc.accumulate, lambda x: np.multiply.accumulate(x, 1, dtype=float), AT_LEAST_2D, label="multiply, dtype")
row(np.ufunc.reduceat, lambda x: np.subtract.reduceat(x, [0, 0, 1], -1), [(2,), (2, 2)], label="last axis")
row(np.ufunc.reduceat, lambda x: np.power.reduceat(x, [0, 2], 0), [(3, 2)], positive, label="power", exact=False)
for f in (np.multiply, np.hypot, np.subtract):
    row(np.ufunc.outer, f.outer, TWO, label=f.__name__)

row(ufunc_methods.folded, lambda x: ufunc_methods.folded(x, "logaddexp", axis=0), BLOCKS, label="by a ufunc")
row(ufunc_methods.accumulated, lambda x: ufunc_methods.accumulated(x, "subtract", axis=-1), BLOCKS)
row(ufunc_methods.folded_at, lambda x: ufunc_methods.folded_at(x, [1, 0], "hypot", axis=0), [(2,), (3, 2)])
FIRST = np.array([True, False, True])
row(ufunc_methods.accumulated_parts, lambda x: ufunc_methods.accumulated_parts(x, FIRST, "divide"), [(3,), (2, 3)])
row(np.nextafter, lambda x: np.nextafter(x, 9.0), ONE)
