"""Ten classes of coloured 32 by 32 pictures, drawn by formula: a stand-in for CIFAR-10 that needs no files.

Each shape is a signed distance, negative inside, in a frame that is moved, turned and scaled at random; a pixel's
coverage is that distance, cut off at half a pixel on both sides, which gives smooth edges. Inigo Quilez collects such
distances at https://iquilezles.org/articles/distfunctions2d/.
"""

from __future__ import annotations

import numpy as np

from .dataset import Dataset

__all__ = ["load"]

_SIZE = 32
_TAU = 2 * np.pi


def load(n_train: int = 5000, n_val: int = 1000, seed: int = 0) -> Dataset:
    """Pictures of shape (3, 32, 32) with position, size, angle, colours, light and noise at random.

    All classes are equally frequent (to within one). Equal seeds give equal pictures; the validation pictures do not
    depend on `n_train`. Raises ValueError for negative counts.

    >>> load(n_train=50, n_val=10)
    Dataset(50 for training, 10 for validation: images (3, 32, 32) uint8, 10 classes)
    """
    if n_train < 0 or n_val < 0:
        raise ValueError(f"the numbers of pictures cannot be negative, got n_train={n_train} and n_val={n_val}")
    return Dataset(*_draw(n_train, seed, 0), *_draw(n_val, seed, 1), tuple(_CLASSES))


def _draw(n: int, seed: int, part: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng([seed, part])
    labels = rng.permutation(np.arange(n) % len(_CLASSES))
    coverage = np.empty((n, _SIZE, _SIZE), np.float32)
    for number, distance in enumerate(_CLASSES.values()):
        mine = labels == number
        u, v, radius = _frame(rng, int(np.count_nonzero(mine)))
        coverage[mine] = np.clip(0.5 - radius * distance(u, v), 0, 1)

    # Shape and ground differ by 0.3 or more in each colour; either can be the lighter one.
    ground = rng.random((n, 3, 1, 1), np.float32)
    shape = (ground + rng.uniform(0.3, 0.7, ground.shape).astype(np.float32)) % 1
    picture = ground + coverage[:, np.newaxis] * (shape - ground)
    picture += _light(rng, n)[:, np.newaxis]
    picture += rng.uniform(0.01, 0.05, ground.shape).astype(np.float32) * rng.standard_normal(picture.shape, np.float32)
    return (255 * picture.clip(0, 1)).round().astype(np.uint8), labels


def _frame(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Coordinates (n, 32, 32) of each pixel in the frames of n shapes, in which they have radius 1; and their radii."""
    radius = rng.uniform(8, 13, (n, 1, 1))
    x0, y0 = rng.uniform(radius - 1, _SIZE - radius, (2, n, 1, 1))
    angle = rng.uniform(-0.35, 0.35, (n, 1, 1))  # 20 degrees: stripes must keep their direction
    y, x = np.mgrid[:_SIZE, :_SIZE]
    u = np.cos(angle) * (x - x0) + np.sin(angle) * (y - y0)
    v = np.cos(angle) * (y - y0) - np.sin(angle) * (x - x0)
    return u / radius, v / radius, radius


def _light(rng: np.random.Generator, n: int) -> np.ndarray:
    """Uneven light (n, 32, 32): brightness that rises by up to 0.15 across the picture in some direction."""
    strength, angle = rng.uniform(0, 0.15, (n, 1, 1)), rng.uniform(0, _TAU, (n, 1, 1))
    y, x = np.mgrid[:_SIZE, :_SIZE] / (_SIZE - 1) - 0.5
    return (strength * (np.cos(angle) * x + np.sin(angle) * y)).astype(np.float32)


def _polygon(u: np.ndarray, v: np.ndarray, corners: int, waist: float) -> np.ndarray:
    """A star whose corners lie at distance 1 and whose waists between them at `waist`; straight sides at cos(pi/n)."""
    half = np.pi / corners
    # The picture repeats around the centre: fold it into the half sector between a corner and the next waist.
    angle = np.abs((np.arctan2(u, -v) + half) % (2 * half) - half)
    radius = np.hypot(u, v)
    side_x, side_y = waist * np.cos(half) - 1, waist * np.sin(half)
    across = side_y * (radius * np.cos(angle) - 1) - side_x * radius * np.sin(angle)
    return across / np.hypot(side_x, side_y)


def _ring(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    return np.abs(np.hypot(u, v) - 0.78) - 0.22


def _cross(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    u, v = np.abs(u), np.abs(v)
    return np.minimum(np.maximum(u - 1, v - 0.3), np.maximum(u - 0.3, v - 1))


def _checker(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    return 0.3 * np.sin(_TAU * u) * np.sin(_TAU * v)


def _gradient(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    return 0.04 * (u + v)  # so flat that the half pixels of the edge fill the picture


_CLASSES = {
    "disc": lambda u, v: np.hypot(u, v) - 1,
    "ring": _ring,
    "triangle": lambda u, v: _polygon(u, v, 3, np.cos(np.pi / 3)),
    "square": lambda u, v: np.maximum(np.abs(u), np.abs(v)) - 0.85,
    "cross": _cross,
    "star": lambda u, v: _polygon(u, v, 5, 0.42),
    "horizontal stripes": lambda u, v: 0.3 * np.sin(_TAU * v),
    "vertical stripes": lambda u, v: 0.3 * np.sin(_TAU * u),
    "checker": _checker,
    "gradient": _gradient,
}
