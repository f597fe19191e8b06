"""Trace: the listener that keeps everything, and the code that is built from it."""

from __future__ import annotations

import sys
import weakref
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import numpy as np

from ..atomic import set_tensor, uninterrupted
from ..errors import describe
from ..tape.listener import Listener, pulling
from ..tape.tensor import Tensor, value_of
from ..tree import BRANCHES, children, rebuild, tree_map
from ..variable import Variable
from . import simple
from .code import Code, Instruction, Pull, Ref, Spec, address
from .layers import LayerNames, called_parts

_NTB = str(Path(__file__).parent.parent)
_SIMPLE = {Tensor, float, int, bool, str, type(None)}  # nearly all arguments; there is nothing to copy in them


class Transaction(Listener):
    """Keeps what a run does to variables and generators, so that `roll_back` can undo it.

    Attributes:
        before: what the variables held that were assigned; generators: how to put each back that drew.
        created: the variables that were made.
        inputs: what was fed, by name; outputs: what was returned, when the run is over.
    """

    def __init__(self, code: CodeType | None = None) -> None:
        self.code = code  # of the function that runs: where a walk up the stack ends
        self.described_by: Any = None  # the line that describes what is computed now, if it is not the line that runs
        self.before: dict[Variable, Tensor] = {}
        self.generators: dict[Any, Any] = {}
        self.created: list[Variable] = []
        self.inputs: list[tuple[str, Tensor]] = []
        self.outputs: Any = None

    def create(self, variable: Variable) -> None:
        self.created.append(variable)

    def assign(self, variable: Variable, value: Any, new: Any) -> None:
        self.before.setdefault(variable, variable.get())

    def draw(self, generator: Any) -> None:
        if generator not in self.generators:
            self.generators[generator] = generator.remembered()

    def roll_back(self) -> None:
        """Undo the assignments and draws of the run."""
        variables = map(set_tensor, self.before, self.before.values())
        uninterrupted(variables, again=self.generators.values())

    def own_state(self, inputs: list[tuple[str, Tensor]]) -> None:
        """If a variable was assigned an argument's own array, copy it, as the caller may change it."""
        fed = {id(tensor.value) for _, tensor in inputs}
        for variable in self.before:
            present = variable.get()
            if id(present.value) in fed:
                variable.set(Tensor(present.value.copy(order="K"), variable.id))

    def running_line(self, section: str) -> Any:
        """File and number of the line of the user's program that is running; in the backward walk, who began it."""
        frame: FrameType | None = sys._getframe(1)
        line = self.described_by
        while frame is not None and frame.f_code is not self.code:
            if line is None and not frame.f_code.co_filename.startswith(_NTB):
                line = (frame.f_code.co_filename, frame.f_lineno)
            frame = frame.f_back
        if frame is not None and (line is None or section == "backward"):
            line = (frame.f_code.co_filename, frame.f_lineno)
        return line


