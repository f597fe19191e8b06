"""Measure the memory of training while the data grow 16-fold; draw docs/scale.png and put the table into docs/scale.md.

    python scripts/measure_scale.py

Each line is a run of examples/dask_training.py in processes of its own: the linear fit, data made anew in every step.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from pathlib import Path

import matplotlib.pyplot as plt

ROOT = Path(__file__).parent.parent
PAGE, PICTURE = ROOT / "docs" / "scale.md", ROOT / "docs" / "scale.png"
FEATURES, CHUNK = 20, 100_000
ROWS = [400_000, 800_000, 1_600_000, 3_200_000, 6_400_000]
BEGIN, END = "<!-- memory -->\n", "<!-- end of memory -->"


def measure(rows: int, *options: str) -> tuple[float, float | None]:
    """The peak memory in MB of the process that trains, and of the largest worker."""
    command = [
        sys.executable, "examples/dask_training.py", "--model", "linear", "--steps", "3",
        "--rows", str(rows), "--features", str(FEATURES), "--chunk", str(CHUNK), *options,
    ]  # fmt: skip
    text = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    peaks = [float(n.replace(",", "")) for n in re.findall(r"had ([\d,]+) MB at most", text)]
    return peaks[0], peaks[1] if len(peaks) > 1 else None


def draw(results: list[tuple]) -> None:
    data, client, worker, numpy = zip(*results, strict=True)
    fig, axes = plt.subplots(figsize=(6, 3.6), layout="constrained")
    for values, label, style in [
        (numpy, "NumPy, one process", "s--"), (worker, "Dask: the larger of two workers", "^-"),
        (client, "Dask: the client", "o-"),
    ]:  # fmt: skip
        axes.plot(data, values, style, label=label)
    axes.set(xscale="log", yscale="log", xlabel="data (MB)", ylabel="peak memory of a process (MB)")
    axes.set_xticks(data, [f"{n:,.0f}" for n in data])
    axes.minorticks_off()
    axes.grid(alpha=0.3)
    axes.legend()
    fig.savefig(PICTURE, dpi=110)


def table(results: list[tuple]) -> str:
    lines = ["| data (MB) | client (MB) | larger worker (MB) | NumPy in one process (MB) |", "|---:|---:|---:|---:|"]
    lines += ["| " + " | ".join(f"{n:,.0f}" for n in row) + " |" for row in results]
    return "\n".join(lines) + "\n"


def main() -> None:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    results = []
    for rows in ROWS:
        client, worker = measure(rows, "--remake")
        numpy, _ = measure(rows, "--numpy")
        results.append((rows * (FEATURES + 1) * 8 / 1e6, client, worker, numpy))
        print("data {:,.0f} MB: client {:,.0f}, worker {:,.0f}, NumPy {:,.0f}".format(*results[-1]), flush=True)
    draw(results)
    before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
    PAGE.write_text(before + BEGIN + table(results) + END + rest.split(END)[1], encoding="utf-8")
    print(f"{PICTURE} and the table in {PAGE}")


if __name__ == "__main__":
    main()
