"""Samples of norms and condition numbers."""

import numpy as np

from ntb.ops import norms

from .base import BLOCKS, real, regular, row, small, spectral, unreal

EITHER = unreal(small)
SHAPES = [(2, 2), (3, 2), (2, 2, 3)]


def doubling(rng, shape):
    """No two sums of sizes are equal."""
    return 0.3 * 2.0 ** rng.permutation(int(np.prod(shape))).reshape(shape) * rng.choice([-1.0, 1.0], shape)


row(np.linalg.norm, shapes=[(1,), (3,), (2, 2), (2, 2, 2), ()])
row(np.linalg.norm, lambda x: np.linalg.norm(x, axis=(0, 1), keepdims=True), [(2, 2), (2, 2, 2)], label="axes")
row(np.linalg.norm, lambda x: np.linalg.norm(x, axis=-1), BLOCKS, label="axis")
row(np.linalg.norm, lambda x: np.linalg.norm(x, axis=-1, keepdims=True), BLOCKS, EITHER, label="complex")
for p in (0, 1, 2, 3, -1.5, np.inf, -np.inf):
    row(np.linalg.norm, lambda x, p=p: np.linalg.norm(x, p, axis=0), BLOCKS, doubling, label=f"ord {p}", exact=False)
row(np.linalg.norm, lambda x: np.linalg.norm(x, 3, axis=0), BLOCKS, EITHER, label="complex ord 3", exact=False)


def outer(rng, shape):
    """Matrices in the last and the first axis, their singular values far from each other and from 0."""
    return np.moveaxis(spectral(rng, shape[1:-1] + (shape[-1], shape[0])), -1, 0)


for p in ("fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf):
    domain = spectral if p in ("nuc", 2, -2) else doubling
    row(np.linalg.norm, lambda x, p=p: np.linalg.norm(x, p), SHAPES[:2], domain, f"matrix {p}", exact=False)
    row(
        np.linalg.norm,
        lambda x, p=p: np.linalg.norm(x, p, axis=(-1, 0), keepdims=True),
        SHAPES,
        outer if domain is spectral else domain,
        f"axes {p}",
        exact=False,
    )
for p in ("nuc", 1, 2, np.inf):
    row(np.linalg.norm, lambda x, p=p: np.linalg.norm(x, p), [(3, 2)], unreal(doubling), f"complex {p}", exact=False)

row(np.linalg.vector_norm, shapes=[(), (3,), (2, 2)], exact=False)
row(
    np.linalg.vector_norm,
    lambda x: np.linalg.vector_norm(x, axis=(-1, 0), keepdims=True, ord=3),
    SHAPES,
    exact=False,
    label="axes",
)
row(np.linalg.vector_norm, lambda x: np.linalg.vector_norm(x, axis=-1, ord=1), SHAPES, label="axis")
row(np.linalg.matrix_norm, shapes=SHAPES, domains=spectral)
row(np.linalg.matrix_norm, lambda x: np.linalg.matrix_norm(x, ord=2, keepdims=True), SHAPES, spectral, "ord")


def skewed(rng, shape):
    """Neither the matrix nor its inverse has an element, or two sums of a row or column, near a kink of a norm."""
    return np.array([[2.0, 1.0], [0.6, -3.0]]) + rng.uniform(-0.05, 0.05, shape)


for p in (None, 2, -2, 1, -1, np.inf, -np.inf, "fro", "nuc"):
    row(np.linalg.cond, lambda x, p=p: np.linalg.cond(x, p), [(2, 2), (2, 2, 2)], skewed, f"{p}", exact=False)
row(np.linalg.cond, shapes=[(3, 2)], domains=unreal(spectral), label="complex", exact=False)
row(norms.ratio, shapes=[((2,), (2,)), ((), ())], domains=real)
row(norms.inverse_or_infinite, shapes=[(2, 2), (2, 2, 2)], domains=regular)
