"""Pages whose examples run: fences, ```python with what they print below, ```text, and sessions, `>>>`.

A block that cannot run everywhere says above it what it takes, in a comment that no reader sees:

    <!-- needs torch -->
"""

import contextlib
import doctest
import io
import re
import textwrap
from typing import NamedTuple

_FENCE = re.compile(r"^(?: *<!-- needs (.+?) -->\n+)?( *)```(\w*)[^\n]*\n(.*?)^\2```$", re.M | re.S)
_DECIMAL = re.compile(r"\b\d+\.\d+\b")
_FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


class Block(NamedTuple):
    """A part of a page: what stands in a fence, whose kind is its first word, or examples that follow each other."""

    line: int
    kind: str
    text: str
    needs: str = ""
    examples: tuple = ()


def blocks(page):
    """The parts of a page, in order. What is indented, as in notes, stands at the margin."""
    line = lambda match: page.count("\n", 0, match.start())
    found = [Block(line(m), m[3], textwrap.dedent(m[4]), m[1] or "") for m in _FENCE.finditer(page)]
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
    blank = lambda match: match[0] if match[4].lstrip().startswith(">>>") else "\n" * match[0].count("\n")
    return re.sub(r"^ *```.*$", "", _FENCE.sub(blank, page), flags=re.M)


def fences(text):
    """The kinds and texts of what stands between fences."""
    return [(m[3], textwrap.dedent(m[4])) for m in _FENCE.finditer(text)]


def run(text, folder, apart=0.0, space=None, having=()):
    """Run the examples of a page, one after the other; returns how many outputs were compared.

    Args:
        text: the page.
        folder: for the examples' files, in which the tracer finds their source.
        apart: by what share decimal numbers may differ: the last digits of what was trained depend on the machine.
        space: a dict that is given the examples' names.
        having: what blocks may need. One that needs something else is compiled only.
    """
    space, compared = {} if space is None else space, 0
    space["__name__"] = "page"
    found = blocks(text)
    for i, block in enumerate(found):
        if block.kind == "session":
            compared += _run_session(block.examples, space)
        elif block.kind == "python":
            file = folder / f"example_{len(space)}_{i}.py"
            file.write_text(block.text, encoding="utf-8")
            code = compile(block.text, str(file), "exec")
            if block.needs and block.needs not in having:
                continue
            out = io.StringIO()
            with contextlib.redirect_stdout(out):
                exec(code, space)
            printed, after = out.getvalue(), found[i + 1] if i + 1 < len(found) else None
            if after is not None and after.kind == "text":
                _compare(printed, after.text, apart)
                compared += 1
            else:
                assert not printed, f"the page does not show what is printed:\n{block.text}\n{printed}"
    return compared


def _compare(printed, said, apart):
    assert apart or printed.strip() == said.strip(), f"{printed}\ninstead of\n{said}"
    ours, theirs = ([float(n) for n in _DECIMAL.findall(output)] for output in (printed, said))
    assert _DECIMAL.sub("0.0", printed).strip() == _DECIMAL.sub("0.0", said).strip(), f"{printed}\ninstead of\n{said}"
    assert all(abs(a - b) <= apart * abs(b) for a, b in zip(ours, theirs)), f"{printed}\ninstead of\n{said}"


def _run_session(examples, space):
    """Run examples of a session; returns how many show a result."""
    test = doctest.DocTest(list(examples), {}, "page", None, 0, None)
    test.globs = space
    runner = doctest.DocTestRunner(verbose=False, optionflags=_FLAGS)
    out = io.StringIO()
    runner.run(test, out=out.write, clear_globs=False)
    assert not runner.failures, out.getvalue()
    return sum(bool(example.want) for example in examples)
