"""The script that runs the public conformance suite counts honestly, and every exception has its reason."""

import importlib.util
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent.parent
spec = importlib.util.spec_from_file_location("array_api_conformance", ROOT / "scripts" / "array_api_conformance.py")
script = importlib.util.module_from_spec(spec)
spec.loader.exec_module(script)


def test_every_exception_stands_under_a_reason_and_is_named_once():
    groups = script.SKIPS.read_text().strip().split("\n\n")
    named = []
    for group in groups[1:]:  # the first says what the file is
        lines = group.splitlines()
        tests = [line for line in lines if not line.startswith("#")]
        assert lines[0].startswith("# ") and tests and all(t.startswith("array_api_tests/test_") for t in tests)
        named += tests
    assert len(named) == len(set(named)) == 17


def test_outcomes_are_read_from_the_report():
    report = """<testsuite>
        <testcase/>
        <testcase><failure/></testcase>
        <testcase><error/></testcase>
        <testcase><skipped message="--skips-file (skips.txt)"/></testcase>
        <testcase><skipped message="flaky"/></testcase>
        <testcase><skipped message="requires ARRAY_API_TESTS_VERSION &gt;= 2025.12"/></testcase>
    </testsuite>"""
    found = [script.outcome(test) for test in ElementTree.fromstring(report)]
    assert found == ["passed", "failed", "failed", "named", "skipped", "later"]


def test_what_was_skipped_counts_as_not_passed(capsys):
    assert script.summary(Counter(passed=98, named=1, skipped=1, later=9)) == 0
    assert "98 of 100 tests pass, 98.0 %" in capsys.readouterr().out
    assert script.summary(Counter(passed=97, named=2, skipped=1)) == 1
    assert script.summary(Counter(passed=999, failed=1)) == 1
    assert script.summary(Counter()) == 1
