"""The command line: `python -m benchmarks`, and with `growth`, `busy` or `blocks` after it.

The numbers go to out/bench as JSON, `results-2.json` for two threads and so on, and as tables in Markdown.
"""

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
    parser.add_argument("what", nargs="?", choices=WHAT, default="compare", help="(default: compare)")
    parser.add_argument("--only", metavar="W1,...", type=some_of(MODULES), default=list(MODULES), help="workloads")
    parser.add_argument(
        "--libraries", metavar="NAME,...", type=some_of(LIBRARIES), default=list(LIBRARIES), help=", ".join(LIBRARIES)
    )
    parser.add_argument("--dtype", metavar="NAME,...", type=some_of(DTYPES), default=list(DTYPES), help=str(DTYPES))
    parser.add_argument("--rounds", type=int, default=5, help="in which all cells of a row are measured by turns")
    parser.add_argument("--seconds", type=float, default=0.3, help="that a cell is measured for in each round")
    parser.add_argument("--threads", type=int, default=cores(), help="of every library (default: the cores there are)")
    parser.add_argument("--out", type=Path, default=Path("out/bench"), help="the folder for tables and pictures")
    options = parser.parse_args()
    limit_threads(options.threads)
    options.out.mkdir(parents=True, exist_ok=True)
    began = time.perf_counter()
    WHAT[options.what](options)
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
    """Run the cells; write the tables, with those of other numbers of threads, and the picture; print the goals."""
    from . import plots, report, runner

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
    (options.out / f"results-{options.threads}.json").write_text(json.dumps(results, indent=1))
    runs = runs_in(options.out)
    (options.out / "results.md").write_text(report.markdown(runs) + "\n")
    plots.compare(runs[0], options.out / "results.png")
    lines = report.asked(results)
    goals = report.goal_table(lines, options.threads)
    print(f"\n{report.times(results)}\n\n{goals}\n\n{report.summary(lines)}")


def runs_in(folder: Path) -> list[dict[str, Any]]:
    """The results of all numbers of threads that a folder has, the most threads first."""
    runs = [json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("results-*.json")]
    return sorted(runs, key=lambda results: -results["threads"])


def busy(options: argparse.Namespace) -> None:
    """Measure steps on a quiet machine and beside busy processes; write and print the table."""
    from . import busy

    save(options, "busy", busy.measure(options.rounds, options.seconds, say), busy.table)


def blocks(options: argparse.Namespace) -> None:
    """Measure building blocks beside PyTorch's; write and print the table."""
    from . import blocks, compare_blocks

    names = [*blocks.BLOCKS, *blocks.OPTIMIZERS]
    rows = compare_blocks.measure(names, options.threads, options.rounds, options.seconds / 2, say)
    save(options, "blocks", rows, compare_blocks.table)


def save(options: argparse.Namespace, name: str, rows: Any, table: Any) -> None:
    (options.out / f"{name}.json").write_text(json.dumps(rows, indent=1))
    (options.out / f"{name}.md").write_text(table(rows) + "\n")
    print(f"\n{table(rows)}")


def growth(options: argparse.Namespace) -> None:
    """Measure growth; write and print its table, write its picture."""
    from . import growth, plots

    series = growth.measure(say)
    plots.growth(series, options.out / "growth.png")
    save(options, "growth", series, growth.table)


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


WHAT = {"compare": compare, "growth": growth, "busy": busy, "blocks": blocks}

if __name__ == "__main__":
    main()
