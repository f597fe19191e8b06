"""Replacing a file so that at every moment there is the old one or the new one, whole."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import contextmanager, suppress
from glob import escape
from pathlib import Path
from typing import IO, TYPE_CHECKING

from ..errors import add_note

if TYPE_CHECKING:
    from collections.abc import Iterator


def replace(path: Path, writer: Callable[[IO[bytes]], None]) -> None:
    """Write a file under another name, see it onto the disk, and rename it.

    A process that is killed leaves a file `.NAME.….part` behind, which the next one that replaces NAME deletes (on
    Windows nobody does).
    """
    if not path.parent.is_dir():
        raise FileNotFoundError(f"{path} cannot be written: there is no folder {path.parent}; make it first")
    with _in_folder(path):
        aside = path.with_name(f".{path.name}.{os.urandom(6).hex()}.part")
        try:
            with open(aside, "x+b") as file:
                writer(file)
                file.flush()
                os.fsync(file.fileno())
            os.replace(aside, path)
        except BaseException as error:
            aside.unlink(missing_ok=True)  # it may have its name already
            if isinstance(error, OSError):
                add_note(error, f"{path} was not written; what was there is as it was")
            raise


@contextmanager
def _in_folder(path: Path) -> Iterator[None]:
    """A block that writes in the folder: what earlier ones left is deleted, and its names are on the disk at the end.

    All who write share a lock on the folder, which goes when its process dies. Who has it alone knows that what lies
    there is nobody's.
    """
    if os.name != "posix":
        yield
        return
    import fcntl

    folder = os.open(path.parent, os.O_RDONLY)
    try:
        with suppress(OSError):  # others are writing, or this file system has no locks
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
            for left in path.parent.glob(f".{escape(path.name)}.*.part"):
                left.unlink(missing_ok=True)
        with suppress(OSError):
            fcntl.flock(folder, fcntl.LOCK_SH)
        yield
        os.fsync(folder)
    finally:
        os.close(folder)
