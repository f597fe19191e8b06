"""docs/training.md: its examples run, and print what stands there."""

from pathlib import Path

from ntb.training import callbacks
from tests.fences import run

PAGE = (Path(__file__).parents[2] / "docs" / "training.md").read_text(encoding="utf-8")


def test_examples_print_what_the_page_says(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert run(PAGE, tmp_path) >= 6


def test_all_callbacks_are_in_the_table():
    for name in set(callbacks.__all__) - {"Callback"}:
        assert f"`{name}(" in PAGE
