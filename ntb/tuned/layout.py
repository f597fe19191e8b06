"""How images lie in memory.

To the caller they are (N, C, *space). Convolution leaves them in memory as (rows, C, *columns, N); rows are the first
axis of space. Elementwise operations keep that order. It gives long contiguous stretches to whatever works on single
rows, channels or offsets of windows, however small the image. Operands of different order are slow: a product of
100 x 24 x 7 x 7 numbers takes 0.17 ms rather than 0.03. Where the order would be lost, it is restored here.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..forms import tuned
from ..ops import layout as plain
from ..primitive import primitive
from ..tape.rules import derivative


def laid(shape: tuple) -> tuple:
    """(N, C, rows, *columns) -> (rows, C, *columns, N)."""
    return (shape[2], shape[1], *shape[3:], shape[0])


def to_rows(x: Any) -> Any:
    """The view (rows, C, *columns, N) of an array (N, C, rows, *columns)."""
    return np.transpose(x, laid(tuple(range(x.ndim))))


def from_rows(x: Any) -> Any:
    """The way back: the view (N, C, rows, *columns)."""
    return np.transpose(x, (x.ndim - 1, 1, 0, *range(2, x.ndim - 1)))


@tuned(plain.flatten)
@primitive(moves=True)
def flatten(x: Any, out: Any = None) -> Any:
    """The features of each image in a row, (N, C, *space) -> (N, D).

    A primitive for its adjoint alone, which gives gradients the order in memory that images have.
    """
    y = np.empty((x.shape[0], math.prod(x.shape[1:])), x.dtype) if out is None else out
    np.copyto(y, np.reshape(x, y.shape))
    return y


@primitive(moves=True)
def unflatten(rows: Any, shape: tuple, out: Any = None) -> Any:
    """Images of a shape (N, C, *space) from rows of features, (N, D): the adjoint of `flatten`."""
    y = out
    if y is None:
        y = from_rows(np.empty(laid(shape), rows.dtype)) if len(shape) > 3 else np.empty(shape, rows.dtype)
    np.copyto(y, np.reshape(rows, shape))
    return y


derivative(flatten, lambda g, _y, _x: unflatten(g, _x.shape))
derivative(unflatten, lambda g, _y, _rows, shape: flatten(g))
