"""Checks of what goes into the building blocks: arrays and shapes; and the element type in which they compute.

Functions take arrays, tensors, variables, and what NumPy makes arrays of: numbers, nested lists, pandas' objects,
memory-mapped arrays, matrices. Integers and bools are taken as floating-point numbers, of the type of the other
arguments, or float64 without any; so nothing wraps around, and whole numbers never change the type of a result.
Floating types are mixed by NumPy's rule: float32 and float64 give float64. A layer computes in the type of its
parameters, a loss in that of the predictions, whatever the type of the data.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..arguments import Traceable
from ..errors import ConversionError, InputError, describe
from ..foreign.libraries import is_foreign
from ..ops.reductions import axes_of
from ..values.creation import astype, in_type


def contained(x: Any) -> Any:
    """The array, Tensor or Variable itself, an array of Dask or CuPy too; anything else as an array of NumPy."""
    if type(x) is np.ndarray or isinstance(x, Traceable):
        return x
    if isinstance(x, np.ma.MaskedArray) and np.ma.is_masked(x):
        raise InputError(
            f"an array with {np.ma.count_masked(x)} masked elements was met, and the numbers below a mask count as any "
            "others; fill them by x.filled(0), or give the losses their mask= as bools"
        )
    if is_foreign(x):
        return x
    try:
        return np.asarray(x)
    except (ValueError, ConversionError):  # rows of unequal lengths, or tensors that would lose their gradient
        raise InputError(f"one array was expected, not {_shown(x)}; {_ONE_ARRAY}") from None


_ONE_ARRAY = (
    "np.stack joins arrays of equal shapes. A recurrent layer gives a pair, all states and the last: take the first, "
    "as in out, last = layer(x)"
)


def _shown(x: Any) -> str:
    text = describe(x)
    return text if len(text) < 100 else f"a {type(x).__name__} of {len(x)}"


def as_array(x: Any, what: str = "an argument") -> Any:
    """`contained`, if it holds numbers or bools, in the byte order of the machine.

    Raises:
        InputError: it holds text or objects, or is no array at all, as None and generators are not.
    """
    x = contained(x)
    dtype = x.dtype
    if dtype.kind not in "fciub":
        raise InputError(
            f"{what} must be an array of numbers, not {_unlike_numbers(x)}; np.asarray(data, float) makes one"
        )
    return x if dtype.isnative else astype(x, dtype.newbyteorder("="))


def _unlike_numbers(x: Any) -> str:
    one = x.item() if isinstance(x, np.ndarray) and x.ndim == 0 else None
    if x.dtype.kind == "O" and isinstance(x, np.ndarray) and x.ndim == 0:
        return "None" if one is None else f"a {type(one).__name__}"
    return f"{'text' if x.dtype.kind in 'US' else x.dtype} of shape {x.shape}"


def floating(*arrays: Any, optional: tuple = ()) -> tuple:
    """Arrays with integers and bools as floating-point numbers, of the type of the others or float64.

    The optional ones follow in the result; each may be None.
    """
    arrays = (*map(as_array, arrays), *[None if a is None else as_array(a) for a in optional])
    found = [a.dtype for a in arrays if a is not None]
    known = [dtype for dtype in found if dtype.kind in "fc"]
    if len(known) == len(found):
        return arrays
    real = np.finfo(np.result_type(*known)).dtype if known else np.dtype(float)
    return tuple([a if a is None or a.dtype.kind in "fc" else astype(a, real) for a in arrays])


def following(x: Any, parameter: Any) -> Any:
    """The data x in the element type of a layer's parameter, so that data never change the type of a model.

    Complex data stay complex, in the same precision.
    """
    x, dtype = as_array(x), parameter.dtype
    if x.dtype.kind == "c" and dtype.kind != "c":
        dtype = np.result_type(dtype, np.complex64)
    return in_type(x, dtype)


def real_numbers(x: Any, what: str) -> Any:
    """The array, unless it is complex."""
    if x.dtype.kind == "c":
        raise InputError(f"{what} are real numbers, not {x.dtype}; take .real, or np.abs")
    return x


def real_floating(x: Any, what: str) -> Any:
    """One array as `floating` makes it, unless it is complex."""
    return real_numbers(floating(x)[0], what)


def widened(x: Any) -> Any:
    """Half precision as single, in which sums of many terms are exact enough; everything else as it is."""
    return astype(x, np.dtype(np.float32)) if x.dtype == np.float16 else x


def weak(number: Any) -> Any:
    """An option, with NumPy's scalars as numbers of Python, which leave the type of an array as it is."""
    return number.item() if isinstance(number, np.generic) else number


