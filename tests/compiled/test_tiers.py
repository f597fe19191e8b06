"""When loops are compiled: in the background, from the disk, or not at all."""

import subprocess
import sys
import threading

import numpy as np
import pytest

import ntb
from ntb.compiled import disk, kernels, tiers

pytestmark = pytest.mark.skipif(not kernels.is_there(), reason="numba is not installed (the extra `fast`)")

X = np.linspace(0, 1, 5000)


@pytest.fixture(autouse=True)
def folder(monkeypatch, tmp_path):
    """An empty folder for loops, and nothing known of earlier ones."""
    monkeypatch.delenv("NTB_COMPILE", raising=False)
    monkeypatch.setenv("NTB_CACHE", str(tmp_path))
    monkeypatch.setattr(kernels, "_compiled", {})
    disk.folder.cache_clear()
    yield tmp_path
    wait()
    disk.folder.cache_clear()


def wait():
    for thread in threading.enumerate():
        if thread.name == "ntb-compile":
            thread.join()


def chain(x):
    return (x * 0.5 + 1.25) * x - 0.75 * x + 1.0


def kernels_after(traced, calls=5):
    for _ in range(calls):
        traced(X)
    wait()
    traced(X)
    return traced.programs[-1].kernels


def test_a_program_that_has_run_for_a_while_gets_loops(monkeypatch, folder):
    monkeypatch.setattr(tiers, "PAYS", 1e9)
    assert not kernels_after(ntb.function(chain)), "it has not run for so long"
    assert not list(folder.iterdir())
    monkeypatch.setattr(tiers, "PAYS", 0.0)
    found = kernels_after(ntb.function(chain), 20)
    assert "for i0 in range(n0):" in "".join(found.values())
    assert [file for file in folder.iterdir() if file.suffix == ".loop"]


def test_loops_that_lie_on_disk_are_there_at_once(monkeypatch, folder):
    with monkeypatch.context() as now:
        now.setattr(tiers, "PAYS", 0.0)
        assert kernels_after(ntb.function(chain), 20)
    monkeypatch.setattr(tiers, "PAYS", 1e9)
    monkeypatch.setattr(kernels, "_compiled", {})
    monkeypatch.setattr(kernels, "machine_code", None)
    assert kernels_after(ntb.function(chain), 3), "which would not pay, were they not there"


@pytest.mark.parametrize("check", ["always", "never"])
def test_however_often_replays_are_checked(monkeypatch, check):
    monkeypatch.setattr(tiers, "PAYS", 0.0)
    assert kernels_after(ntb.function(chain, check=check), 20)


def test_they_can_be_turned_off(monkeypatch):
    monkeypatch.setattr(tiers, "PAYS", 0.0)
    assert not kernels_after(ntb.function(chain, compile=False), 20)
    monkeypatch.setenv("NTB_COMPILE", "0")
    assert not kernels_after(ntb.function(chain), 20)
    monkeypatch.delenv("NTB_COMPILE")
    monkeypatch.setattr(kernels.importlib.util, "find_spec", lambda name: None)
    assert not kernels_after(ntb.function(chain), 20)


def test_a_folder_that_cannot_be_written(monkeypatch, folder):
    (folder / "file").write_text("no folder")
    monkeypatch.setenv("NTB_CACHE", str(folder / "file"))
    disk.folder.cache_clear()
    monkeypatch.setattr(tiers, "PAYS", 0.0)
    assert kernels_after(ntb.function(chain), 20)


def test_the_oldest_loops_go(monkeypatch, folder):
    monkeypatch.setenv("NTB_COMPILE", "now")
    monkeypatch.setattr(disk, "_MOST_KEPT", 3)
    for number in range(5):
        assert kernels_after(ntb.function(lambda x, number=number: (x + number) * x - 0.75 * x + 1.0), 2)
    assert len(list(folder.iterdir())) == 3


PROGRAM = """
import numpy as np, ntb, os
os.environ["NTB_COMPILE"] = "now"
f = ntb.function(lambda x: (x * 0.5 + 1.25) * x - 0.75 * x + 1.0)
for _ in range(3):
    y = f(np.linspace(0, 1, 5000))
assert f.programs[-1].kernels
print(float(y.sum()))
"""


def test_several_processes_write_at_once(folder):
    processes = [subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE) for _ in range(3)]
    answers = {process.communicate()[0] for process in processes}
    assert [process.returncode for process in processes] == [0, 0, 0]
    assert len(answers) == 1
    assert not list(folder.glob("*.tmp"))


def test_a_program_that_ends_does_not_wait_for_loops(folder):
    """The thread stops after the loop that it is at."""
    ending = PROGRAM.replace('os.environ["NTB_COMPILE"] = "now"', "from ntb.compiled import tiers; tiers.PAYS = 0.0")
    ending = ending.replace("assert f.programs[-1].kernels\n", "")
    subprocess.run([sys.executable, "-c", ending], check=True)
