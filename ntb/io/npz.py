""".npz: a zip of NumPy's .npy files, as np.savez writes and np.load reads it; the seal is the comment at its end.

NumPy reads the arrays, after each member has been looked at: a zip may say of its members what is not so, and a member
of its array. (`zipfile` is imported where it is used, since it would take a tenth of the time of `import ntb`.)
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import IO, TYPE_CHECKING

import numpy as np

from ..errors import InputError
from .kinds import LONGEST, METADATA, TRAINABLE, Kind, Kinds, Texts, kind_of
from .seal import BLANK, check_seal

if TYPE_CHECKING:
    from zipfile import ZipFile, ZipInfo

COMMENT = b"sha256="
_END, _END_SIZE = b"PK\5\6", 22  # of the directory at the end of a zip; its last two bytes tell the comment's length
_DENSEST = {0: 1, 8: 1032}  # by method, stored or deflated: for how many bytes a packed byte can stand
_VERSION = (1, 0)  # of the format .npy, which NumPy writes for all numbers and texts


def write(file: IO[bytes], arrays: Mapping[str, np.ndarray], texts: Texts) -> int:
    """Write arrays; returns the place for the seal."""
    import zipfile

    for name in arrays:
        if zipfile.ZipInfo(f"{name}.npy").filename != f"{name}.npy":
            raise InputError(f"a .npz file cannot keep the name {name!r}; use .safetensors, or rename it")
    with zipfile.ZipFile(file, "w") as archive:
        archive.comment = COMMENT + BLANK
        for name, array in {**arrays, **{name: np.array(text) for name, text in texts.items()}}.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, np.asarray(array), allow_pickle=False)
    return file.seek(0, os.SEEK_END) - len(BLANK)


def read(file: IO[bytes], check: Callable[[Kinds], object]) -> tuple[dict[str, np.ndarray], Texts]:
    """Read arrays and texts, after `check` has seen names, dtypes and shapes."""
    size = file.seek(0, os.SEEK_END)
    _check_end(file, size)
    file.seek(0)
    with np.load(file, allow_pickle=False) as saved:
        entries = saved.zip.infolist()
        members = {entry.filename.removesuffix(".npy"): entry for entry in entries}
        if len(members) != len(entries) or any(entry.filename != entry.orig_filename for entry in entries):
            raise ValueError("a name occurs twice, or there is a zero in it")
        packed = [entry.compress_size for entry in entries]
        if sum(packed) > size or (entries and min(entry.header_offset for entry in entries)):
            raise ValueError("its members overlap, or something lies before them")
        kinds = {name: _kind(saved.zip, name, entry) for name, entry in members.items()}
        texts = {name for name in (METADATA, TRAINABLE) if name in kinds}
        if any(kinds[name].shape or kinds[name].nbytes > LONGEST for name in texts):
            raise ValueError("its metadata are no text, or too long")
        check({name: kind for name, kind in kinds.items() if name not in texts})
        arrays = {name: saved[entry.filename] for name, entry in members.items()}
    return arrays, {name: str(arrays.pop(name)) for name in texts}


def _check_end(file: IO[bytes], size: int) -> None:
    """A zip is read from its end. It is our seal, or there is no comment, and nothing after the directory."""
    file.seek(max(0, size - len(COMMENT + BLANK)))
    tail = file.read()
    if tail.startswith(COMMENT):
        check_seal(file, size - len(BLANK))
    elif tail[-_END_SIZE:][:4] != _END or tail[-2:] != b"\0\0":
        raise ValueError("it does not end as a zip of arrays does")


def _kind(archive: ZipFile, name: str, entry: ZipInfo) -> Kind:
    """Dtype and shape as the member's header gives them, if its data can be as long as they need."""
    if entry.compress_type not in _DENSEST:
        raise ValueError(f"{name} is packed by method {entry.compress_type}; known are {list(_DENSEST)}")
    if entry.file_size > _DENSEST[entry.compress_type] * entry.compress_size:
        raise ValueError(f"{name} has {entry.file_size} bytes, which its {entry.compress_size} packed ones cannot hold")
    with archive.open(entry) as member:
        version = np.lib.format.read_magic(member)
        if version != _VERSION:
            raise ValueError(f"{name} is of version {version} of the format .npy; known is {_VERSION}")
        shape, _, dtype = np.lib.format.read_array_header_1_0(member)
        kind = kind_of(name, dtype, shape, "U" if name in (METADATA, TRAINABLE) else "biufc")
        if member.tell() + kind.nbytes != entry.file_size:
            raise ValueError(f"{name} is said to be {kind.dtype}{list(kind.shape)} and has another number of bytes")
    return kind
