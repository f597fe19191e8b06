"""Runs the cells: each in a process of its own, all of a row alive at once and measured by turns."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .compare import disagreement
from .libraries import installed

Result = dict[str, Any]


@dataclass
class Options:
    """What is to be run.

    Attributes:
        seconds: that a cell is measured for in each round.
        limit: seconds after which a cell is given up.
    """

    workloads: Sequence[str]
    libraries: Sequence[str]
    dtypes: Sequence[str]
    threads: int
    rounds: int = 7
    seconds: float = 0.3
    limit: float = 300.0
    small: bool = False


class Failure(Exception):
    """A cell's process ended, or took too long; the message says so."""


class Process:
    """The process of a cell, which answers a line by a line.

    Args:
        limit: seconds after which it is given up.
        module: of the benchmarks, another one than `cell` that answers lines.
        options: of `subprocess.Popen`, such as the folder to run in.
    """

    def __init__(self, arguments: Sequence[str], limit: float, module: str = "cell", **options: Any) -> None:
        self.limit = limit
        self.errors, self.log = tempfile.mkstemp()
        self.process = subprocess.Popen(
            [sys.executable, "-m", f"{__package__}.{module}", *arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, text=True, **options,
        )  # fmt: skip

    def ask(self, request: object) -> Result:
        """The answer to a request."""
        assert self.process.stdin is not None
        try:
            print(request, file=self.process.stdin, flush=True)
        except BrokenPipeError:
            raise Failure(self.why()) from None
        return self.answer()

    def answer(self) -> Result:
        assert self.process.stdout is not None
        late = threading.Timer(self.limit, self.process.kill)
        late.start()
        line = self.process.stdout.readline()
        if not late.is_alive():
            raise Failure(f"took longer than {self.limit:.0f} s")
        late.cancel()
        if not line.startswith("{"):
            raise Failure(self.why())
        return json.loads(line)

    def why(self) -> str:
        self.process.wait()
        lines = Path(self.log).read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else f"ended with status {self.process.returncode}"

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        for file in (self.process.stdin, self.process.stdout):
            if file is not None:
                file.close()
        os.close(self.errors)
        os.unlink(self.log)


def run(options: Options, report: Callable[[str], None]) -> list[Result]:
    """All cells that were asked for and whose library is installed, as dictionaries; `benchmarks.cell` tells the keys.

    A cell that failed, or whose losses are not those of the others, has an "error" and no time.
    """
    rows = [(workload, dtype) for workload in options.workloads for dtype in options.dtypes]
    results = []
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TORCHINDUCTOR_CACHE_DIR"] = folder  # or first calls would find what earlier runs compiled
        for i, (workload, dtype) in enumerate(rows, start=1):
            found = run_row(workload, dtype, options)
            results += found
            report(f"[{i}/{len(rows)}] {workload} {dtype}: {', '.join(map(brief, found))}")
    return results


def brief(cell: Result) -> str:
    if "ms" in cell:
        return f"{cell['library']} {cell['ms']:.3g} ms"
    return f"{cell['library']} FAILED ({cell['error']})" if "error" in cell else f"{cell['library']} -"


def run_row(workload: str, dtype: str, options: Options) -> list[Result]:
    """The cells of one workload and dtype."""
    libraries = [library for library in options.libraries if installed(library)]
    cells: list[Result] = [{"workload": workload, "dtype": dtype, "library": library} for library in libraries]
    processes: dict[str, Process] = {}
    try:
        for cell in cells:
            process = Process([*arguments_of(cell, options), "--serve"], options.limit)
            processes[cell["library"]] = process
            attempt(cell, process.answer)
        for cell, reason in disagreement(cells):
            cell["error"] = reason
        for number in range(options.rounds):
            for cell in cells[number % len(cells) :] + cells[: number % len(cells)]:
                if "cannot" not in cell and "error" not in cell:
                    attempt(cell, lambda cell=cell: processes[cell["library"]].ask(options.seconds), each_round=True)
        for cell in cells:
            if cell["library"] in ("ntb-eager", "ntb-replay") and "ms" in cell:
                attempt(cell, lambda cell=cell: processes[cell["library"]].ask("memory"))
            if cell["library"] == "ntb-replay" and "ms" in cell:
                processes["second"] = Process([*arguments_of(cell, options), "--second"], options.limit)
                attempt(cell, processes["second"].answer)
    finally:
        for process in processes.values():
            process.end()
    for cell in cells:
        for name in ("ms", "above"):
            if name in cell:
                cell[f"{name}_rounds"] = cell[name]
                cell[name] = statistics.median(cell[name])
    return cells


def arguments_of(cell: Result, options: Options) -> list[str]:
    """The command line of `benchmarks.cell`."""
    named = [cell["workload"], cell["dtype"], cell["library"], "--threads", str(options.threads)]
    return named + ["--small"] * options.small


def attempt(cell: Result, get: Callable[[], Result], each_round: bool = False) -> None:
    """Put an answer into the cell, or the reason why there is none."""
    try:
        answer = get()
    except Failure as failure:
        cell["error"] = str(failure)
        for name in ("ms", "above"):
            cell.pop(name, None)
        return
    for name, value in answer.items():
        if each_round and name in ("ms", "above"):
            cell.setdefault(name, []).append(value)
        else:
            cell[name] = value
