"""The IDX file format, in which MNIST and its relatives are distributed.

Two zero bytes, a byte for the element type, a byte for the number of dimensions, each dimension as a big-endian
32-bit number, then the elements, big-endian, in C order. The format is described on the MNIST page,
http://yann.lecun.com/exdb/mnist/.
"""

from __future__ import annotations

import gzip
import io
import math
import zlib
from os import PathLike
from pathlib import Path
from typing import IO, cast

import numpy as np

_MOST_AXES = 64  # of an array of NumPy's
_DENSEST = 1032  # bytes that one byte of gzip can stand for
DTYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}


def read(path: str | PathLike[str]) -> np.ndarray:
    """The array in an IDX file, plain or compressed with gzip, in the machine's byte order.

    Raises ValueError for a file that is not IDX or whose length is not the one its header promises.

    >>> import tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "labels.gz"
    >>> write(path, np.array([[1, 2], [3, 4]], np.int16))
    >>> read(path)
    array([[1, 2],
           [3, 4]], dtype=int16)
    """
    whole = Path(path).read_bytes()
    file: IO[bytes] = io.BytesIO(whole)
    if whole[:2] == b"\x1f\x8b":
        file = cast("IO[bytes]", gzip.GzipFile(fileobj=file))
    try:
        first = file.read(4)
        if len(first) < 4 or first[:2] != b"\0\0" or first[2] not in DTYPES or first[3] > _MOST_AXES:
            raise ValueError(
                f"{path} is not an IDX file: it begins with {first!r}, expected two zeros and a known type"
            )
        dtype, ndim = np.dtype(DTYPES[first[2]]), first[3]
        sizes = file.read(4 * ndim)
        start = 4 + 4 * ndim
        if len(sizes) < 4 * ndim:
            raise ValueError(f"{path} is damaged: it ends within its header of {start} bytes; fetch the file again")
        shape = tuple(int(n) for n in np.frombuffer(sizes, ">u4"))
        size = math.prod(shape) * dtype.itemsize
        content = file.read(min(size, _DENSEST * len(whole)) + 1)  # beyond the end, where gzip compares its checksum
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ValueError(f"{path} is damaged, gzip says: {error}; fetch the file again") from error
    if len(content) != size:
        met = f"{start + len(content)} bytes" + (" or more" if len(content) > size else "")
        raise ValueError(
            f"{path} is damaged: {met}, but its header (shape {shape}, {dtype.name}) promises {start + size}; "
            "fetch the file again"
        )
    return np.frombuffer(content, dtype).reshape(shape).astype(dtype.newbyteorder("="))


def write(path: str | PathLike[str], array: np.ndarray) -> None:
    """Write `array` as IDX; a name that ends in .gz is compressed. Equal arrays give equal bytes: no time is stored.

    Raises TypeError for a dtype that IDX does not have.
    """
    codes = {np.dtype(dtype).newbyteorder("="): code for code, dtype in DTYPES.items()}
    native = array.dtype.newbyteorder("=")
    if native not in codes:
        raise TypeError(f"IDX has no type for {array.dtype}; convert to one of {', '.join(t.name for t in codes)}")
    header = bytes([0, 0, codes[native], array.ndim]) + np.array(array.shape, ">u4").tobytes()
    content = header + array.astype(native.newbyteorder(">")).tobytes()
    if Path(path).suffix == ".gz":
        content = gzip.compress(content, mtime=0)
    Path(path).write_bytes(content)
