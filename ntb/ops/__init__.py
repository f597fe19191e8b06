"""The derivative tables, one file per chapter of NumPy, and the primitives that NumPy lacks.

Importing this package fills the table. A line is `derivative(function, rule for the first argument, rule for the second, …)`.
"""

from . import elementwise, indexing, linalg, plain, reductions, safe, shaping, special

__all__ = ["elementwise", "indexing", "linalg", "plain", "reductions", "safe", "shaping", "special"]
