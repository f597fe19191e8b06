"""The command line: `python -m reliability`, or `python -m reliability memory threads --scale 0.01`."""

from __future__ import annotations

import argparse
import importlib
import json
import time
from pathlib import Path
from typing import Any

SUBJECTS = {
    "programs": "random programs and models, for gradients, replays and graphs",
    "memory": "100,000 steps of training without the garbage collector; very long tapes, programs and graphs",
    "threads": "eight threads that train, read and meet functions for the first time at once",
    "mutation": "random programs whose arrays are changed under them",
    "inputs": "every operation with its arguments in all forms: lists, tables, other dtypes and layouts, keywords",
    "interrupts": "faults at every instruction of a step, and signals at random moments",
    "search": "the properties of the tests on new random examples, for ten minutes",
    "saving": "killed saves, files cut or changed anywhere, full disks",
    "kills": "training that is killed at random moments and goes on",
    "clusters": "training on a cluster whose workers are killed and stopped at random moments",
}
"""What is measured, by the name of its file in this folder."""

EXAMPLE = "example: python -m reliability memory threads --scale 0.01"


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m reliability",
        description="Long runs that show what ntb can be trusted with; docs/reliability.md tells of them.",
        epilog=EXAMPLE,
    )
    parser.add_argument("subjects", nargs="*", metavar="SUBJECT", help=f"of {', '.join(SUBJECTS)} (default: all)")
    parser.add_argument("--scale", type=float, default=1.0, help="how much of the full run is done (default: 1)")
    parser.add_argument("--out", type=Path, default=Path("out/reliability"), help="the folder for the figures")
    options = parser.parse_args()
    if unknown := [name for name in options.subjects if name not in SUBJECTS]:
        parser.error(f"{', '.join(unknown)}: the subjects are {', '.join(SUBJECTS)}")
    options.out.mkdir(parents=True, exist_ok=True)
    for name in options.subjects or SUBJECTS:
        run(name, options)


def run(name: str, options: argparse.Namespace) -> None:
    """Measure one subject; print its figures and write them to a file."""
    print(f"{name}: {SUBJECTS[name]}", flush=True)
    began = time.perf_counter()
    measure = importlib.import_module(f"{__package__}.{name}").measure
    figures: dict[str, Any] = measure(options.scale, lambda line: print(f"  {line}", flush=True))
    figures["seconds"] = round(time.perf_counter() - began)
    width = max(map(len, figures))
    for what, figure in figures.items():
        print(f"  {what:{width}}  {figure:,}" if isinstance(figure, int) else f"  {what:{width}}  {figure}", flush=True)
    (options.out / f"{name}.json").write_text(json.dumps({"scale": options.scale, **figures}, indent=1) + "\n")


if __name__ == "__main__":
    main()
