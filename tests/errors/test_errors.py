"""Each mistake raises an error that says what was met, what was expected and the repair."""

import sys

import numpy as np
import pytest

import ntb
from ntb.__main__ import main
from scripts import make_errors
from tests import oldest
from tests.errors import CHAPTERS, Mistake, all_mistakes, answer, in_a_line, places, raises
from tests.errors.unreached import UNREACHED

ROWS = [pytest.param(row, id=f"{row.chapter.stem}-{row.title}") for row in all_mistakes()]
INSIDE = ("NoneType' object has no attribute", "object is not callable", "<built-in", "Traceback", "KeyError")
"""What would come from inside of ntb, and say nothing to who made the mistake."""


OLD = oldest.PYTHON or oldest.NUMPY
WHY_OLD = "before Python 3.11 errors have no notes, and NumPy 2.0 lacks functions"


@pytest.mark.parametrize("row", ROWS)
def test_an_error_says_what_was_met_what_was_expected_and_the_repair(row: Mistake):
    found = answer(row)
    text = in_a_line(found.error)
    if OLD and not all(piece in text for piece in row.pieces):
        pytest.skip(WHY_OLD)
    assert found.kind.__name__ == row.kind, text
    for piece in row.pieces:
        assert piece and piece in text, f"not in it: {piece!r}"
    assert len(row.pieces) > 1 or issubclass(found.kind, OSError), "what was met and what was expected are not marked"
    if row.title != "a node of ones own that fails on the way back":  # whose error is the user's
        assert not any(inside in text for inside in INSIDE)


@pytest.mark.skipif(OLD, reason=WHY_OLD)
def test_every_raise_is_reached_or_has_a_reason():
    passed = {place for row in all_mistakes() for place in answer(row).raised}
    rest = [r for r in raises() if not any((r.file, line) in passed for line in r.lines)]
    unknown = [r.key for r in rest if not any(r.key.startswith(begin) for begin in UNREACHED)]
    assert unknown == [], "make the mistake in tests/errors, or give the reason in unreached.py"
    stale = [begin for begin in UNREACHED if not any(r.key.startswith(begin) for r in rest)]
    assert stale == [], "a mistake reaches it, or it is gone: take it out of unreached.py"


def test_an_error_that_says_nothing_is_found():
    """The checks above can fail."""
    row = Mistake(CHAPTERS[0], "nothing", "{}[7]", "KeyError: «7», «a name»")
    with pytest.raises(AssertionError, match="not in it"):
        test_an_error_says_what_was_met_what_was_expected_and_the_repair(row)
    with pytest.raises(AssertionError, match="not marked"):
        test_an_error_says_what_was_met_what_was_expected_and_the_repair(row._replace(error="KeyError: «7»"))
    with pytest.raises(AssertionError, match="nothing was raised"):
        answer(row._replace(code="pass"))


def test_no_error_is_its_own_cause():
    g = ntb.compat.ComputationGraph()
    with ntb.compat.default_graph(g):
        y = ntb.compat.Placeholder([-1]).sum()
    with pytest.raises(ntb.compat.GraphError) as caught:
        g.run([y])
    assert caught.value.__cause__ is not caught.value
    assert len(list(places(caught.value))) < 100


def test_notes_are_part_of_the_text_where_python_has_none():
    class Old(Exception):
        add_note = property()  # as before Python 3.11, where there is no such attribute

    error = Old("wrong shape")
    ntb.errors.add_note(error, "in np.add(...)")
    assert str(error) == "wrong shape\nin np.add(...)"


def test_the_command_line_prints_one_line(capsys):
    assert main(["demo", "tetris"]) == 2
    printed = capsys.readouterr()
    assert (
        printed.out == "" and printed.err.startswith("ntb: there is no demo 'tetris'") and printed.err.count("\n") == 1
    )


@pytest.mark.skipif(
    not np.__version__.startswith("2.4.") or sys.version_info[:2] != (3, 11),
    reason="the chapters have the words of NumPy 2.4 and Python 3.11, and these are "
    f"{np.__version__} and {sys.version_info.major}.{sys.version_info.minor}",
)
@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_the_errors_are_written_as_they_are(path):
    assert path.read_text(encoding="utf-8") == make_errors.chapter(path), (
        "write them anew, and read what changed: python scripts/make_errors.py"
    )


def test_an_error_that_is_missing_or_old_is_written(tmp_path):
    path = tmp_path / "chapter.txt"
    old = "= old\n    [][1]\nIndexError: «list index» out of «order»\n"
    path.write_text(f"x = 'no number'\n\n= new\n    int(x)\n\n{old}", encoding="utf-8")
    text = make_errors.chapter(path)
    assert "= new\n    int(x)\nValueError: invalid literal for int() with base 10: 'no number'\n\n= old" in text
    assert "IndexError: «list index» out of range\n" in text


def test_the_page_of_mistakes_has_twenty():
    text = make_errors.PAGE.read_text(encoding="utf-8")
    assert [line.split(".")[0] for line in text.split("\n### ")[1:]] == [str(n) for n in range(1, 21)]


def test_an_answer_of_the_page_that_is_no_longer_true_is_replaced():
    text = make_errors.PAGE.read_text(encoding="utf-8")
    stale = text.replace("a tensor cannot be changed in place", "no").replace("    Tensor([5., 2.])", "    Tensor(1.)")
    assert stale != text
    assert make_errors.page(stale).split() == make_errors.page(text).split() == text.split()
