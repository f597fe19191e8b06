"""Samples of matrix decompositions: in forms that do not depend on the sign or phase of vectors, which LAPACK picks."""

import numpy as np

from .base import regular, row, spectral, unreal

SQUARE = [(1, 1), (2, 2), (3, 3), (2, 2, 2), (0, 2, 2), (0, 0)]
OBLONG = [(2, 2), (3, 2), (2, 3), (2, 3, 2), (4, 2), (0, 2)]


def ordered(w, v=None):
    """Eigenvalues, or their vectors, from left to right: the order in which LAPACK finds them may jump."""
    order = np.argsort(np.real(w) + 0.3 * np.imag(w), axis=-1)
    return np.take_along_axis(w, order, -1) if v is None else np.take_along_axis(v, order[..., None, :], -1)


def turned(v):
    """Column vectors times the conjugate of their first component."""
    return v * np.conjugate(v[..., :1, :])


for field, label in ((lambda domain: domain, ""), (unreal, "complex")):
    row(np.linalg.cholesky, shapes=SQUARE, domains=field(regular), label=label)
    row(np.linalg.cholesky, lambda x: np.linalg.cholesky(x, upper=True), SQUARE[1:4], field(regular), f"upper {label}")
    row(np.linalg.qr, shapes=OBLONG[:5], domains=field(spectral), label=label)
    row(np.linalg.qr, lambda x: np.linalg.qr(x, "r"), OBLONG[1:5], field(spectral), f"r {label}")

    def complete(x):
        q, r = np.linalg.qr(x, "complete")
        n = x.shape[-1]
        return q[..., :n], r, q[..., n:] @ np.conjugate(q[..., n:]).mT

    row(np.linalg.qr, complete, OBLONG[:5], field(spectral), f"complete {label}")
    for part in "LU":

        def vectors(x, part=part):
            w, v = np.linalg.eigh(x, part)
            return w, turned(v)

        row(np.linalg.eigh, vectors, SQUARE, field(spectral), f"{part} {label}")
        row(np.linalg.eigvalsh, lambda x, p=part: np.linalg.eigvalsh(x, p), SQUARE, field(spectral), f"{part} {label}")

    def columns(x):
        w, v = np.linalg.eig(x)
        return ordered(w), turned(ordered(w, v))

    row(np.linalg.eig, columns, SQUARE, field(spectral), label)
    row(np.linalg.eigvals, lambda x: ordered(np.linalg.eigvals(x)), SQUARE, field(spectral), label)
    row(np.linalg.svdvals, shapes=[*OBLONG, (2, 0)], domains=field(spectral), label=label)
    row(np.linalg.svd, lambda x: np.linalg.svd(x, compute_uv=False), OBLONG, field(spectral), f"values {label}")
    for full in (False, True):

        def parts(x, full=full):
            u, s, vh = np.linalg.svd(x, full)
            k = min(x.shape[-2:])
            u, rest, vh, rest_h = u[..., :k], u[..., k:], vh[..., :k, :], vh[..., k:, :]
            spans = (rest @ np.conjugate(rest).mT, np.conjugate(rest_h).mT @ rest_h)
            return np.multiply(u[..., 0, :], vh[..., 0]), s, turned(u), turned(np.conjugate(vh).mT), *spans

        row(np.linalg.svd, parts, OBLONG[:5], field(spectral), f"full {label}" if full else label)

    def hermitian(x):
        u, s, vh = np.linalg.svd(x, hermitian=True)
        return turned(u), s, (u * s[..., None, :]) @ vh, u[..., :1, :] @ vh[..., :, :1]

    row(np.linalg.svd, hermitian, SQUARE[:4], field(spectral), f"hermitian {label}")
    row(
        np.linalg.svd,
        lambda x: np.linalg.svd(x, compute_uv=False, hermitian=True),
        SQUARE[:4],
        field(spectral),
        f"hermitian, values {label}",
    )

ROTATION = np.array([[0.0, -1.0, 0.2], [1.0, 0.3, 0.1], [0.3, 0.4, 3.0]])
row(np.linalg.eigvals, lambda x: ordered(np.linalg.eigvals(x * 0.1 + ROTATION)), [(3, 3)], label="pairs")
row(np.linalg.eig, lambda x: columns(x * 0.1 + ROTATION), [(3, 3)], label="pairs")
