"""Kills: training that is killed at any moment, and goes on from its checkpoint, has the numbers of a run that was left
alone, to the last bit: parameters, slots, generators, losses of all steps, history, the best state.

A run is the demo `convnet`, which has dropout, batch norm, a schedule, another order of rows in each epoch, and writes
checkpoints within epochs and after them.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from ntb import io
from ntb.demos import convnet
from ntb.demos.demo import Demo

ROOT = Path(__file__).parent.parent


class Run(Demo):
    """The demo without pictures, which goes on where a run in the same folder was killed.

    Args:
        out, steps, seed: as a `Demo` takes them.
        last: the step before which it kills its process.
    """

    def __init__(self, out: str | Path, steps: int, seed: int = 0, last: int | None = None) -> None:
        np.random.seed(seed)  # NumPy's and Python's generators are part of a checkpoint, and compared, too
        random.seed(seed)
        super().__init__("convnet", steps=steps, seed=seed, out=out, resume=True)
        self.last = last

    def before_step(self, train_step: Callable[..., Any], batch: tuple[Any, ...]) -> None:
        if self.made == self.last:
            os.kill(os.getpid(), signal.SIGKILL)

    def picture(self, *_: Any, **__: Any) -> None:
        """Draw nothing."""


def differences(first: Path, second: Path) -> list[str]:
    """What differs between the files of two runs, but for times."""
    found = []
    for name in ("checkpoint.npz", "model.npz"):
        (arrays, told), (others, told_too) = io.read(first / name), io.read(second / name)
        if without_times(told) != without_times(told_too):
            found.append(f"{name}: what is told")
        if arrays.keys() != others.keys():
            found.append(f"{name}: the names")
        found += [f"{name}: {key}" for key in arrays.keys() & others.keys() if bits(arrays[key]) != bits(others[key])]
    return found


def bits(x: np.ndarray) -> tuple[Any, ...]:
    return x.dtype, x.shape, x.tobytes()


def without_times(told: Any) -> Any:
    """What a file tells, without the seconds that epochs took, and what made it, such as a function by its id."""
    if isinstance(told, list):
        return [without_times(x) for x in told]
    if isinstance(told, dict):
        return {name: without_times(x) for name, x in told.items() if name not in ("seconds", "made_by")}
    return told


# --- at random moments


class Life:
    """A process that trains."""

    def __init__(self, out: Path, steps: int, seed: int) -> None:
        code = f"from reliability.kills import Run, convnet; convnet.run(Run({str(out)!r}, {steps}, {seed}))"
        self.process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=ROOT)
        assert self.process.stdout is not None
        self.process.stdout.readline()  # it says what it is going to train

    def ended_within(self, seconds: float) -> bool:
        """Kill it after some time; whether it had ended before."""
        try:
            self.process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()
        if self.process.returncode not in (0, -signal.SIGKILL):
            raise AssertionError(f"training failed, with {self.process.returncode}")
        return self.process.returncode == 0


def at_random(folder: Path, kills: int, steps: int, say: Callable[[str], None]) -> dict[str, int]:
    """Kill runs at random moments until they end, and compare each with one that was left alone."""
    choose, found = random.Random(0), {"runs": 0, "kills": 0}
    while found["kills"] < kills:
        seed = found["runs"]
        whole, torn = folder / f"whole{seed}", folder / f"torn{seed}"
        began = time.monotonic()
        Life(whole, steps, seed).ended_within(600.0)
        longest = (time.monotonic() - began) / 3
        while not Life(torn, steps, seed).ended_within(choose.uniform(0, longest)):
            found["kills"] += 1
        if wrong := differences(whole, torn):
            raise AssertionError(f"a run that was killed and went on differs: {', '.join(wrong)}")
        found["runs"] += 1
        say(f"{found['kills']} kills in {found['runs']} runs, which went on to the same numbers")
    return found


# --- at chosen steps


def killed_before(step: int, out: Path, steps: int) -> None:
    """Train in a fork of this process, which should have no threads, and which kills itself before a step."""
    if not (child := os.fork()):
        convnet.run(Run(out, steps, last=step))
        os._exit(0)
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != -signal.SIGKILL:
        raise AssertionError(f"training did not come as far as step {step}")


def at_steps(folder: Path, chosen: list[int], steps: int) -> list[str]:
    """Kill a run before each of some steps in turn, and let it end; what differs from one that was left alone."""
    for step in chosen:
        killed_before(step, folder / "torn", steps)
    for name in ("torn", "whole"):
        convnet.run(Run(folder / name, steps))
    return differences(folder / "whole", folder / "torn")


def measure(scale: float, say: Callable[[str], None]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        return at_random(Path(folder), max(3, round(50 * scale)), 300, say)