# --- shapes and sizes


def of_shape(shape: tuple[int, ...], array: Any, what: str = "targets") -> Any:
    """The array, if it has that shape; NumPy would broadcast (N,) against (N, 1)."""
    if array.shape != shape:
        raise InputError(f"the shape of the {what} is {array.shape}; it must be {shape}: np.reshape one of the two")
    return array


def floating_type(dtype: Any) -> np.dtype:
    """The element type, if it is one that parameters can have."""
    try:
        found = np.dtype(dtype)
    except TypeError:
        raise InputError(f"dtype is an element type such as np.float32, not {dtype!r}") from None
    if found.kind not in "fc":
        raise InputError(f"parameters are floating-point numbers, as np.float32, not {found}; they could not learn")
    return found


def checked_shape(shape: Any) -> tuple[int, ...]:
    """A shape, which may be one number, as a tuple."""
    sizes = tuple(shape) if isinstance(shape, (Sequence, np.ndarray)) else (shape,)
    if not all(isinstance(n, (int, np.integer)) and not isinstance(n, bool) and n >= 0 for n in sizes):
        raise InputError(f"a shape is of whole numbers, 0 or more, not {shape!r}; sizes of layers are such, too")
    return tuple(map(int, sizes))


def whole_number(n: Any, what: str, least: int = 1) -> int:
    """An option that counts something."""
    if not isinstance(n, (int, np.integer)) or n < least:
        raise InputError(f"{what} is a whole number, {least} or more, not {n!r}")
    return int(n)


def training(train: Any, others: str) -> bool:
    """The second argument of a layer's call, if it is not an array that was meant for another argument.

    Args:
        train: True or False.
        others: how the arguments are given that may have been meant.
    """
    if isinstance(train, (tuple, list)) or (hasattr(train, "ndim") and train.ndim > 0):
        raise InputError(f"the second argument is train, True or False, not {describe(train)}; {others}")
    return bool(train)


def class_axis(scores: Any, axis: int, what: str) -> int:
    """The axis of the classes, counted from 0, if there are any."""
    if not scores.ndim or not -scores.ndim <= axis < scores.ndim or not scores.shape[axis]:
        raise InputError(f"{what} have one or more classes on axis {axis}; these have the shape {scores.shape}")
    return axis % scores.ndim


def axes_in(x: Any, axis: Any, purpose: str) -> tuple[int, ...]:
    """The axes of x that an argument names, a number, a tuple, or None for all; counted from 0."""
    named = range(x.ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    if not all(-x.ndim <= i < x.ndim for i in named) or (axis is None and not x.ndim):
        raise InputError(f"x of shape {x.shape} has no axis {axis} {purpose}")
    if len({i % x.ndim for i in named}) < len(named):
        raise InputError(f"an axis of x, whose shape is {x.shape}, is twice among {axis} {purpose}")
    return axes_of(axis, x.ndim)


def broadcasts(shape: tuple[int, ...], to: tuple[int, ...]) -> bool:
    """Whether an array of the first shape can be broadcast to the second.

    >>> broadcasts((1, 3), (4, 2, 3)), broadcasts((2,), (3,))
    (True, False)
    """
    last = to[len(to) - len(shape) :]
    return len(shape) <= len(to) and all(n in (1, size) for n, size in zip(shape, last))
