"""Checkpoints: named arrays in a file, as NumPy's .npz or as .safetensors. Never pickle, which can run code when read.

A file is written aside and moved into place, so that a crash at any moment leaves the old file or the new one.
(`tempfile` and `zipfile` are imported where they are used, since they would take a fifth of the time of `import ntb`.)
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np

from .state import restore, snapshot
from .tape.errors import InputError

METADATA = "__metadata__"
Arrays = Mapping[str, np.ndarray]


def save(path: str | os.PathLike[str], tree: Any, metadata: Mapping[str, Any] | None = None) -> None:
    """Save all Variables and random generators of a tree.

    Args:
        path: ends in .npz or .safetensors, which decides on the format. An existing file is replaced at once.
        tree: a model, an optimizer, or a dict or list of such; see `ntb.state.named_variables`.
        metadata: what else is to be remembered, of the types that JSON has.

    Raises:
        InputError: another ending.

    >>> import ntb, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     w = ntb.Variable([1.0, 2.0])
    ...     save(f"{folder}/model.npz", {"w": w}, {"epoch": 3})
    ...     w.assign([0.0, 0.0])
    ...     load(f"{folder}/model.npz", {"w": w})
    {'epoch': 3}
    >>> w
    Variable([1., 2.])
    """
    write(path, snapshot(tree), metadata)


def load(path: str | os.PathLike[str], tree: Any) -> dict[str, Any]:
    """Give all Variables and generators of a tree the values that `save` wrote; returns the metadata.

    Raises:
        InputError: the file is damaged, or names, shapes or dtypes differ from the tree's; nothing is changed then.
        FileNotFoundError: there is no such file.

    >>> import ntb, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save(f"{folder}/model.npz", {"w": ntb.Variable([1.0, 2.0])})
    ...     load(f"{folder}/model.npz", {"v": ntb.Variable(3.0)})  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    ntb.tape.errors.InputError: model.npz: the values do not fit, and nothing was changed.
    """
    arrays, metadata = read(path)
    try:
        restore(tree, arrays)
    except InputError as error:
        raise InputError(f"{os.fspath(path)}: {error}") from None
    return metadata


def write(path: str | os.PathLike[str], arrays: Arrays, metadata: Mapping[str, Any] | None = None) -> None:
    """Write named arrays to a file; see `save`.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write(f"{folder}/a.safetensors", {"x": np.arange(3)})
    ...     read(f"{folder}/a.safetensors")
    ({'x': array([0, 1, 2])}, {})
    """
    writer, _ = _format(path)
    wrong = {name: a.dtype for name, a in arrays.items() if a.dtype.kind not in "biufc"}
    if wrong or METADATA in arrays:
        raise InputError(f"arrays of numbers can be saved, under any name but {METADATA!r}; not {wrong or METADATA}")
    text = json.dumps(dict(metadata or {}))
    _atomically(Path(path), lambda file: writer(file, arrays, text))


def read(path: str | os.PathLike[str]) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Read the named arrays and the metadata of a file.

    Raises:
        InputError: the file is damaged or of another format than its ending says.
        FileNotFoundError: there is no such file.
    """
    _, reader = _format(path)
    with open(path, "rb") as file:
        try:
            arrays, text = reader(file)
            native = {name: a.astype(a.dtype.newbyteorder("="), copy=False) for name, a in arrays.items()}
            return native, json.loads(text)
        except (ValueError, KeyError, TypeError, EOFError) as error:
            raise InputError(f"{os.fspath(path)} is damaged or not what its ending says: {error}") from error


def _format(path: str | os.PathLike[str]) -> tuple[Callable[..., None], Callable[..., Any]]:
    formats = {".npz": (_write_npz, _read_npz), ".safetensors": (_write_safetensors, _read_safetensors)}
    suffix = Path(path).suffix
    if suffix not in formats:
        raise InputError(f"a checkpoint's name ends in {' or '.join(formats)}, not as {os.fspath(path)!r}")
    return formats[suffix]


