""".safetensors: the length of a JSON header as 8 bytes, the header, the data; all little-endian.

The format is described at https://huggingface.co/docs/safetensors. The seal is the first text among the metadata.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Mapping
from typing import IO, Any

import numpy as np

from ..errors import InputError
from .kinds import LONGEST, METADATA, Kinds, kind_of
from .seal import BLANK, check_seal

_DTYPES = {
    "BOOL": "?", "U8": "u1", "I8": "i1", "U16": "<u2", "I16": "<i2", "U32": "<u4", "I32": "<i4", "U64": "<u8",
    "I64": "<i8", "F16": "<f2", "F32": "<f4", "F64": "<f8", "C64": "<c8",
}  # fmt: skip
_CODES = {np.dtype(dtype): code for code, dtype in _DTYPES.items()}
LENGTH = 8  # of the number at the beginning
SEALED = json.dumps({METADATA: {"sha256": ""}}).removesuffix('"}}').encode()
"""How the header of a sealed file begins, up to the seal."""


def write(file: IO[bytes], arrays: Mapping[str, np.ndarray], metadata: str) -> int:
    """Write arrays; returns the place for the seal."""
    header: dict[str, Any] = {METADATA: {"sha256": BLANK.decode(), "ntb": metadata}}
    data, at = [], 0
    for name, array in arrays.items():
        array = np.ascontiguousarray(array, array.dtype.newbyteorder("<")).reshape(array.shape)
        if array.dtype not in _CODES:
            raise InputError(f"the safetensors format has no dtype for {name} of {array.dtype}; use .npz")
        offsets = [at, at + array.nbytes]
        header[name] = {"dtype": _CODES[array.dtype], "shape": array.shape, "data_offsets": offsets}
        data.append(array)
        at += array.nbytes
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    file.write(len(text).to_bytes(LENGTH, "little") + text)
    for array in data:
        file.write(array.tobytes())
    return LENGTH + len(SEALED)


def read(file: IO[bytes], check: Callable[[Kinds], object]) -> tuple[dict[str, np.ndarray], str]:
    """Read arrays and the metadata, after `check` has seen names, dtypes and shapes."""
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    length = int.from_bytes(file.read(LENGTH), "little")
    if not 2 <= length <= min(size - LENGTH, LONGEST):
        raise ValueError(f"the header is said to have {length} bytes, the file has {size}")
    text = file.read(length)
    sealed = text.startswith(SEALED)
    if sealed:
        check_seal(file, LENGTH + len(SEALED))
    header = json.loads(text.decode(), object_pairs_hook=_unique)
    metadata = header.pop(METADATA, {})
    if not sealed and "ntb" in metadata and len(metadata) > 1:
        raise ValueError("ntb wrote and sealed it, and it was changed since")
    kinds, at = {}, 0
    for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        if entry["dtype"] not in _DTYPES:
            raise ValueError(f"{name} has dtype {entry['dtype']!r}; known are {', '.join(_DTYPES)}")
        kind = kinds[name] = kind_of(name, _DTYPES[entry["dtype"]], entry["shape"])
        start, end = entry["data_offsets"]
        if {type(start), type(end)} != {int} or start != at or end - start != kind.nbytes:
            raise ValueError(f"the data of {name} lie at {start}:{end}, which is not where they can be")
        at = end
    if at != size - LENGTH - length:
        raise ValueError(f"the arrays need {at} bytes, and there are {size - LENGTH - length}")
    check({name: kinds[name] for name in header})
    file.seek(LENGTH + length)
    data, at = file.read(), 0
    arrays = {}
    for name, kind in kinds.items():  # in the order in which they lie
        arrays[name] = np.frombuffer(data, kind.dtype, math.prod(kind.shape), at).reshape(kind.shape)
        at += kind.nbytes
    return {name: arrays[name] for name in header}, metadata.get("ntb") or json.dumps(metadata)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name occurs twice in the header")
    return found
