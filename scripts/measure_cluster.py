"""Time steps of data-parallel training on worker processes of one thread each, and fit what a step costs, for
docs/scale.md:

    python scripts/measure_cluster.py                    all of it
    python scripts/measure_cluster.py steps overhead     parts: steps, overhead, model, scaling, memory, growth
    python scripts/measure_cluster.py overhead --torch PYTHON    beside DistributedDataParallel, by a PYTHON with torch
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dask.array as da
import numpy as np
import psutil
import scipy.optimize

import ntb
from ntb import nn, optim
from ntb.demos.cluster import local_cluster
from ntb.distributed import DataParallel, Shards, collections
from ntb.training import Callback, Trainer

HERE = Path(__file__).parent
Batch = tuple[np.ndarray, ...]


class Writer(nn.Module):
    """The network of the demo `text`: an embedding, two layers of LSTM, scores."""

    def __init__(self) -> None:
        self.embedding = nn.Embedding(70, 32)
        self.lower, self.upper, self.scores = nn.LSTM(32, 64), nn.LSTM(64, 64), nn.Linear(64, 70)

    def __call__(self, x: Any) -> Any:
        h, _ = self.lower(self.embedding(x))
        h, _ = self.upper(h)
        return self.scores(h)


class GPT(nn.Module):
    """Two blocks of a causal transformer, 128 wide, on 64 tokens."""

    def __init__(self) -> None:
        self.embedding, self.positions = nn.Embedding(64, 128), ntb.Variable(np.zeros((64, 128), np.float32))
        self.blocks = [nn.TransformerEncoderLayer(128, 4, causal=True) for _ in range(2)]
        self.scores = nn.Linear(128, 64)

    def __call__(self, x: Any) -> Any:
        h = self.embedding(x) + self.positions
        for block in self.blocks:
            h = block(h)
        return self.scores(h)


def convolutional() -> Any:
    """The network of the demo `cifar`."""
    return nn.Sequential(
        nn.Conv2d(3, 20, 5, stride=2, padding=((2, 3), (2, 3))), nn.MaxPool2d(2, padding="same"), nn.BatchNorm(20),
        nn.relu, nn.Conv2d(20, 14, 5), nn.BatchNorm(14), nn.relu, nn.Dropout(0.1), nn.Flatten(),
        nn.Linear(14 * 5 * 5, 34), nn.BatchNorm(34), nn.relu, nn.Dropout(0.1),
        nn.Linear(34, 16), nn.BatchNorm(16), nn.relu, nn.Linear(16, 10),
    )  # fmt: skip


def pictures(rows: int) -> Batch:
    rng = np.random.default_rng(0)
    return rng.standard_normal((rows, 3, 32, 32), np.float32), rng.integers(0, 10, rows)


def texts(rows: int, length: int, characters: int) -> Batch:
    rng = np.random.default_rng(0)
    return rng.integers(0, characters, (rows, length)), rng.integers(0, characters, (rows, length))


WORK: dict[str, tuple[Callable[[], Any], Batch]] = {
    "W4: convolutional network, 1,000 images": (convolutional, pictures(1000)),
    "W5: LSTM, 480 rows of 30 characters": (Writer, texts(480, 30, 70)),
    "W7: GPT, 40 rows of 64 tokens": (GPT, texts(40, 64, 64)),
}


class Clock(Callback):
    """The times of steps, in milliseconds."""

    def __init__(self) -> None:
        self.times: list[float] = []

    def before_step(self, trainer: Trainer, batch: Any) -> None:
        self.began = time.perf_counter()

    def after_step(self, trainer: Trainer, report: Any) -> None:
        self.times.append(1000 * (time.perf_counter() - self.began))


def shards_of(batch: Batch, shards: int) -> Callable[[int, int, int], Batch]:
    """The same batch in every step, which lies on the workers."""
    cut = [tuple(np.array_split(x, shards)[i] for x in batch) for i in range(shards)]
    return lambda epoch, step, shard: cut[shard]


def timed(workers: int, model: Any, loss: Any, batch: Batch, shards: int, steps: int) -> tuple[float, float]:
    """The median time of a step on some workers, and of what of it was computing, in milliseconds."""
    with local_cluster(workers) as client:
        clock, strategy = Clock(), DataParallel(client, shards=shards, backup=10**6)
        trainer = Trainer(model, loss, optim.SGD(0.001), callbacks=[clock], strategy=strategy, progress=False)
        source = Shards(shards_of(batch, shards), steps=steps)
        trainer.fit(source)
        clock.times.clear()
        strategy.times.__init__()  # type: ignore[misc]  # the first epoch traced, and compiled loops
        trainer.fit(source)
        computing = 1000 * max(strategy.times.computing.values()) / strategy.times.steps
        return statistics.median(clock.times), computing


def steps(options: argparse.Namespace) -> None:
    """One worker against two, by turns; the ratio is that of the medians, behind it the least and the greatest."""
    print("| float32, SGD, two shards | one worker, ms | two workers, ms | ratio |\n|---|---:|---:|---:|")
    for name, (make, batch) in WORK.items():
        one, two = np.array(
            [
                [timed(workers, make(), nn.cross_entropy, batch, 2, options.steps)[0] for workers in (1, 2)]
                for _ in range(5)
            ]
        ).T
        a, b, ratios = np.median(one), np.median(two), np.sort(two / one)
        print(f"| {name} | {a:.1f} | {b:.1f} | {b / a:.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f}) |", flush=True)


def overhead(options: argparse.Namespace) -> None:
    """What is not computing in a step with a million parameters."""
    batch = np.ones((16, 1000), np.float32), np.ones((16, 1000), np.float32)
    step, computing = timed(2, nn.Linear(1000, 1000), nn.mse, batch, 2, options.steps)
    print(
        f"a million float32 parameters: a step {step:.1f} ms, computing {computing:.1f}, added {step - computing:.1f}"
    )
    if options.torch:
        subprocess.run([options.torch, HERE / "measure_ddp.py"], check=True)


def terms(parameters: float, rows: float, shards: int, workers: int, cores: int) -> list[float]:
    """What a step of a wide layer has to do, for each constant of the model of cost.

    One more worker to talk to; a shard; a product of a row and a parameter; a parameter that every replica updates; a
    parameter that travels from one worker to another: all sums to the other one of two, pieces of them among more
    (twice, each time all but the own piece). The order to begin is not waited for.
    """
    at_once = min(workers, cores)
    travels = {1: 0, 2: 2}.get(workers, 2 * (workers - 1))
    return [
        workers - 1, shards / at_once, parameters * rows / at_once, parameters * workers / at_once,
        parameters * travels / at_once,
    ]  # fmt: skip


def model(options: argparse.Namespace) -> None:
    """Fit what a step costs, on 1 to 4 workers and layers of several widths, and compare."""
    rows, shards, cores, lines, times = 1200, 12, len(os.sched_getaffinity(0)), [], []
    for width in (300, 700, 1000, 1600):
        batch = np.ones((rows, width), np.float32), np.ones((rows, width), np.float32)
        for workers in (1, 2, 3, 4):
            time, _ = timed(workers, nn.Linear(width, width), nn.mse, batch, shards, options.steps)
            lines.append((width, workers))
            times.append(time)
            print(f"width {width}, {workers} workers: {time:.1f} ms", flush=True)
    matrix = np.array([terms(width**2, rows, shards, workers, cores) for width, workers in lines])
    weights = 1 / np.array(times)  # relative errors count
    constants, _ = scipy.optimize.nnls(matrix * weights[:, None], np.ones(len(times)))
    names = [
        "a worker more, ms",
        "a shard, ms",
        "a product, ms",
        "an update of a parameter, ms",
        "a parameter on its way, ms",
    ]
    for name, constant in zip(names, constants):
        print(f"{name}: {constant:.3g}")
    print("| width | workers | measured, ms | predicted, ms | error |\n|---:|---:|---:|---:|---:|")
    for (width, workers), time, predicted in zip(lines, times, matrix @ constants):
        print(f"| {width} | {workers} | {time:.1f} | {predicted:.1f} | {100 * (predicted / time - 1):+.0f} % |")


def resident() -> float:
    """The memory of this process now, in MB."""
    return psutil.Process().memory_info().rss / 1e6


def peak() -> float:
    """The most memory that this process had so far, in MB, as Linux tells it. (`getrusage` counts a parent's, too.)"""
    (line,) = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) * 1024 / 1e6


