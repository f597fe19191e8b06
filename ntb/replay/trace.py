"""Trace: a tape that keeps everything, and the program that is made of it."""

from __future__ import annotations

import operator
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import numpy as np

from ..tape.atomic import at_once
from ..tape.conversions import guard
from ..tape.gradient import backpropagate
from ..tape.rules import Operation
from ..tape.tape import Tape
from ..tape.tensor import Tensor, map_tree, value_of
from ..tape.variable import Variable, assign, read, set_tensor
from .code import Code, Instruction, Ref, Spec, address

NTB = str(Path(__file__).parent.parent)
WALK = backpropagate.__code__
LEAVES = {Tensor, float, int, bool, str, type(None)}  # nearly all arguments, in which there is nothing to look for
LINES: dict[CodeType, Callable[[FrameType], Any]] = {}
"""Functions of ntb that compute what a line elsewhere in the user's program describes, and how that line is found."""


class Trace(Tape):
    """Records every operation on tensors, with all values: reads and assignments, draws and decisions among them.

    It also remembers the state from before, so that `roll_back` can undo what the traced run did to variables and
    generators.
    """

    keep = True

    def __init__(self, code: CodeType | None = None) -> None:
        super().__init__()
        self.code = code  # of the traced function: where the walk up the stack ends
        self.notes: list[tuple] = []
        self.current: dict[Variable, Tensor] = {}
        self.before: dict[Variable, Tensor] = {}
        self.generators: dict[Any, Any] = {}
        self.codes: set[CodeType] = {code} if code else set()  # that ran an operation, for what they mention
        self.created: list[Variable] = []
        self._constants: dict[int, tuple[Any, Tensor]] = {}

    # --- what the engine calls

    def write(self, operation: Operation, args: tuple, kwargs: dict | None, result: Any) -> None:
        self.note(operation.call, args, kwargs or {}, result)
        if operation.sized or (operation.function is operator.getitem and has_mask(args[1])):
            first = result[0] if type(result) is tuple else result
            self.note(guard, (np.shape, first), {}, first.shape, effect="guard")

    def note(self, function: Any, args: Any, kwargs: Any, result: Any, effect: str = "") -> None:
        if function is assign:
            variable = args[0]
            self.before.setdefault(variable, variable.get())
            self.current[variable] = result
        kwargs = self._freeze(kwargs) if kwargs else {}
        self.notes.append((function, self._freeze(args), kwargs, result, effect, *self._where()))

    def see(self, variable: Variable) -> None:
        present = variable.get()
        if self.current.get(variable) is not present:
            self.current[variable] = present
            self.notes.append((read, (variable,), {}, present, "", None, "forward", None))

    def create(self, variable: Variable) -> None:
        self.created.append(variable)

    def will_draw(self, generator: Any) -> None:
        if generator not in self.generators:
            self.generators[generator] = generator.remembered()

    # --- state

    def roll_back(self) -> None:
        """Undo the assignments and draws of the traced run."""
        variables = map(set_tensor, self.before, self.before.values())
        at_once(variables, map(partial.__call__, self.generators.values()))

    def own_state(self, inputs: list[tuple[str, Tensor]]) -> None:
        """Copy what variables were assigned if it is an argument's own array, which the caller may change."""
        fed = {id(tensor.value) for _, tensor in inputs}
        for variable in self.before:
            present = variable.get()
            if id(present.value) in fed:
                variable.set(Tensor(present.value.copy(order="K"), variable.token))

    # --- helpers

    def _freeze(self, x: Any) -> Any:
        """Copy the user's arrays, which may change after the trace, each once while it stays equal."""
        if type(x) in LEAVES:
            return x
        if isinstance(x, np.ndarray):
            known = self._constants.get(id(x))
            if known is None or not same_elements(known[1].value, x):
                known = self._constants[id(x)] = (x, Tensor(same_layout(x)))
            return known[1]
        if type(x) is slice:
            ends = (x.start, x.stop, x.step)
            return slice(*[int(value_of(end)) if isinstance(end, Tensor | np.ndarray) else end for end in ends])
        return map_tree(self._freeze, x)

    def _where(self) -> tuple[Any, str, Any]:
        """The line of the user's program that is running, the section, and the token whose gradient is computed."""
        frame: FrameType | None = sys._getframe(2)
        line, section, toward = None, "forward", None
        while frame is not None and frame.f_code is not self.code:
            code = frame.f_code
            self.codes.add(code)
            if code is WALK:
                section = "backward"
                toward = toward or frame.f_locals.get("token")
            elif line is None and code in LINES:
                line = LINES[code](frame)
            elif line is None and not code.co_filename.startswith(NTB):
                line = (code.co_filename, frame.f_lineno)
            frame = frame.f_back
        if frame is not None and (line is None or section == "backward"):
            line = (frame.f_code.co_filename, frame.f_lineno)
        return line, section, toward


