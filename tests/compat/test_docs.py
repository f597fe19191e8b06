"""The table of differences stays a table."""

from pathlib import Path

TEXT = (Path(__file__).parents[2] / "docs" / "compat.md").read_text()


def test_every_row_has_two_cells():
    rows = [line for line in TEXT.splitlines() if line.startswith("|")]
    assert len(rows) > 40 and all(row.count("|") == 3 for row in rows)