def memory(options: argparse.Namespace) -> None:
    """Memory of client and workers over 10,000 steps, on data that are made anew in each."""
    with local_cluster(2) as client:
        strategy = DataParallel(client, shards=4)
        trainer = Trainer(nn.Linear(100, 10), nn.mse, optim.Adam(0.001), strategy=strategy, progress=False)
        make = lambda epoch, step, shard: (np.ones((100, 100), np.float32), np.ones((100, 10), np.float32))
        print("| steps | client, MB | larger worker, MB |\n|---:|---:|---:|")
        for steps in (100, 900, 4000, 5000):
            trainer.fit(Shards(make, steps=steps))
            print(f"| {trainer.steps:,} | {resident():.0f} | {max(client.run(resident).values()):.0f} |", flush=True)


def growth(options: argparse.Namespace) -> None:
    """Memory of client and workers over data that grow 16-fold: an epoch of Dask arrays, whose chunks a worker computes
    when it needs them. Each size has workers of its own, some that never compile loops, and some that do so at once;
    the client is this process."""
    print("| data, MB | steps | client, MB | larger worker, MB | with compiled loops, MB |\n|---:|---:|---:|---:|---:|")
    for times in (1, 2, 4, 8, 16):
        rng = da.random.default_rng(0)
        x = rng.standard_normal((times * 160_000, 100), chunks=(5_000, 100), dtype=np.float32)
        y = np.sum(x, axis=1, keepdims=True)
        workers = []
        for compiling in ("0", "now"):
            os.environ["NTB_COMPILE"] = compiling  # which workers inherit
            with local_cluster(2) as client:
                strategy = DataParallel(client, shards=4)
                trainer = Trainer(nn.Linear(100, 1), nn.mse, optim.Adam(0.001), strategy=strategy, progress=False)
                trainer.fit(collections(x, y, shards=4))
                workers.append(max(client.run(peak).values()))
        told = " | ".join(f"{worker:.0f}" for worker in workers)
        print(f"| {x.nbytes / 1e6:,.0f} | {trainer.steps} | {peak():.0f} | {told} |", flush=True)


