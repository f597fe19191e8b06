"""Samples of products of vectors, matrices and tensors."""

import numpy as np

from ntb.ops import linalg

from .base import row

PRODUCTS = [
    ((2,), (2,)),
    ((2, 2), (2,)),
    ((2,), (2, 2)),
    ((2, 2), (2, 2)),
    ((1, 3), (3, 2)),
    ((2, 0), (0, 3)),
    ((1, 1), (1, 1)),
]
STACKS = [
    ((2, 2, 2), (2, 2)),
    ((2, 2), (2, 2, 2)),
    ((2, 1, 2, 2), (3, 2, 2)),
    ((2, 2, 2), (2,)),
    ((2,), (2, 2, 2)),
    ((1, 2, 2), (2, 2, 2)),
    ((2, 2, 0), (0, 2)),
    ((2, 1, 2), (2, 0)),
]
row(np.matmul, shapes=PRODUCTS + STACKS)
row(np.matmul, lambda a, b: a @ b, [((2, 3), (3, 2))], label="operator")
MATRICES = [(a, b) for a, b in PRODUCTS + STACKS if min(len(a), len(b)) > 1]
row(linalg.times_transposed, shapes=[(a, (*b[:-2], b[-1], b[-2])) for a, b in MATRICES])
row(linalg.transposed_times, shapes=[((*a[:-2], a[-1], a[-2]), b) for a, b in MATRICES])
row(
    np.dot,
    shapes=[
        *PRODUCTS,
        ((), (2,)),
        ((2, 2), ()),
        ((), ()),
        ((2, 2, 2), (2,)),
        ((2,), (2, 2, 2)),
        ((2, 3, 2), (3, 2, 2)),
    ],
)
row(np.inner, shapes=[((2,), (2,)), ((), (2,)), ((2, 3), (3,)), ((2, 2), (2, 2)), ((2, 2, 3), (1, 3))], exact=False)
row(np.outer, shapes=[((2,), (3,)), ((), (2,)), ((2, 2), (2,)), ((0,), (2,))])
row(np.vdot, shapes=[((2,), (2,)), ((2, 2), (2, 2)), ((), ())], exact=False)
row(np.vecdot, shapes=[((2,), (2,)), ((2, 2), (2,)), ((2, 1, 2), (3, 2))])
row(np.vecdot, lambda a, b: np.vecdot(a, b, axis=0), [((2,), (2,)), ((2, 2), (2, 2))], label="axis")
for label, axes, shapes in (
    ("", 2, [((2, 2, 2), (2, 2, 3)), ((2, 2), (2, 2))]),
    ("one", 1, PRODUCTS),
    ("none", 0, [((2,), (2, 2)), ((), (3,))]),
    ("pairs", ([0, 2], [2, 1]), [((2, 3, 2), (3, 2, 2)), ((2, 2, 2), (2, 2, 2))]),
    ("ends", (0, -1), [((2, 2), (2, 2)), ((2, 3), (4, 2))]),
):
    row(np.tensordot, lambda a, b, axes=axes: np.tensordot(a, b, axes), shapes, label=label)
for subscripts, shapes in {
    "ij,jk->ik": [((2, 2), (2, 2)), ((2, 0), (0, 1))],
    "ij,jk": [((2, 3), (3, 2))],
    "ji": [(2, 3)],
    "ii->i": [(2, 2)],
    "ii": [(3, 3)],
    "iij->j": [(2, 2, 3)],
    "ij->": [(2, 2)],
    "ij->j": [(2, 3)],
    "...ij,...jk->...ik": [((2, 2, 2), (2, 2)), ((2, 1, 2, 2), (3, 2, 2))],
    "i...,i": [((2, 3), (2,))],
    "...,...": [((2, 2), (2,)), ((), (2,))],
    "ij,ij,j->i": [((2, 2), (2, 2), (2,)), ((1, 2), (3, 2), (2,))],
    "bij,bjk,bk->bi": [((2, 2, 2),) * 2 + ((2, 2),)],
    "i,j->ij": [((2,), (3,))],
    "i,i": [((3,), (3,))],
    ",->": [((), ())],
    "i...->...": [(2, 3), (2,)],
    "iii->i": [(2, 2, 2)],
    "ik,k->i": [((2, 3), (1,))],
}.items():
    row(np.einsum, lambda *xs, s=subscripts: np.einsum(s, *xs), shapes, label=subscripts)
row(np.einsum, lambda a, b: np.einsum(a, [0, 1], b, [1, 2], [2, 0]), [((2, 2), (2, 2))], label="lists")
