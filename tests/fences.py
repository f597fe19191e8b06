"""Pages whose examples stand between fences, ```python, and what they print below, ```text."""

import contextlib
import io
import re


def fences(text):
    """The kinds and texts of what stands between fences."""
    return re.findall(r"^```(\w+)\n(.*?)^```$", text, re.M | re.S)


_DECIMAL = re.compile(r"\b\d+\.\d+\b")


def run(text, folder, apart=0.0, space=None):
    """Run the examples of a page, one after the other; returns how many outputs were compared.

    Decimal numbers may lie apart by this share: the last digits of what was trained depend on the machine. `space` is a
    dict that is given the examples' names.
    """
    # As files, so that the tracer finds the names in their source.
    space, printed, compared = {} if space is None else space, None, 0
    space["__name__"] = "page"
    for i, (kind, code) in enumerate(fences(text)):
        if kind == "python":
            file = folder / f"example_{i}.py"
            file.write_text(code, encoding="utf-8")
            out = io.StringIO()
            with contextlib.redirect_stdout(out):
                exec(compile(code, str(file), "exec"), space)
            printed = out.getvalue()
        elif kind == "text" and printed is not None:
            assert apart or printed.strip() == code.strip()
            numbers, said = ([float(n) for n in _DECIMAL.findall(output)] for output in (printed, code))
            assert _DECIMAL.sub("0.0", printed).strip() == _DECIMAL.sub("0.0", code).strip()
            assert all(abs(a - b) <= apart * abs(b) for a, b in zip(numbers, said)), f"{printed}\ninstead of\n{code}"
            printed, compared = None, compared + 1
    return compared
