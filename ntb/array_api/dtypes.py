"""What is asked about element types, which are NumPy's, and about the namespace."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..errors import InputError
from ..tape.tensor import on_tensors
from ..values.creation import astype as cast
from .creation import on_this_machine

_NAMES = (
    *("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
    *("float32", "float64", "complex64", "complex128"),
)


def astype(x: Any, dtype: Any, /, *, copy: bool = True, device: Any = None) -> Any:
    """The array in another element type.

    Args:
        x: of any shape.
        dtype: the element type.
        copy: whether an array that has this type already is copied.
        device: "cpu" or None.

    Raises:
        InputError: a complex array has two real parts, and nobody said which is meant.
    """
    on_this_machine(device)
    dtype, own = np.dtype(dtype), on_tensors.result_type(x)
    if own.kind == "c" and dtype.kind in "iuf":
        raise InputError(f"a complex array cannot be made {dtype}; take real(x) or imag(x) first")
    return x if own == dtype and not copy else cast(x, dtype)


class FloatInfo(NamedTuple):
    """The limits of a floating-point type, as Python numbers; for a complex type those of its parts."""

    bits: int
    eps: float
    max: float
    min: float
    smallest_normal: float
    dtype: np.dtype


class IntegerInfo(NamedTuple):
    """The limits of an integer type, as Python numbers."""

    bits: int
    max: int
    min: int
    dtype: np.dtype


def finfo(type: Any, /) -> FloatInfo:
    """The limits of a floating-point type, or of that of an array.

    >>> finfo(np.float32).bits, finfo(np.complex128).eps
    (32, 2.220446049250313e-16)
    """
    found = np.finfo(on_tensors.result_type(type))
    eps, largest, least, normal = map(float, (found.eps, found.max, found.min, found.smallest_normal))
    return FloatInfo(found.bits, eps, largest, least, normal, found.dtype)


def iinfo(type: Any, /) -> IntegerInfo:
    """The limits of an integer type, or of that of an array.

    >>> iinfo(np.int8)
    IntegerInfo(bits=8, max=127, min=-128, dtype=dtype('int8'))
    """
    found = np.iinfo(on_tensors.result_type(type))
    return IntegerInfo(found.bits, found.max, found.min, found.dtype)


# --- what a program can find out about this namespace


class Info:
    """What `__array_namespace_info__()` returns: devices, dtypes, and what depends on data."""

    def capabilities(self) -> dict[str, Any]:
        """Which optional parts of the standard are there."""
        return {"boolean indexing": True, "data-dependent shapes": True, "max dimensions": 64}

    def default_device(self) -> str:
        """Where arrays are made."""
        return "cpu"

    def devices(self) -> list[str]:
        """All devices on which this namespace makes arrays."""
        return ["cpu"]

    def default_dtypes(self, *, device: Any = None) -> dict[str, np.dtype]:
        """The types that arrays of Python numbers have."""
        on_this_machine(device)
        kinds = {"real floating": float, "complex floating": complex, "integral": int, "indexing": np.intp}
        return {kind: np.dtype(python) for kind, python in kinds.items()}

    def dtypes(self, *, device: Any = None, kind: Any = None) -> dict[str, np.dtype]:
        """The element types by their names; of one kind, or of several in a tuple.

        >>> Info().dtypes(kind="real floating")
        {'float32': dtype('float32'), 'float64': dtype('float64')}
        """
        on_this_machine(device)
        dtypes = {name: np.dtype(name) for name in _NAMES}
        return {name: dtype for name, dtype in dtypes.items() if kind is None or np.isdtype(dtype, kind)}


def __array_namespace_info__() -> Info:
    """What this namespace has: an object with `capabilities`, `devices`, `dtypes` and their defaults."""
    return Info()
