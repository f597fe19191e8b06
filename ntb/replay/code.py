"""Code: what a traced function does, as a plain list of NumPy calls: what passes work on."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ..tape.rules import name_of
from ..tape.tensor import NESTED, map_tree


class Ref(int):
    """Stands for a value of a program in the arguments and results of its instructions."""

    __slots__ = ()

    __str__ = int.__repr__

    def __repr__(self) -> str:
        return f"%{self}"


class Instruction:
    """One call: `result = function(*args, **kwargs)`, where a `Ref` stands for a value.

    Attributes:
        function: what is called on arrays.
        result: a Ref, or a tuple of Refs.
        effect: "" for a pure call; "draw" for a draw of random numbers, "guard" for a decision that is checked.
        line: (file, number) of the line of the user's program; section: "forward", "backward" or "update".
        toward: for a call of the backward walk, the Ref of the value whose gradient it computes.
        origin: the instruction that it stands for, by itself this one.
    """

    __slots__ = ("args", "effect", "function", "kwargs", "line", "origin", "result", "section", "toward")

    def __init__(
        self, function: Callable[..., Any], args: Any, kwargs: Any, result: Any, *,
        effect: str = "", line: Any = None, section: str = "forward", toward: Any = None,
    ) -> None:  # fmt: skip
        self.function = function
        self.args = args
        self.kwargs = kwargs
        self.result = result
        self.effect = effect
        self.line = line
        self.section = section
        self.toward = toward
        self.origin = self

    def standing_for(self, function: Callable[..., Any], args: Any, kwargs: Any, result: Any) -> Instruction:
        """Another call that does this one's work, or a part of it."""
        other = Instruction(
            function, args, kwargs, result, effect=self.effect, line=self.line, section=self.section,
            toward=self.toward,
        )  # fmt: skip
        other.origin = self.origin
        return other

    def reads(self) -> list[Ref]:
        """The values that it uses, in order."""
        if not self.kwargs and NESTED.isdisjoint(map(type, self.args)):  # nearly always
            return [a for a in self.args if type(a) is Ref]
        return [*refs(self.args), *refs(self.kwargs)]

    def writes(self) -> list[Ref]:
        """The values that it makes."""
        return [self.result] if type(self.result) is Ref else list(refs(self.result))

    def __repr__(self) -> str:
        return f"{self.result} = {name_of(self.function)}({', '.join(map(repr, self.args))})"


class Spec:
    """What is known of a value before a run, as every run gives it the same way.

    Attributes:
        shape, dtype: None where it is a Python number.
        strides: how its elements lie in memory; None unless it is a NumPy array.
        root: the value whose memory it shares, by itself its own Ref; offset: where in that memory it begins, in bytes.
    """

    __slots__ = ("dtype", "offset", "root", "shape", "strides")

    def __init__(self, value: Any, root: Any = None, offset: int = 0) -> None:
        self.shape: tuple[int, ...] | None = getattr(value, "shape", None)
        self.dtype: np.dtype | None = getattr(value, "dtype", None)
        plain = isinstance(value, np.ndarray | np.generic)
        self.strides: tuple[int, ...] | None = value.strides if plain else None
        self.root = root
        self.offset = offset

    @property
    def nbytes(self) -> int:
        if self.shape is None or self.dtype is None:
            return 0
        return math.prod(self.shape) * self.dtype.itemsize

    @property
    def dense(self) -> bool:
        """Whether its elements fill a stretch of memory without gaps, in whatever order of axes."""
        if self.strides is None or self.shape is None or self.dtype is None:
            return False
        expected = self.dtype.itemsize
        for stride, n in sorted(zip(self.strides, self.shape, strict=True)):
            if n != 1:
                if stride != expected:
                    return False
                expected *= n
        return True

    def of_its_own(self, ref: Ref) -> Spec:
        """That of a value with the same layout in other memory."""
        other = Spec(None, ref)
        other.shape, other.dtype, other.strides = self.shape, self.dtype, self.strides
        return other

    def like(self, other: Spec) -> bool:
        """Whether both have the same shape, dtype and strides."""
        return self.shape == other.shape and self.dtype == other.dtype and self.strides == other.strides

    def __repr__(self) -> str:
        return "number" if self.shape is None else f"{self.dtype}{list(self.shape)}"


class Code:
    """The instruction list with what it needs and gives: what passes work on.

    Attributes:
        name: of the traced function.
        inputs: name and Ref of each array and number that is fed, in order.
        variables: Variable to the Ref of the value that is read from it at the start.
        constants: Ref to the array that is the same in every run.
        instructions: the calls, in order.
        assignments: Variable to the Ref of the value that is put into it at the end.
        outputs: the returned structure, with Refs.
        specs: Ref to shape and dtype.
        names: Ref to the name in the user's program, where it has one.
        shared: the values that are an array of somebody else: inputs, variables, and calls that return their argument.
        places: Ref to where the value lies, for those that have a fixed place in memory.
        arena: how many bytes these places need in all.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.inputs: list[tuple[str, Ref]] = []
        self.variables: dict[Any, Ref] = {}
        self.constants: dict[Ref, Any] = {}
        self.instructions: list[Instruction] = []
        self.assignments: dict[Any, Ref] = {}
        self.outputs: Any = None
        self.specs: dict[Ref, Spec] = {}
        self.names: dict[Ref, str] = {}
        self.shared: set[Ref] = set()
        self.places: dict[Ref, Any] = {}
        self.arena = 0

    def copy(self) -> Code:
        """The same code, whose containers can be changed."""
        other = Code(self.name)
        for name, value in vars(self).items():
            setattr(other, name, value.copy() if isinstance(value, list | dict | set) else value)
        return other

    def results(self) -> list[Ref]:
        """The values that outlive a run: outputs and new values of variables."""
        return [*refs(self.outputs), *self.assignments.values()]

    def generators(self) -> list[Any]:
        """The random generators that a run draws from."""
        return list({id(i.args[0]): i.args[0] for i in self.instructions if i.effect == "draw"}.values())


def refs(tree: Any) -> Iterator[Ref]:
    """The Refs at any depth of a structure, in order."""
    pending = [tree]
    while pending:
        x = pending.pop()
        if type(x) is Ref:
            yield x
        elif type(x) is tuple or type(x) is list:
            pending.extend(reversed(x))
        elif type(x) is dict:
            pending.extend(reversed(x.values()))


def leaves(tree: Any) -> Iterator[Any]:
    """The arguments, with those in lists and tuples."""
    if type(tree) in (tuple, list):
        for item in tree:
            yield from leaves(item)
    else:
        yield tree


def substitute(tree: Any, function: Callable[[Ref], Any]) -> Any:
    """The structure with each Ref replaced."""
    if type(tree) is Ref:
        return function(tree)
    return map_tree(lambda item: substitute(item, function), tree)


def address(array: Any) -> int:
    """Where an array begins in the computer's memory."""
    return array.__array_interface__["data"][0]
