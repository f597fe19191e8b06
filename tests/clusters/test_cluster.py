"""Training on workers of a cluster: the bits of a serial run, whoever computes what, is lost, or joins."""

import asyncio
import itertools
import os
import signal
import threading
import time

import dask.array as da
import numpy as np
import pytest
from distributed import Client, LocalCluster

import ntb
from ntb.demos import demo, linear
from ntb.distributed import DataParallel, Shards, collections, rows
from ntb.distributed.orders import Answer
from ntb.distributed.replica import Replica
from ntb.io import read
from ntb.training import Callback, callbacks
from reliability.kills import differences
from tests.clusters.runs import (
    ROWS,
    SHARDS,
    SIZE,
    Fragile,
    Serial,
    assert_same,
    data,
    fitted,
    made_of,
    missing,
    still,
    trainer,
)  # fmt: skip


@pytest.fixture(scope="module")
def client():
    with (
        LocalCluster(n_workers=3, threads_per_worker=1, dashboard_address=":0", silence_logs=50) as cluster,
        Client(cluster, direct_to_workers=True) as client,
    ):
        yield client


@pytest.fixture(scope="module")
def inside():
    """A cluster of three workers in this process, each of which is to have a replica."""
    with (
        pytest.MonkeyPatch.context() as patch,
        Client(processes=False, n_workers=3, threads_per_worker=1, dashboard_address=":0") as client,
    ):
        patch.setattr("ntb.distributed.members._process", lambda worker: worker)
        yield client


@pytest.fixture(scope="module")
def expected():
    return fitted(Serial())


class At(Callback):
    """Does something before some steps, counted from 0."""

    def __init__(self, **what):
        self.what = {int(step.removeprefix("step")): action for step, action in what.items()}

    def before_step(self, trainer, batch):
        if trainer.steps in self.what:
            self.what[trainer.steps]()


def pids(client):
    return sorted(client.run(os.getpid).values())


def test_the_bits_are_those_of_a_serial_run(client, expected):
    strategy = DataParallel(client, shards=SHARDS)
    found = fitted(strategy)
    assert_same(found, expected)
    assert strategy.times.steps == 12 and strategy.times.rows == 2 * ROWS and len(strategy.times.computing) == 3
    assert "computing" in str(strategy.times)


def test_replicas_of_one_process_have_the_same_bits(inside, expected):
    strategy = DataParallel(inside, shards=SHARDS)
    assert_same(fitted(strategy), expected)
    assert len(strategy.times.computing) == 3 and strategy.lost == 0


def test_one_replica_has_the_bits_of_three(inside, expected, monkeypatch):
    """Those of running statistics, too."""
    monkeypatch.setattr("ntb.distributed.members._process", lambda worker: "one for all")
    strategy = DataParallel(inside, shards=SHARDS)
    assert_same(fitted(strategy), expected)
    assert len(strategy.times.computing) == 1


def test_replicas_that_differ_are_told(inside, monkeypatch):
    numbers = itertools.count()
    monkeypatch.setattr("ntb.distributed.replica._digest", lambda values: next(numbers))
    with pytest.raises(ntb.InputError, match="differ in their last bits"):
        fitted(DataParallel(inside, shards=SHARDS), model=still)


def test_a_model_that_cannot_travel_is_refused(inside):
    made = trainer(DataParallel(inside, shards=SHARDS), model=still)
    made.model.lock = threading.Lock()
    with pytest.raises(ntb.InputError, match="pickled, and cannot be"):
        made.fit(*data(), epochs=1, batch_size=SIZE)


def test_what_workers_lack_is_told(inside, monkeypatch):
    strategy, steps = DataParallel(inside, shards=SHARDS, wait=2.0), Shards(made_of, steps=1)
    made = trainer(strategy, model=still)
    made.model.more = Fragile()
    with pytest.raises(ntb.InputError, match="the model cannot be built on the worker .*no file weights.npz"):
        made.fit(steps)
    made = trainer(strategy, model=still)
    with pytest.raises(ntb.InputError, match="the shards cannot be made on the worker .*no file weights.npz"):
        made.fit(Shards(Fragile(), steps=1))
    lock = threading.Lock()
    with pytest.raises(ntb.InputError, match="what makes shards travels to workers pickled, and cannot be"):
        made.fit(Shards(lambda *place: (lock, *place), steps=1))
    made.fit(steps, until=1)
    assert made.steps == 1
    monkeypatch.setattr("ntb.distributed.members.import_module", missing)
    with pytest.raises(ntb.InputError, match="ntb cannot be imported on the worker .*No module named 'ntb'"):
        trainer(DataParallel(inside, shards=SHARDS), model=still).fit(steps)


