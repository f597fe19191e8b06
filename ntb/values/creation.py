"""tensor, which makes a tensor from data, and astype, the operation that casts."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..habits import advice_on
from ..messages import no_number_type
from ..primitive import primitive
from ..tape.rules import derivative
from ..tape.tensor import Tensor, as_tensor


def tensor(data: Any, dtype: Any = None, **others: Any) -> Tensor:
    """An immutable tensor with a copy of the data.

    Args:
        data: anything `np.asarray` takes, of any shape; a Tensor is returned as it is unless the dtype differs, and an
            array of Dask or CuPy stays one of theirs.
        dtype: the element type; by default the one that NumPy gives to the data, in the machine's own order of bytes.

    Raises:
        InputError: the data are not numbers. TypeError: there are arguments of another library (`others`).

    >>> tensor([[1, 2], [3, 4]], dtype=np.float32)
    Tensor([[1., 2.],
            [3., 4.]], dtype=float32)
    """
    if others:
        error = f"tensor() got an unexpected keyword argument {next(iter(others))!r}"
        raise TypeError(f"{error}; {advice_on(error) or 'a tensor is made of data and a dtype'}")
    found = as_tensor(data, dtype)
    dtype = found.dtype if dtype is None else np.dtype(dtype).newbyteorder("=")
    return found if found.dtype == dtype else astype(found, dtype)


def number_type(dtype: Any) -> np.dtype:
    """The element type, if it is one of numbers or bools; an error otherwise."""
    found = np.dtype(dtype)
    if found.kind not in "biufc":
        raise no_number_type(found)
    return found


@primitive(general=True, moves=True, opens=lambda x, _dtype, out: np.positive(x, out=out))
def astype(x: Any, dtype: np.dtype, out: Any = None) -> Any:
    """The array in another element type."""
    if out is not None:
        np.copyto(out, x, "unsafe")
        return out
    return x.astype(dtype) if hasattr(x, "astype") else np.asarray(x, dtype)


def in_type(x: Any, dtype: Any) -> Any:
    """The array in that element type: itself, if it has it."""
    return x if x.dtype == dtype else astype(x, np.dtype(dtype))


derivative(astype, lambda g, _y, _x, _dtype: g)  # the backward walk casts every gradient to its source's dtype
