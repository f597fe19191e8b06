"""Put the results of `make bench-all` and `make bench-growth` (out/bench) into docs/performance.md and its record.

python scripts/write_performance.py

Each table stands in a page between `<!-- name -->` and `<!-- /name -->`; one that was not measured stays as it is.
"""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))  # the benchmarks are no part of the package

from benchmarks import report  # noqa: E402
from benchmarks.__main__ import runs_in  # noqa: E402

FOLDER, DOCS = ROOT / "out" / "bench", ROOT / "docs"


def tables(folder: Path) -> dict[str, str]:
    """What was measured, by the name of its place."""
    found = {name: path.read_text(encoding="utf-8") for name in ("growth", "busy", "blocks")
             if (path := folder / f"{name}.md").exists()}  # fmt: skip
    runs = runs_in(folder)
    if runs:
        found |= {"expect": report.expect(runs), "results": report.markdown(runs)}
    return found


def put(page: str, tables: dict[str, str]) -> str:
    """A page with the tables that it has places for."""
    for name, text in tables.items():
        between = re.compile(rf"(?<=<!-- {name} -->\n).*?(?=\n<!-- /{name} -->)", re.S)
        page = between.sub(lambda _, text=text: narrow(text), page)
    return page


def narrow(table: str) -> str:
    """A table without the spaces that align its columns."""
    return re.sub(r" {2,}", " ", re.sub(r"\|-+(?=\|)", "|---", table)).strip()


def main() -> None:
    found = tables(FOLDER)
    for name in ("performance.md", "performance_record.md"):
        page = DOCS / name
        page.write_text(put(page.read_text(encoding="utf-8"), found), encoding="utf-8")
    for source, target in (("results", "benchmarks"), ("growth", "growth")):
        if (FOLDER / f"{source}.png").exists():
            shutil.copy(FOLDER / f"{source}.png", DOCS / f"{target}.png")
    print(f"written to docs: {', '.join(sorted(found)) or 'nothing, as out/bench is empty'}")


if __name__ == "__main__":
    main()
