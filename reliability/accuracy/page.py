"""docs/accuracy.md, from figures.json and peers.json."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from .measure import ORDERS
from .tables import GROUPS
from .truth import Function

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "accuracy.md"
FIGURES, PEERS = HERE / "figures.json", HERE / "peers.json"

HEAD = """# Accuracy over the whole range

Values and derivatives of elementwise functions, activations and losses, at 0, -0, the subnormal numbers, powers of ten
up to the largest number, the neighbours of 1 and of kinks, ±∞ and NaN, of each dtype: compared with what the function
gives exactly at that very number, by [mpmath](https://mpmath.org) with as many digits as it takes. The exact
derivatives are difference quotients of the exact function, or of its first derivative, so that no rule of ntb is in
them. Where the exact result is beyond the largest number, infinity is right; at poles, kinks and infinities the limits
and [conventions](conventions.md) are.

An error is counted in ulps: the distance of neighbouring numbers of the dtype at the exact result. 0.5 is the best
there is. *nan* is a NaN where there is a number. Each line has the worst errors of the value and of the first and
second derivatives (of two arguments: of all of them), with the place of those above 4; the bounds that tests hold them
to; and the worst of {versions} at the same points. A dash is a function, a dtype or a
derivative that they lack, or that was not compared. Their figures hold other conventions at kinks, too, and that JAX on
a CPU counts subnormal numbers as 0.

`make accuracy` measures ntb, and writes `reliability/accuracy/figures.json` and this page; `python -m
reliability.accuracy.peers`, in an environment that has both libraries, writes `peers.json`.
`tests/reliability/test_accuracy.py` tries a part of the points in each `make test`, holds all errors to the bounds, and
evaluates the worst points again, so that this page tells what the source does.

Of NumPy's and SciPy's functions the value is their own; ntb has the derivatives. Derivatives at NaN and outside of the
domain are not judged. At -0 the slopes of `sqrt` and of logarithms have the sign of the zero, as 1 / -0 has.
"""


def stated(found: dict[str, list]) -> dict[str, list]:
    """What is kept of the worst errors: two digits, and the point."""
    return {order: [_rounded(error), *point] for order, (error, point, *_) in found.items()}


def _rounded(error: float) -> float | None:
    return float(f"{error:.2g}") if math.isfinite(error) else None


def text() -> str:
    figures, peers = json.loads(FIGURES.read_text()), json.loads(PEERS.read_text())
    versions = f"PyTorch {peers['versions']['torch']} and JAX {peers['versions']['jax']}"
    parts = [HEAD.format(versions=versions)]
    for group, rows in GROUPS.items():
        parts.append(f"\n## {group}\n")
        notes: dict[str, int] = {}
        lines = [
            "| function | dtype | value | first | second | bounds | PyTorch | JAX |",
            "|---|---|--:|--:|--:|--:|--:|--:|",
        ]
        for f in rows:
            if f.why:
                notes.setdefault(f.why, len(notes) + 1)
            lines += [_line(f, dtype, figures[f.name][dtype], peers, notes.get(f.why)) for dtype in f.dtypes]
        parts.append("\n".join(lines) + "\n")
        parts.append("\n" + "\n".join(f"{n}. {why[0].upper()}{why[1:]}." for why, n in notes.items()) + "\n")
    return "".join(parts)


def _line(f: Function, dtype: str, found: dict[str, list], peers: dict[str, Any], note: int | None) -> str:
    cells = [_cell(found.get(order)) for order in ORDERS]
    others = [" / ".join(_number(errors.get(order, "")) for order in ORDERS) if errors else "–"
              for errors in (peers[name].get(f.name, {}).get(dtype) for name in ("torch", "jax"))]  # fmt: skip
    bounds = " / ".join(f"{bound:g}" for bound in f.bound) + (f" ({note})" if note else "")
    name = f"`{f.name}`" if dtype == f.dtypes[0] else ""
    return f"| {name} | {dtype} | {' | '.join(cells)} | {bounds} | {' | '.join(others)} |"


def _number(error: Any) -> str:
    return "" if error == "" else "nan" if error is None else f"{error:.2g}"


def _cell(found: list | None) -> str:
    """The error, and where it is if it is worth a look."""
    if not found:
        return ""
    error, *point = found
    return _number(error) + (f" at {', '.join(f'{n:.3g}' for n in point)}" if error is None or error > 4 else "")
