"""Write docs/errors.md: mistakes that beginners make, and what ntb answers.

    python scripts/make_errors.py

The mistakes are those of the tests, in `tests/errors`, which make them and read the errors.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "errors.md"


def page() -> str:
    """The text of docs/errors.md."""
    from tests.errors import MISTAKES, all_mistakes, answer, introduction

    rows = list(all_mistakes())
    lines = [
        f"""# Errors and what to do about them

{len(rows)} mistakes, and what ntb answers: search the page for words of the message that you met. Below each message
stand the parts of it that say what was met, what was expected, and the repair, where that is not the same. Errors of
ntb are `ntb.NtbError`, and also the built-in error that NumPy's users expect: an `InputError` is a `ValueError`. What
NumPy itself complains about has its text, and below that the operation, the arguments, and what can be done.

The code begins with `import numpy as np`, `import ntb`, and `from ntb import nn, optim`; chapters say what else.
`python scripts/make_errors.py` writes this page; a test makes each of the mistakes.
""",
        *[f"- [{introduction(chapter)[0]}](#{anchor(introduction(chapter)[0])})" for chapter in MISTAKES],
    ]
    before = None
    for chapter, row in rows:
        if chapter != before:
            before, (title, rest) = chapter, introduction(chapter)
            lines += ["", f"## {title}", *(["", rest] if rest else [])]
        found = answer(row.function)
        lines += [
            "",
            f"### {row.title}",
            "",
            *block(row.code),
            "",
            "```text",
            f"{found.kind.__name__}: {found.text}",
            "```",
        ]
        said = (("met", row.met), ("expected", row.expected), ("repair", row.repair))
        lines += ["", "; ".join(f"{name}: *{escaped(part)}*" for name, part in said if part)]
    return "\n".join(line.rstrip() for line in "\n".join(lines).split("\n")) + "\n"


def block(code: str) -> list[str]:
    """The code of a mistake; the arguments of the command line as a command."""
    command = re.sub(r'command\("(.*)"\)', r"$ python -m ntb \1", code)
    if command == code:
        return ["```python", code, "```"]
    command = re.sub(r'Path\("(.*?)"\)\.write_text\(.*\)', r"$ touch \1", command)
    command = re.sub(r'Path\("(.*?)"\)\.mkdir\(.*\)', r"$ mkdir -p \1", command)
    return ["```console", command, "```"]


def escaped(text: str) -> str:
    return re.sub(r"([\\`*_<>\[\]])", r"\\\1", " ".join(text.split()))


def anchor(title: str) -> str:
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def main() -> int:
    PAGE.write_text(page(), encoding="utf-8")
    print(f"wrote {PAGE.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
