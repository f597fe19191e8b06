"""What was compiled is kept on disk: in the folder `ntb/loops` of the user's cache, or in that which NTB_CACHE names.

A loop has a file, named after its source and all else that its machine code depends on: the processor, the versions of
what compiled it, and NumPy's, whose bits it was found to give. So a loop that lies there is not compared once more.
Several processes may write there at once. When there are many files, those that were not used for longest go.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import sys
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from .entry import MachineCode, Task, entry_text

_MOST_KEPT = 400
"""Loops on disk, each of 5 to 60 KB."""
_FORMAT = 1
"""Another number makes files of now be passed over: for when loops are compiled in another way."""


@cache
def folder() -> Path:
    """Where loops are kept."""
    if named := os.environ.get("NTB_CACHE"):
        return Path(named)
    import platformdirs

    return platformdirs.user_cache_path("ntb") / "loops"


def is_kept(task: Task) -> bool:
    """Whether there is a file for a task."""
    return folder().is_dir() and _file_of(task).exists()


def fetch(task: Task) -> MachineCode | None:
    """The machine code of a task; None if there is none, or if its file is damaged."""
    try:
        file = _file_of(task)
        head, content = file.read_bytes().split(b"\n", 1)
        known = json.loads(head)
        code = MachineCode(content, tuple(known["needs"]))
        if known["digest"] != _digest(code):
            return None
    except (OSError, ValueError, KeyError, TypeError):
        return None
    with suppress(OSError):  # a folder that can only be read
        file.touch()
    return code


def keep(task: Task, code: MachineCode) -> None:
    """Write the file of a task, where files can be written."""
    head = json.dumps({"needs": code.needs, "digest": _digest(code)})
    with suppress(OSError):
        folder().mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.NamedTemporaryFile(dir=folder(), suffix=".tmp", delete=False) as new:
            new.write(head.encode() + b"\n" + code.content)
        os.replace(new.name, _file_of(task))  # at once, as another process may read it
        _drop_oldest()


def _file_of(task: Task) -> Path:
    return folder() / f"{_hash(repr((_FORMAT, task, entry_text('', task.kinds), _surroundings())).encode())}.loop"


@cache
def _surroundings() -> tuple[Any, ...]:
    """What machine code depends on, beside its source."""
    from importlib.metadata import version

    from llvmlite import binding as llvm

    packages = [version(name) for name in ("numba", "llvmlite", "numpy")]
    settings = sorted(item for item in os.environ.items() if item[0].startswith(("NUMBA_", "NPY_")))
    processor = platform.machine(), llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()
    return sys.platform, sys.implementation.cache_tag, packages, settings, processor


def _digest(code: MachineCode) -> str:
    return _hash(repr(code.needs).encode() + code.content)


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:32]


def _drop_oldest() -> None:
    """Remove the loops that were not used for longest."""
    files = {file: file.stat().st_mtime for file in folder().glob("*.loop")}
    for file in sorted(files, key=files.__getitem__)[: max(0, len(files) - _MOST_KEPT)]:
        file.unlink(missing_ok=True)
