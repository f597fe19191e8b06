"""Training on a cluster whose workers are killed, stopped and slowed down at random moments: the bits of a run that
nobody disturbs."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np

import ntb
from ntb import nn, optim
from ntb.distributed import DataParallel, Shards
from ntb.training import Trainer

RUNS = 50
STEPS, SHARDS, ROWS = 40, 4, 64
PATIENCE = 2.0
FAULTS = {"killed": signal.SIGKILL, "stopped": signal.SIGSTOP}


def batch(epoch: int, step: int, shard: int) -> tuple[np.ndarray, np.ndarray]:
    """A shard of noise, in which classes are to be found."""
    rng = np.random.default_rng([epoch, step, shard])
    labels = rng.integers(0, 3, ROWS)
    return rng.standard_normal((ROWS, 2, 8, 8), np.float32) + labels[:, None, None, None].astype(np.float32), labels


def train(client: Any) -> tuple[dict[str, bytes], list[float], int]:
    """One run: bits of the state, losses, and how many workers were lost."""
    rng = ntb.random.generator(0)
    model = nn.Sequential(
        nn.Conv2d(2, 4, 3, padding="same", rng=rng), nn.BatchNorm(4), nn.relu, nn.MaxPool2d(2), nn.Flatten(),
        nn.Dropout(0.3), nn.Linear(64, 3, rng=rng),
    )  # fmt: skip
    strategy = DataParallel(client, shards=SHARDS, patience=PATIENCE)
    trainer = Trainer(model, nn.cross_entropy, optim.Adam(0.01), strategy=strategy, seed=0, progress=False)
    history = trainer.fit(Shards(batch, steps=STEPS), epochs=2)
    state = {name: x.tobytes() for name, x in ntb.state.snapshot(trainer.state).items()}
    return state, history["loss"], strategy.lost


def disturb(pids: list[int], seed: int, over: threading.Event) -> dict[str, int]:
    """Kill or stop workers at random moments until training is over. Who was stopped goes on after a while."""
    rng, done, pids, timers = random.Random(seed), dict.fromkeys(FAULTS, 0), list(pids), []
    while pids and not over.wait(rng.expovariate(1.0)):
        what, pid = rng.choice(list(FAULTS)), pids.pop(rng.randrange(len(pids)))
        _send(pid, FAULTS[what])
        done[what] += 1
        if what == "stopped":
            timers.append(threading.Timer(rng.uniform(0, 4 * PATIENCE), _send, (pid, signal.SIGCONT)))
            timers[-1].start()
    over.wait()
    for timer in timers:
        timer.join()
    return done


def _send(pid: int, what: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, what)


def measure(scale: float, say: Callable[[str], None]) -> dict[str, Any]:
    from distributed import Client, LocalCluster

    def cluster() -> Any:
        return LocalCluster(n_workers=3, threads_per_worker=1, dashboard_address=":0", silence_logs=50)

    with cluster() as quiet, Client(quiet) as client:
        expected = train(client)
    runs, faults, lost, began = max(1, round(RUNS * scale)), dict.fromkeys(FAULTS, 0), 0, time.perf_counter()
    for seed in range(runs):
        over, counted = threading.Event(), []
        with cluster() as disturbed, Client(disturbed) as client:
            pids = list(client.run(os.getpid).values())
            thread = threading.Thread(target=lambda: counted.append(disturb(pids, seed, over)))  # noqa: B023
            thread.start()
            try:
                state, losses, gone = train(client)
            finally:
                over.set()
                thread.join()
        assert losses == expected[1], f"run {seed}: other losses"
        assert state == expected[0], f"run {seed}: other parameters"
        faults = {what: count + counted[0][what] for what, count in faults.items()}
        lost += gone
        say(f"{seed + 1}/{runs} runs: {faults}, {lost} replicas lost, the same bits")
    return {
        "runs": runs,
        **faults,
        "replicas lost": lost,
        "seconds a run": round((time.perf_counter() - began) / runs, 1),
    }
