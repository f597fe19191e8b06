"""The README's examples run and print what it says; its commands exist."""

import re
from pathlib import Path

import pytest

from tests.fences import fences, run

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "README.md").read_text()
FENCES = fences(TEXT)


def test_examples_print_what_the_readme_says(tmp_path):
    from ntb.tape.listener import listeners

    assert run(TEXT, tmp_path) >= 3
    assert listeners.get() == ()


@pytest.mark.parametrize("line", [line for kind, text in FENCES if kind == "console" for line in text.splitlines()])
def test_commands_exist(line):
    words = line.removeprefix("$ ").split("#")[0].split()
    if words[0] == "make":
        assert re.search(rf"^{words[1]}:", (ROOT / "Makefile").read_text(), re.M)
    elif "-m" in words and words[words.index("-m") + 1] == "ntb":
        from ntb.demos import DEMOS

        assert words[-1] in DEMOS
    else:
        assert words[:2] in (["python", "-m"], [".venv/bin/pip", "install"], [".venv/bin/python", "-m"])


def test_links_lead_somewhere():
    headings = re.findall(r"^#+ (.*)$", TEXT, re.M)
    anchors = {"#" + re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
    for target in re.findall(r"\]\(([^)]+)\)", TEXT):
        assert target.startswith("https://") or target in anchors or (ROOT / target).exists(), target


def test_the_table_of_demos_is_that_of_the_command_line():
    from ntb.demos import DEMOS

    assert re.findall(r"^\| `(\w+)` \| [a-z]", TEXT.split("## The demos")[1], re.M) == list(DEMOS)
