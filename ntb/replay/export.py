"""What a program is saved as, a module that runs without ntb; and the boxes of which its pictures are made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ..errors import InputError
from ..functions import name_of
from ..markup.graph import Box, shown_numbers, shown_shape
from .code import Code
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


def boxes_of(code: Code) -> list[Box]:
    """The program as boxes and arrows: for each call its function, the numbers among its arguments, its name and shape.
    What goes in and is not used is left out."""
    used = {ref for instruction in code.instructions for ref in instruction.reads()}
    variables = [(code.names.get(ref, "variable"), ref) for ref in code.variables.values()]
    given = [(name, ref) for name, ref in [*code.inputs, *variables] if ref in used]
    made = {ref: i for i, (_, ref) in enumerate(given)}
    boxes = [
        Box([name, *shown_shape(code.specs[ref].shape)], "input", value=str(code.specs[ref])) for name, ref in given
    ]
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
        value = ", ".join(str(code.specs[ref]) for ref in written)
        boxes.append(Box(lines, instruction.section, inputs, bool(leaving.intersection(written)), value=value))
    return boxes
