"""Put the results of `make bench-all` and `make bench-growth` (out/bench) into docs/performance.md.

python scripts/write_performance.py
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))  # the benchmarks are no part of the package

from benchmarks import goals, report  # noqa: E402

FOLDER, DOCS = ROOT / "out" / "bench", ROOT / "docs"
BEGIN, END = "## Results\n", "## Goals explained\n"


def section(results: dict) -> str:
    """The page of results as a section of docs/performance.md."""
    text = report.markdown(results, goals.evaluate(results))
    _, machine, _, rest = text.split("\n\n", 3)
    rest = rest.replace("## Time of a step\n\n", "", 1)
    rest = rest.replace("\n## Goals\n", "\n![the same as a picture](benchmarks.png)\n\n### Goals\n", 1)
    rest = rest.replace("\n## First call and memory\n", "\n### First call and memory\n", 1)
    return f"{BEGIN}\nOf `make bench-all`. {machine}\n\n{narrow(rest)}\n\n"


def narrow(table: str) -> str:
    """A table without the spaces that align its columns."""
    return re.sub(r" {2,}", " ", re.sub(r"\|-+(?=\|)", "|---", table)).strip()


def main() -> None:
    page = DOCS / "performance.md"
    text = page.read_text(encoding="utf-8")
    found = section(json.loads((FOLDER / "results.json").read_text(encoding="utf-8")))
    text = text[: text.index(BEGIN)] + found + text[text.index(END) :]
    growth = narrow((FOLDER / "growth.md").read_text(encoding="utf-8"))
    text = re.sub(r"^\| what grows .*?(?=\n\n)", lambda _: growth, text, flags=re.M | re.S)
    page.write_text(text, encoding="utf-8")
    for source, target in (("results", "benchmarks"), ("growth", "growth")):
        shutil.copy(FOLDER / f"{source}.png", DOCS / f"{target}.png")


if __name__ == "__main__":
    main()
