"""What the random search finds is told with a command that repeats it; what `make test` draws is always the same."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import ntb

ROOT = Path(ntb.__file__).parent.parent
# The example that failed is not made smaller, so that it tells which numbers were drawn.
PLANTED = """
from hypothesis import Phase, given, settings
from hypothesis import strategies as st


@settings(phases=[Phase.generate])
@given(n=st.integers(0, 10**12))
def test_wrong(n):
    assert n < 10**6


@given(n=st.integers(0, 10**12))
def test_right(n):
    assert n >= 0


def test_no_property():
    raise AssertionError
"""


@pytest.fixture
def run(tmp_path):
    """Run a command in a project with the settings of this one, and properties of its own."""
    for file in ("conftest.py", "setup.cfg"):
        shutil.copy(ROOT / file, tmp_path)
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_planted.py").write_text(PLANTED)

    def run(*command):
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
        assert done.returncode == 1, done.stdout + done.stderr
        return done

    return run


def drawn(text):
    """The numbers of which a report says that they failed."""
    return set(re.findall(r"^ *E? *n=(\d+)", text, re.M))


def test_what_the_search_finds_is_repeated_by_the_command_that_it_tells(run, tmp_path):
    search = run(sys.executable, "-m", "reliability.search", "--seed", "5", "--rounds", "2", "--processes", "1")
    assert re.findall(r"^FAILED (.*)$", search.stdout, re.M) == ["tests/test_planted.py::test_wrong"]
    assert re.search(r"^seed 6: \d\d+ examples so far, 1 failed", search.stdout, re.M)
    (found,) = drawn(search.stdout)
    (command,) = re.findall(r"^  repeat it: (.*)$", search.stdout, re.M)
    assert search.stderr.endswith(f"{command}\n")
    assert drawn((tmp_path / "out" / "search" / "1.txt").read_text()) == {found}
    assert drawn(run("sh", "-c", command).stdout) == {found}
    assert drawn(run("sh", "-c", command.replace("seed=5", "seed=6")).stdout) != {found}


ONE_ROUND = """
from reliability.search import search
raise SystemExit(bool(search(["tests"], 10.0, 5, print, rounds=1, processes=1)))
"""


def test_the_search_runs_where_its_module_is_imported_already(run):
    """So it is in `make soak`, of which it is a subject; pytest warns of plugins that it comes too late for."""
    assert "seed 5: " in run(sys.executable, "-c", ONE_ROUND).stdout


def test_without_the_search_the_same_is_drawn_in_every_run(run):
    one, two = (drawn(run(sys.executable, "-m", "pytest").stdout) for _ in range(2))
    assert len(one) == 1 and one == two
