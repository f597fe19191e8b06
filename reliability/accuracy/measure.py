"""The worst errors of a row, and where they are."""

from __future__ import annotations

import math
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mpmath as mp
import numpy as np

from . import points
from .truth import Function, exact_at, ulps

ORDERS = ("value", "first", "second")
CACHE = Path("out/accuracy.pickle")
_known: dict[tuple, tuple] = {}


def load() -> None:
    if CACHE.exists():
        _known.update(pickle.loads(CACHE.read_bytes()))


def store() -> None:
    CACHE.parent.mkdir(exist_ok=True)
    new = CACHE.with_suffix(".new")
    new.write_bytes(pickle.dumps(_known))
    new.replace(CACHE)


def exact(f: Function, x: tuple[float, ...]) -> list[Any]:
    """`exact_at`, once for each point."""
    key = (f.name, *(repr(n) for n in x))
    if key not in _known:
        with mp.workdps(60):
            found = exact_at(f, *x)
            _known[key] = tuple([None if n is None else mp.mpf(n)._mpf_ for n in found])
    return [None if n is None else mp.mp.make_mpf(n) for n in _known[key]]


def points_of(f: Function, dtype: str, short: bool) -> tuple[np.ndarray, ...]:
    if f.arguments == 2:
        return points.pairs(dtype, short or f.name.startswith("special."))  # SciPy's take long to know exactly
    kinks = tuple(float(np.real(p)) for p in f.singular if not isinstance(p, complex))
    return (points.single(dtype, (*kinks, *(end for end in f.domain if math.isfinite(end))), short),)


def worst(f: Function, dtype: str, evaluate: Callable, short: bool = False, where: Any = None) -> dict[str, list]:
    """By order, the greatest error in ulps and the point: {"value": [0.5, [1.0]], …}."""
    places = points_of(f, dtype, short) if where is None else where
    found = evaluate(f, places)
    orders = (0, 1, 2) if f.arguments == 1 else (0, 1, 1, 2, 2, 2)
    result: dict[str, list] = {}
    for i, x in enumerate(zip(*(p.tolist() for p in places), strict=True)):
        if f.but is not None and f.but(dtype, *x):
            continue
        for order, numbers, true in zip(orders, found, exact(f, x), strict=True):
            if true is None:
                continue
            least = f.least[order](*x) if callable(f.least[order]) else f.least[order]
            error = ulps(float(numbers[i]), true, dtype, least)
            name = ORDERS[order]
            if name not in result or error > result[name][0]:
                result[name] = [error, list(x), float(numbers[i]), mp.nstr(true, 8)]
    return result
