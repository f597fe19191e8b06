"""Make the notebooks of the examples: each is its script, cell by cell, executed in full.

    python scripts/make_notebooks.py            all
    python scripts/make_notebooks.py vae gpt    some

A script in `examples` is in the percent format: `# %%` begins a cell of code, `# %% [markdown]` one of text. Its
docstring becomes the first text, whose first line is the title.
"""

from __future__ import annotations

import argparse
import sys
from ast import get_docstring, parse
from pathlib import Path
from typing import Any

import jupytext

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = {path.stem: path for path in sorted((ROOT / "examples").glob("*.py"))}


def made(name: str) -> Any:
    """The notebook of an example, not yet executed."""
    text = EXAMPLES[name].read_text(encoding="utf-8")
    notebook = jupytext.reads(text, fmt="py:percent")
    introduction = notebook.cells[0]
    introduction.cell_type = "markdown"
    introduction.source = f"# {get_docstring(parse(text))}"
    del introduction["outputs"], introduction["execution_count"]
    for i, cell in enumerate(notebook.cells):
        cell.id = f"{name}-{i}"
    notebook.metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return notebook


def main() -> int:
    parser = argparse.ArgumentParser(description="Make the notebooks of the examples, executed in full.")
    parser.add_argument("names", nargs="*", help="which; all if none is named")
    names = parser.parse_args().names or list(EXAMPLES)
    if unknown := set(names) - set(EXAMPLES):
        parser.error(f"there is no example {', '.join(sorted(unknown))}; there are {', '.join(EXAMPLES)}")
    from run_notebooks import FOLDER, execute

    return max(execute(name, made(name), FOLDER) for name in names)


if __name__ == "__main__":
    sys.exit(main())
