"""Samples of the functions that choose elements, or between arrays."""

import numpy as np

from .base import BLOCKS, ONE, row

row(np.compress, lambda x: np.compress([True, False], x, axis=0), [(2,), (2, 2)])
row(np.compress, lambda x: np.compress(np.array([False, True, True]), x), [(3,), (2, 2)], label="flat")
row(np.compress, lambda x: np.compress([0, 1], x, axis=-1), [(2,), (2, 3)], label="numbers")
row(np.compress, lambda x: np.compress(x > 0, x), [(4,)], label="of itself")
row(np.extract, lambda x: np.extract(x > 0, x), ONE)
row(np.extract, lambda x: np.extract([[True, False], [True, True]], x), [(4,), (2, 2)], label="list")

PICK = np.array([[0, 1], [1, 0]])
row(np.choose, lambda a, b: np.choose(PICK, [a, b]), [((2, 2), (2, 2)), ((2,), (2, 1)), ((), (2,)), ((), ())])
row(np.choose, lambda a, b: np.choose(PICK[0], (a, 2.0, b)), [((2,), (2,))], label="with a constant")
row(np.choose, lambda c: np.choose([0, 1, 0], c), [(2, 3), (3, 2, 3), (2, 1)], label="array")
row(np.choose, lambda a, b: np.choose(PICK * 5 - 2, [a, b], mode="wrap"), [((2, 2), (2,))], label="wrap")
row(np.choose, lambda a, b: np.choose(PICK * 5 - 2, [a, b], mode="clip"), [((2, 2), (2,))], label="clip")
row(np.choose, lambda a, b: np.choose((a > 0).astype(int), [a * b, a - b]), [((2,), (2,)), ((2, 2), ())], label="drawn")

UP, DOWN = np.array([True, False, False]), np.array([True, True, False])
row(
    np.select,
    lambda a, b: np.select([UP, DOWN], [a, b]),
    [((3,), (3,)), ((), (3,)), ((), ()), ((2, 1), (3,))],
)
row(np.select, lambda a, b: np.select([UP, DOWN], [a, 1.5], b), [((3,), (3,)), ((3,), ())], label="default")
row(
    np.select,
    lambda x, d: np.select([x > 1, x < 0, x < 0.5], [x * d, 2, x], default=d),
    [((3,), ()), ((2, 2), (2,)), ((), ())],
    label="of itself",
)
row(np.select, lambda a: np.select([[True, False]], [a]), [(2,), ()], label="list")

row(np.piecewise, lambda x: np.piecewise(x, [x < 0, x >= 0], [lambda v: v * v, np.sin]), [(3,), (2, 2), (0,)])
row(
    np.piecewise,
    lambda x: np.piecewise(
        x, [x < -1, x > 1], [2.0, lambda v, p, q: p * v + q, lambda v, p, q: np.exp(q * v)], 3.0, q=0.5
    ),
    [(4,), (2, 3)],
    label="otherwise",
)
row(np.piecewise, lambda x: np.piecewise(x, x > 0, [lambda v: v**3, 0]), [(4,), (1,)], label="one condition")
row(np.piecewise, lambda x: np.piecewise(x, [x > 0], [lambda v: v**3, np.exp]), [()], label="scalar")
row(
    np.piecewise,
    lambda x: np.piecewise(x, np.array([[True, True, False], [False, True, True]]), [np.exp, np.square]),
    [(3,)],
    label="overlapping",
)

row(np.nan_to_num, shapes=ONE)


def spoiled(x):
    """Followed by what is no number."""
    return np.concatenate([x, np.array([np.inf, -np.inf, np.nan], np.result_type(x))])


row(np.nan_to_num, lambda x: np.nan_to_num(spoiled(x), nan=1.0, posinf=2.0, neginf=3.0), [(1,), (2,)], label="numbers")
row(
    np.nan_to_num,
    lambda x, a, b, c: np.nan_to_num(spoiled(x), True, a, b, c),
    [((2,), (), (), ()), ((2,), (5,), (1,), ())],
    label="tracked",
)
row(np.real_if_close, shapes=BLOCKS, label="of real numbers")
row(np.real_if_close, lambda x: np.real_if_close(x * (1 + 1e-16j)), BLOCKS, label="close")

# --- positions that follow from the data

row(np.nonzero, lambda x: x[np.nonzero(x > 0)], [(1,), (4,), (2, 3)])
row(np.nonzero, lambda x: x[x > 0] * np.cos(x[x.nonzero()])[0], [(4,), (2, 3)], label="mask")
row(np.flatnonzero, lambda x: np.ravel(x)[np.flatnonzero(x > 0)], [(), (4,), (2, 3)])
row(np.argwhere, lambda x: x[np.argwhere(x > 0)[:, 0]], [(4,), (3, 2)])
row(np.where, lambda x: x[np.where(x < 0)], [(4,), (2, 3)], label="positions")
row(np.delete, lambda x: np.delete(x, np.flatnonzero(x > 0)), [(4,), (2, 3)], label="drawn")
row(np.delete, lambda x: np.delete(x, x > 0), [(4,), (6,)], label="drawn mask")
row(np.insert, lambda x: np.insert(x, np.argmax(x), x[0]), [(4,), (3,)], label="drawn")
row(np.repeat, lambda x: np.repeat(x, 1 + (x > 0)), [(4,), (3,)], label="drawn")
