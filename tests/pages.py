"""Pages of documentation: their programs are run, one after the other, and print what the page says."""

import contextlib
import io
import re

FENCES = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)
_DECIMAL = re.compile(r"\b\d+\.\d+\b")


def outputs(text, folder):
    """Run the programs of a page in one namespace. A block of text after a program is what it prints.

    Returns:
        For each such block what was printed, and what the page says.
    """
    space, printed, found = {"__name__": "page"}, None, []
    for i, (kind, block) in enumerate(FENCES.findall(text)):
        if kind == "python":
            file = folder / f"program_{i}.py"  # a file, so that the tracer finds the names in its source
            file.write_text(block, encoding="utf-8")
            out = io.StringIO()
            with contextlib.redirect_stdout(out):
                exec(compile(block, str(file), "exec"), space)
            printed = out.getvalue()
        elif kind == "text" and printed is not None:
            found.append((printed.strip(), block.strip()))
            printed = None
    return found


def says_the_same(printed, said):
    """Whether two texts are equal but for the last digits of decimal numbers, which depend on the machine."""
    numbers, expected = ([float(n) for n in _DECIMAL.findall(text)] for text in (printed, said))
    near = len(numbers) == len(expected) and all(abs(a - b) <= 0.03 * abs(b) for a, b in zip(numbers, expected))
    return near and _DECIMAL.sub("", printed) == _DECIMAL.sub("", said)
