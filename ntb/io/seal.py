"""The seal of a file: the SHA-256 of its bytes, as 64 characters that stand in the file itself and are not counted.

It tells damage, not forgery: who changes a file on purpose can seal it again.
"""

from __future__ import annotations

import os
from typing import IO

BLANK = b"0" * 64
"""What is written first, where the seal is to stand."""

_BLOCK = 1 << 20


def seal(file: IO[bytes], at: int) -> None:
    """Write the seal of a file to a place in it."""
    digest = _digest(file, at)
    file.seek(at)
    file.write(digest)


def check_seal(file: IO[bytes], at: int) -> None:
    """Raise ValueError if a file is not as it was when it was sealed."""
    digest = _digest(file, at)
    file.seek(at)
    if file.read(len(BLANK)) != digest:
        raise ValueError("its bytes are not those that were written (their SHA-256 differs)")


def _digest(file: IO[bytes], at: int) -> bytes:
    import hashlib  # not with `import ntb`: it would take a twentieth of the time

    found, end = hashlib.sha256(), file.seek(0, os.SEEK_END)
    for start, stop in ((0, at), (at + len(BLANK), end)):
        file.seek(start)
        for here in range(start, stop, _BLOCK):
            found.update(file.read(min(_BLOCK, stop - here)))
    return found.hexdigest().encode()
