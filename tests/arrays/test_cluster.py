"""Training on Dask arrays with two worker processes: the numbers of NumPy, and the example of it."""

import os
import runpy
import subprocess
import sys
from pathlib import Path

import dask.array as da
import numpy as np
import pytest
from distributed import Client, LocalCluster, wait

import ntb
from ntb import nn
from ntb.dask import compute

EXAMPLE = Path(__file__).parents[2] / "examples" / "dask_training.py"
ROWS, FEATURES, CHUNK, STEPS = 1200, 5, 400, 4


@pytest.fixture(scope="module")
def cluster():
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as cluster:
        yield cluster


def data(rows=ROWS, chunk=CHUNK):
    """Inputs and targets of a line, not yet made."""
    x = da.random.default_rng(0).standard_normal((rows, FEATURES), chunks=(chunk, FEATURES))
    return x, x @ np.arange(FEATURES) + 1.0


def linear():
    w, b = ntb.Variable(np.zeros(FEATURES)), ntb.Variable(0.0)
    return [w, b], lambda x, y: nn.mse(x @ w + b, y), ntb.optim.SGD(lr=0.2, momentum=0.5)


def mlp():
    model = nn.MLP(FEATURES, 8, 2, dtype=np.float64, rng=ntb.random.generator(0))
    loss = lambda x, y: nn.cross_entropy(model(x), np.where(y > 1, 1, 0))
    return model.trainable_variables(), loss, ntb.optim.Adam(lr=0.02)


def train(make, x, y):
    """The losses of some steps, on all of the data."""
    variables, loss_of, optimizer = make()
    losses = []
    for _ in range(STEPS):
        with ntb.Tape() as tape:
            loss = loss_of(ntb.tensor(x), ntb.tensor(y))
        loss, gradients = compute(loss, tape.gradient(loss, variables))
        optimizer.apply(gradients, variables)
        losses.append(loss.item())
    return losses


@pytest.mark.parametrize("make", [linear, mlp])
def test_training_on_a_cluster_gives_the_numbers_of_numpy(cluster, make):
    with Client(cluster) as client:
        found = train(make, *client.persist(data()))
    x, y = data()
    expected = train(make, *(array.compute(scheduler="synchronous") for array in (x, y)))
    assert found[-1] < found[0]
    np.testing.assert_allclose(found, expected, rtol=1e-10)


def test_the_data_stay_on_both_workers(cluster):
    with Client(cluster) as client:
        x, y = client.persist(data(4000, 500))
        wait([x, y])
        w, b = ntb.Variable(np.ones(FEATURES)), ntb.Variable(0.0)
        with ntb.Tape() as tape:
            loss = nn.mse(ntb.tensor(x) @ w + b, ntb.tensor(y))
        gradients = tape.gradient(loss, [w, b])
        held = client.who_has(x)
        assert len({worker for workers in held.values() for worker in workers}) == 2
        loss, (dw, db) = compute(loss, gradients)
    x, y = (array.compute(scheduler="synchronous") for array in data(4000, 500))
    error = x @ np.ones(FEATURES) - y
    np.testing.assert_allclose(loss.item(), np.mean(error**2), rtol=1e-12)
    np.testing.assert_allclose(dw.numpy(), 2 * x.T @ error / 4000, rtol=1e-12)
    np.testing.assert_allclose(db.numpy(), 2 * np.mean(error), rtol=1e-12)


SMALL = ["--rows", "1200", "--chunk", "300", "--passes", "2"]


def test_the_example_on_a_cluster_that_runs(cluster, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("MPLBACKEND", "agg")
    command = ["dask_training.py", "--address", cluster.scheduler_address, *SMALL, "--out", str(tmp_path)]
    monkeypatch.setattr(sys, "argv", command)
    names = runpy.run_path(str(EXAMPLE))
    assert names["difference"] < 1e-12 and names["losses"][-1] < names["losses"][0]
    np.testing.assert_allclose(names["trainer"].history["loss"], names["losses"], rtol=1e-10)  # 4 chunks, 4 shards
    assert len(names["times"].computing) == 2 and names["strategy"].lost == 0
    assert "2 workers" in capsys.readouterr().out and list(tmp_path.glob("*.png"))


@pytest.mark.uncounted
def test_the_example_starts_workers_without_an_address(tmp_path):
    command = [sys.executable, EXAMPLE, *SMALL, "--passes", "1", "--workers", "1", "--out", tmp_path]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "MPLBACKEND": "agg"})
    assert done.returncode == 0, done.stderr
    assert "1 workers" in done.stdout and not done.stderr
