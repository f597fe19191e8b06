"""What a program is saved as: a module that runs without ntb, and a picture of the graph."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ..errors import InputError
from ..functions import name_of
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
    lines = [f'digraph "{code.name}" {{', "  node [shape=box, fontname=sans];"]
    for name, ref in [*code.inputs, *((code.names.get(ref, "variable"), ref) for ref in code.variables.values())]:
        lines.append(f'  v{ref} [label="{name}\\n{code.specs[ref]}", shape=ellipse];')
    made_by: dict[Ref, int] = {}
    for i, instruction in enumerate(code.instructions):
        label = name_of(instruction.function).removeprefix("np.")
        named = [code.names[ref] for ref in instruction.writes() if ref in code.names]
        lines.append(f'  i{i} [label="{label}' + (f"\\n{', '.join(named)}" if named else "") + '"];')
        for ref in dict.fromkeys(instruction.reads()):
            if ref in made_by:
                lines.append(f'  i{made_by[ref]} -> i{i} [label="{code.specs[ref]}"];')
            elif ref not in code.constants:
                lines.append(f"  v{ref} -> i{i};")
        made_by.update(dict.fromkeys(instruction.writes(), i))
    return "\n".join([*lines, "}"]) + "\n"
