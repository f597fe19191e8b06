"""The command line: `python -m benchmarks`, `python -m benchmarks growth`."""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from .libraries import DTYPES, LIBRARIES, cores, limit_threads, versions
from .workloads import MODULES

EXAMPLE = "example: python -m benchmarks --only W1,W5 --libraries ntb-replay,torch --dtype float32 --rounds 3"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__, epilog=EXAMPLE)
    parser.add_argument("what", nargs="?", choices=("compare", "growth"), default="compare", help="(default: compare)")
    parser.add_argument("--only", metavar="W1,...", type=some_of(MODULES), default=list(MODULES), help="workloads")
    parser.add_argument(
        "--libraries", metavar="NAME,...", type=some_of(LIBRARIES), default=list(LIBRARIES), help=", ".join(LIBRARIES)
    )
    parser.add_argument("--dtype", metavar="NAME,...", type=some_of(DTYPES), default=list(DTYPES), help=str(DTYPES))
    parser.add_argument("--rounds", type=int, default=7, help="in which all cells of a row are measured by turns")
    parser.add_argument("--seconds", type=float, default=0.3, help="that a cell is measured for in each round")
    parser.add_argument("--threads", type=int, default=cores(), help="of every library (default: the cores there are)")
    parser.add_argument("--out", type=Path, default=Path("out/bench"), help="the folder for tables and pictures")
    options = parser.parse_args()
    limit_threads(options.threads)
    options.out.mkdir(parents=True, exist_ok=True)
    began = time.perf_counter()
    (growth if options.what == "growth" else compare)(options)
    print(f"\nwritten to {options.out} after {time.perf_counter() - began:.0f} s")


def some_of(names: Any) -> Any:
    """The parser of a list of names, separated by commas."""

    def names_in(text: str) -> list[str]:
        for name in text.split(","):
            if name not in names:
                raise argparse.ArgumentTypeError(f"{name!r} is none of {', '.join(names)}")
        return text.split(",")

    return names_in


def say(line: str) -> None:
    print(line, flush=True)


def compare(options: argparse.Namespace) -> None:
    """Run the cells; write the tables and the picture; print the goals."""
    from . import goals, plots, report, runner

    chosen = runner.Options(
        options.only, options.libraries, options.dtype, options.threads, options.rounds, options.seconds
    )
    results: dict[str, Any] = {
        "machine": machine(),
        "versions": versions(),
        "threads": options.threads,
        "command": f"python -m benchmarks {' '.join(sys.argv[1:])}".strip(),
        "cells": runner.run(chosen, say),
    }
    if "ntb-replay" in options.libraries:
        results["ready"] = ready()
    asked = {(workload, dtype) for workload in options.only for dtype in options.dtype}
    lines = [line for line in goals.evaluate(results) if not line.where or tuple(line.where.split()) in asked]
    page = report.markdown(results, lines)
    (options.out / "results.json").write_text(json.dumps(results, indent=1))
    (options.out / "results.md").write_text(page + "\n")
    plots.compare(results, options.out / "results.png")
    print(f"\n{report.times(results)}\n\n{report.goal_table(lines)}\n\n{report.summary(lines)}")


def growth(options: argparse.Namespace) -> None:
    """Measure growth; write and print its table, write its picture."""
    from . import growth, plots

    series = growth.measure(say)
    (options.out / "growth.json").write_text(json.dumps(series, indent=1))
    (options.out / "growth.md").write_text(growth.table(series) + "\n")
    plots.growth(series, options.out / "growth.png")
    print(f"\n{growth.table(series)}")


def ready() -> float:
    """Seconds until a program of 10,000 operations is ready, in a process of its own."""
    command = [sys.executable, "-m", f"{__package__}.growth"]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)["ready"]


def machine() -> dict[str, Any]:
    """What it is run on."""
    cpu = Path("/proc/cpuinfo")
    lines = cpu.read_text().splitlines() if cpu.exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return {
        "processor": models[0] if models else platform.processor() or platform.machine(),
        "cores": cores(),
        "python": platform.python_version(),
    }


if __name__ == "__main__":
    main()
