"""docs/coverage.md says of every function of NumPy what ntb does with it, and is up to date."""

import subprocess
import sys

import numpy as np
import pytest

from scripts import make_coverage


def test_every_function_of_numpy_is_in_one_of_three_states():
    assert make_coverage.missing() == []


def test_a_new_function_would_be_missed(monkeypatch):
    monkeypatch.setattr(np, "brand_new", lambda x: x, raising=False)
    assert make_coverage.missing() == ["np.brand_new"]


@pytest.mark.skipif(
    not np.__version__.startswith("2.4."), reason=f"docs/coverage.md is about NumPy 2.4, and this is {np.__version__}"
)
def test_the_page_is_up_to_date():
    assert make_coverage.PAGE.read_text(encoding="utf-8") == make_coverage.page(), (
        "write it anew: python scripts/make_coverage.py"
    )


def test_what_is_declared_early_finds_its_rules_in_a_late_chapter():
    """In a process of its own, whose chapters are not open yet: facts are declared of functions before their rules."""
    code = """
import ntb
from ntb.chapters import chapters, open_chapters
from ntb.tape.rules import definition_of, definitions, operation_of, table
early, waiting = list(table), dict(chapters)
for function in early:
    chapters.update(waiting)
    found = definition_of(function), operation_of(function).derivative.rules
    open_chapters()
    assert found == (definitions.get(function), table[function].derivative.rules), function
print(len(early), bool(waiting))
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    count, waiting = result.stdout.split()
    assert int(count) > 200 and waiting == "True"
