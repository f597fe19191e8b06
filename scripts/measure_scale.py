"""Measure the memory of training while the data grow 16-fold; draw docs/scale.png and put the table into docs/scale.md.

    python scripts/measure_scale.py                          all sizes
    python scripts/measure_scale.py --rows 400000            one, in this process with two workers
    python scripts/measure_scale.py --rows 400000 --numpy    one, in this process alone

Each number is of a run in processes of its own: a linear fit, with data that are made anew in every step, as if they
did not fit the workers.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
from pathlib import Path

import dask.array as da
import numpy as np
from distributed import Client, LocalCluster

import ntb
from ntb.dask import compute

ROOT = Path(__file__).parent.parent
PAGE, PICTURE = ROOT / "docs" / "scale.md", ROOT / "docs" / "scale.png"
FEATURES, CHUNK, STEPS = 20, 100_000, 3
ROWS = [400_000, 800_000, 1_600_000, 3_200_000, 6_400_000]
BEGIN, END = "<!-- memory -->\n", "<!-- end of memory -->"


def fit(rows: int, in_numpy: bool) -> list[float]:
    """The losses of a few steps of y = x w + b, by least squares, on Dask's arrays or on NumPy's."""
    x = da.random.default_rng(0).standard_normal((rows, FEATURES), chunks=(CHUNK, FEATURES))
    noise = da.random.default_rng(1).standard_normal(rows, chunks=CHUNK)
    y = x @ np.random.default_rng(0).standard_normal(FEATURES) + 1.0 + 0.1 * noise
    x, y = map(ntb.tensor, da.compute(x, y) if in_numpy else (x, y))
    w, b = ntb.Variable(np.zeros(FEATURES)), ntb.Variable(0.0)
    optimizer, losses = ntb.optim.SGD(lr=0.2, momentum=0.5), []
    for _ in range(STEPS):
        with ntb.Tape() as tape:
            loss = ntb.nn.mse(x @ w + b, y)
        loss, gradients = compute(loss, tape.gradient(loss, [w, b]))
        optimizer.apply(gradients, [w, b])
        losses.append(loss.item())
    return losses


def peak() -> float:
    """The most memory that this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def run(rows: int, in_numpy: bool) -> None:
    """A fit in this process; prints its peak memory, and that of the largest worker."""
    if in_numpy:
        fit(rows, in_numpy=True)
        print(f"{peak():.0f}")
        return
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as cluster, Client(cluster) as client:
        fit(rows, in_numpy=False)
        print(f"{peak():.0f} {max(client.run(peak).values()):.0f}")


def measure(rows: int, *options: str) -> list[float]:
    """The peak memory in MB of a process that makes a fit, and of the largest of its workers, if it has some."""
    command = [sys.executable, __file__, "--rows", str(rows), *options]
    return [float(n) for n in subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()]


def draw(results: list[tuple]) -> None:
    import matplotlib.pyplot as plt  # here, as it would count among the memory of the processes that fit

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
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, help="of one run")
    parser.add_argument("--numpy", action="store_true", help="without a cluster")
    options = parser.parse_args()
    if options.rows:
        run(options.rows, options.numpy)
        return
    results = []
    for rows in ROWS:
        client, worker = measure(rows)
        (numpy,) = measure(rows, "--numpy")
        results.append((rows * (FEATURES + 1) * 8 / 1e6, client, worker, numpy))
        print("data {:,.0f} MB: client {:,.0f}, worker {:,.0f}, NumPy {:,.0f}".format(*results[-1]), flush=True)
    draw(results)
    before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
    PAGE.write_text(before + BEGIN + table(results) + END + rest.split(END)[1], encoding="utf-8")
    print(f"{PICTURE} and the table in {PAGE}")


if __name__ == "__main__":
    main()