def scaling(options: argparse.Namespace) -> None:
    """Up to where it scales, by arithmetic: nothing is measured here.

    A worker more has rows of its own, so that what each computes stays, and the client has one more to talk to. Float32
    gradients come to each worker, all but the own piece twice (so do a ring's), or twice through each level of a tree.
    """
    mlp, large, operations = 784 * 1000 + 1000 * 1000 + 1000 * 10, 100e6, 60e6  # the last: of a core, in a millisecond
    networks = {
        "demo `cifar`, 1,000 images": (size(convolutional()), 91),
        "demo `text`, 480 rows of 30 characters": (size(Writer()), 91),
        "GPT of two blocks, 40 rows of 64 tokens": (size(GPT()), 85),
        "MLP 784-1000-1000-10, 1,000 rows": (mlp, 6 * mlp * 1000 / operations),
        "GPT of 100 million, 1,000 tokens": (large, 6 * large * 1000 / operations),
    }
    print(
        "| network, and the rows of a worker | parameters | computing, ms | pieces or ring, ms | tree, ms | workers |\n"
        "|---|---:|---:|---:|---:|---:|"
    )
    for name, (parameters, computing) in networks.items():
        once = [32 * parameters / gigabits / 1e6 for gigabits in options.gigabits]
        pieces = " and ".join(f"{2 * 15 / 16 * ms:,.2g}" if ms < 10 else f"{2 * 15 / 16 * ms:,.0f}" for ms in once)
        tree = " and ".join(f"{2 * 4 * ms:,.2g}" if ms < 2 else f"{2 * 4 * ms:,.0f}" for ms in once)
        workers = 1 + max(0, computing - 2 * once[-1]) / options.more
        print(f"| {name} | {parameters:,.0f} | {computing:,.0f} | {pieces} | {tree} | {workers:,.0f} |")


def size(model: Any) -> int:
    """How many parameters there are."""
    return sum(v.size for v in model.trainable_variables())


PARTS = {
    "steps": steps, "overhead": overhead, "model": model, "scaling": scaling, "memory": memory, "growth": growth,
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", help="which parts (default: all)")
    parser.add_argument("--steps", type=int, default=100, help="how many are timed (default 100)")
    parser.add_argument("--torch", help="a Python that has torch")
    parser.add_argument("--more", type=float, default=4.5, help="milliseconds of a worker more, for scaling (4.5)")
    parser.add_argument(
        "--gigabits", type=float, nargs="+", default=[1.0, 4.8], help="a second that travel, for scaling (1 4.8)"
    )
    options = parser.parse_args()
    for name in options.parts or PARTS:
        PARTS[name](options)


if __name__ == "__main__":
    main()