class Trace(Transaction, simple.Trace):
    """Keeps every operation on tensors with all values, and every read, assignment, draw and decision.

    Beside what the simple one keeps, `notes` has the line of the user's program that made a call, its section, the
    derivative that it is a part of, and the parts of a model that were being called.
    """

    def __init__(self, code: CodeType | None = None) -> None:
        simple.Trace.__init__(self)
        Transaction.__init__(self, code)
        self.around = pulling.get()  # the derivative that the traced run is a part of, if any
        self.named: dict[int, tuple[Tensor, str]] = {}  # by `id()`, with the local variable it was first seen in
        self.current: dict[Variable, Tensor] = {}
        self.watcher: Any = None  # what Python tells of each call, while this runs
        self._constants: dict[int, tuple[Any, Tensor]] = {}
        self._settings = np.geterr()

    # --- what the engine calls

    def note(self, function: Any, args: Any, kwargs: Any, result: Any, effect: str = "") -> None:
        watched = self.watcher is not None and sys.getprofile() is self.watcher
        if watched:
            sys.setprofile(None)  # what goes on here is no part of the function, and takes half of the time of a trace
        try:
            self._note(function, args, kwargs, result, effect)
        finally:
            if watched:
                sys.setprofile(self.watcher)

    def _note(self, function: Any, args: Any, kwargs: Any, result: Any, effect: str) -> None:
        kwargs = self._freeze(kwargs) if kwargs else {}
        self._look_for_names()
        settings = np.geterr()
        if settings != self._settings and not effect:  # the function has a block `with np.errstate(...)`
            function, args = under_errstate, (settings, function, *args)
        self.notes.append((function, self._freeze(args), kwargs, result, effect, *self._where()))

    def read(self, variable: Variable) -> None:
        present = variable.get()
        if self.current.get(variable) is not present:
            self.current[variable] = present
            self.notes.append((simple.read, (variable,), {}, present, "", None, "forward", None, ()))

    def assign(self, variable: Variable, value: Any, new: Any) -> None:
        super().assign(variable, value, new)
        self.current[variable] = new
        self.note(simple.assign, (variable, value), {}, new)

    def changed_arrays(self) -> Callable[[], list[str]]:
        """A function that names the user's arrays among the constants whose elements have changed since."""
        seen = [(weakref.ref(x), _digest(x)) for x, _ in self._constants.values() if x.flags.writeable]
        return lambda: [describe(x) for seen_x, digest in seen if (x := seen_x()) is not None and _digest(x) != digest]

    # --- helpers

    def _freeze(self, x: Any) -> Any:
        """Copy the user's arrays, which may change after the trace. An array is copied again only if it has changed."""
        if type(x) in _SIMPLE:
            return x
        if isinstance(x, np.ndarray):
            known = self._constants.get(id(x))
            if known is None or not _same_elements(known[1].value, x):
                known = self._constants[id(x)] = (x, Tensor(_same_layout(x)))
            return known[1]
        if type(x) is slice:
            ends = (x.start, x.stop, x.step)
            return slice(*[int(value_of(end)) if isinstance(end, Tensor | np.ndarray) else end for end in ends])
        return rebuild(x, [self._freeze(part) for _, part in children(x)]) if isinstance(x, BRANCHES) else x

    def _look_for_names(self) -> None:
        """Look at the local variables of the user's functions that run now, for names of what was computed before.

        Of a value that one function gave to another, the name in the outer one counts.
        """
        frame: FrameType | None = sys._getframe(3)
        frames = []
        while frame is not None and frame.f_code is not self.code:
            if not frame.f_code.co_filename.startswith(_NTB):
                frames.append(frame)
            frame = frame.f_back
        if frame is None:  # an object is traced that is no function; those below are not its own
            return
        for user in (frame, *reversed(frames)):
            for name, x in tuple(user.f_locals.items()):
                if type(x) is Tensor and name[0] not in "_.":
                    self.named.setdefault(id(x), (x, name))

    def _where(self) -> tuple[Any, str, Any, Sequence[Any]]:
        """The line of the user's program that is running, the section, the derivative that is computed, if any, and
        the parts of a model that are being called."""
        pulled = pulling.get()
        if pulled is None or pulled is self.around:
            return self.running_line("forward"), "forward", None, called_parts(sys._getframe(1), self.code)
        return self.running_line("backward"), "backward", pulled, ()