def _atomically(path: Path, writer: Callable[[IO[bytes]], None]) -> None:
    """Write a file under another name, see it onto the disk, and rename it."""
    import tempfile

    if not path.parent.is_dir():
        raise FileNotFoundError(f"{path} cannot be written: there is no folder {path.parent}; make it first")
    handle, aside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    try:
        with open(handle, "wb") as file:
            writer(file)
            file.flush()
            os.fsync(file.fileno())
        if os.name == "posix":
            mask = os.umask(0)
            os.umask(mask)
            os.chmod(aside, 0o666 & ~mask)  # mkstemp's files are private
        os.replace(aside, path)
    except BaseException:
        os.unlink(aside)
        raise
    if os.name == "posix":
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


# --- .npz: a zip of NumPy's .npy files, as np.savez writes and np.load reads it


def _write_npz(file: IO[bytes], arrays: Arrays, metadata: str) -> None:
    import zipfile

    with zipfile.ZipFile(file, "w") as archive:
        for name, array in {**arrays, METADATA: np.array(metadata)}.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, np.asarray(array), allow_pickle=False)


def _read_npz(file: IO[bytes]) -> tuple[dict[str, np.ndarray], str]:
    import zipfile

    arrays = {}
    try:
        with zipfile.ZipFile(file) as archive:
            for entry in archive.namelist():
                with archive.open(entry) as member:
                    arrays[entry.removesuffix(".npy")] = np.lib.format.read_array(member, allow_pickle=False)
    except zipfile.BadZipFile as error:
        raise ValueError(error) from error
    return arrays, str(arrays.pop(METADATA, "{}"))


# --- .safetensors: the length of a JSON header as 8 bytes, the header, the data; all little-endian
# (https://huggingface.co/docs/safetensors)

DTYPES = {
    "BOOL": "?", "U8": "u1", "I8": "i1", "U16": "<u2", "I16": "<i2", "U32": "<u4", "I32": "<i4", "U64": "<u8",
    "I64": "<i8", "F16": "<f2", "F32": "<f4", "F64": "<f8", "C64": "<c8",
}  # fmt: skip
CODES = {np.dtype(dtype): code for code, dtype in DTYPES.items()}


def _write_safetensors(file: IO[bytes], arrays: Arrays, metadata: str) -> None:
    header: dict[str, Any] = {METADATA: {"ntb": metadata}}
    data, at = [], 0
    for name, array in arrays.items():
        array = np.ascontiguousarray(array, array.dtype.newbyteorder("<")).reshape(array.shape)
        if array.dtype not in CODES:
            raise InputError(f"the safetensors format has no dtype for {name} of {array.dtype}; use .npz")
        offsets = [at, at + array.nbytes]
        header[name] = {"dtype": CODES[array.dtype], "shape": array.shape, "data_offsets": offsets}
        data.append(array)
        at += array.nbytes
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    file.write(len(text).to_bytes(8, "little") + text)
    for array in data:
        file.write(array.tobytes())


def _read_safetensors(file: IO[bytes]) -> tuple[dict[str, np.ndarray], str]:
    size = os.fstat(file.fileno()).st_size
    length = int.from_bytes(file.read(8), "little")
    if not 2 <= length <= size - 8:
        raise ValueError(f"the header is said to have {length} bytes, the file has {size}")
    header = json.loads(file.read(length), object_pairs_hook=_unique)
    data = file.read()
    metadata = header.pop(METADATA, {})
    arrays, at = {}, 0
    for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        dtype, shape, (start, end) = entry["dtype"], entry["shape"], entry["data_offsets"]
        if dtype not in DTYPES or not all(type(n) is int and n >= 0 for n in [*shape, start, end]):
            raise ValueError(f"{name} has dtype {dtype!r} and shape {shape}, which cannot be read")
        if start != at or end - start != math.prod(shape) * np.dtype(DTYPES[dtype]).itemsize or end > len(data):
            raise ValueError(f"the data of {name} lie at {start}:{end}, which is not where they can be")
        arrays[name] = np.frombuffer(data, DTYPES[dtype], math.prod(shape), start).reshape(shape)
        at = end
    if at != len(data):
        raise ValueError(f"there are {len(data) - at} bytes after the last array")
    return {name: arrays[name] for name in header}, metadata.get("ntb") or json.dumps(metadata)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name occurs twice in the header")
    return found
