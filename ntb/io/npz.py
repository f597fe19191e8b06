""".npz: a zip of NumPy's .npy files, as np.savez writes and np.load reads it. A zip keeps the CRC-32 of each member.

NumPy reads the arrays, after each member has been looked at: a zip may say of its members what is not so, and a member
of its array. (`zipfile` is imported where it is used, since it would take a tenth of the time of `import ntb`.)
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import IO, TYPE_CHECKING

import numpy as np

from ..errors import InputError
from .kinds import LONGEST, METADATA, TRAINABLE, Contents, Kind, Texts, kind_of

if TYPE_CHECKING:
    from zipfile import ZipFile, ZipInfo

_DENSEST = {0: 1, 8: 1032}  # by method, stored or deflated: for how many bytes a packed byte can stand
_VERSION = (1, 0)  # of the format .npy, which NumPy writes for all numbers and texts


def write(file: IO[bytes], arrays: Mapping[str, np.ndarray], texts: Texts) -> None:
    """Write arrays and texts."""
    import zipfile

    for name in arrays:
        if zipfile.ZipInfo(f"{name}.npy").filename != f"{name}.npy":
            raise InputError(f"a .npz file cannot keep the name {name!r}; use .safetensors, or rename it")
    with zipfile.ZipFile(file, "w") as archive:
        # Damage to the zip's directory can hide what comes last in it, and that an array is missing is noticed.
        for name, array in {**{name: np.array(text) for name, text in texts.items()}, **arrays}.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, np.asarray(array), allow_pickle=False)


def read(file: IO[bytes]) -> Contents:
    """Read names, dtypes, shapes and texts; the arrays when they are asked for."""
    import zipfile

    archive = zipfile.ZipFile(file)
    entries = archive.infolist()
    members = {entry.filename.removesuffix(".npy"): entry for entry in entries}
    if len(members) != len(entries) or any(entry.filename != entry.orig_filename for entry in entries):
        raise ValueError("a name occurs twice, or there is a zero in it")
    packed = sum(entry.compress_size for entry in entries)
    if packed > file.seek(0, os.SEEK_END) or (entries and min(entry.header_offset for entry in entries)):
        raise ValueError("its members overlap, or something lies before them")
    kinds = {name: _kind(archive, name, entry) for name, entry in members.items()}
    texts = {name: kinds.pop(name) for name in (METADATA, TRAINABLE) if name in kinds}
    if any(kind.shape or kind.nbytes > LONGEST for kind in texts.values()):
        raise ValueError("its metadata are no text, or too long")

    def array(name: str) -> np.ndarray:
        with archive.open(members[name]) as member:
            return np.lib.format.read_array(member, allow_pickle=False)

    return Contents(kinds, {name: str(array(name)) for name in texts}, array)


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
