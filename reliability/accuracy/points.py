"""The numbers at which functions are tried: those of a dtype's whole range, and those at which something is special."""

from __future__ import annotations

import itertools
import math

import numpy as np

DTYPES = ("float16", "float32", "float64")
_EVERYDAY = (
    *(
        0.003,
        0.01,
        0.03,
        0.1,
        0.2,
        0.25,
        0.3,
        0.4,
        0.5,
        0.6,
        0.7,
        0.8,
        0.9,
        0.97,
        0.999,
        1.0,
        1.001,
        1.03,
        1.2,
        1.3,
        1.5,
    ),
    *(1.7, 2.0, 2.2, 2.5, 2.8, 3.0, 3.5, 4.0, 5.0, 6.0, 7.0, 8.5, 9.5, 11.0, 13.0, 15.0, 17.0, 18.5, 20.0, 23.0, 26.0),
    *(30.0, 37.0, 45.0, 60.0, 80.0, 87.0, 100.0, 105.0, 170.0, 300.0, 500.0, 700.0, 709.0, 720.0, 745.0, 1e3, 3e3, 1e4),
)
_SPECIAL = (0.0, -0.0, math.inf, -math.inf, math.nan)


def _magnitudes(dtype: str, step: int) -> list[float]:
    """Positive numbers from the smallest subnormal to the largest: 1 and 3.3 times each `step`-th power of ten."""
    info = np.finfo(dtype)
    tiny, normal, top = float(info.smallest_subnormal), float(info.smallest_normal), float(info.max)
    powers = range(math.floor(math.log10(tiny)), math.ceil(math.log10(top)) + 1, step)
    swept = [m * 10.0**k for k in powers for m in (1.0, 3.3) if tiny <= m * 10.0**k <= top]
    return [tiny, 3 * tiny, normal, *swept, math.sqrt(top), top / 2, top]


def _near_one(dtype: str) -> list[float]:
    eps = float(np.finfo(dtype).eps)
    return [1 - eps / 2, 1 - 3 * eps, 1 + eps, 1 + 5 * eps, 1 - 64 * eps, 1 + 64 * eps]


def single(dtype: str, near: tuple[float, ...] = (), short: bool = False) -> np.ndarray:
    """The points for functions of one argument, in order; `near` are kinks, whose neighbours are taken too.

    >>> len(single("float64")), len(single("float16", short=True))
    (227, 71)
    """
    step = {"float16": 1, "float32": 4, "float64": 25}[dtype] * (4 if short else 1)
    everyday = _EVERYDAY[::4] if short else _EVERYDAY
    positive = np.array([*_magnitudes(dtype, step), *_near_one(dtype), *everyday]).astype(dtype)
    around = [
        float(np.nextafter(np.asarray(x, dtype), np.asarray(to, dtype))) for x in near for to in (-math.inf, math.inf)
    ]
    finite = np.unique(np.concatenate([positive, -positive, np.array([*near, *around], dtype)]))
    finite = finite[np.isfinite(finite) & (finite != 0)]
    return np.concatenate([finite, np.array(_SPECIAL, dtype)])


def pairs(dtype: str, short: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """The points for functions of two arguments: all pairs of a few numbers of the range."""
    info = np.finfo(dtype)
    tiny, normal, top = float(info.smallest_subnormal), float(info.smallest_normal), float(info.max)
    some = [tiny, math.sqrt(normal) * 3, 0.01, 1.0, 1 + float(info.eps), 3.7, 30.0, top]
    some = some[::3] if short else some
    numbers = np.array([*some, *(-x for x in some), *_SPECIAL]).astype(dtype)
    a, b = np.array([*itertools.product(numbers, numbers)], dtype).T
    return a.copy(), b.copy()
