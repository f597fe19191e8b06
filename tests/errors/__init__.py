"""Every mistake that a beginner can make, made on purpose, and what ntb answers.

A chapter is a text file. At its top stands what its mistakes need, such as imports; then each has its title, its code
and the error. In the error two pieces or three are marked: what was met, what was expected, and the repair.

    = a target that is not a scalar
        with ntb.Tape() as tape:
            x = tape.watch(np.ones((2, 3)))
            y = x * x
        tape.gradient(y, x)
    InputError: the target «has shape (2, 3)»; «a gradient is of a scalar»: «take its sum or mean», or pass seed= ...

For a new one write title and code, run `python scripts/make_errors.py`, which adds the error, and mark the pieces; none
where the words are the operating system's. Where a message of ntb was changed, the same program changes the error here.

Each `raise` in ntb is reached by a mistake, or has its reason in `unreached.py`. A new `raise` needs one of the two.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import os
import re
import tempfile
import textwrap
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import ntb

PACKAGE = Path(ntb.__file__).parent
CHAPTERS = sorted(Path(__file__).parent.glob("*.txt"))

Place = tuple[str, int]


class Mistake(NamedTuple):
    """A program that raises, and what its error says."""

    chapter: Path
    title: str
    code: str
    error: str

    @property
    def kind(self) -> str:
        """The name of the error's class."""
        return self.error.partition(":")[0]

    @property
    def pieces(self) -> list[str]:
        return [in_a_line(piece) for piece in re.findall("«(.*?)»", self.error, re.DOTALL)]

    def as_text(self) -> str:
        return f"= {self.title}\n{textwrap.indent(self.code, '    ')}\n{self.error}\n"


class Answer(NamedTuple):
    """What came of a mistake: the error's type, its text with the notes below it, and the `raise`s that it passed."""

    kind: type[BaseException]
    text: str
    raised: frozenset[Place]

    @property
    def error(self) -> str:
        return f"{self.kind.__name__}: {self.text}"


def in_a_line(text: str) -> str:
    """The text, however it is broken into lines."""
    return " ".join(text.split())


def parts(chapter: Path) -> tuple[str, list[Mistake]]:
    """What stands at the top of a chapter, and its mistakes."""
    top, *rest = chapter.read_text(encoding="utf-8").split("\n= ")
    rows = []
    for row in rest:
        found = re.fullmatch(r"([^\n]*)\n((?:(?: {4}[^\n]*)?\n)+)(.*)", row + "\n", re.DOTALL)
        assert found, f"{chapter.name}: below the title stands the code, indented by four spaces: {row[:100]}"
        title, code, error = found.groups()
        rows.append(Mistake(chapter, title, textwrap.dedent(code).rstrip(), error.rstrip()))
    return top, rows


def all_mistakes() -> list[Mistake]:
    return [row for chapter in CHAPTERS for row in parts(chapter)[1]]


@functools.cache
def names(chapter: Path) -> dict[str, Any]:
    """What the mistakes of a chapter speak of."""
    space: dict[str, Any] = {"__name__": __name__}
    exec(parts(chapter)[0], space)
    return space


@functools.cache
def answer(row: Mistake) -> Answer:
    """Make a mistake, in an empty folder, and catch the error."""
    before, space = os.getcwd(), dict(names(row.chapter))
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as home, warnings.catch_warnings():
        warnings.simplefilter("error")
        program = Path(home, "program.py")  # a file, in which ntb finds the names of variables
        program.write_text(f"def mistake():\n{textwrap.indent(row.code, '    ')}\n", encoding="utf-8")
        exec(compile(program.read_text(encoding="utf-8"), program, "exec"), space)
        os.chdir(folder)
        try:
            space["mistake"]()
        except BaseException as error:
            text = "\n".join([str(error), *getattr(error, "__notes__", ())])
            if isinstance(error.__cause__, ntb.NtbError) and not isinstance(error, ntb.NtbError):  # both are shown
                text = f"{text}\ndirect cause: {type(error.__cause__).__name__}: {error.__cause__}"
            return Answer(type(error), without_places(text, folder, home), frozenset(places(error)))
        finally:
            os.chdir(before)
    raise AssertionError(f"{row.title}: nothing was raised")


def without_places(text: str, folder: str, home: str) -> str:
    """The text without what differs from run to run: addresses, folders, lines of the program."""
    text = text.replace(f"{os.path.realpath(home)}{os.sep}", "").replace(f"{home}{os.sep}", "")
    text = text.replace(os.path.realpath(folder), ".").replace(folder, ".")
    text = re.sub(r"0x[0-9a-f]{4,}", "0x...", text)
    return re.sub(r"\bprogram\.py:\d+", "program.py:1", text)


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
