"""The IDX file format, in which MNIST and its relatives are distributed.

Two zero bytes, a byte for the element type, a byte for the number of dimensions, each dimension as a big-endian
32-bit number, then the elements, big-endian, in C order. The format is described on the MNIST page,
http://yann.lecun.com/exdb/mnist/.
"""

from __future__ import annotations

import gzip
import math
import zlib
from os import PathLike
from pathlib import Path

import numpy as np

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
    content = _uncompressed(Path(path))
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] not in DTYPES:
        raise ValueError(
            f"{path} is not an IDX file: it begins with {content[:4]!r}, expected two zeros and a known type"
        )
    dtype, ndim = np.dtype(DTYPES[content[2]]), content[3]
    start = 4 + 4 * ndim
    if len(content) < start:
        raise ValueError(f"{path} is damaged: it ends within its header of {start} bytes; fetch the file again")
    shape = tuple(int(n) for n in np.frombuffer(content, ">u4", ndim, offset=4))
    expected = start + math.prod(shape) * dtype.itemsize
    if len(content) != expected:
        raise ValueError(
            f"{path} is damaged: {len(content)} bytes, but its header (shape {shape}, {dtype.name}) "
            f"promises {expected}; fetch the file again"
        )
    return np.frombuffer(content, dtype, offset=start).reshape(shape).astype(dtype.newbyteorder("="))


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


def _uncompressed(path: Path) -> bytes:
    content = path.read_bytes()
    if content[:2] != b"\x1f\x8b":
        return content
    try:
        return gzip.decompress(content)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ValueError(f"{path} is damaged, gzip says: {error}; fetch the file again") from error
