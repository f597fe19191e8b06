"""Pages whose examples stand between fences, ```python, and what they print below, ```text."""

import contextlib
import io
import re


def fences(text):
    """The kinds and texts of what stands between fences."""
    return re.findall(r"^```(\w+)\n(.*?)^```$", text, re.M | re.S)


def run(text, folder):
    """Run the examples of a page, one after the other; returns how many outputs were compared."""
    # As files, so that the tracer finds the names in their source.
    space, printed, compared = {"__name__": "page"}, None, 0
    for i, (kind, code) in enumerate(fences(text)):
        if kind == "python":
            file = folder / f"example_{i}.py"
            file.write_text(code, encoding="utf-8")
            out = io.StringIO()
            with contextlib.redirect_stdout(out):
                exec(compile(code, str(file), "exec"), space)
            printed = out.getvalue()
        elif kind == "text" and printed is not None:
            assert printed.strip() == code.strip()
            printed, compared = None, compared + 1
    return compared
