"""Tests run against one mutant, in a process that is forked from one which has imported all that they need but ntb."""

from __future__ import annotations

import importlib.util
import os
import resource
import shutil
import signal
import sys
import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import dask.array
import einops
import hypothesis.extra.numpy
import matplotlib.figure
import pytest
import scipy.linalg
import scipy.special
from hypothesis import Phase, settings

from .draw import Mutant
from .survey import FORK

OWN = (dask.array, einops, hypothesis.extra.numpy, matplotlib.figure, scipy.linalg, scipy.special)
"""What a fork need not import again."""

NONE_RAN = pytest.ExitCode.NO_TESTS_COLLECTED

UNUSED = ("cacheprovider", "xdist", "faulthandler")

LEFT_OUT = shutil.ignore_patterns(".git", ".venv*", ".hypothesis", ".*_cache", "out", "build", "dist")


@dataclass(frozen=True)
class Verdict:
    """What became of a mutant: killed, timed out (which counts as killed) or survived; and the test that failed."""

    outcome: str
    by: str
    seconds: float


class Chosen:
    """A plugin of pytest: it runs chosen tests in the order given, and keeps the name of the first that fails.

    Tests that are newer than the survey come first: nobody knows what they cover. Hypothesis makes the same examples in
    each run, and none smaller when one fails.
    """

    def __init__(self, names: list[str], known: Collection[str], log: Path) -> None:
        self.rank = {name: rank for rank, name in enumerate(names)}
        self.known = known
        self.log = log

    def pytest_sessionstart(self) -> None:
        usual = settings.get_profile("ntb")
        phases = (Phase.explicit, Phase.generate)
        settings.register_profile("same", usual, derandomize=True, database=None, phases=phases)
        settings.load_profile("same")

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        wanted = [item for item in items if item.nodeid in self.rank or item.nodeid not in self.known]
        items[:] = sorted(wanted, key=lambda item: self.rank.get(item.nodeid, -1))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.log.write_text(report.nodeid)


def copy(root: Path, folder: Path) -> Path:
    """The project in another folder, whose files may be mutated."""
    return Path(shutil.copytree(root, folder, ignore=LEFT_OUT))


def attempt(folder: Path, mutant: Mutant | None, names: list[str], known: Collection[str], limit: float) -> Verdict:
    """Run tests by name, until one fails, in a copy of the project that has the mutant (or none) in it.

    The limit is in seconds of the processor, so that other work on the machine kills no mutant.
    """
    began, log = time.perf_counter(), folder / "failed"
    log.write_text("")
    if mutant:
        path = folder / mutant.file
        original = path.read_text(encoding="utf-8")
        path.write_text(mutant.source, encoding="utf-8")
        shutil.rmtree(path.parent / "__pycache__", ignore_errors=True)  # its times are whole seconds
    process = FORK.Process(target=run, args=(folder, names, known, log, limit))
    process.start()
    process.join(20 * limit)
    late = process.is_alive()
    process.kill()
    process.join()
    late |= process.exitcode == -signal.SIGXCPU
    if mutant:
        path.write_text(original, encoding="utf-8")
    outcome = "timed out" if late else "killed" if process.exitcode else "survived"
    return Verdict(outcome, log.read_text() or "-", round(time.perf_counter() - began, 1))


def run(folder: Path, names: list[str], known: Collection[str], log: Path, limit: float) -> None:
    """In the fork: pytest on the files of the tests."""
    resource.setrlimit(resource.RLIMIT_CPU, (round(limit), resource.RLIM_INFINITY))
    sys.stdout.flush()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    sys.dont_write_bytecode = True
    for name in [name for name in sys.modules if name.split(".")[0] in ("ntb", "tests", "reliability")]:
        del sys.modules[name]
    if importlib.util.find_spec("ntb").origin != str(folder / "ntb" / "__init__.py"):
        os._exit(100)
    files = list(dict.fromkeys(name.partition("::")[0] for name in names))
    options = ["-x", "-q", "--tb=no", "--assert=plain", *(f"-pno:{name}" for name in UNUSED)]
    code = pytest.main([*options, *files], plugins=[Chosen(names, known, log)]) if files else NONE_RAN
    os._exit(0 if code == NONE_RAN else code)
