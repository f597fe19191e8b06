"""Write docs/blocks.md: the building blocks that people look for, where they are, what they compute, and where they are
tested, from scripts/blocks.txt and the docstrings.

    python scripts/make_blocks.py
"""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "blocks.md"
TESTS = {
    path: set(re.findall(r"\w+", " ".join(re.findall(r"(?<![\w.])\w+(?:\.\w+)*", path.read_text(encoding="utf-8")))))
    for path in sorted((ROOT / "tests").rglob("*.py"))
}
"""The words of each file's dotted names, without what is asked of expressions: `f(x).shape`."""


class Row(NamedTuple):
    """What people look for.

    Attributes:
        chapter: where it stands; title: what it is called.
        names: of what ntb has of it, below `ntb.`, or `numpy.`; none if there is nothing.
        note: what is to be said, or why there is nothing.
    """

    chapter: str
    title: str
    names: list[str]
    note: str


def rows() -> list[Row]:
    found, chapter = [], ""
    for line in (ROOT / "scripts" / "blocks.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("= "):
            chapter = line[2:]
        elif line and not line.startswith("#"):
            title, names, note = (part.strip() for part in line.split("|"))
            found.append(Row(chapter, title, [name for name in names.split() if name != "-"], note))
    return found


def resolved(name: str) -> Any:
    """The object of a name; an AttributeError if there is none."""
    first, *rest = name.split(".")
    item: Any = np if first == "numpy" else importlib.import_module("ntb")
    for part in rest if first == "numpy" else (first, *rest):
        item = getattr(item, part)
    return item


def formula(name: str) -> str:
    """The first sentence of the docstring."""
    text = " ".join((resolved(name).__doc__ or "").split("\n\n")[0].split())
    text = re.split(r"(?<=[^.])\.(?: |$)", text)[0]
    return re.sub(r" ?\([^()]*\b(?:19|20)\d\d\)", "", text).rstrip(":,")


def source(name: str) -> str:
    """The papers or books that the docstring names, in parentheses with a year."""
    text = " ".join((resolved(name).__doc__ or "").split())
    return "; ".join(dict.fromkeys(re.findall(r"\(([^()]*\b(?:19|20)\d\d)\)", text)))


def tested(name: str) -> str:
    """The file that compares its numbers with another library's, or else one of its package's tests, or else the first
    that has its name."""
    found = [path.relative_to(ROOT).as_posix() for path, words in TESTS.items() if name.split(".")[-1] in words]
    own = f"tests/{name.split('.')[0]}/"
    wanted = (
        [path for path in found if path.startswith("tests/references/") and own in ("tests/nn/", "tests/optim/")],
        [path for path in found if path.startswith(own) and "survey" not in path and "table" not in path],
        [path for path in found if "references" in path],
        [path for path in found if "survey" not in path],
    )
    return next((paths[0] for paths in wanted if paths), "")


def page() -> str:
    table = rows()
    there = sum(bool(row.names) for row in table)
    lines = [
        "# Building blocks",
        "",
        "What people look for who know PyTorch, Keras or JAX's libraries, and what ntb has of it. Written by",
        "`python scripts/make_blocks.py`; what a block computes and its source come from its docstring, which has",
        'more: `help(ntb.nn.glu)`. "Tested" is the file that compares its numbers with those of another library, or',
        "else the one that has its laws; besides, all blocks are called with every element type, size and container",
        "(`python -m tests.nn.survey`).",
        "",
        f"{there} of {len(table)} rows are there; the others have a reason.",
    ]
    for chapter in dict.fromkeys(row.chapter for row in table):
        lines += ["", f"## {chapter}", "", "| | where | what it computes | source | tested |", "|---|---|---|---|---|"]
        lines += [line(row) for row in table if row.chapter == chapter]
    return "\n".join(lines) + "\n"


def line(row: Row) -> str:
    if not row.names:
        return f"| {row.title} | – | {row.note} | | |"
    option = "=" in row.note and " " not in row.note.replace(", ", ",")
    where = ", ".join(f"`{name}`" for name in row.names) + (f"; `{row.note}`" if option else "")
    # A function tells more of what is computed than the layer that calls it.
    name = next((name for name in row.names if name.split(".")[-1].islower()), row.names[0])
    sources = "; ".join(dict.fromkeys(filter(None, map(source, row.names))))
    tests = list(filter(None, map(tested, row.names)))
    compared = next((path for path in tests if "references" in path), tests[0] if tests else "")
    cells = [row.title, where, row.note if row.note and not option else formula(name), sources, compared]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def main() -> int:
    missing = [f"{row.title}: {name}" for row in rows() for name in row.names if not is_there(name)]
    if missing:
        print("\n".join(missing))
        return 1
    PAGE.write_text(page(), encoding="utf-8")
    print(f"wrote {PAGE}")
    return 0


def is_there(name: str) -> bool:
    try:
        resolved(name)
    except AttributeError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
