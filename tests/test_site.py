"""The site has all pages and all public names. `make docs` builds it; `tests/test_pages.py` runs what stands there."""

import importlib
import inspect
import re
import runpy
from pathlib import Path

import pytest

import ntb

ROOT = Path(ntb.__file__).parent.parent
DOCS = ROOT / "docs"
STRUCTURE = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
REFERENCE = runpy.run_path(str(ROOT / "scripts" / "reference_pages.py"))


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
