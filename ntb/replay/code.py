"""Code: what a traced function does, as a plain list of NumPy calls. The passes work on it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from ..functions import name_of
from ..tree import leaves, tree_map


class Ref(int):
    """Stands for a value of a program in the arguments and results of its instructions."""

    __slots__ = ()

    __str__ = int.__repr__

    def __repr__(self) -> str:
        return f"%{self}"


_SIMPLE = {Ref, int, float, bool, str, type(None), np.ndarray}  # nearly all arguments; nothing can be inside of them


class Pull(NamedTuple):
    """A step of a backward walk: from the gradient of an operation's result to that of an argument.

    Attributes:
        operation: the operation whose rule runs; position: which argument's.
        results: the Refs of the operation's results, as it ran on the way forward.
    """

    operation: Any
    position: Any
    results: tuple[Ref, ...]

    def renamed(self, same: dict[Ref, Ref]) -> Pull:
        """The same step, where other values stand for some."""
        return self._replace(results=tuple([same.get(ref, ref) for ref in self.results]))


class Instruction:
    """One call: `result = function(*args, **kwargs)`, where a `Ref` stands for a value.

    Attributes:
        function: what is called on arrays.
        result: a Ref, or a tuple of Refs.
        effect: "" for a pure call; "draw" for a draw of random numbers, "guard" for a decision that is checked.
        line: (file, number) of the line of the user's program; section: "forward", "backward" or "update".
        toward: for a call of the backward walk, the Ref of the value whose gradient it computes.
        pulls: the steps of backward walks that it is a part of; several where equal calls were merged.
        layer: the part of a model that made the call, from the whole to the innermost part.
        origin: the instruction that it stands for, by default itself.
    """

    __slots__ = (
        "_stands_for", "args", "effect", "function", "kwargs", "layer", "line", "pulls", "result", "section", "toward",
    )  # fmt: skip

    def __init__(
        self, function: Callable[..., Any], args: Any, kwargs: Any, result: Any, *,
        effect: str = "", line: Any = None, section: str = "forward", toward: Any = None,
        pulls: tuple[Pull, ...] = (), layer: tuple[str, ...] = (),
    ) -> None:  # fmt: skip
        self.function = function
        self.args = args
        self.kwargs = kwargs
        self.result = result
        self.effect = effect
        self.line = line
        self.section = section
        self.toward = toward
        self.pulls = pulls
        self.layer = layer
        self._stands_for: Instruction | None = None

    @property
    def origin(self) -> Instruction:
        return self._stands_for or self

    def standing_for(self, function: Callable[..., Any], args: Any, kwargs: Any, result: Any) -> Instruction:
        """Another call that does this one's work, or a part of it."""
        other = Instruction(
            function, args, kwargs, result, effect=self.effect, line=self.line, section=self.section,
            toward=self.toward, pulls=self.pulls, layer=self.layer,
        )  # fmt: skip
        other._stands_for = self.origin
        return other

    def reads(self) -> list[Ref]:
        """The values that it uses, in order."""
        if not self.kwargs and _SIMPLE.issuperset(map(type, self.args)):  # nearly always
            return [a for a in self.args if type(a) is Ref]
        return [*refs(self.args), *refs(self.kwargs)]

    def writes(self) -> list[Ref]:
        """The values that it makes."""
        return [self.result] if type(self.result) is Ref else list(refs(self.result))

    def __repr__(self) -> str:
        arguments = [*map(_shown, self.args), *(f"{name}={_shown(value)}" for name, value in self.kwargs.items())]
        return f"{self.result!r} = {called(self.function)}({', '.join(arguments)})"


def called(function: Any) -> str:
    """A function as text; a method of a ufunc or of arrays with its owner."""
    owner = getattr(function, "__self__", None) or getattr(function, "__objclass__", None)
    return f"{name_of(owner)}.{function.__name__}" if isinstance(owner, np.ufunc | type) else name_of(function)


def _shown(x: Any) -> str:
    """An argument as text; a function or a variable by its name."""
    return name_of(x) if callable(x) else getattr(x, "name", None) or repr(x)


class Spec:
    """What is known of a value before a run, since it is the same in every run.

    Attributes:
        shape, dtype: None where it is a Python number.
        strides: how its elements lie in memory; None unless it is a NumPy array.
        root: the value whose memory it shares, by default itself; offset: where it begins in that memory, in bytes.
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
        """Whether its elements fill a stretch of memory without gaps, in any order of axes."""
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
        """The Spec of a value with the same layout in other memory."""
        other = Spec(None, ref)
        other.shape, other.dtype, other.strides = self.shape, self.dtype, self.strides
        return other

    def like(self, other: Spec) -> bool:
        """Whether both have the same shape, dtype and strides."""
        return self.shape == other.shape and self.dtype == other.dtype and self.strides == other.strides

    def __repr__(self) -> str:
        return "number" if self.shape is None else f"{self.dtype}{list(self.shape)}"


class Code:
    """The list of instructions, with what it needs and what it gives.

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
        shared: values whose array the run did not make: inputs, variables, constants, also where a call returned one.
        places: Ref to the place of the value, for those that have one.
        arena: how many bytes these places need in all.
        folded: results from whose gradient a step of the way back gives a constant, for which no call is left.
        stays: the results of calls that are in no compiled loop, as one did not pay.
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
        self.folded: set[Ref] = set()
        self.stays: set[Ref] = set()

    def copy(self) -> Code:
        """The same code in new containers, which can be changed."""
        other = Code(self.name)
        for name, value in vars(self).items():
            setattr(other, name, value.copy() if type(value) in (list, dict, set) else value)
        return other

    def results(self) -> list[Ref]:
        """The values that outlive a run: outputs and new values of variables."""
        return [*refs(self.outputs), *self.assignments.values()]

    def generators(self) -> list[Any]:
        """The random generators that a run draws from."""
        return list({id(i.args[0]): i.args[0] for i in self.instructions if i.effect == "draw"}.values())


def refs(tree: Any) -> Iterator[Ref]:
    """The Refs in a tree, in order."""
    return (x for x in leaves(tree) if type(x) is Ref)


def substitute(tree: Any, function: Callable[[Ref], Any]) -> Any:
    """The tree with each Ref replaced."""
    return tree_map(lambda x: function(x) if type(x) is Ref else x, tree)


def address(array: Any) -> int:
    """Where an array begins in the computer's memory."""
    return array.__array_interface__["data"][0]
