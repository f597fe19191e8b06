"""What a program is saved as: a module that runs without ntb, and a picture of the graph."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import InputError
from ..functions import name_of
from ..markup.graph import Box, shown_numbers, shown_shape
from .code import Code, Ref
from .source import Source


def save_module(code: Code, path: Any) -> None:
    """Write the module, and beside it an .npz with big constants and the variables' present values."""
    path = Path(path)
    source = Source(code)
    text = str(source)
    for value in source.constants.values():
        if not isinstance(value, np.ndarray):
            raise InputError(
                f"the program calls {value!r}, which a module without ntb cannot contain; "
                "compute with NumPy functions, or with a primitive, whose source is printed"
            )
    arrays = {f"constant_{name}": value for name, value in source.constants.items()}
    arrays.update((f"variable_{name}", variable.value) for name, variable in source.variables.items())
    tail = []
    if arrays:
        archive = path.with_suffix(".npz")
        np.savez(archive, **arrays)
        tail += ["", f"with np.load(Path(__file__).with_name({archive.name!r})) as _file:", "    _arrays = dict(_file)"]
        tail += [f'{name} = _arrays["constant_{name}"]' for name in source.constants]
        tail += ["variables = {" + ", ".join(f'"{n}": _arrays["variable_{n}"]' for n in source.variables) + "}"]
        text = text.replace("import numpy as np\n", "from pathlib import Path\n\nimport numpy as np\n", 1)
    for name, generator in source.generators.items():
        tail += ["", f"{name} = np.random.Generator(np.random.PCG64())"]
        tail += [f"{name}.bit_generator.state = {generator.numpy.bit_generator.state!r}"]
    path.write_text(text + "\n".join(tail) + ("\n" if tail else ""), encoding="utf-8")


def dot_of(code: Code) -> str:
    """The program as a DOT graph: boxes are calls, arrows are values with their shapes."""
    boxes: list[tuple[list[str], bool, list[tuple[int, str]]]] = []
    arrow: dict[Ref, tuple[int, str]] = {}  # for each value where it comes from, and its shape
    for name, ref in [*code.inputs, *((code.names.get(ref, "variable"), ref) for ref in code.variables.values())]:
        arrow[ref] = len(boxes), ""
        boxes.append(([name, str(code.specs[ref])], True, []))
    for instruction in code.instructions:
        arrows = [arrow[ref] for ref in dict.fromkeys(instruction.reads()) if ref in arrow]
        arrow.update({ref: (len(boxes), str(code.specs[ref])) for ref in instruction.writes()})
        named = [code.names[ref] for ref in instruction.writes() if ref in code.names]
        lines = [name_of(instruction.function).removeprefix("np."), *([", ".join(named)] if named else [])]
        boxes.append((lines, False, arrows))
    return dot(boxes, f'"{code.name}" ')


def dot(boxes: Iterable[tuple[list[str], bool, list[tuple[int, str]]]], name: str = "") -> str:
    """A graph in the DOT language.

    Args:
        boxes: for each its lines of text, whether it is an input, and the arrows that lead to it: from the how manieth
            box, and what stands beside it.

    >>> print(dot([(["x", "(3,)"], True, []), (["exp"], False, [(0, "")])]), end="")
    digraph {
      node [shape=box, fontname=sans];
      n0 [label="x\\n(3,)", shape=ellipse];
      n1 [label="exp"];
      n0 -> n1;
    }
    """
    lines = [f"digraph {name}{{", "  node [shape=box, fontname=sans];"]
    for number, (texts, is_input, arrows) in enumerate(boxes):
        text = "\\n".join(texts)
        lines.append(f'  n{number} [label="{text}"' + (", shape=ellipse];" if is_input else "];"))
        lines += [f"  n{start} -> n{number}" + (f' [label="{label}"];' if label else ";") for start, label in arrows]
    return "\n".join([*lines, "}"]) + "\n"


def boxes_of(code: Code) -> list[Box]:
    """The program as boxes and arrows: for each call its function, the numbers among its arguments, its name and shape.
    What goes in and is not used is left out."""
    used = {ref for instruction in code.instructions for ref in instruction.reads()}
    variables = [(code.names.get(ref, "variable"), ref) for ref in code.variables.values()]
    given = [(name, ref) for name, ref in [*code.inputs, *variables] if ref in used]
    made = {ref: i for i, (_, ref) in enumerate(given)}
    boxes = [Box([name, *shown_shape(code.specs[ref].shape)], "input") for name, ref in given]
    leaving = set(code.results())
    for instruction in code.instructions:
        written = list(instruction.writes())
        title = instruction.args[1] if instruction.effect == "draw" else name_of(instruction.function)
        lines = [" ".join([title.removeprefix("np."), *shown_numbers(instruction.args)])]
        names = [code.names[ref] for ref in written if ref in code.names]
        if detail := [*names[:1], *(shown_shape(code.specs[written[0]].shape) if written else [])]:
            lines.append(" ".join(detail))
        inputs = [made[ref] for ref in dict.fromkeys(instruction.reads()) if ref in made]
        made.update(dict.fromkeys(written, len(boxes)))
        boxes.append(Box(lines, instruction.section, inputs, bool(leaving.intersection(written))))
    return boxes
