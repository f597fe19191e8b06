"""Data-parallel training on two worker processes: the numbers of NumPy, by the command of the example."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from distributed import Client, LocalCluster, wait

import ntb
from ntb.dask import compute

EXAMPLE = Path(__file__).parents[2] / "examples" / "dask_training.py"
SMALL = ["--rows", "1200", "--features", "5", "--chunk", "400", "--steps", "4"]


@pytest.fixture(scope="module")
def example():
    spec = importlib.util.spec_from_file_location("dask_training", EXAMPLE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def cluster():
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as cluster:
        yield cluster


@pytest.mark.parametrize("model", ["linear", "mlp"])
def test_training_on_a_cluster_gives_the_numbers_of_numpy(example, cluster, model, capsys):
    found = example.main(["--address", cluster.scheduler_address, "--model", model, *SMALL])
    text = capsys.readouterr().out
    assert "2 workers" in text and "step   4/4" in text and "a worker had" in text
    expected = example.main(["--numpy", "--model", model, *SMALL])
    assert found[-1] < found[0]
    np.testing.assert_allclose(found, expected, rtol=1e-10)


def test_the_data_stay_on_both_workers(example, cluster):
    with Client(cluster) as client:
        x, y = client.persist(example.make_data("linear", 4000, 5, 500))
        wait([x, y])
        w, b = ntb.Variable(np.ones(5)), ntb.Variable(0.0)
        with ntb.Tape() as tape:
            loss = ntb.nn.mse(ntb.tensor(x) @ w + b, ntb.tensor(y))
        gradients = tape.gradient(loss, [w, b])
        held = client.who_has(x)
        assert len({worker for workers in held.values() for worker in workers}) == 2
        loss, (dw, db) = compute(loss, gradients)
    x, y = example.make_data("linear", 4000, 5, 500)
    x, y = x.compute(scheduler="synchronous"), y.compute(scheduler="synchronous")
    error = x @ np.ones(5) - y
    np.testing.assert_allclose(loss.item(), np.mean(error**2), rtol=1e-12)
    np.testing.assert_allclose(dw.numpy(), 2 * x.T @ error / 4000, rtol=1e-12)
    np.testing.assert_allclose(db.numpy(), 2 * np.mean(error), rtol=1e-12)


def test_the_command_tells_what_it_takes():
    text = subprocess.run([sys.executable, EXAMPLE, "--help"], capture_output=True, text=True, check=True).stdout
    assert "--address" in text and "two worker processes" in text


def test_without_an_address_workers_are_started(example, capsys):
    losses = example.main(["--model", "linear", *SMALL])
    assert losses[-1] < losses[0] and "2 workers on this machine" in capsys.readouterr().out
