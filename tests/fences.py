"""Pages whose examples stand between fences, ```python, and what they print below, ```text.

A block with a title, ```python title="train.py", is a file; in a block ```console stand commands, each behind `$ `, and
what they print.
"""

import contextlib
import io
import re
import subprocess


def fences(text):
    """The kinds and texts of what stands between fences."""
    return [(kind, code) for kind, title, code in _blocks(text) if not title]


def _blocks(text):
    return re.findall(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```$', text, re.M | re.S)


_DECIMAL = re.compile(r"\b\d+\.\d+\b")
_ERROR = re.compile(r"(\w+Error): ")


def run(text, folder, apart=0.0, space=None, shell=None):
    """Run the examples of a page, one after the other; returns how many outputs were compared.

    Where an error is said to come, "InputError: …", the example must raise it. With `apart` decimal numbers may differ
    by this share, as the last digits of what was trained depend on the machine, and lines may be broken elsewhere.
    `space` is a dict that is given the examples' names. `shell` is a function that runs a command and returns what it
    prints; without it commands are left out.
    """
    # As files, so that the tracer finds the names in their source.
    space, printed, compared = {} if space is None else space, None, 0
    space["__name__"] = "page"
    blocks = _blocks(text)
    for i, (kind, title, code) in enumerate(blocks):
        if title:
            (folder / title).write_text(code, encoding="utf-8")
        elif kind == "python":
            file = folder / f"example_{i}.py"
            file.write_text(code, encoding="utf-8")
            error = _ERROR.match(blocks[i + 1][2] if i + 1 < len(blocks) else "")
            printed = _printed(compile(code, str(file), "exec"), space, error and error[1])
            printed = re.sub(re.escape(str(folder / "example_")) + r"\d+\.py", "page.py", printed)
        elif kind == "text" and printed is not None:
            _compare(printed, code, apart)
            printed, compared = None, compared + 1
        elif kind == "console" and shell:
            for command, said in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", code, re.M):
                answer = shell(command)
                if said:
                    _compare(answer, said, apart)
                    compared += 1
    return compared


def _compare(printed, said, apart):
    """Raise AssertionError unless a program printed what a page says; a line `...` in the end stands for any others."""
    printed, said = printed.strip(), said.strip()
    if said.endswith("\n..."):
        said = said.removesuffix("\n...")
        printed = "\n".join(printed.splitlines()[: len(said.splitlines())])
    if apart:
        printed, said = " ".join(printed.split()), " ".join(said.split())
    numbers, expected = ([float(n) for n in _DECIMAL.findall(output)] for output in (printed, said))
    assert _DECIMAL.sub("0.0", printed) == _DECIMAL.sub("0.0", said)
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


def shell(command):
    """What a command prints; an error is what it prints to stderr."""
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True)
    assert not done.stderr, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout
