"""Write what ntb answers to mistakes: tests/errors/snapshot.txt, and the messages that docs/mistakes.md shows.

    python scripts/make_errors.py

The mistakes are those of the tests, in `tests/errors`, which make them and read the errors. The page of those that
people make most is written by hand; an answer in it that is no longer the true one is replaced.
"""

from __future__ import annotations

import doctest
import sys
import textwrap
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SNAPSHOT = ROOT / "tests" / "errors" / "snapshot.txt"
PAGE = ROOT / "docs" / "mistakes.md"
FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
"""How the examples of the page are compared."""


def snapshot() -> str:
    """The title of each mistake and the error's text, by chapters."""
    from tests.errors import MISTAKES, all_mistakes, answer

    answers = [(chapter, row, answer(row.function)) for chapter, row in all_mistakes()]
    text = ""
    for chapter in MISTAKES:
        text += f"\n=== {chapter}\n"
        for _, row, found in (x for x in answers if x[0] == chapter):
            text += f"\n{row.function.__name__}\n{textwrap.indent(f'{found.kind.__name__}: {found.text}', '    ')}\n"
    return "\n".join(line.rstrip() for line in text.lstrip().split("\n"))


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
    SNAPSHOT.write_text(snapshot(), encoding="utf-8")
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    print(f"wrote {SNAPSHOT.relative_to(ROOT)} and {PAGE.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
