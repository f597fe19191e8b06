"""Samples of the rarer products, and of np.linalg's own names."""

import numpy as np

from .base import AT_LEAST_2D, real, regular, row, small, unreal

EITHER = unreal(small)

row(np.kron, shapes=[((2,), (2,)), ((2, 2), (2, 2)), ((2, 1), (3,)), ((), (2,)), ((0, 1), (2,))], exact=False)
row(np.cross, shapes=[((3,), (3,)), ((2, 3), (3,)), ((3, 3), (3, 3)), ((0, 3), (3,))])
row(np.cross, lambda a, b: np.cross(a, b, axis=0), [((3, 3), (3, 3)), ((3, 2), (3, 2))], label="axis")
row(np.cross, lambda a, b: np.cross(a, b, 0, -1, 1), [((3, 2), (2, 3))], label="axes")
row(np.cross, shapes=[((3,), (3,))], domains=(real, EITHER), label="complex")

OWN = "of linalg"
row(np.linalg.matmul, shapes=[((2, 3), (3, 2)), ((2, 1, 2), (2, 2))], label=OWN)
row(np.linalg.vecdot, lambda a, b: np.linalg.vecdot(a, b, axis=0), [((2, 2), (2, 2))], EITHER, OWN)
row(np.linalg.tensordot, lambda a, b: np.linalg.tensordot(a, b, axes=1), [((2, 2), (2, 3))], label=OWN)
row(np.linalg.cross, shapes=[((3,), (3,)), ((2, 3), (3,))], label=OWN)
row(np.linalg.outer, shapes=[((2,), (3,)), ((0,), (2,))], label=OWN)
row(np.linalg.trace, lambda x: np.linalg.trace(x, offset=1), [*AT_LEAST_2D, (2, 3, 3)], label=OWN)
row(np.linalg.diagonal, lambda x: np.linalg.diagonal(x, offset=-1), [*AT_LEAST_2D, (2, 3, 3)], label=OWN)
row(np.linalg.matrix_transpose, shapes=AT_LEAST_2D, label=OWN)

for label, shapes in {
    "two": [((2, 3), (3, 2)), ((3,), (3, 2)), ((2, 3), (3,)), ((2,), (2,))],
    "three": [((2, 3), (3, 1), (1, 2)), ((3,), (3, 2), (2,)), ((1, 2), (2, 2), (2, 1))],
    "four": [((2, 1), (1, 3), (3, 2), (2, 1)), ((2,), (2, 2), (2, 1), (1,))],
}.items():
    row(np.linalg.multi_dot, lambda *arrays: np.linalg.multi_dot(arrays), shapes, small, label)
row(np.linalg.multi_dot, lambda *arrays: np.linalg.multi_dot(arrays), [((2,), (2, 2), (2, 1))], EITHER, "complex")
for n in (-2, 0, 1, 2, 3, 5, 6):
    row(np.linalg.matrix_power, lambda x, n=n: np.linalg.matrix_power(x, n), [(2, 2), (2, 2, 2)], regular, f"{n}")

row(np.vecdot, lambda a, b: np.vecdot(a, b, axis=0, keepdims=True), [((2,), (2,)), ((2, 2), (2, 1))], label="keepdims")
for a, b, label in ((EITHER, EITHER, "complex"), (real, EITHER, "complex right"), (EITHER, real, "complex left")):
    row(np.matmul, shapes=[((2, 2), (2,)), ((2, 2), (2, 2, 1)), ((2,), (2, 1))], domains=(a, b), label=label)
    row(np.dot, shapes=[((2, 2), (2,)), ((2, 2), (3, 2, 1)), ((), (2,))], domains=(a, b), label=label)
    row(np.vdot, lambda a, b: np.reshape(np.vdot(a, b), 1), [((2, 2), (2, 2))], (a, b), label, exact=False)
    row(np.vecdot, shapes=[((2, 2), (2,))], domains=(a, b), label=label)
    row(np.tensordot, lambda a, b: np.tensordot(a, b, (0, 1)), [((2, 2), (3, 2))], (a, b), label)
    row(np.einsum, lambda a, b: np.einsum("iij,j...->...i", a, b), [((2, 2, 2), (2, 1))], (a, b), label)
    if hasattr(np, "matvec"):
        row(np.matvec, shapes=[((2, 3), (3,)), ((2, 2), (3, 1, 2))], domains=(a, b), label=label)
        row(np.vecmat, shapes=[((2,), (2, 3)), ((2, 1, 2), (2, 2))], domains=(a, b), label=label)
if hasattr(np, "matvec"):
    row(np.matvec, shapes=[((2, 3), (3,)), ((2, 2, 2), (2,)), ((2, 2), (3, 2)), ((0, 2), (2,))])
    row(np.vecmat, shapes=[((2,), (2, 3)), ((2,), (2, 2, 2)), ((3, 2), (2, 2)), ((0,), (0, 2))])

for subscripts, shapes in {
    "ij,jk,kl->il": [((2, 3), (3, 1), (1, 2))],
    "...i,...ij,...j": [((2, 2), (2, 2), (1, 2))],
    "iij,jkk->ik": [((2, 2, 1), (1, 2, 2))],
    "i...j,j...->...": [((2, 2, 3), (3, 1))],
}.items():
    way = "optimal" if "i...j" in subscripts else "greedy" if "..." in subscripts else True
    row(np.einsum, lambda *xs, s=subscripts, w=way: np.einsum(s, *xs, optimize=w), shapes, label=f"{subscripts} {way}")
PATH = ["einsum_path", (0, 1), (0, 1)]
row(np.einsum, lambda *xs: np.einsum("ij,jk,kl", *xs, optimize=PATH), [((2, 3), (3, 1), (1, 2))], label="path")
row(np.einsum, lambda a, b: np.einsum(a, [..., 0, 0], b, [0, ...]), [((2, 2, 2), (2,))], label="lists, implicit")
row(np.einsum, lambda a: np.einsum(a, [1, 0, 1], [1, 0]), [(2, 3, 2)], label="lists, diagonal")
