"""Pages whose examples stand between fences, ```python, and what they print below, ```text."""

import contextlib
import io
import re


def fences(text):
    """The kinds and texts of what stands between fences."""
    return re.findall(r"^```(\w+)\n(.*?)^```$", text, re.M | re.S)


_DECIMAL = re.compile(r"\b\d+\.\d+\b")
_ERROR = re.compile(r"(\w+Error): ")


def run(text, folder, apart=0.0, space=None):
    """Run the examples of a page, one after the other; returns how many outputs were compared.

    Where an error is said to come, "InputError: …", the example must raise it. With `apart` decimal numbers may differ
    by this share, as the last digits of what was trained depend on the machine, and lines may be broken elsewhere.
    `space` is a dict that is given the examples' names.
    """
    # As files, so that the tracer finds the names in their source.
    space, printed, compared = {} if space is None else space, None, 0
    space["__name__"] = "page"
    blocks = fences(text)
    for i, (kind, code) in enumerate(blocks):
        if kind == "python":
            file = folder / f"example_{i}.py"
            file.write_text(code, encoding="utf-8")
            error = _ERROR.match(blocks[i + 1][1] if i + 1 < len(blocks) else "")
            printed = _printed(compile(code, str(file), "exec"), space, error and error[1])
            printed = re.sub(re.escape(str(folder / "example_")) + r"\d+\.py", "page.py", printed)
        elif kind == "text" and printed is not None:
            if apart:
                printed, code = " ".join(printed.split()), " ".join(code.split())
            numbers, said = ([float(n) for n in _DECIMAL.findall(output)] for output in (printed, code))
            assert _DECIMAL.sub("0.0", printed).strip() == _DECIMAL.sub("0.0", code).strip()
            assert all(abs(a - b) <= apart * abs(b) for a, b in zip(numbers, said)), f"{printed}\ninstead of\n{code}"
            printed, compared = None, compared + 1
    return compared


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
