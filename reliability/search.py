"""Random search: the properties of the tests, in rounds that draw other examples each, for a time.

    python -m reliability.search --minutes 60 tests/replay

`make test` tries the same examples whenever it runs. Here each round has a seed, and all that its properties draw
follows from it: what fails is told with the command that repeats it, and its report is kept in out/search.
"""

from __future__ import annotations

import argparse
import contextlib
import re
import secrets
import shlex
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

PROCESSES = 2
OUT = Path("out/search")
MINUTES = 10.0
"""How long the search is as a part of `python -m reliability`."""


class Findings(dict[str, str]):
    """The tests that failed, each with the command that repeats it, and how much was tried."""

    def __init__(self) -> None:
        self.rounds = self.examples = 0
        self.properties: set[str] = set()

    def figures(self) -> dict[str, Any]:
        return {"rounds": self.rounds, "properties": len(self.properties), "examples": self.examples}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    """As a plugin in the processes that run the tests: put the number of examples into the report."""
    report = yield
    if report.when == "call":
        counts = re.findall(r"(\d+) (?:passing|failing)", getattr(item, "hypothesis_statistics", ""))
        report.user_properties.append(("examples", sum(map(int, counts))))
    return report


class Round:
    """A plugin of pytest, in the process that hands out the tests: notes what fails, and stops when the time is up."""

    def __init__(self, seed: int, until: float, findings: Findings, say: Callable[[str], None]) -> None:
        self.seed, self.until, self.findings, self.say = seed, until, findings, say
        self.over = False

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and report.nodeid not in self.findings:
            self.tell(report)
        if report.when == "call":
            self.findings.properties.add(report.nodeid)
            self.findings.examples += sum(n for name, n in report.user_properties if name == "examples")
        if time.monotonic() > self.until:
            self.over = True
            pytest.exit("the time is up")

    def tell(self, report: pytest.TestReport) -> None:
        command = repeating(report.nodeid, self.seed)
        self.findings[report.nodeid] = command
        file = OUT / f"{len(self.findings)}.txt"
        file.write_text(f"{command}\n\n{report.longreprtext}\n")
        why = [line[1:].strip() for line in report.longreprtext.splitlines() if line.startswith("E ")]
        self.say("\n  ".join([f"FAILED {report.nodeid}", *why, f"all of it: {file}", f"repeat it: {command}"]))


def repeating(test: str, seed: int) -> str:
    """The command that tries a test on the examples of a round."""
    return shlex.join(["env", "OPENBLAS_NUM_THREADS=1", sys.executable, "-m", "pytest", test, *drawing(seed)])


def drawing(seed: int) -> list[str]:
    return ["--hypothesis-profile=search", f"--hypothesis-seed={seed}"]


def search(
    tests: Sequence[str],
    minutes: float,
    seed: int,
    say: Callable[[str], None],
    rounds: float = float("inf"),
    processes: int = PROCESSES,
) -> Findings:
    """Try all properties among the tests, round after round, until the time is up or so many rounds are done.

    Raises:
        RuntimeError: pytest could not run them.
    """

    def aloud(line: str) -> None:
        with contextlib.redirect_stdout(stdout):
            say(line)

    OUT.mkdir(parents=True, exist_ok=True)
    until, findings, over, stdout = time.monotonic() + 60 * minutes, Findings(), False, sys.stdout
    while not over:
        this = Round(seed, until, findings, aloud)
        # This module is a plugin of pytest, which warns that it cannot change what is imported already.
        plugin = ["-p", __spec__.name, "-W", "ignore::pytest.PytestAssertRewriteWarning"]
        arguments = [*plugin, "-m", "hypothesis", "-n", str(processes), *drawing(seed), *tests]
        log = OUT / "round.log"
        with log.open("w") as file, contextlib.redirect_stdout(file):
            status = pytest.main(arguments, plugins=[this])
        if status == pytest.ExitCode.INTERRUPTED and not this.over:
            raise KeyboardInterrupt
        if status not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.INTERRUPTED):
            raise RuntimeError(f"pytest could not run the tests:\n{log.read_text()[-4000:]}")
        findings.rounds += 1  # the last one may be cut short
        over = this.over or time.monotonic() > until or findings.rounds >= rounds
        left = max(0.0, (until - time.monotonic()) / 60)
        say(f"seed {seed}: {findings.examples:,} examples so far, {len(findings)} failed; {left:.1f} minutes left")
        seed += 1
    return findings


def new_seed() -> int:
    return secrets.randbelow(2**32)


def measure(scale: float, say: Callable[[str], None]) -> dict[str, Any]:
    findings = search(["tests"], MINUTES * scale, new_seed(), say)
    if findings:
        raise AssertionError("\n".join(["these failed, and are repeated by", *findings.values()]))
    return findings.figures()


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m reliability.search",
        description="Try the properties of the tests on random examples for a time; docs/reliability.md tells of it.",
        epilog="example: python -m reliability.search --minutes 60 tests/replay",
    )
    parser.add_argument(
        "tests", nargs="*", default=["tests"], metavar="TEST", help="as pytest takes them (default: all)"
    )
    parser.add_argument("--minutes", type=float, default=MINUTES, help=f"how long (default: {MINUTES:.0f})")
    parser.add_argument("--seed", type=int, help="of the first round; each further has the next (default: at random)")
    parser.add_argument("--rounds", type=int, default=float("inf"), help="at most so many (default: as time permits)")
    parser.add_argument("--processes", type=int, default=PROCESSES, help=f"that try them (default: {PROCESSES})")
    options = parser.parse_args()
    seed = new_seed() if options.seed is None else options.seed
    say = lambda line: print(line, flush=True)
    findings = search(options.tests, options.minutes, seed, say, options.rounds, options.processes)
    for what, figure in findings.figures().items():
        print(f"{what:10}  {figure:,}")
    if findings:
        sys.exit("\n".join(["these failed, and are repeated by", *findings.values()]))


if __name__ == "__main__":
    main()
