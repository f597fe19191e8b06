"""The value and derivatives of a row by ntb: arrays beside the points."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

import ntb
from ntb import nn

from .truth import Function


def evaluate(f: Function, points: tuple[np.ndarray, ...]) -> list[np.ndarray]:
    """f, f' and f'' at all points; of two arguments f, f_a, f_b, f_aa, f_ab and f_bb."""
    names = ["x"] if f.arguments == 1 else ["a", "b"]
    code = compile(f.own, f.name, "eval")
    with warnings.catch_warnings(), ntb.Tape(persistent=True) as outer:
        warnings.simplefilter("ignore")
        sources = [outer.watch(p) for p in points]
        with ntb.Tape(persistent=True) as inner:
            for source in sources:
                inner.watch(source)
            y = eval(code, {**_space(), "HELD": points[0], **dict(zip(names, sources, strict=True))})
        first = [_gradient(inner, y, source) for source in sources]
    twice = [_gradient(outer, slope, source) for i, slope in enumerate(first) for source in sources[i:]]
    results = [np.asarray(_plain(r)) for r in (y, *first, *twice)]
    wrong = {r.dtype for r in results} - {points[0].dtype}
    if wrong:
        raise TypeError(f"{f.name} of {points[0].dtype} gives {wrong}")
    return results


def _plain(r: Any) -> Any:
    return r.numpy() if hasattr(r, "numpy") else r


def _gradient(tape: Any, target: Any, source: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return tape.gradient(target, source, seed=np.ones(target.shape, target.dtype), unconnected="zero")


def _space() -> dict[str, Any]:
    try:
        from scipy import special

        from ntb.scipy import special as wrapped
    except ImportError:
        special = wrapped = None
    return {"np": np, "nn": nn, "ntb": ntb, "special": special, "wrapped": wrapped}
