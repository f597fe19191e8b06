"""From a program's code to a graph: each instruction by its translation."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import InputError, describe
from ..replay.code import Code, Instruction, Ref, called
from ..tree import leaves, tree_map
from . import blocks, elementwise, images, indexing, products, recurrent, reductions, shaping
from .file import proto_of
from .graph import Graph, Value
from .table import Untranslated, translate

_GIVEN = (blocks, elementwise, images, indexing, products, recurrent, reductions, shaping)
"""Imported for the translations that they enter."""

_NTB = Path(__file__).parent.parent
_INSTEAD = (
    "compute it outside of what is exported, or in functions that have one (docs/onnx.md); program.save_source writes "
    "any program, as a module of NumPy"
)


def model_of(code: Code, shapes: Mapping[Ref, Any] | None = None, names: Mapping[Any, str] | None = None) -> Any:
    """The code as an ONNX model.

    Args:
        code: of a program without assignments, draws and decisions.
        shapes: the shapes of values in a file for batches of any size, as `Value` has them.
        names: paths of Variables in a model, by which they are called if they have no name of their own.

    Raises:
        InputError: the code has what ONNX has not.
    """
    return _Writer(code, shapes or {}, names or {}).model()


class _Writer:
    """Writes one code into a graph.

    Attributes:
        values: by Ref, what stands for it: a Value, a number of Python, or what the translations of others ignore.
    """

    def __init__(self, code: Code, shapes: Mapping[Ref, Any], names: Mapping[Any, str]) -> None:
        self.code = code
        self.shapes = shapes
        self.graph = Graph(code.name)
        self.values: dict[Ref, Any] = {}
        self._check()
        try:
            self._begin(names)
        except Untranslated as error:
            raise InputError(f"{code.name} cannot be an ONNX file: {error}") from None
        for instruction in code.instructions:
            self._translate(instruction)

    def model(self) -> Any:
        """The graph with the outputs, under the names that the program has for them."""
        outputs = []
        for x in leaves(self.code.outputs):
            if type(x) is not Ref and not isinstance(x, int | float):
                raise InputError(f"an ONNX file gives arrays and numbers, and no {describe(x)}; leave it out")
            name = self.code.names.get(x, "output") if type(x) is Ref else "output"
            outputs.append((name, self.graph.value(self._read(x))))
        return proto_of(self.graph, outputs)

    def _check(self) -> None:
        """That the code computes its outputs from its inputs, and does nothing else."""
        code = self.code
        if code.assignments:
            names = ", ".join(code.names.get(ref, "a variable") for ref in code.assignments.values())
            raise InputError(
                f"an ONNX file changes nothing, and {code.name} assigns to {names}; export the forward pass alone, "
                "of a model without train=True"
            )
        for i in code.instructions:
            if i.effect == "draw":
                raise InputError(
                    f"numbers are drawn{_place(i)}, and an ONNX file is to give the same in every run; export a model "
                    "without train=True, or draw outside and feed the numbers"
                )
            if i.effect == "guard":
                raise InputError(
                    f"a decision of Python depends on the data{_place(i)}, and an ONNX file can go one way only; "
                    "np.where chooses between two values"
                )

    def _shape(self, ref: Ref) -> Any:
        return self.shapes.get(ref, self.code.specs[ref].shape or ())

    def _begin(self, names: Mapping[Any, str]) -> None:
        """Enter inputs, Variables and constants. A number of Python stays one, and leaves the types of arrays alone."""
        code, graph, values = self.code, self.graph, self.values
        for name, ref in code.inputs:
            values[ref] = graph.input(name, code.specs[ref].dtype or np.dtype(float), self._shape(ref))
            if code.specs[ref].dtype is None:
                values[ref].dtype = float
        for variable, ref in code.variables.items():
            path = names.get(variable, variable.path or "")
            own = variable.name if variable.name != variable.path else path if "." in path else code.names[ref]
            values[ref] = graph.initializer(variable.value, own)
        for ref, x in code.constants.items():
            number = type(x) in (int, float)
            values[ref] = x if number else graph.constant(x, code.names.get(ref, "constant"))

    def _read(self, tree: Any) -> Any:
        """The arguments of a call, with what stands for the values."""
        return tree_map(lambda x: self.values[x] if type(x) is Ref else x, tree)

    def _translate(self, i: Instruction) -> None:
        self.graph.source = f"{called(i.function)}{_place(i)}"
        args, kwargs = self._read(i.args), self._read(i.kwargs)
        try:
            self._keep(i.result, translate(self.graph, i.function, args, kwargs), i.function, args)
        except Untranslated as error:
            reason = f" {error}" if str(error) else ""
            raise InputError(
                f"{called(i.function)}{_place(i)} has no translation to ONNX{reason}; {_INSTEAD}"
            ) from None

    def _keep(self, result: Any, found: Any, function: Any, args: tuple) -> None:
        """Give a result what stands for it, with what is known of it: type, shape, name."""
        if type(result) is not Ref:
            for part, x in zip(result, found):
                self._keep(part, x, function, args)
            return
        if isinstance(found, Value):
            spec = self.code.specs[result]
            if spec.dtype is None:
                found.dtype = float if np.dtype(found.dtype).kind == "f" else int
            else:
                found = self.graph.value(found, spec.dtype)
            found.shape = self._shape(result)
            if found.node is not None:
                found.name = self.code.names.get(result, found.name)
            self.graph.made(found, function, args)
        self.values[result] = found


def _place(i: Instruction) -> str:
    """The line of the user's program that an instruction comes from, if there is one: a model may be of ntb alone."""
    file = Path(i.line[0]) if i.line else _NTB
    return "" if file.is_relative_to(_NTB) else f" at {file.name}:{i.line[1]}"
