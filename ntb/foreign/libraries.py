"""Questions about foreign arrays, and conversions between them and NumPy's arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..arguments import PLAIN, Traceable
from ..errors import ConversionError, InputError
from ..tape.listener import traces
from ..tree import tree_map


def is_foreign(x: Any) -> bool:
    """Whether x is an array of a library other than NumPy."""
    kind = type(x)
    return kind not in PLAIN and hasattr(kind, "__array_function__") and not isinstance(x, np.ndarray | Traceable)


def is_lazy(array: Any) -> bool:
    """Whether an array only describes what is to be computed, as Dask's arrays do."""
    return hasattr(array, "__dask_graph__")


def name_of_library(array: Any) -> str:
    return type(array).__module__.partition(".")[0]


def to_numpy(value: Any) -> Any:
    """The value as a NumPy array or number: Dask's arrays are computed, CuPy's are fetched."""
    if not is_foreign(value):
        return value
    for method in ("compute", "get", "todense"):
        if hasattr(value, method):
            value = getattr(value, method)()
            break
    return np.asarray(value)[()]


def brought(tree: Any, array: Any) -> Any:
    """The tree with NumPy's arrays converted to arrays of the library of `array`."""
    return tree_map(lambda x: np.asarray(x, like=array) if type(x) is np.ndarray else x, tree)


def admitted(array: Any) -> Any:
    """The foreign array, if a tensor can hold it; an error otherwise."""
    if any(n != n for n in array.shape):
        raise InputError(
            f"the shape of this array is not known before it is computed: {array.shape}. Call the method "
            "compute_chunk_sizes() of the Dask array, or give weights instead of picking: np.where(mask, x, 0)"
        )
    if traces():
        raise untraceable(array)
    return array


def untraceable(array: Any) -> ConversionError:
    return ConversionError(
        f"a traced function works on NumPy's arrays, as its program plans their memory, and this is one of "
        f"{name_of_library(array)}. Call the function without ntb.function, or make the array NumPy's first"
    )
