"""Which operations run on foreign arrays: every row of `tests.samples`, with its gradient.

python -m tests.arrays.survey          prints the operations that do not: on Dask, and on a library with CuPy's manners
python -m tests.arrays.survey --write  puts the list of Dask into docs/scale.md
python -m tests.arrays.survey cupy     the same on CuPy, which needs a GPU; slow, as CuPy compiles each operation
"""

from __future__ import annotations

import argparse
import re
import warnings
from pathlib import Path

import dask
import dask.array as da
import numpy as np

import ntb
from ntb.dask import compute
from ntb.forms import blocks
from ntb.functions import name_of
from tests.samples import SAMPLES

from .duck import duck

_FORMS = [form.function for forms in blocks.values() for form in forms]
MET = [
    s for s in SAMPLES if s.operation in _FORMS or not getattr(s.operation, "__module__", "").startswith("ntb.tuned")
]
"""The samples without the parts of tuned forms, which arrays of other libraries never meet."""


PAGE = Path(__file__).parents[2] / "docs" / "scale.md"
BEGIN, END = "<!-- survey -->\n", "<!-- end of the survey -->"


WHY = {
    "has no form for arrays of dask": "no form by chunks",
    "shape of this array is not known": "size follows from values",
    "it looks at values": "looks at values",
    "single chunk|tall-and-skinny|along an axis": "one chunk only",
    "imension must be 2|square matrix": "one matrix only",
    "keyword|positional argument|not iterable|truth value|length-1|must match|must be equal|weights expected"
    "|out of range|requires either|instance of|has no attribute|must be of the same": "not in Dask's form",
    "all returned NotImplemented": "several results",
}
"""By what an error says, as a pattern, the reason that docs/scale.md explains."""


def reason(error):
    """Why something does not run, in few words; in its own where it is none of those that are explained."""
    said = " ".join(str(error).split())
    found = (why for pattern, why in WHY.items() if re.search(pattern, said))
    return next(found, said[:110] or type(error).__name__)


class ComputedError(Exception):
    """Something was to be computed before it was asked for."""


def refuse(*args, **kwargs):
    raise ComputedError("it looks at values, which computes them")


def chunked(array):
    return da.from_array(array, chunks=tuple(max(n // 2, 1) for n in array.shape) if array.ndim else ())


def on_gpu(array):
    import cupy

    return cupy.asarray(array)


PLACES = {"duck": duck, "cupy": on_gpu}
"""By a library that works at once, what makes its arrays."""


def value_and_gradients(sample, tensors):
    with ntb.Tape() as tape:
        for t in tensors:
            tape.watch(t)
        results = sample.call(*tensors)
        results = [y for y in (results if isinstance(results, tuple | list) else (results,)) if y.dtype.kind in "fc"]
        real = [part for y in results for part in ((np.real(y), np.imag(y)) if y.dtype.kind == "c" else (y,))]
        total = sum(np.sum(np.sin(y) + y) for y in real)
    return [*results, *tape.gradient(total, tensors, unconnected="zero")]


def outcome(sample, library):
    """None if the sample gives NumPy's numbers on arrays of the library, else the error it meets; others are raised."""
    shapes = next((s for s in reversed(sample.shapes) if all(np.prod(shape) for shape in s)), sample.shapes[-1])
    arrays = sample.arrays(np.random.default_rng(0), shapes)
    expected = value_and_gradients(sample, [ntb.tensor(a) for a in arrays])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            if library == "dask":
                with dask.config.set(scheduler=refuse):
                    found = value_and_gradients(sample, [ntb.tensor(chunked(a)) for a in arrays])
                found = compute(found, scheduler="synchronous")
            else:
                found = value_and_gradients(sample, [ntb.tensor(PLACES[library](a)) for a in arrays])
        except Exception as error:
            return error
    for one, other in zip(found, expected, strict=True):
        assert one.shape == other.shape and one.dtype == other.dtype, sample.name
        np.testing.assert_allclose(one.numpy(), other.numpy(), rtol=1e-9, atol=1e-9, err_msg=sample.name)
    return None


def seen(sample, library):
    """The outcome, with wrong numbers as an error, too."""
    try:
        return outcome(sample, library)
    except AssertionError as error:
        return AssertionError(f"other numbers than NumPy's: {error}")


def listed(errors):
    """The operations of which some sample meets an error, as a table in Markdown."""
    rows = {}
    for sample, error in errors.items():
        name = sample.operation if isinstance(sample.operation, str) else name_of(sample.operation)
        works, fails, reasons = rows.setdefault(name, ([], [], []))
        if error is None:
            works.append(sample)
        else:
            fails.append(sample.name.removeprefix(name.split(".")[-1]).removeprefix("-") or "plain")
            reasons.append(reason(error))
    lines = ["| operation | forms tested that fail | why |", "|---|---|---|"]
    for name, (works, fails, reasons) in sorted(rows.items()):
        if fails:
            lines.append(f"| `{name}` | {', '.join(fails) if works else 'all'} | {reasons[0]} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("libraries", nargs="*", default=["dask", "duck"], help="dask, duck or cupy")
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    for library in asked.libraries:
        errors = {sample: seen(sample, library) for sample in MET}
        right = sum(error is None for error in errors.values())
        wrong = sum(isinstance(error, AssertionError) for error in errors.values())
        table = listed(errors)
        print(f"{library}: {right} rows right, {len(errors) - right - wrong} raise, {wrong} wrong\n{table}")
        if asked.write and library == "dask":
            before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
            PAGE.write_text(before + BEGIN + table + END + rest.split(END)[1], encoding="utf-8")
