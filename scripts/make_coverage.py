"""Write docs/coverage.md: every public function of numpy, numpy.linalg and numpy.fft, and what ntb does with it.

    python scripts/make_coverage.py

A function has derivatives (the samples of the tests tell how far they are tested), or no gradient by nature, or is
refused with a reason. The functions are found by looking into NumPy, so that one that it gains is missed by a test.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "coverage.md"
MODULES = (("np", np), ("np.linalg", np.linalg), ("np.fft", np.fft))

DIFFERENTIABLE, FLAT, REFUSED = "differentiable", "without gradient", "refused"

APART: dict[str, str] = {
    "tells something of NumPy itself, or sets it": """get_include get_printoptions getbufsize geterr geterrcall info
        printoptions set_printoptions setbufsize seterr seterrcall show_config show_runtime test""",
    "is about dtypes, shapes, memory or Python objects": """broadcast_shapes can_cast common_type einsum_path
        iscomplexobj isdtype isfortran isrealobj isscalar issubdtype iterable may_share_memory min_scalar_type
        mintypecode ndim promote_types result_type shape shares_memory size typename""",
    "reads or writes files, text or buffers": """array2string array_repr array_str base_repr binary_repr
        format_float_positional format_float_scientific frombuffer fromfile fromregex fromstring genfromtxt load loadtxt
        save savetxt savez savez_compressed""",
    "is about dates": "busday_count busday_offset datetime_as_string datetime_data is_busday isnat",
    "makes an array of plain numbers, in which no tensor takes part": """arange bartlett blackman diag_indices empty eye
        fftfreq fromfunction fromiter hamming hanning identity indices kaiser mask_indices ones rfftfreq tri
        tril_indices triu_indices zeros""",
    "answers with True or False, or with places": """allclose array_equal array_equiv diag_indices_from in1d
        tril_indices_from triu_indices_from""",
    "makes iterators or functions": "frompyfunc nested_iters",
}
"""Functions that never see a tensor, or only ask about it, by why they have no gradient."""

CHANGING = "copyto fill_diagonal place put put_along_axis putmask"
CONVERTING = "asarray_chkfinite asmatrix bmat from_dlpack"
OTHER_NAMES = {"row_stack": np.vstack}


class Row(NamedTuple):
    """What ntb does with a function: its state, and the orders that are tested, or the reason."""

    name: str
    state: str
    note: str


def rows() -> Iterator[Row]:
    """A row for each public function, in the order of their names; one without a state is left for `missing`."""
    tested = orders()
    for prefix, module in MODULES:
        for name, function in functions(module):
            state, note = classify(name, function, tested)
            yield Row(f"{prefix}.{name}", state, note)


def functions(module: Any) -> Iterator[tuple[str, Callable[..., Any]]]:
    """The public functions of a module; classes are not among them."""
    for name in sorted(dir(module), key=str.lower):
        found = getattr(module, name)
        if not name.startswith("_") and callable(found) and not isinstance(found, type):
            yield name, found


def orders() -> dict[Any, int]:
    """For each function the highest order of derivatives that the samples of the tests check against numerical ones."""
    from tests.samples import SAMPLES

    found: dict[Any, int] = {}
    for sample in SAMPLES:
        found[sample.operation] = max(sample.order, found.get(sample.operation, 0))
    return found


def classify(name: str, function: Any, tested: dict[Any, int]) -> tuple[str, str]:
    """The state of a function and a note on it; two empty strings for one that nobody has thought of."""
    from ntb.tape.rules import definitions, table

    for reason, names in APART.items():
        if name in names.split():
            return FLAT, reason
    if name in CHANGING.split():
        return REFUSED, "changes an array in place, which no tape can follow; write `t.at[index].set(x)`"
    if name in CONVERTING.split():
        return REFUSED, "makes a NumPy array, which would cut the gradient of a tensor that a tape tracks"
    if name == "trapz":
        return REFUSED, "is NumPy's old name of `np.trapezoid`"
    function = OTHER_NAMES.get(name, function)
    operation = table.get(function)
    if operation is not None and operation.refusal:
        return REFUSED, operation.refusal
    if operation is not None and operation.traits.constant and not operation.derivative.rules:
        return FLAT, "its values are whole numbers, truths or constants between jumps"
    if function in tested and (function in definitions or (operation is not None and operation.derivative.rules)):
        return DIFFERENTIABLE, f"order {tested[function]}"
    return "", ""


def missing() -> list[str]:
    """The functions of which nothing is known."""
    return [row.name for row in rows() if not row.state]


def page() -> str:
    """The text of docs/coverage.md."""
    found = list(rows())
    count = {state: sum(row.state == state for row in found) for state in (DIFFERENTIABLE, FLAT, REFUSED)}
    version = ".".join(np.__version__.split(".")[:2])
    lines = [
        f"""# What ntb differentiates of NumPy

All {len(found)} public functions of `numpy`, `numpy.linalg` and `numpy.fft` in NumPy {version}:
{count[DIFFERENTIABLE]} have derivatives, {count[FLAT]} have no gradient by nature, and {count[REFUSED]} are refused,
with the reason in the error.

"Order 2" says that the first and the second derivative are tested against numerical ones, for each form of the
arguments that has a row in `tests/samples`. `python scripts/make_coverage.py` writes this page; a test fails when NumPy
has a function that is not in it."""
    ]
    for state, title in (
        (DIFFERENTIABLE, "Differentiable"),
        (FLAT, "Without gradient by nature"),
        (REFUSED, "Refused"),
    ):
        chosen = [row for row in found if row.state == state]
        lines += [
            "",
            f"## {title}",
            "",
            f"| function | {'tested' if state == DIFFERENTIABLE else 'why'} |",
            "|---|---|",
        ]
        for note in dict.fromkeys(row.note for row in sorted(chosen, key=lambda row: row.note, reverse=True)):
            names = ", ".join(f"`{row.name}`" for row in chosen if row.note == note)
            lines.append(f"| {names} | {note} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    unknown = missing()
    if unknown:
        print(f"nothing is known of {', '.join(unknown)}", file=sys.stderr)
        return 1
    PAGE.write_text(page(), encoding="utf-8")
    print(f"wrote {PAGE.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
