"""The site: the programs of its first page print what it says; it has all pages and all public names.

(The other pages of Start are followed in test_newcomer.py.)

`make docs` builds it, and finds links that lead nowhere.
"""

import importlib
import inspect
import re
import runpy
from pathlib import Path

import pytest

import ntb
from tests.fences import run

ROOT = Path(ntb.__file__).parent.parent
DOCS = ROOT / "docs"
STRUCTURE = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
REFERENCE = runpy.run_path(str(ROOT / "scripts" / "reference_pages.py"))


@pytest.mark.parametrize("page", ["index.md"])
def test_a_page_prints_what_it_says(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    assert run((DOCS / page).read_text(encoding="utf-8"), tmp_path, apart=0.03) >= 1


@pytest.mark.parametrize("said", ["a 0.62", "b 0.51", "a 0.51 0.51", "a 1"])
def test_a_page_that_says_something_else_is_found(said, tmp_path):
    page = "```python\nprint('a', 0.51)\n```\n\n```text\n{}\n```\n"
    assert run(page.format("a 0.52"), tmp_path, apart=0.03) == 1
    with pytest.raises(AssertionError):
        run(page.format(said), tmp_path, apart=0.03)


def test_every_page_stands_in_the_navigation():
    made = {f"reference/{page}.md" for page in REFERENCE["PAGES"]}
    listed = re.findall(r"([\w/]+\.md)$", STRUCTURE, re.M)
    assert sorted(listed) == sorted({*made, *(path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md"))})


def test_every_public_name_stands_in_the_reference():
    pytest.importorskip("scipy", reason="ntb.scipy has names when SciPy is there")
    pytest.importorskip("sklearn", reason="ntb.sklearn has names when scikit-learn is there")
    for package in REFERENCE["PAGES"].values():
        module, page = importlib.import_module(package), REFERENCE["page_of"](package)
        for name in getattr(module, "__all__", ()):
            full, value = f"{package}.{name}", getattr(module, name)
            other_names = package == "ntb.compat" and inspect.ismodule(value)
            inside = inspect.ismodule(value) and f"heading: {full}." in page
            assert f"heading: {full}\n" in page or f"- [`{full}`](" in page or inside or other_names, full
