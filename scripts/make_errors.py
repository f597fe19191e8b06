"""Write what ntb answers to mistakes: to those of the tests, in tests/errors/*.txt, and to those of docs/mistakes.md.

    python scripts/make_errors.py

Both are written by hand; an answer in them that is missing, or no longer the true one, is replaced.
"""

from __future__ import annotations

import doctest
import re
import sys
import textwrap
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "mistakes.md"
FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
"""How the examples of the page are compared."""


def chapter(path: Path) -> str:
    """The text of a chapter of mistakes with the true errors, in which the same pieces are marked."""
    from tests.errors import answer, in_a_line, parts

    top, rows = parts(path)
    for i, row in enumerate(rows):
        error = answer(row).error
        if in_a_line(error) == in_a_line(re.sub("[«»]", "", row.error)):
            continue
        for piece in row.pieces:
            error = re.sub(r"\s+".join(map(re.escape, piece.split())), r"«\g<0>»", error, count=1)
        lines = [textwrap.fill(x, 120, break_long_words=False, break_on_hyphens=False) for x in error.split("\n")]
        rows[i] = row._replace(error="\n".join(lines))
    return "\n".join([top, *[row.as_text() for row in rows]])


class _Examples(doctest.DocTestRunner):
    """Runs the examples of the page, and keeps those that answer otherwise, with what they answer."""

    def __init__(self) -> None:
        super().__init__(optionflags=FLAGS)
        self.changed: list[tuple[doctest.Example, str]] = []

    def report_failure(self, out: Any, test: doctest.DocTest, example: doctest.Example, got: str) -> None:
        _, traced, message = got.rpartition("\n  File ")
        if traced:
            message = "\n".join(line for line in message.split("\n")[1:] if not line.startswith(" "))
            got = "\n".join(["Traceback (most recent call last):", *textwrap.wrap(message, 116)])
        self.changed.append((example, got))

    def report_unexpected_exception(self, out: Any, test: doctest.DocTest, example: doctest.Example, info: Any) -> None:
        self.report_failure(out, test, example, f"\n  File \n{info[0].__module__}.{info[0].__name__}: {info[1]}")


def page(text: str) -> str:
    """The text of docs/mistakes.md with the true answers."""
    runner = _Examples()
    runner.run(doctest.DocTestParser().get_doctest(text, {}, PAGE.name, str(PAGE), 0))
    lines = text.split("\n")
    for example, got in reversed(runner.changed):
        start = example.lineno + example.source.count("\n")
        old = example.want.count("\n")
        lines[start : start + old] = textwrap.indent(got.rstrip(), " " * example.indent).split("\n") if got else []
    return "\n".join(lines)


def main() -> int:
    from tests.errors import CHAPTERS

    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    for path in CHAPTERS:
        path.write_text(chapter(path), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
