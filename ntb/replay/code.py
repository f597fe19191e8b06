"""Code: what a traced function does, as a plain list of NumPy calls: what passes work on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ..tape.rules import name_of
from ..tape.tensor import map_tree


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
    """

    __slots__ = ("args", "effect", "function", "kwargs", "line", "result", "section", "toward")

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

    def reads(self) -> Iterator[Ref]:
        """The values that it uses."""
        return refs((self.args, self.kwargs))

    def writes(self) -> Iterator[Ref]:
        """The values that it makes."""
        return refs(self.result)

    def __repr__(self) -> str:
        return f"{self.result} = {name_of(self.function)}({', '.join(map(repr, self.args))})"


class Spec:
    """The shape and dtype of a value; None where it is a Python number."""

    __slots__ = ("dtype", "shape")

    def __init__(self, value: Any) -> None:
        self.shape: tuple[int, ...] | None = getattr(value, "shape", None)
        self.dtype: np.dtype | None = getattr(value, "dtype", None)

    @property
    def nbytes(self) -> int:
        return (
            0 if self.shape is None or self.dtype is None else int(np.prod(self.shape, dtype=int)) * self.dtype.itemsize
        )

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


def substitute(tree: Any, function: Callable[[Ref], Any]) -> Any:
    """The structure with each Ref replaced."""
    if type(tree) is Ref:
        return function(tree)
    return map_tree(lambda item: substitute(item, function), tree)
