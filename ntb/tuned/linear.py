"""Linear maps as one product of matrices, in the faster order in memory.

Measured, result and all gradients in a traced function: 1.4 times as fast as the plain form for tall matrices in double
precision, (20000, 50) @ (50, 10); elsewhere the same.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..forms import tuned
from ..nn.linear import affine as plain
from ..ops.flops import matmul as matmul_flops
from ..ops.flops import size
from ..primitive import primitive
from ..tape.rules import derivative


@tuned(plain)
def mapped_rows(x: Any, weight: Any, bias: Any = None) -> Any:
    """x (..., D) @ weight (D, M) + bias, as one product of all rows rather than one for each leading index."""
    rows = x if x.ndim == 2 else np.reshape(x, (math.prod(x.shape[:-1]), x.shape[-1]))  # (N, D)
    if bias is None:
        y = product(rows, weight)
    else:
        full = bias.shape == weight.shape[1:]
        y = affine(rows, weight, bias) if full else product(rows, weight) + bias
    return y if x.ndim == 2 else np.reshape(y, (*x.shape[:-1], weight.shape[1]))


def empty_product(a: Any, b: Any, dtype: Any) -> Any:
    """An empty array for a product of matrices. In OpenBLAS, double-precision products of tall matrices with few
    columns are a quarter faster if the result is laid out by columns; in single precision it is the other way round."""
    rows, inner, columns = a.shape[0], a.shape[1], b.shape[1]
    by_columns = dtype == np.float64 and columns <= 64 and max(rows, inner) >= 2048
    return np.empty((columns, rows), dtype).T if by_columns else np.empty((rows, columns), dtype)


@primitive(product=matmul_flops)
def product(a: Any, b: Any, out: Any = None) -> Any:
    """The product of two matrices, in the memory order that is faster."""
    return np.matmul(a, b, out=empty_product(a, b, np.result_type(a, b)) if out is None else out)


@primitive(product=lambda y, x, weight, _: matmul_flops(y, x, weight) + size(y))
def affine(x: Any, weight: Any, bias: Any, out: Any = None) -> Any:
    """`x @ weight + bias` for matrices x (N, D) and weight (D, M), and bias (M,).

    >>> affine(np.ones((1, 3)), np.ones((3, 2)), np.array([0.0, 1.0]))
    array([[3., 4.]])
    """
    out = empty_product(x, weight, np.result_type(x, weight, bias)) if out is None else out
    np.matmul(x, weight, out=out)
    return np.add(out, bias, out=out)


def _column_sums(g: Any) -> Any:
    """Sums over the rows; a product with ones is several times as fast as a reduction."""
    return np.matmul(np.ones(g.shape[0], g.dtype), g)


derivative(product, lambda g, _y, _a, b: product(g, np.transpose(b)), lambda g, _y, a, _b: product(np.transpose(a), g))
derivative(
    affine,
    lambda g, _y, _x, weight, _bias: product(g, np.transpose(weight)),
    lambda g, _y, x, _weight, _bias: product(np.transpose(x), g),
    lambda g, _y, _x, _weight, _bias: _column_sums(g),
)
