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
from .kinds import LONGEST, METADATA, TRAINABLE, Kind, Kinds, Texts, kind_of
from .seal import BLANK, check_seal

_DTYPES = {
    "BOOL": "?", "U8": "u1", "I8": "i1", "U16": "<u2", "I16": "<i2", "U32": "<u4", "I32": "<i4", "U64": "<u8",
    "I64": "<i8", "F16": "<f2", "F32": "<f4", "F64": "<f8", "C64": "<c8",
}  # fmt: skip
_CODES = {np.dtype(dtype): code for code, dtype in _DTYPES.items()}
_BF16 = "BF16"  # the upper half of a float32, as which it is read
_NOT_OF_NUMPY = {"F4", "F6_E2M3", "F6_E3M2", "F8_E4M3", "F8_E5M2", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ"}
LENGTH = 8  # of the number at the beginning
SEALED = json.dumps({METADATA: {"sha256": ""}}).removesuffix('"}}').encode()
"""How the header of a sealed file begins, up to the seal."""
_KEYS = {METADATA: "ntb", TRAINABLE: "trainable"}
"""The texts among the metadata, which are a flat dict of strings."""


def write(file: IO[bytes], arrays: Mapping[str, np.ndarray], texts: Texts) -> int:
    """Write arrays; returns the place for the seal."""
    header: dict[str, Any] = {METADATA: {"sha256": BLANK.decode(), **{_KEYS[name]: x for name, x in texts.items()}}}
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


def read(file: IO[bytes], check: Callable[[Kinds], object]) -> tuple[dict[str, np.ndarray], Texts]:
    """Read arrays and texts, after `check` has seen names, dtypes and shapes. BF16 becomes float32.

    Raises:
        InputError: there is an array of a dtype that NumPy does not have.
    """
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
    anew = _written_anew(text, header)
    metadata = header.pop(METADATA, {})
    if not sealed and not anew and "ntb" in metadata and len(metadata) > 1:
        raise ValueError("ntb wrote and sealed it, and it was changed since")
    stored = _laid_out(header, size - LENGTH - length)
    halves = {name for name, entry in header.items() if entry["dtype"] == _BF16}
    check({name: Kind(np.dtype("f4"), stored[name].shape) if name in halves else stored[name] for name in header})
    file.seek(LENGTH + length)
    data, at = file.read(), 0
    arrays = {}
    for name, kind in stored.items():  # in the order in which they lie
        array = np.frombuffer(data, kind.dtype, math.prod(kind.shape), at).reshape(kind.shape)
        arrays[name] = (array.astype("u4") << np.uint32(16)).view("f4") if name in halves else array
        at += kind.nbytes
    texts = {name: metadata[key] for name, key in _KEYS.items() if metadata.get(key)}
    return {name: arrays[name] for name in header}, {METADATA: json.dumps(metadata), **texts}


def _laid_out(header: dict[str, Any], size: int) -> dict[str, Kind]:
    """The kinds of the arrays as they lie in so many bytes, one after the other."""
    stored, at = {}, 0
    for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        kind = stored[name] = _kind(name, entry)
        start, end = entry["data_offsets"]
        if {type(start), type(end)} != {int} or start != at or end - start != kind.nbytes:
            raise ValueError(f"the data of {name} lie at {start}:{end}, which is not where they can be")
        at = end
    if at != size:
        raise ValueError(f"the arrays need {at} bytes, and there are {size}")
    return stored


def _kind(name: str, entry: dict[str, Any]) -> Kind:
    code = entry["dtype"]
    if code in _NOT_OF_NUMPY:
        raise InputError(
            f"{name} has dtype {code}, which NumPy does not have and ntb does not read; convert it to F16 or F32 with "
            "the library that wrote it"
        )
    if code not in _DTYPES and code != _BF16:
        raise ValueError(f"{name} has dtype {code!r}; known are {', '.join(_DTYPES)}")
    return kind_of(name, "<u2" if code == _BF16 else _DTYPES[code], entry["shape"])


def _written_anew(text: bytes, header: dict[str, Any]) -> bool:
    """Whether another program made this header from ours, as the safetensors library does when a file is saved again
    with its metadata. The seal among these is of the old file then, and says nothing.

    That library puts no spaces between the parts of its JSON, and we do; no damage takes all of them away.
    """
    return json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode() == text.rstrip(b" ")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name occurs twice in the header")
    return found
