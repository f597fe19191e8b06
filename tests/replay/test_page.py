"""The page of the way through the passes: its lists are those of the passes."""

import inspect

from ntb.replay.passes import LOWERING, SIMPLIFYING
from scripts import make_replay_page


def test_the_way_through_the_passes_is_up_to_date():
    assert make_replay_page.PAGE.read_text(encoding="utf-8") == make_replay_page.page(), (
        "write it anew: python scripts/make_replay_page.py"
    )


def test_each_pass_does_something_there_and_says_why():
    sections = make_replay_page.page().split("### ")[1:]
    assert len(sections) == len(SIMPLIFYING + LOWERING)
    for section, step in zip(sections, (*SIMPLIFYING, *LOWERING)):
        assert step.__name__ in section and inspect.getdoc(step) in section
        assert "\n+ " in section or "\n- " in section
        assert len(inspect.getdoc(step).split(". ")) >= 2, step
