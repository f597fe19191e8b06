"""The derivative tables, one file per chapter of NumPy, and the primitives that NumPy lacks.

Importing this package fills the table. A line is `derivative(function, rule for its first argument, …)`.
"""

from . import elementwise, indexing, linalg, plain, reductions, safe, shaping, special, windows

__all__ = ["elementwise", "indexing", "linalg", "plain", "reductions", "safe", "shaping", "special", "windows"]
