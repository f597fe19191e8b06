"""Which tests run which lines, and how long they take: the whole suite, once, with coverage measured test by test."""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
from collections import defaultdict
from pathlib import Path

import pytest
from coverage import CoverageData

FORK = multiprocessing.get_context("fork")


class Durations:
    """A plugin of pytest that adds up how long each test takes."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.seconds[report.nodeid] += report.duration


def survey(root: Path, out: Path) -> None:
    """Run all tests; leave what they cover, and their durations, in a folder."""
    process = FORK.Process(target=run_all, args=(root, out))
    process.start()
    process.join()
    if process.exitcode:
        raise SystemExit("mutants need a suite that passes")


def run_all(root: Path, out: Path) -> None:
    os.chdir(root)
    os.environ["COVERAGE_FILE"] = str(out / "coverage")
    durations = Durations()
    options = ["-q", "-n", "2", "--cov", "--cov-context=test", "--cov-report=", "-p", "no:cacheprovider"]
    options += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]  # hypothesis is imported already
    code = pytest.main(options, plugins=[durations])
    (out / "durations.json").write_text(json.dumps(durations.seconds))
    sys.exit(code)


class Coverage:
    """The survey, to be asked."""

    def __init__(self, root: Path, out: Path) -> None:
        self.root = root
        self.data = CoverageData(str(out / "coverage"))
        self.data.read()
        self.files: dict[str, dict[int, set[str]]] = {}
        self.seconds: dict[str, float] = json.loads((out / "durations.json").read_text())

    def tests_of(self, file: str) -> dict[int, set[str]]:
        """The tests that run each line of a file; line 0 has those that run any."""
        tests: dict[int, set[str]] = {0: set()}
        for line, contexts in self.data.contexts_by_lineno(str(self.root / file)).items():
            tests[line] = {
                name for name in (context.rpartition("|")[0] for context in contexts) if name in self.seconds
            }
            tests[0] |= tests[line]
        return tests

    def ordered(self, tests: set[str]) -> list[str]:
        """The quickest case of each test function, then the second quickest of each, and so on."""
        functions = defaultdict(list)
        for name in sorted(tests, key=lambda name: (self.seconds[name], name)):
            functions[name.partition("[")[0]].append(name)
        ranked = [(rank, self.seconds[name], name) for names in functions.values() for rank, name in enumerate(names)]
        return [name for _, _, name in sorted(ranked)]