def has_mask(index: Any) -> bool:
    """Whether an index has a mask that is computed, so that the data decide how many elements it picks."""
    return any(type(p) is Tensor and p.dtype.kind == "b" for p in (index if type(index) is tuple else (index,)))


def same_elements(x: np.ndarray, y: np.ndarray) -> bool:
    """Whether two arrays agree in every bit."""
    return x.shape == y.shape and x.dtype == y.dtype and flat_bytes(x).data == flat_bytes(y).data


def flat_bytes(x: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(x).reshape(-1).view(np.uint8)


def same_layout(x: np.ndarray) -> np.ndarray:
    """A copy with the same strides, since the order in which numbers are added up may depend on them."""
    copied = x.copy(order="K")
    if copied.strides == x.strides or not x.size:
        return copied
    low, high = np.lib.array_utils.byte_bounds(x)
    start = address(x) - low
    copied = np.ndarray(x.shape, x.dtype, np.zeros(high - low, np.uint8).data, start, x.strides)
    copied[...] = x
    return copied


class Numbering:
    """Gives each value of a trace its Ref."""

    def __init__(self, code: Code) -> None:
        self.code = code
        self.refs: dict[int, Ref] = {}
        self.values: dict[Ref, Any] = {}
        self.by_token: dict[Any, Ref] = {}
        self.owners: dict[int, Ref] = {}  # by the id of an array

    def new(self, tensor: Any) -> Ref:
        """The Ref of a value that is met for the first time."""
        ref = self.refs[id(tensor)] = Ref(len(self.values))
        value = self.values[ref] = tensor.value
        root = self.owner(value, ref)
        self.code.specs[ref] = Spec(value, root, 0 if root == ref else address(value) - address(self.values[root]))
        if tensor.token is not None:
            self.by_token.setdefault(tensor.token, ref)
        return ref

    def owner(self, value: Any, ref: Ref) -> Ref:
        """The first value that has the same memory."""
        root = ref
        while hasattr(value, "base"):
            root = self.owners.setdefault(id(value), root)
            value = value.base
        return root

    def result(self, x: Any) -> Any:
        """A call's result, with Refs in the place of tensors."""
        return self.new(x) if type(x) is Tensor else map_tree(self.result, x)

    def refer(self, x: Any) -> Any:
        """An argument, with Refs in the place of tensors; one that no call made is a constant."""
        if type(x) is not Tensor:
            return x if type(x) in LEAVES else map_tree(self.refer, x)
        ref = self.refs.get(id(x))
        if ref is None:
            ref = self.new(x)
            self.code.constants[ref] = x.value
        return ref


def build(name: str, trace: Trace, inputs: list[tuple[str, Tensor]], outputs: Any) -> tuple[Code, dict[Ref, Any]]:
    """Number the values of a trace; returns the code and the traced value of each Ref."""
    code = Code(name)
    numbering = Numbering(code)
    code.inputs = [(name, numbering.new(tensor)) for name, tensor in inputs]
    seen_backward = False
    for function, args, kwargs, result, effect, line, section, toward in trace.notes:
        if function is read:
            if id(result) not in numbering.refs:
                code.variables[args[0]] = numbering.new(result)
            continue
        if function is assign:
            code.assignments[args[0]] = numbering.refs[id(result)] = numbering.refer(args[1])
            continue
        seen_backward = seen_backward or section == "backward"
        args, kwargs = numbering.refer(args), numbering.refer(kwargs)
        code.instructions.append(
            Instruction(
                function, args, kwargs, result if effect == "guard" else numbering.result(result), effect=effect,
                line=line, section="update" if seen_backward and section == "forward" else section,
                toward=numbering.by_token.get(toward),
            )
        )  # fmt: skip
    code.outputs = numbering.refer(outputs)
    for variable, ref in code.variables.items():
        if variable.name:
            code.names[ref] = variable.name
    given = {ref for _, ref in code.inputs} | set(code.variables.values())
    held = {id(numbering.values[ref]) for ref in given}
    code.shared = {ref for ref, value in numbering.values.items() if id(value) in held or ref in code.constants}
    return code, numbering.values
