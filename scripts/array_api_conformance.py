"""Run the public conformance suite of the Python array API standard on ntb.array_api, and say what part of it passes.

    python scripts/array_api_conformance.py ../array-api-tests

takes a checkout of github.com/data-apis/array-api-tests with its submodule. tests/array_api/skips.txt names the tests
that are known not to pass, with reasons; they count as not passed, and so do those that the suite itself skips.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SKIPS = ROOT / "tests" / "array_api" / "skips.txt"
VERSION = "2024.12"
LEAST = 98.0  # percent


def main() -> int:
    parser = argparse.ArgumentParser(description="Run the array API conformance suite on ntb.array_api.")
    parser.add_argument("suite", type=Path, help="a checkout of data-apis/array-api-tests, with its submodule")
    parser.add_argument("--examples", type=int, default=50, help="for each test")
    parser.add_argument("--random", action="store_true", help="draw other examples each time")
    options = parser.parse_args()
    if not (options.suite / "array-api" / "spec").is_dir():
        parser.error(f"{options.suite} is no checkout with its submodule: git clone --recurse-submodules …")
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        run_suite(options, report)
        outcomes = Counter(map(outcome, ElementTree.parse(report).iter("testcase")))
    return summary(outcomes)


def run_suite(options: argparse.Namespace, report: Path) -> None:
    """Run pytest in the checkout; it writes what became of each test into the report."""
    command = [sys.executable, "-m", "pytest", "array_api_tests", "-q", "-p", "no:cacheprovider", "-W", "ignore"]
    command += [f"--skips-file={SKIPS}", f"--junitxml={report}", f"--max-examples={options.examples}"]
    command += ["--disable-deadline"] + ([] if options.random else ["--derandomize"])
    chosen = {"ARRAY_API_TESTS_MODULE": "ntb.array_api", "ARRAY_API_TESTS_VERSION": VERSION}
    subprocess.run(command, cwd=options.suite, env={**os.environ, **chosen, "PYTHONPATH": str(ROOT)}, check=False)


def outcome(test: ElementTree.Element) -> str:
    """What became of a test: passed, failed, named (in our file), skipped (by the suite) or later (another version)."""
    if test.find("failure") is not None or test.find("error") is not None:
        return "failed"
    skipped = test.find("skipped")
    if skipped is None:
        return "passed"
    reason = skipped.get("message", "")
    if reason.startswith("requires ARRAY_API_TESTS_VERSION"):
        return "later"
    return "named" if reason.startswith("--skips-file") else "skipped"


def summary(outcomes: Counter[str]) -> int:
    """Print the figure; 0 if it is what is promised and every test that does not pass is named."""
    tests = outcomes.total() - outcomes["later"]
    share = 100 * outcomes["passed"] / tests if tests else 0.0
    print(
        f"array API {VERSION}: {outcomes['passed']} of {tests} tests pass, {share:.1f} %\n"
        f"not passed: {outcomes['failed']} failed, {outcomes['named']} named in {SKIPS.relative_to(ROOT)}, "
        f"{outcomes['skipped']} skipped by the suite itself\n"
        f"not counted: {outcomes['later']} tests of later versions of the standard"
    )
    return int(outcomes["failed"] > 0 or share < LEAST)


if __name__ == "__main__":
    raise SystemExit(main())
