"""Every page of docs/, and the README: what stands there runs and prints what is shown; commands and links exist.

The pages are found in their folder, so that a new one is tested too. How blocks run is told in `tests/fences.py`.
"""

import importlib.util
import re
import runpy
import shlex
import sys
from functools import cache
from pathlib import Path

import pytest

import ntb
from ntb import compat
from ntb.__main__ import parser
from ntb.demos import DEMOS
from ntb.demos.demo import UserError
from tests.fences import blocks, run, shell

ROOT = Path(ntb.__file__).parent.parent
PAGES = sorted(path.relative_to(ROOT).as_posix() for path in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
DOCUMENTS = [*PAGES, "CONTRIBUTING.md", "CHANGELOG.md"]
MADE = runpy.run_path(str(ROOT / "scripts" / "reference_pages.py"))["PAGES"]
"""The pages of the reference, which are made when the site is built."""

CHAPTERS = ("numbers", "arrays", "broadcasting", "tape", "higher_orders", "tracing", "engine")
COURSE = [f"docs/learn/{chapter}.md" for chapter in CHAPTERS]
"""Pages that go on from each other."""

EXACT = ("docs/learn/", "docs/coming/", "docs/explanations/")
"""Where decimal numbers are the same on all machines; elsewhere what was trained may be 3 % apart."""

OPTIONAL = {"ntb.sklearn": "sklearn", "ntb.onnx": "onnx", "ntb.vis": "matplotlib", "optim.minimize": "scipy"}
"""What of ntb takes a library that may be missing."""


@cache
def text_of(document):
    return (ROOT / document).read_text(encoding="utf-8")


@cache
def prose_of(document):
    """A document without what stands in fences."""
    return re.sub(r"^ *```.*?^ *```$", "", text_of(document), flags=re.M | re.S)


def missing(text):
    """The libraries that the examples of a page take, and that are not installed."""
    code = "\n".join(b.text for b in blocks(text) if b.kind in ("python", "session") and not b.needs)
    imported = set(re.findall(r"^(?:from|import) (\w+)", code, re.M))
    written = set(re.findall(r'"(\w+)\.py"', code))  # modules that the page makes
    taken = imported - written | {library for name, library in OPTIONAL.items() if name in code}
    return sorted(library for library in taken if importlib.util.find_spec(library) is None)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder in which files and modules are made, and which is left without a trace."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    before = dict(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - set(before):
        if str(getattr(sys.modules[name], "__file__", None)).startswith(str(tmp_path)):
            del sys.modules[name]


IN_A_SHELL = [page for page in PAGES if any(block.title for block in blocks(text_of(page)))]
"""Pages with files that commands run: the newcomer's path, which has a test of its own."""


@pytest.mark.uncounted
@pytest.mark.parametrize("page", [COURSE[0], *[page for page in PAGES if page not in COURSE + IN_A_SHELL]])
def test_a_page_prints_what_it_says(page, folder):
    text = "\n".join(map(text_of, COURSE)) if page in COURSE else text_of(page)
    if lacking := missing(text):
        pytest.skip(f"the page takes {', '.join(lacking)}, not installed here")
    run(text, folder, apart=0.0 if page.startswith(EXACT) else 0.03)


@pytest.mark.parametrize("page", PAGES)
def test_no_example_stands_outside_of_fences(page):
    """Code that is only indented is no block that runs, unless it is a session."""
    for part in re.findall(r"(?:^ {4}.*\n)+", prose_of(page), re.M):
        assert ">>>" in part or not re.search(r"^ {4}(import |from \w+ import|with |def |print\()", part, re.M), part


@pytest.mark.parametrize("page", [page for page in PAGES if page.startswith("docs/coming/")])
def test_programs_side_by_side_print_the_same(page):
    """Those of other libraries run by `make coming`."""
    printed = [block.text for block in blocks(text_of(page)) if block.kind == "text"]
    assert len(set(printed)) == 1 and (len(printed) == 2 or page == "docs/coming/index.md")


@pytest.mark.parametrize("page", [page for page in PAGES if page.startswith("docs/coming/")])
def test_names_in_the_tables_exist(page):
    rooms = {"ntb": [ntb, compat], "nn": [ntb.nn], "optim": [ntb.optim], "data": [ntb.data], "training": [ntb.training]}
    for answer in re.findall(r"^\| .* \| (.*) \|$", text_of(page), re.M):
        for room, name in re.findall(r"\b(ntb|nn|optim|data|training)\.(?!compat)(\w+)", answer):
            assert any(hasattr(each, name) for each in rooms[room]), (room, name)


def test_only_the_newcomers_path_has_files():
    assert all(page.startswith("docs/start/") for page in IN_A_SHELL)


def test_all_demos_and_notebooks_are_listed():
    text = text_of("docs/start/demos.md")
    assert re.findall(r"^\| `(\w+)` \|", text, re.M) == list(DEMOS)
    notebooks = {path.name for path in ROOT.glob("notebooks/*.ipynb")}
    assert set(re.findall(r"^\| `(\w+\.ipynb)` \|", text, re.M)) == notebooks


def test_the_readme_is_two_screens():
    assert text_of("README.md").count("\n") <= 120


# --- that a page which is wrong is found


@pytest.mark.parametrize("said", ["a 0.62", "b 0.51", "a 0.51 0.51", "a 1"])
def test_another_result_is_found(said, tmp_path):
    page = "```python\nprint('a', 0.51)\n```\n\n```text\n{}\n```\n"
    assert run(page.format("a 0.52"), tmp_path, apart=0.03) == 1
    with pytest.raises(AssertionError):
        run(page.format(said), tmp_path, apart=0.03)


@pytest.mark.parametrize(
    "page",
    [
        "```python\nprint(1)\n```\n", "```python\nx = 1\n```\n\n```text\n1\n```\n", ">>> 1 + 1\n3\n",
        "??? note\n    ```python\n    print(1)\n    ```\n", "```pycon\n>>> 1 + 1\n3\n```\n",
        "<!-- needs torch -->\n\n```python\nx = = 1\n```\n",
        "```python\nint('x')\n```\n", "```python\nint('x')\n```\n\n```text\nValueError: no\n```\n",
        "```python\nint('1')\n```\n\n```text\nValueError: invalid literal\n```\n",
    ],
)  # fmt: skip
def test_a_wrong_block_is_found(page, tmp_path):
    with pytest.raises((AssertionError, SyntaxError, ValueError)):
        run(page, tmp_path)


def test_errors_files_and_commands(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    page = "```python\nint('x')\n```\n\n```text\nValueError: invalid literal for int() with\nbase 10: 'x'\n```\n"
    assert run(page, tmp_path) == 1
    page = '```python title="a.txt"\none\ntwo\n```\n\n```console\n$ cat a.txt\n{}\n...\n$ rm a.txt\n```\n'
    assert run(page.format("one"), tmp_path, shell=shell) == 1 and not Path("a.txt").exists()
    with pytest.raises(AssertionError):
        run(page.format("two"), tmp_path, shell=shell)


def test_sessions_and_fences_share_names_in_the_order_of_the_page(tmp_path):
    page = ">>> x = 1\n\n```python\nx += 1\n```\n\n    >>> x\n    2\n\n```pycon\n>>> x + 1\n3\n```\n"
    space = {}
    assert run(page, tmp_path, space=space) == 2 and space["x"] == 2


def test_a_block_that_needs_something_runs_where_it_is(tmp_path):
    page = "<!-- needs torch -->\n\n```python\nprint(1)\n```\n\n```text\n2\n```\n"
    assert run(page, tmp_path) == 0
    with pytest.raises(AssertionError):
        run(page, tmp_path, having=["torch"])


# --- commands


TARGETS = set(re.findall(r"^([\w-]+):", text_of("Makefile"), re.M))
OURS = ("ntb", "benchmarks", "reliability", "scripts", "tests", "examples")


def commands(document):
    """The commands that a document names, in blocks and in the text."""
    for block in blocks(text_of(document)):
        if block.kind == "console":
            yield from re.findall(r"^(?:\$ )?(\S*(?:make|python) .*)", block.text, re.M)
    yield from re.findall(r"^ {4}((?:make|python) .*)", prose_of(document), re.M)
    yield from re.findall(r"`((?:make|python)\s[^`]+)`", prose_of(document))


def exists(command):
    """Whether a target of the Makefile, a module or a program of ours is there; of `python -m ntb` with its options."""
    program, *words = shlex.split(command, comments=True)
    if program == "make":
        return TARGETS.issuperset(word for word in words if "=" not in word)
    if words[0] == "-m" and words[1] == "ntb":
        try:
            return parser().parse_args(words[2:]) is not None
        except UserError:
            return False
    if words[0] == "-m":
        return words[1].split(".")[0] not in OURS or importlib.util.find_spec(words[1]) is not None
    return words[0].split("/")[0] not in OURS or (ROOT / words[0]).exists()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_commands_exist(document):
    for command in commands(document):
        assert exists(command), command


@pytest.mark.parametrize("command", ["make nonsense", "python -m ntb nonsense", "python -m ntb demo mnist --nonsense",
                                     "python scripts/nonsense.py", "python -m reliability.nonsense"])  # fmt: skip
def test_a_command_that_does_not_exist_is_found(command):
    assert not exists(command)


# --- paths and links


@pytest.mark.parametrize("document", DOCUMENTS)
def test_files_that_are_named_exist(document):
    for path in re.findall(rf"`((?:docs|notebooks|{'|'.join(OURS)})/[\w./-]*)`", text_of(document)):
        assert (ROOT / path).exists(), path


def test_pages_that_the_source_names_exist():
    for path in [*ROOT.glob("ntb/**/*.py"), *ROOT.glob("tests/**/*.py"), *ROOT.glob("scripts/*.py")]:
        for page in re.findall(r"\bdocs/[\w/]+\.md\b", path.read_text(encoding="utf-8")):
            assert (ROOT / page).exists(), (path, page)


def anchors(page):
    """The anchors of a page's headings, as GitHub and as the site make them."""
    for heading in re.findall(r"^#+ (.*)$", prose_of(page), re.M):
        words = re.sub(r"[^\w\- ]", "", re.sub(r"\]\([^)]*\)", "", heading).lower())
        yield words.replace(" ", "-")
        yield re.sub(r"[-\s]+", "-", words)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_somewhere(document):
    for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`\n]*`", "", prose_of(document))):
        if target.startswith("https://"):
            continue
        path, _, anchor = target.partition("#")
        there = ((ROOT / document).parent / path).resolve() if path else ROOT / document
        made = there.parent.name == "reference" and there.stem in MADE and document != "README.md"
        assert made or there.exists(), target
        if anchor and not made:
            assert anchor in set(anchors(there.relative_to(ROOT).as_posix())), target
