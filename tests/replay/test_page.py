"""The page on replays: its examples run and print what it says."""

import doctest
from pathlib import Path

import ntb

PAGE = Path(ntb.__file__).parent.parent / "docs" / "replays.md"


def test_the_examples_of_the_page():
    failed, tried = doctest.testfile(str(PAGE), module_relative=False)
    assert failed == 0 and tried > 40