def test_a_client_that_is_closed_is_told():
    with Client(processes=False, n_workers=0, dashboard_address=":0") as client:
        pass
    with pytest.raises(ntb.InputError, match="the client is closed"):
        fitted(DataParallel(client, shards=SHARDS))


def test_training_goes_on_where_it_was(client, expected):
    made = trainer(DataParallel(client, shards=SHARDS))
    made.fit(*data(), epochs=1, batch_size=SIZE)
    made.fit(*data(), epochs=1, batch_size=SIZE)
    assert_same(made, expected)


def test_one_process_gives_the_same_numbers_to_rounding(inside):
    found, expected = fitted(DataParallel(inside, shards=SHARDS), model=still), fitted(model=still)
    np.testing.assert_allclose(found.history["loss"], expected.history["loss"], rtol=1e-5)
    assert found.history["accuracy"] == expected.history["accuracy"]


@pytest.mark.parametrize("step", [0, 7])
def test_workers_that_are_killed_change_nothing(client, expected, step):
    client.wait_for_workers(2, timeout=120)
    kill = lambda: os.kill(pids(client)[0], signal.SIGKILL)
    assert_same(fitted(DataParallel(client, shards=SHARDS), callbacks=[At(**{f"step{step}": kill})]), expected)


def test_all_workers_may_be_lost_at_once(client, expected):
    client.wait_for_workers(2, timeout=120)

    def kill():
        for pid in pids(client):
            os.kill(pid, signal.SIGKILL)

    assert_same(fitted(DataParallel(client, shards=SHARDS, backup=4), callbacks=[At(step6=kill)]), expected)


def test_a_worker_that_hangs_is_not_waited_for(client, expected):
    client.wait_for_workers(2, timeout=120)
    pid = pids(client)[-1]
    stop, go_on = lambda: os.kill(pid, signal.SIGSTOP), lambda: os.kill(pid, signal.SIGCONT)
    strategy = DataParallel(client, shards=SHARDS, patience=2.0)
    try:
        assert_same(fitted(strategy, callbacks=[At(step4=stop, step9=go_on)]), expected)
    finally:
        go_on()


@pytest.mark.parametrize("method", ["made", "copy"])
def test_who_hangs_between_computing_and_the_step_is_given_up(inside, expected, monkeypatch, method):
    """In the middle of the sums, and while it copies from another."""
    real, calls = getattr(Replica, method), itertools.count()

    async def hanging(self, *args):
        if next(calls) == (20 if method == "made" else 0):
            await asyncio.sleep(60)
        return await real(self, *args)

    monkeypatch.setattr(Replica, method, hanging)
    if method == "copy":
        monkeypatch.setattr(Replica, "summed", failing_once(Replica.summed))
    strategy = DataParallel(inside, shards=SHARDS, patience=1.0)
    assert_same(fitted(strategy), expected)
    assert strategy.lost >= 1


def failing_once(real):
    """A method that gives nothing the first time, so that one replica makes a step and another does not."""
    calls = itertools.count()

    async def failing(self, *args):
        return None if next(calls) == 0 else await real(self, *args)

    return failing


def test_who_begins_anew_where_another_was_is_given_up(inside, expected, monkeypatch):
    """As Dask makes an actor again when a worker comes back to its address."""
    real, strategy = Replica.run, DataParallel(inside, shards=SHARDS)

    async def run(self, order):
        if order.step == 4 and order.me == 0 and strategy.lost == 0:
            self.__init__()
        return await real(self, order)

    monkeypatch.setattr(Replica, "run", run)
    assert_same(fitted(strategy), expected)
    assert strategy.lost == 1


@pytest.mark.parametrize("silent", [{1}, {0, 1, 2}])
def test_a_step_has_its_report_though_some_have_copied_it(inside, expected, monkeypatch, silent):
    """Who copies from a replica that is a step ahead of the client knows no report, and may answer first."""
    real, steps = Replica.run, []

    async def run(self, order):
        answer = await real(self, order)
        if order.step == 4 and order.me not in silent:
            await asyncio.sleep(0.3)
        if order.step == 4 and order.me in silent and len(steps) < len(silent):
            steps.append(order.me)
            self._last = answer = Answer(answer.step)
        return answer

    monkeypatch.setattr(Replica, "run", run)
    assert_same(fitted(DataParallel(inside, shards=SHARDS)), expected)


