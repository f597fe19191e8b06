"""Every mistake that a beginner can make, made on purpose; `snapshot.txt` has what ntb answers.

A mistake is a small function in the module of its chapter, which raises:

    @mistake(InputError, met="(2, 3)", expected="a gradient is of a scalar", repair="take its sum or mean")
    def a_target_that_is_not_a_scalar():
        with ntb.Tape() as tape:
            x = tape.watch(np.ones((2, 3)))
            y = x * x
        tape.gradient(y, x)

What was met, what was expected and the repair are pieces of the error's text, each of which must occur in it; `repair`
is left out where the expected is all that there is to write, as in 'mode is "max" or "min"', and both where the words
are the operating system's. Then run `python scripts/make_errors.py`, and read what it changed in `snapshot.txt`.

Each `raise` in ntb is reached by a mistake, or has its reason in `unreached.py`. A new `raise` needs one of the two.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import importlib
import os
import re
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import ntb

PACKAGE = Path(ntb.__file__).parent
CHAPTERS = (
    "habits", "tensors", "tapes", "numpy_functions", "transforms", "traced", "layers", "losses", "training", "data",
    "files", "graphs", "pictures", "other_libraries", "command_line",
)  # fmt: skip
"""The modules of mistakes, in the order of the snapshot."""

Place = tuple[str, int]


class Mistake(NamedTuple):
    """A function that raises, and what its error must say."""

    function: Callable[[], object]
    kind: type[BaseException]
    met: str
    expected: str | None
    repair: str | None


class Answer(NamedTuple):
    """What came of a mistake: the error's type, its text with the notes below it, and the `raise`s that it passed."""

    kind: type[BaseException]
    text: str
    raised: frozenset[Place]


MISTAKES: dict[str, list[Mistake]] = {}


def mistake(kind: type[BaseException], *, met: str, expected: str | None = None, repair: str | None = None) -> Callable:
    """Enter a function that makes a mistake."""

    def enter(function: Callable[[], object]) -> Callable[[], object]:
        rows = MISTAKES.setdefault(function.__module__.rpartition(".")[2], [])
        if function.__name__ not in [row.function.__name__ for row in rows]:  # a module may be imported twice
            rows.append(Mistake(function, kind, met, expected, repair))
        return function

    return enter


def all_mistakes() -> Iterator[tuple[str, Mistake]]:
    """All mistakes by chapter."""
    for chapter in CHAPTERS:
        importlib.import_module(f"tests.errors.{chapter}")
        for row in MISTAKES[chapter]:
            yield chapter, row


@functools.cache
def answer(function: Callable[[], object]) -> Answer:
    """Make a mistake, in an empty folder, and catch the error."""
    before = os.getcwd()
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("error")
        os.chdir(folder)
        try:
            function()
        except BaseException as error:
            text = "\n".join([str(error), *getattr(error, "__notes__", ())])
            if isinstance(error.__cause__, ntb.NtbError) and not isinstance(error, ntb.NtbError):  # both are shown
                text = f"{text}\ndirect cause: {type(error.__cause__).__name__}: {error.__cause__}"
            return Answer(type(error), without_places(text, folder), frozenset(places(error)))
        finally:
            os.chdir(before)
    raise AssertionError(f"{function.__name__} raised nothing")


def without_places(text: str, folder: str) -> str:
    """The text without what differs from run to run: addresses, the folder, the lines of these files."""
    text = text.replace(os.path.realpath(folder), ".").replace(folder, ".")
    text = re.sub(r"0x[0-9a-f]{4,}", "0x...", text)
    text = text.replace(f"{Path(__file__).parent}{os.sep}", "")
    return re.sub(rf"\b(?:{'|'.join(CHAPTERS)})\.py:\d+", "program.py:1", text)


def places(error: BaseException | None) -> Iterator[Place]:
    """Files of ntb and lines that an error, and those from which it came, passed on their way."""
    seen = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        trace = error.__traceback__
        while trace is not None:
            path = Path(trace.tb_frame.f_code.co_filename)
            if path.is_relative_to(PACKAGE):
                yield str(path.relative_to(PACKAGE)), trace.tb_lineno
            trace = trace.tb_next
        error = error.__cause__ or error.__context__


class Raise(NamedTuple):
    """A `raise` in the source of ntb: its file, the function that it stands in, its lines and its beginning."""

    file: str
    function: str
    lines: range
    text: str

    @property
    def key(self) -> str:
        return f"{self.file}:{self.function}: {self.text}"


def raises() -> Iterator[Raise]:
    """Every `raise` in ntb that names an error."""
    for path in sorted(PACKAGE.rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        stack: list[tuple[ast.AST, str]] = [(ast.parse(source), "")]
        while stack:
            node, function = stack.pop()
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                function = f"{function}.{node.name}".lstrip(".")
            if isinstance(node, ast.Raise) and node.exc is not None:
                lines = range(node.lineno, (node.end_lineno or node.lineno) + 1)
                text = " ".join(ast.unparse(node.exc).split())
                yield Raise(str(path.relative_to(PACKAGE)), function, lines, text)
            stack.extend((child, function) for child in ast.iter_child_nodes(node))


@contextlib.contextmanager
def replaced(owner: object, name: str, value: object) -> Iterator[None]:
    """A block in which an attribute is another, to make the operating system or the installation fail."""
    before = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, before)
