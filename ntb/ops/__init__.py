"""The derivative tables, one file per chapter of NumPy, and the primitives that NumPy lacks.

Importing this package fills the table with what nearly every program uses; the further chapters are imported when a
function is met that the table does not have. A line is `derivative(function, rule for its first argument, …)`.
"""

from ..tape.rules import chapters
from . import (
    convolution,
    elementwise,
    indexing,
    layout,
    linalg,
    plain,
    pooling,
    reductions,
    safe,
    shaping,
    special,
    windows,
)

__all__ = [
    "convolution", "elementwise", "indexing", "layout", "linalg", "plain", "pooling", "reductions", "safe", "shaping",
    "special", "windows",
]  # fmt: skip

NUMPY = (
    "calculus", "creation", "decompositions", "determinants", "integrals", "inverses", "joining", "nans", "norms",
    "padding", "polynomials", "products", "quantiles", "selecting", "sorting", "statistics", "ufunc_methods",
)  # fmt: skip

# modules with derivatives, and what the program must have imported
chapters |= {f"ntb.ops.{chapter}": "numpy" for chapter in (*NUMPY, "compositions")}
chapters |= {"ntb.ops.fft": "numpy.fft", "ntb.ops.scipy_special": "scipy.special", "ntb.dask": "dask.array"}
