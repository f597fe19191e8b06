"""All rows, in the order of the page."""

from __future__ import annotations

from . import table_nn, table_numpy
from .truth import Function

try:
    from . import table_scipy
except ImportError:  # pragma: no cover
    SCIPYS: list[Function] = []
else:
    SCIPYS = table_scipy.ROWS

GROUPS: dict[str, list[Function]] = {
    "NumPy's functions": table_numpy.ROWS,
    "Activations and losses": table_nn.ROWS,
    "SciPy's special functions": SCIPYS,
}
ROWS = [row for rows in GROUPS.values() for row in rows]
assert len({row.name for row in ROWS}) == len(ROWS)
