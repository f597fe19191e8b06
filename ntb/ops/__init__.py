"""The derivative tables, one file per chapter of NumPy, and the primitives that NumPy lacks.

Importing this package fills the table. A line is `derivative(function, rule for its first argument, …)`.
"""

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
