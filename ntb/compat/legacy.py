"""Files of the earlier ntb: pickles of nested lists, tuples and dicts of arrays, read without executing anything."""

from __future__ import annotations

import codecs
import collections
import io
import os
import pickle
from typing import Any

import numpy as np

from .. import InputError

_scalar = np.float64(0).__reduce__()[0]
_reconstruct = np.empty(0).__reduce__()[0]
ALLOWED: dict[tuple[str, str], Any] = {
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
    ("_codecs", "encode"): codecs.encode,
    ("collections", "OrderedDict"): collections.OrderedDict,
    **{(f"numpy.{core}.multiarray", "_reconstruct"): _reconstruct for core in ("core", "_core")},
    **{(f"numpy.{core}.multiarray", "scalar"): _scalar for core in ("core", "_core")},
}
"""All that a file may name: what NumPy, old and new, writes for arrays and scalars."""


def load_legacy(path: str | os.PathLike[str]) -> Any:
    """Read what `pickle.dump(graph.save(), file)` wrote, with any NumPy and Python.

    Returns:
        Lists, tuples and dicts of arrays and numbers, for `graph.load`.

    Raises:
        InputError: the file is damaged, or it asks for anything but arrays and plain containers. Nothing of it was run.
    """
    with open(path, "rb") as file:
        content = file.read()
    try:
        value = _Restricted(io.BytesIO(content), encoding="latin1").load()
    except InputError:
        raise
    except Exception as error:
        raise InputError(f"{os.fspath(path)} is not a whole file of saved arrays: {error}") from error
    _check(value, os.fspath(path))
    return value


class _Restricted(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        try:
            return ALLOWED[module, name]
        except KeyError:
            raise InputError(
                f"the file asks for {module}.{name}, which is no array or plain container; it was not loaded"
            ) from None


def _check(value: Any, path: str) -> None:
    pending = [value]
    while pending:
        x = pending.pop()
        if isinstance(x, dict):
            pending.extend(x.keys())
            pending.extend(x.values())
        elif isinstance(x, list | tuple):
            pending.extend(x)
        elif isinstance(x, np.ndarray | np.generic):
            if x.dtype.kind not in "biufc":
                raise InputError(f"{path} holds an array of {x.dtype}; expected numbers")
        elif not isinstance(x, int | float | str | bytes | None):
            raise InputError(f"{path} holds a {type(x).__name__}; expected arrays, numbers and plain containers")
