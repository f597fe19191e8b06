"""Train on data that no single process holds: a linear fit or an MLP, data-parallel, on a Dask cluster.

    python examples/dask_training.py                                       two worker processes on this machine
    python examples/dask_training.py --address tcp://scheduler.host:8786   a cluster that runs somewhere

The workers make their chunks of the data, keep them, and compute loss and gradient of each; sums of gradients, as small
as the parameters, are all that travels. The parameters are NumPy's, and an optimizer of ntb's changes them here. On a
cluster, ntb must be installed where the workers run.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time

import dask.array as da
import numpy as np
from distributed import Client, LocalCluster

import ntb
from ntb.dask import compute

CLASSES = 3


def make_data(model: str, rows: int, features: int, chunk: int, seed: int = 0) -> tuple[da.Array, da.Array]:
    """Inputs and targets of a known function, described but not yet made: the workers do that, chunk by chunk."""
    x = da.random.default_rng(seed).standard_normal((rows, features), chunks=(chunk, features))
    rng = np.random.default_rng(seed)
    if model == "linear":
        noise = da.random.default_rng(seed + 1).standard_normal(rows, chunks=chunk)
        return x, x @ rng.standard_normal(features) + 1.0 + 0.1 * noise
    scores = da.tanh(x @ rng.standard_normal((features, 8))) @ rng.standard_normal((8, CLASSES))
    return x, da.argmax(scores, axis=1)


class Linear:
    """y = x w + b, by least squares."""

    def __init__(self, features: int) -> None:
        self.w = ntb.Variable(np.zeros(features), name="w")
        self.b = ntb.Variable(0.0, name="b")
        self.parameters = [self.w, self.b]
        self.optimizer = ntb.optim.SGD(lr=0.2, momentum=0.5)

    def loss(self, x, y):
        return ntb.nn.mse(x @ self.w + self.b, y)


class MLP:
    """A hidden layer of 32 units, softmax and cross-entropy."""

    def __init__(self, features: int, hidden: int = 32) -> None:
        rng = np.random.default_rng(1)
        self.w1 = ntb.Variable(rng.standard_normal((features, hidden)) / features**0.5, name="w1")
        self.b1 = ntb.Variable(np.zeros(hidden), name="b1")
        self.w2 = ntb.Variable(rng.standard_normal((hidden, CLASSES)) / hidden**0.5, name="w2")
        self.b2 = ntb.Variable(np.zeros(CLASSES), name="b2")
        self.parameters = [self.w1, self.b1, self.w2, self.b2]
        self.optimizer = ntb.optim.Adam(lr=0.02)

    def loss(self, x, y):
        hidden = ntb.nn.relu(ntb.nn.linear(x, self.w1, self.b1))
        return ntb.nn.cross_entropy(ntb.nn.linear(hidden, self.w2, self.b2), y)


MODELS = {"linear": Linear, "mlp": MLP}


def train(model, x, y, steps: int, report=None) -> list[float]:
    """The losses of `steps` steps on all of the data, which may be Dask's arrays or NumPy's."""
    x, y = ntb.tensor(x), ntb.tensor(y)
    losses = []
    for step in range(1, steps + 1):
        begin = time.perf_counter()
        with ntb.Tape() as tape:
            loss = model.loss(x, y)
        loss, gradients = compute(loss, tape.gradient(loss, model.parameters))  # the one pass over the data
        model.optimizer.apply(gradients, model.parameters)
        losses.append(loss.item())
        if report:
            report(step, losses[-1], time.perf_counter() - begin)
    return losses


def peak_memory() -> float:
    """The most memory that this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def run(arguments: argparse.Namespace, client: Client | None) -> list[float]:
    """Train on the client's cluster, or without one in this process."""
    x, y = make_data(arguments.model, arguments.rows, arguments.features, arguments.chunk)
    megabytes = (x.nbytes + y.nbytes) / 1e6
    print(
        f"data: {arguments.rows:,} rows of {arguments.features} features, {megabytes:,.0f} MB in {x.npartitions} chunks"
    )
    if client is None:
        x, y = da.compute(x, y)
    elif not arguments.remake:
        x, y = client.persist([x, y])

    def report(step: int, loss: float, seconds: float) -> None:
        if step == 1 or step % max(arguments.steps // 10, 1) == 0:
            print(f"step {step:3d}/{arguments.steps}  loss {loss:.5f}  {seconds:.2f} s", flush=True)

    losses = train(MODELS[arguments.model](arguments.features), x, y, arguments.steps, report)
    print(f"this process had {peak_memory():,.0f} MB at most")
    if client:
        print(f"a worker had {max(client.run(peak_memory).values()):,.0f} MB at most")
    return losses


def main(given: list[str] | None = None) -> list[float]:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--address", help="of a scheduler; without it, workers are started on this machine")
    parser.add_argument("--workers", type=int, default=2, help="how many are started (default 2)")
    parser.add_argument("--model", choices=MODELS, default="mlp")
    parser.add_argument("--rows", type=int, default=400_000)
    parser.add_argument("--features", type=int, default=20)
    parser.add_argument("--chunk", type=int, default=20_000, help="rows of a chunk (default 20000)")
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument(
        "--remake", action="store_true", help="make the data anew in every step, as if they did not fit the workers"
    )
    parser.add_argument("--numpy", action="store_true", help="no cluster: NumPy's arrays, in this process")
    arguments = parser.parse_args(given)
    if arguments.numpy:
        return run(arguments, None)
    if arguments.address:
        with Client(arguments.address) as client:
            print(f"cluster at {arguments.address}: {len(client.scheduler_info(n_workers=-1)['workers'])} workers")
            return run(arguments, client)
    with (
        LocalCluster(n_workers=arguments.workers, threads_per_worker=1, dashboard_address=":0") as cluster,
        Client(cluster) as client,
    ):
        print(f"{arguments.workers} workers on this machine: {cluster.scheduler_address}")
        return run(arguments, client)


if __name__ == "__main__":
    main()
