"""Run the programs of other libraries on the pages of docs/coming, beside ours: all print what their page says.

python scripts/run_peers.py               all pages
python scripts/run_peers.py pytorch jax   these
"""

from __future__ import annotations

import importlib.util
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.fences import blocks, run

PAGES = Path(__file__).parents[1] / "docs" / "coming"


def main(names: list[str]) -> int:
    failed = False
    for page in sorted(PAGES.glob("*.md")):
        text = page.read_text(encoding="utf-8")
        needed = {block.needs for block in blocks(text)} - {""}
        if not needed or (names and page.stem not in names):
            continue
        lacking = [library for library in needed if importlib.util.find_spec(library) is None]
        if lacking:
            print(f"{page.stem}: {', '.join(lacking)} is not installed")
            continue
        with tempfile.TemporaryDirectory() as folder:
            try:
                outputs = run(text, Path(folder), having=needed)
                print(f"{page.stem}: {outputs} programs print what the page says")
            except AssertionError as error:
                failed = True
                print(f"{page.stem}: {error}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
