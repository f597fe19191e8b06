"""Steps on a quiet machine, and beside as many busy processes as there are cores: `python -m benchmarks busy`."""

from __future__ import annotations

import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from .libraries import LIBRARIES, cores, installed
from .report import number_text, table_of, threads_text
from .runner import Failure, Process

WORKLOADS = ("W3", "W5", "W7", "W10")
LIMIT = 4.0
"""How many times its quiet time a step may take beside them."""


class Way(NamedTuple):
    """A way to take a step: by which library, on how many threads."""

    library: str
    threads: int


def ways() -> list[Way]:
    """Those that are compared: ntb on all cores and on one thread, the peers on all cores."""
    peers = [name for name in ("torch-fused", "jax", "tensorflow") if installed(name)]
    return [Way("ntb-replay", n) for n in dict.fromkeys((cores(), 1))] + [Way(name, cores()) for name in peers]


@contextmanager
def busy_processes(count: int) -> Iterator[None]:
    """So many processes that compute without end."""
    processes = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


def measure(rounds: int, seconds: float, report: Callable[[str], None], small: bool = False) -> list[dict[str, Any]]:
    """A row for each workload and way: milliseconds of a step, "quiet" and "busy", or an "error"."""
    found = []
    for workload in WORKLOADS:
        rows: list[dict[str, Any]] = [{"workload": workload, **way._asdict()} for way in ways()]
        processes: list[Process] = []
        try:
            for row in rows:
                options = ["--serve", "--free", "--threads", str(row["threads"])] + ["--small"] * small
                processes.append(Process([workload, "float32", row["library"], *options], 300.0))
                _answer(processes[-1].answer, row)
            _measure(rows, processes, "quiet", rounds, seconds)
            with busy_processes(cores()):
                _measure(rows, processes, "busy", rounds, seconds)
        finally:
            for process in processes:
                process.end()
        found += rows
        for row in rows:
            report(f"{workload} {row['library']}, {threads_text(row['threads'])}: {_brief(row)}")
    return found


def _measure(rows: list[dict[str, Any]], processes: list[Process], name: str, rounds: int, seconds: float) -> None:
    """The median over rounds, in which all ways are measured by turns."""
    times: list[list[float]] = [[] for _ in rows]
    for _ in range(rounds):
        for row, process, found in zip(rows, processes, times):
            if "error" not in row:
                answer = _answer(lambda process=process: process.ask(seconds), row)
                found += [answer["ms"]] if "ms" in answer else []
    for row, found in zip(rows, times):
        if "error" not in row:
            row[name] = statistics.median(found)


def _answer(get: Callable[[], dict[str, Any]], row: dict[str, Any]) -> dict[str, Any]:
    try:
        return get()
    except Failure as failure:
        row["error"] = str(failure)
        return {}


def _brief(row: dict[str, Any]) -> str:
    return row.get("error") or f"{row['quiet']:.3g} ms quiet, {row['busy']:.3g} busy"


def table(rows: list[dict[str, Any]]) -> str:
    """Both times and their ratio; the goal is one of ntb on one thread, which is what its notice says to set."""
    lines = []
    for row in rows:
        start = [row["workload"], LIBRARIES[row["library"]].title, str(row["threads"])]
        if "error" in row:
            lines.append([*start, row["error"], "", "", ""])
            continue
        ratio = row["busy"] / row["quiet"]
        aimed = row["library"] == "ntb-replay" and row["threads"] == 1
        met = ("met" if ratio <= LIMIT else "**not met**") if aimed else ""
        lines.append([*start, number_text(row["quiet"]), number_text(row["busy"]), f"{ratio:.1f}", met])
    return table_of(["workload", "library", "threads", "quiet, ms", "busy, ms", "ratio", f"at most {LIMIT:g}"], lines)
