"""The derivative tables, one file per chapter of NumPy, and the primitives that NumPy lacks.

Importing this package fills the table with what nearly every program uses. The other chapters are imported when a
program uses a function that is not in the table. A line is `derivative(function, rule for its first argument, …)`.
"""

from ..chapters import chapters
from ..tape import quick
from . import (
    elementwise,
    flops,
    gates,
    indexing,
    layout,
    linalg,
    plain,
    reductions,
    safe,
    shaping,
    special,
    windows,
)

__all__ = [
    "elementwise", "flops", "gates", "indexing", "layout", "linalg", "plain", "reductions",
    "safe", "shaping", "special", "windows",
]  # fmt: skip

_NUMPY = (
    "calculus", "creation", "decompositions", "determinants", "integrals", "inverses", "joining", "nans", "norms",
    "padding", "polynomials", "products", "quantiles", "selecting", "sorting", "statistics", "ufunc_methods",
)  # fmt: skip

# modules with derivatives, and what the program must have imported
chapters |= {f"ntb.ops.{chapter}": "numpy" for chapter in _NUMPY}
chapters |= {"ntb.ops.fft": "numpy.fft", "ntb.ops.scipy_special": "scipy.special"}

quick.install()
