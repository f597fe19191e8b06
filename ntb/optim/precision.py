"""The element types in which optimizers compute.

Parameters of float16 are updated in float32, and have slots of float32: the square of a gradient of 0.0001 is below
the smallest float16, and so is an eps of 1e-8. Only the new parameter is rounded. All others are updated in their own
type, whatever the type of the gradient. Complex parameters are points of the plane: what is a square for real numbers
is |g|^2, a real number.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from ..errors import InputError
from ..tape.tensor import ArrayLike, is_number
from ..values.creation import in_type


@cache
def computing_type(dtype: np.dtype) -> np.dtype:
    """The type in which a parameter of this type is updated."""
    return np.dtype(np.float32) if dtype == np.float16 else dtype.newbyteorder("=")


@cache
def real_type(dtype: np.dtype) -> np.dtype:
    """The type of real and imaginary parts."""
    return np.finfo(dtype).dtype


def in_type_of(x: Any, number: Any) -> Any:
    """A number in the real type of an array that it will be multiplied by: one of float64 would make the array so.

    Python's own numbers stay, as NumPy adapts them.
    """
    if (isinstance(number, (int, float)) and not isinstance(number, np.generic)) or is_number(number):
        return number
    return in_type(number if isinstance(number, ArrayLike) else np.asarray(number), real_type(x.dtype))


def squares(g: Any) -> Any:
    """|g|^2."""
    return np.real(g * np.conjugate(g)) if g.dtype.kind == "c" else g * g


def as_gradient(g: Any, dtype: np.dtype, of: str) -> Any:
    """A gradient as an array of that type.

    Raises:
        InputError: it holds no numbers, or it is complex and the type is not.
    """
    if type(g) is not np.ndarray and not isinstance(g, ArrayLike):
        g = _contained(g, of)
    if g.dtype.kind not in "fciub":
        raise InputError(f"the gradient of {of} holds no numbers: it is {g.dtype}")
    if g.dtype.kind == "c" and dtype.kind != "c":
        raise InputError(f"the gradient of {of} is complex, which is {dtype}; take its real part, np.real(g)")
    return in_type(g, dtype)


def _contained(g: Any, of: str) -> Any:
    """A list and the like as an array; an array of Dask or CuPy as it is."""
    if np.ma.is_masked(g):
        raise InputError(f"the gradient of {of} has masked elements; fill them by g.filled(0)")
    if hasattr(type(g), "__array_function__") and not isinstance(g, np.ndarray):
        return g
    try:
        return np.asarray(g)
    except ValueError:
        raise InputError(f"the gradient of {of} is no array, but rows of unequal lengths") from None
