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


def test_damaged_files_are_compiled_anew(monkeypatch, folder):
    monkeypatch.setenv("NTB_COMPILE", "now")
    assert kernels_after(ntb.function(chain), 2)
    (file,) = folder.iterdir()
    whole = file.read_bytes()
    for damaged in b"", b"{}", whole[:200], whole[:-1], whole.replace(b"ntb_entry", b"no_entry_"):
        file.write_bytes(damaged)
        monkeypatch.setattr(kernels, "_compiled", {})
        assert kernels_after(ntb.function(chain), 2)
        assert len(file.read_bytes()) == len(whole)


def test_machine_code_that_needs_what_is_not_there_is_compiled_anew(monkeypatch):
    monkeypatch.setenv("NTB_COMPILE", "now")
    assert kernels_after(ntb.function(chain), 2)
    ((task, _),) = kernels._compiled.items()
    disk.keep(task, disk.fetch(task)._replace(needs=("no_such_function",)))
    monkeypatch.setattr(kernels, "_compiled", {})
    assert kernels_after(ntb.function(chain), 2)
    assert "no_such_function" not in disk.fetch(task).needs


def test_other_surroundings_have_other_files(monkeypatch, folder):
    monkeypatch.setenv("NTB_COMPILE", "now")
    for features in "", "-avx512f":
        monkeypatch.setenv("NUMBA_CPU_FEATURES", features)
        monkeypatch.setattr(kernels, "_compiled", {})
        disk._surroundings.cache_clear()
        assert kernels_after(ntb.function(chain), 2)
    disk._surroundings.cache_clear()
    assert len(list(folder.iterdir())) == 2


def test_the_time_to_compile_a_program_is_bounded(monkeypatch):
    """What gains most is compiled first; what is not compiled in time stays with NumPy."""
    monkeypatch.setenv("NTB_COMPILE", "now")
    traced = ntb.function(lambda x, y: ((x + 1.5) * x - 2.5 * x, (y * y - 3.5) * y + 0.5))
    times = iter([0.0, 0.0, *[1e9] * 9])
    monkeypatch.setattr(tiers, "thread_time", lambda: next(times))
    for _ in range(3):
        traced(np.ones(7000), np.ones(9000))
    (name,) = traced.programs[-1].kernels
    assert name == "1: np.multiply, np.subtract, np.multiply", "the larger one"


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


def test_a_second_process_needs_no_numba(folder):
    for found in b"True", b"False":
        ending = f"{PROGRAM}import sys; print('numba' in sys.modules)"
        assert (
            subprocess.run([sys.executable, "-c", ending], check=True, capture_output=True).stdout.split()[1] == found
        )


def test_a_program_that_ends_does_not_wait_for_loops(folder):
    """The thread stops after the loop that it is at."""
    ending = PROGRAM.replace('os.environ["NTB_COMPILE"] = "now"', "from ntb.compiled import tiers; tiers.PAYS = 0.0")
    ending = ending.replace("assert f.programs[-1].kernels\n", "")
    subprocess.run([sys.executable, "-c", ending], check=True)
