"""What was compiled is kept on disk: in the folder `ntb/loops` of the user's cache, or in that which NTB_CACHE names.

Each loop has a file named after its contents; numba knows for which processor the code beside it was made. Several
processes may write there at once. When there are many, those that were not used for longest go.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

_MOST_KEPT = 400
"""Loops on disk, each of 10 to 60 KB."""


@cache
def folder() -> Path:
    """Where loops are kept."""
    if named := os.environ.get("NTB_CACHE"):
        return Path(named)
    import platformdirs

    return platformdirs.user_cache_path("ntb") / "loops"


def file_of(loop: Any) -> Path:
    """The file that is named after the contents of a loop."""
    digest = hashlib.sha256(repr(loop).encode()).hexdigest()[:32]
    return folder() / f"loop_{digest}.py"


def written(loop: Any) -> Path | None:
    """The file of a loop, written if it is not there; None where nothing can be written."""
    file = file_of(loop)
    try:
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile("w", dir=file.parent, suffix=".tmp", delete=False) as new:
                new.write(loop.source)
            os.replace(new.name, file)  # at once, as another process may read it
            _drop_oldest(file.parent)
        for code in _parts_of(file):
            code.touch()
    except OSError:
        return None
    return file


def _drop_oldest(kept: Path) -> None:
    """Remove the loops that were not used for longest, with their machine code."""
    files = list(kept.glob("loop_*.py"))
    if len(files) > _MOST_KEPT:
        used = {file: max(part.stat().st_mtime for part in [file, *_parts_of(file)]) for file in files}
        for file in sorted(files, key=used.__getitem__)[:-_MOST_KEPT]:
            for part in [*_parts_of(file), file]:
                part.unlink(missing_ok=True)


def _parts_of(file: Path) -> Iterator[Path]:
    """What numba wrote for a loop: an index by processors, and the machine code for each."""
    return file.parent.glob(f"__pycache__/{file.stem}.*")
