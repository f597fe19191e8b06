"""Two states of the tree, that of a commit and the present one, and a process for each that answers lines.

Both run the benchmarks and the steps of `tests/replay` as they are now, on the ntb of their state; so these may use
only what both have, that is, public names.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Any

from .runner import Process

ROOT = Path(__file__).parent.parent
BASE = "1a2edac"
"""The commit that is compared with, if none is named: the last one before the engine was designed anew."""
ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OPENBLAS", "OMP", "MKL", "NUMEXPR")}

Ask = Callable[[str], dict[str, Any]]
"""From a line to the answer of a state's process."""


@contextmanager
def processes(commit: str, module: str, limit: float = 300.0) -> Iterator[tuple[Ask, Ask]]:
    """The commit's process and that of the present state, which run a module of the benchmarks in copies of the tree.

    Args:
        module: one that calls `serve`.
        limit: seconds that an answer may take.
    """
    with tempfile.TemporaryDirectory(prefix="ntb-states-") as folder:
        before, now = Path(folder, "before"), Path(folder, "now")
        extract(commit, before)
        shutil.copytree(ROOT / "ntb", now / "ntb", ignore=shutil.ignore_patterns("__pycache__"))
        started: list[Process] = []
        try:
            for state in (before, now):
                for part in ("benchmarks", "tests/replay"):
                    shutil.copytree(ROOT / part, state / part, ignore=shutil.ignore_patterns("__pycache__"))
                env = os.environ | ONE_THREAD | {"PYTHONPATH": str(state), "PYTHONHASHSEED": "0"}
                started.append(Process([], limit, module, cwd=state, env=env))
                at = started[-1].answer()["ntb"]
                if not Path(at).resolve().is_relative_to(state.resolve()):
                    raise SystemExit(f"a process that was to import ntb from {state} imported it from {at}")
            yield started[0].ask, started[1].ask
        finally:
            for process in started:
                process.end()


def extract(commit: str, folder: Path) -> None:
    """Write the ntb of a commit into a folder."""
    archive = ["git", "-C", str(ROOT), "archive", "--format=zip", commit, "ntb"]
    try:
        packed = subprocess.run(archive, check=True, capture_output=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        reason = getattr(error, "stderr", b"").decode().strip() or error
        raise SystemExit(f"git has no state {commit!r} of ntb: {reason}") from error
    with zipfile.ZipFile(io.BytesIO(packed)) as files:
        files.extractall(folder)


def serve(answer: Ask) -> None:
    """Answer lines until there are no more, each by a line of JSON; the first one tells where ntb was imported from."""
    import ntb

    out = sys.stdout
    print(json.dumps({"ntb": ntb.__file__}), file=out, flush=True)
    for line in sys.stdin:
        with redirect_stdout(io.StringIO()):  # what demos print
            found = answered(answer, line.strip())
        print(json.dumps(found), file=out, flush=True)


def answered(answer: Ask, request: str) -> dict[str, Any]:
    """The answer, or {"error": what was raised}: a state may lack what another has."""
    try:
        return answer(request)
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}
