""".safetensors: the length of a JSON header as 8 bytes, the header, the data; all little-endian.

The format is described at https://huggingface.co/docs/safetensors. It has no checksums, so what ntb writes has the
CRC-32 of each array, and of each text, among its metadata.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Callable, Mapping
from typing import IO, Any

import numpy as np

from ..errors import InputError
from .kinds import LONGEST, METADATA, TRAINABLE, Contents, Kind, Texts, kind_of
from .small_floats import SIZES, widened

_DTYPES = {
    "BOOL": "?", "U8": "u1", "I8": "i1", "U16": "<u2", "I16": "<i2", "U32": "<u4", "I32": "<i4", "U64": "<u8",
    "I64": "<i8", "F16": "<f2", "F32": "<f4", "F64": "<f8", "C64": "<c8",
}  # fmt: skip
_CODES = {np.dtype(dtype): code for code, dtype in _DTYPES.items()}
_SHORTER = {"F4", "F6_E2M3", "F6_E3M2"}  # than a byte
LENGTH = 8  # of the number at the beginning
_KEYS = {METADATA: "ntb", TRAINABLE: "trainable"}
"""The texts among the metadata, which are a flat dict of strings."""
_SUMS = "ntb.crc32"
"""What stands beside them: the checksums, as JSON."""


def write(file: IO[bytes], arrays: Mapping[str, np.ndarray], texts: Texts) -> None:
    """Write arrays and texts."""
    sums = {name: zlib.crc32(text.encode()) for name, text in texts.items()}
    header: dict[str, Any] = {METADATA: {}}
    data, at = [], 0
    for name, array in arrays.items():
        array = np.ascontiguousarray(array, array.dtype.newbyteorder("<")).reshape(array.shape)
        if array.dtype not in _CODES:
            raise InputError(f"the safetensors format has no dtype for {name} of {array.dtype}; use .npz")
        offsets = [at, at + array.nbytes]
        header[name] = {"dtype": _CODES[array.dtype], "shape": array.shape, "data_offsets": offsets}
        sums[name] = _sum(array)
        data.append(array)
        at += array.nbytes
    header[METADATA] = {_SUMS: json.dumps(sums), **{_KEYS[name]: text for name, text in texts.items()}}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    file.write(len(text).to_bytes(LENGTH, "little") + text)
    for array in data:
        file.write(array.tobytes())


def read(file: IO[bytes]) -> Contents:
    """Read names, dtypes, shapes and texts; the arrays when they are asked for. Those of BF16 and F8 become float32.

    Raises:
        InputError: there is an array of numbers that are shorter than a byte.
    """
    start, header = _header(file)
    metadata = header.pop(METADATA, {})
    _check_layout(header, file.seek(0, os.SEEK_END) - start)
    texts = {name: metadata[key] for name, key in _KEYS.items() if metadata.get(key)}
    sums = json.loads(metadata.get(_SUMS, "{}"))
    if _SUMS in metadata and any(sums.get(name, 0) != zlib.crc32(texts.get(name, "").encode()) for name in _KEYS):
        raise ValueError("its metadata are not those that were written (their CRC-32 differs)")
    by_library = _by_library(file, header)

    def array(name: str) -> np.ndarray:
        found = by_library(name) if by_library else _array(file, start, header[name])
        if name in sums and sums[name] != _sum(found):
            raise ValueError(f"the bytes of {name} are not those that were written (their CRC-32 differs)")
        return found

    kinds = {name: _kind(name, entry) for name, entry in header.items()}
    return Contents(kinds, {METADATA: json.dumps(metadata), **texts}, array)


def _sum(array: np.ndarray) -> int:
    return zlib.crc32(np.ascontiguousarray(array).data)


def _header(file: IO[bytes]) -> tuple[int, dict[str, Any]]:
    """Where the data begin, and what the header says."""
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    length = int.from_bytes(file.read(LENGTH), "little")
    if not 2 <= length <= min(size - LENGTH, LONGEST):
        raise ValueError(f"the header is said to have {length} bytes, the file has {size}")
    return LENGTH + length, json.loads(file.read(length).decode(), object_pairs_hook=_unique)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name occurs twice in the header")
    return found


def _check_layout(header: dict[str, Any], size: int) -> None:
    """Raise ValueError unless the arrays fill so many bytes, one after the other."""
    at = 0
    for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        kind, code = _kind(name, entry), entry["dtype"]
        nbytes = kind.nbytes // kind.dtype.itemsize * SIZES[code] if code in SIZES else kind.nbytes
        start, end = entry["data_offsets"]
        if {type(start), type(end)} != {int} or start != at or end - start != nbytes:
            raise ValueError(f"the data of {name} lie at {start}:{end}, which is not where they can be")
        at = end
    if at != size:
        raise ValueError(f"the arrays need {at} bytes, and there are {size}")


def _kind(name: str, entry: dict[str, Any]) -> Kind:
    """What an array will be when it was read."""
    code = entry["dtype"]
    if code in _SHORTER:
        raise InputError(
            f"{name} has dtype {code}, of numbers shorter than a byte, which ntb does not read; convert it to F16 or "
            "F32 with the library that wrote it"
        )
    if code not in _DTYPES and code not in SIZES:
        raise ValueError(f"{name} has dtype {code!r}; known are {', '.join([*_DTYPES, *SIZES])}")
    return kind_of(name, "f4" if code in SIZES else _DTYPES[code], entry["shape"])


def _array(file: IO[bytes], start: int, entry: dict[str, Any]) -> np.ndarray:
    begin, end = entry["data_offsets"]
    file.seek(start + begin)
    data, code = file.read(end - begin), entry["dtype"]
    return (widened(code, data) if code in SIZES else np.frombuffer(data, _DTYPES[code])).reshape(entry["shape"])


def _by_library(file: IO[bytes], header: dict[str, Any]) -> Callable[[str], np.ndarray] | None:
    """The reader of the library safetensors, if it is installed and NumPy has all dtypes of the file.

    It maps the file into memory, and reads the header by itself: two readers have to agree. (It knows C64 in its later
    versions only.)
    """
    if not {entry["dtype"] for entry in header.values()} <= _DTYPES.keys() - {"C64"}:
        return None
    try:
        from safetensors import safe_open
    except ImportError:
        return None
    return safe_open(file.name, framework="numpy").get_tensor