def test_patience_grows_where_all_need_longer(inside, monkeypatch):
    strategy, real = DataParallel(inside, shards=SHARDS, patience=0.1), Replica._compute

    def slow(self, order):
        time.sleep(1.0 if strategy.patience < 0.2 else 0.0)
        return real(self, order)

    monkeypatch.setattr(Replica, "_compute", slow)
    made = trainer(strategy, model=still)
    made.fit(Shards(made_of, steps=1))
    assert made.steps == 1 and strategy.patience >= 0.2 and strategy.lost >= 3


def test_a_run_goes_on_from_its_checkpoint(client, expected, tmp_path):
    class Died(Exception):
        pass

    def die():
        raise Died

    path = tmp_path / "run.npz"
    with pytest.raises(Died):
        fitted(DataParallel(client, shards=SHARDS), callbacks=[callbacks.Checkpoint(path, steps=2), At(step9=die)])
    made = trainer(DataParallel(client, shards=SHARDS))
    assert made.resume(path) and made.steps == 8
    made.fit(*data(), until=2, batch_size=SIZE)
    assert_same(made, expected)


def test_what_a_callback_changes_reaches_the_workers(inside):
    def slower(trainer, report):
        trainer.optimizer.lr = 0.001

    assert_same(fitted(DataParallel(inside, shards=SHARDS), callbacks=[slower]), fitted(Serial(), callbacks=[slower]))


def test_an_error_on_a_worker_is_told_and_training_can_go_on(inside):
    made, (x, y) = trainer(DataParallel(inside, shards=SHARDS)), data()
    wrong = np.where(np.arange(ROWS) < 12, y, 7)
    with pytest.raises(ntb.InputError, match="7") as caught:
        made.fit(x, wrong, epochs=1, batch_size=SIZE, shuffle=False)
    assert "on the worker" in str(getattr(caught.value, "__notes__", caught.value)) and made.steps == 1
    made.fit(x, y, until=1, batch_size=SIZE, shuffle=False)
    other = trainer(Serial())
    other.fit(x, y, until=1, batch_size=SIZE, shuffle=False)
    assert_same(made, other)


def test_the_demo_with_a_loop_by_hand(inside, tmp_path, monkeypatch):
    """On a cluster a Trainer makes its steps; it goes on from a checkpoint, and has the numbers of one process."""

    def run(name, **options):
        linear.run(demo.Demo("linear", steps=3, out=tmp_path / name, **options))
        return tmp_path / name

    def interrupted(demo, *_):
        if demo.made == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(demo.Demo, "picture", lambda *_, **__: None)
    there = {"strategy": DataParallel(inside, shards=SHARDS)}
    whole, here = run("whole", **there), run("here")
    with monkeypatch.context() as patch:
        patch.setattr(demo.Demo, "before_step", interrupted)
        run("torn", **there)
    assert differences(whole, run("torn", resume=True, **there)) == []
    for name, x in read(here / "model.npz")[0].items():
        np.testing.assert_allclose(read(whole / "model.npz")[0][name], x, rtol=1e-12)


def chunked(x):
    return da.from_array(x, chunks=(2, *x.shape[1:]))


SOURCES = {
    "made": lambda: Shards(made_of, steps=4),
    "rows": lambda: rows(*data(), size=SIZE, shards=SHARDS, shuffle=1),
    "collections": lambda: collections(*map(chunked, data()), shards=SHARDS, shuffle=2),
}  # fmt: skip


@pytest.mark.parametrize("source", SOURCES)
def test_shards_are_made_on_the_workers(inside, source):
    runs = [trainer(strategy) for strategy in (DataParallel(inside, shards=SHARDS), Serial())]
    for made in runs:
        made.fit(SOURCES[source](), epochs=2)
    assert_same(*runs)
    assert runs[0].steps >= 8


def test_what_was_persisted_is_refused(inside):
    with pytest.raises(ntb.InputError, match="persisted"):
        collections(inside.persist(da.ones(4, chunks=2)), shards=2)


def test_gradients_are_watched_on_the_workers(inside):
    runs = [
        fitted(strategy, model=still, callbacks=[callbacks.GradientNorms()])
        for strategy in (DataParallel(inside, shards=SHARDS), None)
    ]
    np.testing.assert_allclose(runs[0].history["gradient_norm"], runs[1].history["gradient_norm"], rtol=1e-5)


def test_nobody_is_there():
    with (
        LocalCluster(n_workers=0, dashboard_address=":0", silence_logs=50) as cluster,
        Client(cluster) as client,
        pytest.raises(ntb.InputError, match="no worker was there"),
    ):
        fitted(DataParallel(client, shards=SHARDS, wait=0.1))
