"""Samples of the functions that create arrays."""

import numpy as np

from ntb.values import creation

from .base import ONE, positive, row

ENDS = [((), ()), ((2,), (2,)), ((2, 1), (2,)), ((), (3,))]
row(np.linspace, lambda a, b: np.linspace(a, b, 4), ENDS)
row(np.linspace, lambda a, b: np.linspace(a, b, 3, endpoint=False), ENDS, label="open")
row(np.linspace, lambda a, b: np.linspace(a, b, 3, axis=-1), ENDS, label="axis")
row(np.linspace, lambda a, b: np.linspace(a, b, 3, retstep=True), ENDS, label="step")
row(np.linspace, lambda a, b: np.linspace(a, b, 2, False, True, axis=-1), ENDS, label="step, open")
for num in (0, 1):
    row(np.linspace, lambda a, b, num=num: np.linspace(a, b, num), ENDS[:2], label=f"of {num}")
row(np.linspace, lambda b: np.linspace(1, b), [(), (2,)], label="one end")
row(np.linspace, lambda a: np.linspace(start=a, stop=3, num=3), [(), (2,)], label="by name")
row(np.geomspace, lambda a, b: np.geomspace(a, b, 4), ENDS, positive)
row(np.geomspace, lambda a, b: np.geomspace(-a, -b, 3, endpoint=False, axis=-1), ENDS, positive, label="negative")
row(np.geomspace, lambda b: np.geomspace(1, b, 3), [(), (2,)], positive, label="one end")
row(np.geomspace, lambda a: np.geomspace(a, 5, 1), [(), (2,)], positive, label="of 1")
row(np.logspace, lambda a, b: np.logspace(a, b, 4), ENDS, positive)
row(
    np.logspace,
    lambda a, b, c: np.logspace(a, b, 3, False, base=c),
    [((), (), ()), ((2,), (), (2,)), ((2, 1), (2,), (2,))],
    positive,
    label="base",
)
row(np.logspace, lambda a, b, c: np.logspace(a, b, 3, base=c, axis=-1), [((2,), (2,), (2,))], positive, label="axis")


def like(f):
    """On arrays NumPy's own call, on tensors with `like=`, as a user would write it."""

    def call(*xs):
        first = next((x for x in xs if not isinstance(x, np.ndarray | np.generic)), None)
        return f(*xs, like=first)

    return call


SCALARS = [((), ())]
row(np.array, like(lambda a, b, like: np.array([a, [b, 1.0][0], 2 * a], like=like)), SCALARS)
row(np.array, like(lambda a, b, like: np.array([[a, b], [3, a]], like=like)), SCALARS, label="matrix")
row(np.array, like(lambda a, b, like: np.array([a, b], ndmin=3, like=like)), [*SCALARS, ((2,), (2,))], label="ndmin")
row(np.array, like(lambda a, b, like: np.array((a, b), a.dtype, like=like)), [((2,), (2,))], label="rows")
row(np.array, like(lambda a, like: np.array(a, copy=True, like=like)), ONE, label="alone")
for f in (np.asarray, np.asanyarray):
    row(f, like(lambda a, b, like, f=f: f([a, b], like=like)), SCALARS)
for f in (np.ascontiguousarray, np.asfortranarray, np.require):
    row(f, like(lambda a, like, f=f: f(a, like=like)), [(2,), (2, 3)])
row(np.fromiter, like(lambda a, b, like: np.fromiter([a, b, a], a.dtype, like=like)), SCALARS)
row(np.full, like(lambda a, like: np.full((2, 3), a, like=like)), [(), (3,), (2, 1)])
row(np.full, like(lambda a, like: np.full(3, a, a.dtype, like=like)), [(), (1,)], label="dtype")
row(
    np.fromfunction,
    like(lambda a, like: np.fromfunction(lambda i, j: (i + j) * a, (2, 3), dtype=a.dtype, like=like)),
    [(), (3,)],
)
row(np.fromfunction, lambda a: np.fromfunction(lambda i: i * a, (3,), dtype=a.dtype), [(), (3,)], label="closure")
row(np.full_like, lambda x: np.full_like(x, x[:1]), [(1,), (2,), (2, 3)])
row(np.full_like, lambda x, c: np.full_like(x, c, None, "K", True), [((2, 2), ()), ((2,), (1,))], label="tracked")
row(creation.astype, lambda x: creation.astype(x, np.dtype(float)), ONE)
