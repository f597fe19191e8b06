"""Samples of determinants, inverses and solutions of linear equations."""

import numpy as np

from ntb.ops import determinants

from .base import real, regular, row, small, spectral, unreal

MATRICES = [(1, 1), (2, 2), (3, 3), (2, 2, 2), (0, 2, 2), (0, 0)]
EITHER = unreal(small)
FIELDS = ((regular, real, ""), (unreal(regular), EITHER, "complex"))

for domain, g, label in FIELDS:
    row(np.linalg.inv, shapes=MATRICES, domains=domain, label=label)
    row(np.linalg.det, shapes=MATRICES, domains=domain, label=label, order=3 if label else 2)
    row(np.linalg.slogdet, shapes=MATRICES, domains=domain, label=label)
    row(determinants.cofactor, shapes=MATRICES[:4], domains=domain, label=label)
    row(determinants.cofactor_change, shapes=[((2, 2), (2, 2)), ((1, 1),) * 2], domains=(g, domain), label=label)
row(
    determinants.cofactor_change,
    lambda g: determinants.cofactor_change(g, np.ones(g.shape)),
    [(2, 2), (3, 3)],
    label="singular",
)
RIGHT = [
    ((2, 2), (2,)), ((2, 2), (2, 1)), ((2, 2, 2), (2, 2, 1)), ((2, 2), (3, 2, 2)), ((2, 2, 2), (2,)), ((2, 2), (2, 0)),
]  # fmt: skip
row(np.linalg.solve, shapes=RIGHT, domains=(regular, real))
row(np.linalg.solve, shapes=RIGHT[:3], domains=(unreal(regular), EITHER), label="complex")
row(np.linalg.solve, shapes=RIGHT[3:5], domains=(regular, EITHER), label="complex right")
row(np.linalg.solve, shapes=RIGHT[:2], domains=(unreal(regular), real), label="complex left")


def square(left, right):
    """Tensors that are regular matrices when their axes are taken together."""
    n = int(np.prod(left))
    return lambda rng, shape: regular(rng, (n, n)).reshape(left + right)


row(np.linalg.tensorsolve, shapes=[((2, 1, 2), (2, 1))], domains=(square((2, 1), (2,)), real))
row(
    np.linalg.tensorsolve,
    lambda a, b: np.linalg.tensorsolve(a, b, (0, 2)),
    [((2, 2, 1), (2,))],
    (lambda rng, shape: np.moveaxis(square((2,), (2, 1))(rng, shape), 1, 0), real),
    "axes",
)
row(np.linalg.tensorinv, shapes=[(2, 2, 4)], domains=square((2, 2), (4,)))
row(np.linalg.tensorinv, lambda a: np.linalg.tensorinv(a, 1), [(4, 2, 2)], square((4,), (2, 2)), "ind")

OBLONG = [(2, 2), (3, 2), (2, 3), (2, 3, 2), (0, 2)]
row(np.linalg.pinv, shapes=OBLONG, domains=spectral)
row(np.linalg.pinv, shapes=[(3, 2), (2, 3)], domains=unreal(spectral), label="complex")
row(np.linalg.pinv, lambda x: np.linalg.pinv(x @ np.ones((2, 2))), [(3, 2), (2, 3, 2)], label="rank one")
row(np.linalg.pinv, lambda x: np.linalg.pinv(x, rtol=0.1), [(3, 2)], spectral, label="rtol")
row(np.linalg.pinv, lambda x: np.linalg.pinv(x, 0.1, True), [(2, 2), (2, 3, 3)], spectral, label="hermitian")
row(np.linalg.pinv, lambda x: np.linalg.pinv(x, hermitian=True), [(2, 2)], unreal(spectral), "hermitian, complex")


def least_squares(a, b, **options):
    x, residuals, _, s = np.linalg.lstsq(a, b, **options)
    return x, residuals, s


SYSTEMS = [((3, 2), (3,)), ((3, 2), (3, 2)), ((2, 3), (2,)), ((2, 2), (2, 1)), ((1, 3), (1, 2))]
row(np.linalg.lstsq, least_squares, SYSTEMS, (spectral, real))
row(np.linalg.lstsq, least_squares, SYSTEMS[:3:2], (unreal(spectral), EITHER), "complex")
row(np.linalg.lstsq, lambda a, b: least_squares(a, b, rcond=-1)[0], SYSTEMS[:1], (spectral, real), "rcond")
row(
    np.linalg.lstsq,
    lambda a, b: np.linalg.lstsq(a @ np.ones((2, 2)), b)[0],
    [((3, 2), (3,)), ((2, 2), (2, 1))],
    label="rank one",
)