def under_errstate(settings: dict[str, Any], function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call a function with NumPy's floating-point errors handled as they were when it was traced."""
    with np.errstate(**settings):
        return function(*args, **kwargs)


def _same_elements(x: np.ndarray, y: np.ndarray) -> bool:
    """Whether two arrays agree in every bit."""
    return x.shape == y.shape and x.dtype == y.dtype and _flat_bytes(x).data == _flat_bytes(y).data


def _flat_bytes(x: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(x).reshape(-1).view(np.uint8)


def _digest(x: np.ndarray) -> int:
    return zlib.crc32(_flat_bytes(x).data)


def _same_layout(x: np.ndarray) -> np.ndarray:
    """A copy with the same strides, since the order in which numbers are added up may depend on them."""
    copied = x.copy(order="K")
    if copied.strides == x.strides or not x.size:
        return copied
    low, high = np.lib.array_utils.byte_bounds(x)
    start = address(x) - low
    copied = np.ndarray(x.shape, x.dtype, np.zeros(high - low, np.uint8).data, start, x.strides)
    copied[...] = x
    return copied


class _Numbering:
    """Gives each value of a trace its Ref."""

    def __init__(self, code: Code) -> None:
        self.code = code
        self.refs: dict[int, Ref] = {}
        self.values: dict[Ref, Any] = {}
        self.by_id: dict[Any, Ref] = {}
        self.owners: dict[int, Ref] = {}  # by the `id()` of an array

    def new(self, tensor: Any) -> Ref:
        """The Ref of a value that is met for the first time."""
        ref = self.refs[id(tensor)] = Ref(len(self.values))
        value = self.values[ref] = tensor.value
        root = self.owner(value, ref)
        self.code.specs[ref] = Spec(value, root, 0 if root == ref else address(value) - address(self.values[root]))
        if tensor.id is not None:
            self.by_id.setdefault(tensor.id, ref)
        return ref

    def owner(self, value: Any, ref: Ref) -> Ref:
        """The first value that has the same memory."""
        root = ref
        while hasattr(value, "base"):
            root = self.owners.setdefault(id(value), root)
            value = value.base
        return root

    def result(self, x: Any) -> Any:
        """A call's result, with Refs instead of tensors."""
        if type(x) is Tensor:
            return self.new(x)
        return tree_map(self.result, x) if isinstance(x, BRANCHES) else x

    def pull(self, pulled: tuple | None) -> dict[str, Any]:
        """What an instruction is told of the derivative that it is a part of: (operation, position, id of the result,
        id of the argument)."""
        if pulled is None:
            return {}
        operation, position, result, argument = pulled
        ids = result if type(result) is tuple else (result,)
        results = tuple([self.by_id[x] for x in ids if x in self.by_id])
        return {"toward": self.by_id.get(argument), "pulls": (Pull(operation, position, results),)}

    def refer(self, x: Any) -> Any:
        """An argument, with Refs instead of tensors; a tensor that no call made is a constant."""
        if type(x) is not Tensor:
            return rebuild(x, [self.refer(part) for _, part in children(x)]) if isinstance(x, BRANCHES) else x
        ref = self.refs.get(id(x))
        if ref is None:
            ref = self.new(x)
            self.code.constants[ref] = x.value
        return ref


def build(name: str, trace: Trace, inputs: list[tuple[str, Tensor]], outputs: Any) -> tuple[Code, dict[Ref, Any]]:
    """Number the values of a trace; returns the code and the traced value of each Ref."""
    code = Code(name)
    numbering, layers = _Numbering(code), LayerNames()
    code.inputs = [(name, numbering.new(tensor)) for name, tensor in inputs]
    seen_backward = False
    for function, args, kwargs, result, effect, line, section, pulled, parts in trace.notes:
        if function is simple.read:
            if id(result) not in numbering.refs:
                code.variables[args[0]] = numbering.new(result)
            continue
        if function is simple.assign:
            code.assignments[args[0]] = numbering.refs[id(result)] = numbering.refer(args[1])
            continue
        seen_backward = seen_backward or section == "backward"
        args, kwargs = numbering.refer(args), numbering.refer(kwargs)
        code.instructions.append(
            Instruction(
                function, args, kwargs, result if effect == "guard" else numbering.result(result), effect=effect,
                line=line, section="update" if seen_backward and section == "forward" else section,
                layer=layers.of(parts), **numbering.pull(pulled),
            )
        )  # fmt: skip
    code.outputs = numbering.refer(outputs)
    code.names = {ref: name for x, name in trace.named.values() if (ref := numbering.refs.get(id(x))) is not None}
    for variable, ref in code.variables.items():
        if variable.name:
            code.names[ref] = variable.name
    given = {ref for _, ref in code.inputs} | set(code.variables.values())
    held = {id(numbering.values[ref]) for ref in given}
    code.shared = {ref for ref, value in numbering.values.items() if id(value) in held or ref in code.constants}
    return code, numbering.values
