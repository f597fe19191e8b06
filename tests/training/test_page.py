"""docs/training.md names all callbacks."""

from pathlib import Path

from ntb.training import callbacks

PAGE = (Path(__file__).parents[2] / "docs" / "training.md").read_text(encoding="utf-8")


def test_all_callbacks_are_in_the_table():
    for name in set(callbacks.__all__) - {"Callback"}:
        assert f"`{name}(" in PAGE
