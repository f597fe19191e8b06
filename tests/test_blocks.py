"""docs/blocks.md: every name in it is there, and it is what the script writes."""

import importlib.util
from pathlib import Path

import pytest

import ntb

ROOT = Path(ntb.__file__).parents[1]
spec = importlib.util.spec_from_file_location("make_blocks", ROOT / "scripts" / "make_blocks.py")
make_blocks = importlib.util.module_from_spec(spec)
spec.loader.exec_module(make_blocks)


@pytest.mark.parametrize("row", make_blocks.rows(), ids=lambda row: row.title.replace(" ", "-"))
def test_a_row_is_there_or_has_its_reason(row):
    assert all(map(make_blocks.is_there, row.names)) and (row.names or row.note)


def test_most_rows_are_there():
    rows = make_blocks.rows()
    assert len(rows) >= 277 and sum(bool(row.names) for row in rows) >= 245


def test_the_page_is_of_this_state():
    assert make_blocks.PAGE.read_text(encoding="utf-8") == make_blocks.page(), "python scripts/make_blocks.py"


def test_a_name_that_is_not_there_is_found():
    assert not make_blocks.is_there("nn.Flux") and not make_blocks.is_there("numpy.flux")
    assert make_blocks.formula("nn.softsign").startswith("`x / (1 + |x|)`, from -1 to 1")
    assert "2009" in make_blocks.source("nn.softsign")
