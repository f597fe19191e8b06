"""Pages whose examples run: fences, ```python with what they print below, ```text, and sessions, `>>>`.

- Where an error is shown, "InputError: …", the example above must raise it.
- A block with a title, ```python title="train.py", is a file.
- In a block ```console stand commands, each behind `$ `, and what they print.
- A block that cannot run everywhere says above it what it takes, in a comment that no reader sees: <!-- needs torch -->
"""

import contextlib
import doctest
import io
import re
import subprocess
import textwrap
from typing import NamedTuple

_FENCE = re.compile(
    r'^(?: *<!-- needs (?P<needs>.+?) -->\n+)?(?P<indent> *)```(?P<kind>\w*)(?: title="(?P<title>[^"]+)")?[^\n]*\n'
    r"(?P<text>.*?)^(?P=indent)```$",
    re.M | re.S,
)
_DECIMAL = re.compile(r"\b\d+\.\d+\b")
_ERROR = re.compile(r"(\w+Error): ")
_FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


class Block(NamedTuple):
    """A part of a page: what stands in a fence, whose kind is its first word, or examples that follow each other."""

    line: int
    kind: str
    text: str
    needs: str = ""
    title: str = ""
    examples: tuple = ()


def blocks(page):
    """The parts of a page, in order. What is indented, as in notes, stands at the margin."""
    found = []
    for match in _FENCE.finditer(page):
        line, text = page.count("\n", 0, match.start()), textwrap.dedent(match["text"])
        found.append(Block(line, match["kind"], text, match["needs"] or "", match["title"] or ""))
    found = [block for block in found if not block.text.startswith(">>>")]
    for example in doctest.DocTestParser().get_examples(_without_fences(page)):
        found.append(Block(example.lineno, "session", example.source, examples=(example,)))
    together = []
    for block in sorted(found):
        last = together[-1] if together else block
        if block.kind == last.kind == "session" and together:
            together[-1] = last._replace(text=last.text + block.text, examples=last.examples + block.examples)
        else:
            together.append(block)
    return together


def _without_fences(page):
    """The page with empty lines in the place of fences, of those around sessions too."""
    blank = lambda match: match[0] if match["text"].lstrip().startswith(">>>") else "\n" * match[0].count("\n")
    return re.sub(r"^ *```.*$", "", _FENCE.sub(blank, page), flags=re.M)


def fences(text):
    """The kinds and texts of what stands between fences, without files."""
    return [(m["kind"], textwrap.dedent(m["text"])) for m in _FENCE.finditer(text) if not m["title"]]


def run(text, folder, apart=0.0, space=None, shell=None, having=()):
    """Run the examples of a page, one after the other; returns how many outputs were compared.

    Args:
        text: the page.
        folder: for the examples' files, in which the tracer finds their source.
        apart: by what share decimal numbers may differ: the last digits of what was trained depend on the machine. If
            they may, lines may be broken elsewhere, too.
        space: a dict that is given the examples' names.
        shell: a function that runs a command and returns what it prints; without it commands are left out.
        having: what blocks may need. One that needs something else is compiled only.
    """
    space, compared = {} if space is None else space, 0
    space["__name__"] = "page"
    found = blocks(text)
    for i, block in enumerate(found):
        after = found[i + 1] if i + 1 < len(found) else block
        if block.title:
            (folder / block.title).write_text(block.text, encoding="utf-8")
        elif block.kind == "session":
            compared += _run_session(block.examples, space)
        elif block.kind == "python":
            file = folder / f"example_{len(space)}_{i}.py"
            file.write_text(block.text, encoding="utf-8")
            program = compile(block.text, str(file), "exec")
            if block.needs and block.needs not in having:
                continue
            error = after.kind == "text" and _ERROR.match(after.text)
            printed = _printed(program, space, error[1] if error else None)
            printed = re.sub(re.escape(str(folder / "example_")) + r"\w+\.py", "page.py", printed)
            if after.kind == "text":
                compare(printed, after.text, apart, anywhere=bool(apart or error))
                compared += 1
            else:
                assert not printed, f"the page does not show what is printed:\n{block.text}\n{printed}"
        elif block.kind == "console" and shell:
            for command, said in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block.text, re.M):
                printed = shell(command)
                if said:
                    compare(printed, said, apart)
                    compared += 1
    return compared


def compare(printed, said, apart=0.0, anywhere=False):
    """Raise AssertionError unless a program printed what a page says; a line `...` in the end stands for any others.

    `anywhere` lets lines be broken anywhere.
    """
    printed, said = printed.strip(), said.strip()
    if said.endswith("\n..."):
        said = said.removesuffix("\n...")
        printed = "\n".join(printed.splitlines()[: len(said.splitlines())])
    if anywhere:
        printed, said = " ".join(printed.split()), " ".join(said.split())
    assert apart or printed == said, f"{printed}\ninstead of\n{said}"
    numbers, expected = ([float(n) for n in _DECIMAL.findall(output)] for output in (printed, said))
    assert _DECIMAL.sub("0.0", printed) == _DECIMAL.sub("0.0", said), f"{printed}\ninstead of\n{said}"
    assert all(abs(a - b) <= apart * abs(b) for a, b in zip(numbers, expected)), f"{printed}\ninstead of\n{said}"


def _printed(program, space, error):
    """What a program prints, or the error of this name that it raises."""
    out = io.StringIO()
    try:
        with contextlib.redirect_stdout(out):
            exec(program, space)
    except Exception as raised:
        if type(raised).__name__ != error:
            raise
        return f"{error}: {raised}"
    assert error is None, f"there is no {error}"
    return out.getvalue()


def _run_session(examples, space):
    """Run examples of a session; returns how many show a result."""
    test = doctest.DocTest(list(examples), {}, "page", None, 0, None)
    test.globs = space
    runner = doctest.DocTestRunner(verbose=False, optionflags=_FLAGS)
    out = io.StringIO()
    runner.run(test, out=out.write, clear_globs=False)
    assert not runner.failures, out.getvalue()
    return sum(bool(example.want) for example in examples)


def shell(command):
    """What a command prints; an error is what it prints to stderr."""
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True)
    assert not done.stderr, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout
