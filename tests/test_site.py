"""The site: the programs of its first pages print what the pages say; it has all pages and all public names.

`make docs` builds it, and finds links that lead nowhere.
"""

import importlib
import inspect
import re
import runpy
from pathlib import Path

import pytest

import ntb
from tests.pages import outputs, says_the_same

ROOT = Path(ntb.__file__).parent.parent
DOCS = ROOT / "docs"
STRUCTURE = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
REFERENCE = runpy.run_path(str(ROOT / "scripts" / "reference_pages.py"))


@pytest.mark.parametrize("page", ["index.md", "start/install.md", "start/first_model.md"])
def test_a_page_prints_what_it_says(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    found = outputs((DOCS / page).read_text(encoding="utf-8"), tmp_path)
    assert found
    for printed, said in found:
        assert says_the_same(printed, said), f"{printed}\n\ninstead of\n\n{said}"


def test_a_page_that_says_something_else_is_found(tmp_path):
    ((printed, said),) = outputs("```python\nprint('a', 0.51)\n```\n\n```text\na 0.52\n```\n", tmp_path)
    assert says_the_same(printed, said)
    assert not says_the_same(printed, "a 0.62") and not says_the_same(printed, "b 0.51")
    assert not says_the_same("1 of 2", "1 of 3")


def test_every_page_stands_in_the_navigation():
    made = {f"reference/{page}.md" for page in REFERENCE["PAGES"]}
    listed = re.findall(r"([\w/]+\.md)$", STRUCTURE, re.M)
    assert sorted(listed) == sorted({*made, *(path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md"))})


def test_every_public_name_stands_in_the_reference():
    for package in REFERENCE["PAGES"].values():
        module, page = importlib.import_module(package), REFERENCE["page_of"](package)
        for name in getattr(module, "__all__", ()):
            full, value = f"{package}.{name}", getattr(module, name)
            other_names = package == "ntb.compat" and inspect.ismodule(value)
            inside = inspect.ismodule(value) and f"heading: {full}." in page
            assert f"heading: {full}\n" in page or f"- [`{full}`](" in page or inside or other_names, full
